import { objectOf, type Fields } from '../../fields.ts'
import type { ToolCall } from '../../chat.ts'
import type { NestedName } from '../../formats/responses/names.ts'
import { textOf } from '../../formats/responses.ts'
import type { ItemStatus, Sheet } from './sheet.ts'

interface OpenCall {
  readonly custom: boolean
  name: string
  callId: string
  /** Where it is written, once it has a name. */
  index: number | undefined
  item: Fields
  said: string
  /** The rest of a delta's JSON before its text. */
  head: string
}

const headOf = (item: Fields, index: number): string =>
  `,"item_id":${JSON.stringify(item.id)},"output_index":${index},"delta":`

/**
 * The tool calls of an answer by their canonical index; any number of them is open at once.
 * @param nested names in namespaces by their flat ones
 */
export const createCalls = (sheet: Sheet, nested: ReadonlyMap<string, NestedName>) => {
  const { pen } = sheet
  const calls = new Map<number, OpenCall>()
  let count = 0

  const field = ({ custom }: OpenCall) => (custom ? 'input' : 'arguments')

  const begin = (call: OpenCall) => {
    const names = nested.get(call.name) ?? { name: call.name }
    call.item = {
      ...(call.custom
        ? { type: 'custom_tool_call', id: sheet.id('ctc') }
        : { type: 'function_call', id: sheet.id('fc') }),
      call_id: call.callId || sheet.id('call'),
      ...names,
    }
    const started = { ...call.item, [field(call)]: '', ...(!call.custom && inProgress) }
    call.index = sheet.begin(started)
    call.head = headOf(call.item, call.index)
    if (call.said !== '') sayDelta(call, call.said)
  }

  const sayDelta = ({ custom, head }: OpenCall, text: string) =>
    pen.sayJson(
      custom ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta',
      head + JSON.stringify(text),
    )

  const made = (custom: boolean): OpenCall => ({
    custom,
    name: '',
    callId: '',
    index: undefined,
    item: {},
    said: '',
    head: '',
  })

  const end = (call: OpenCall, status: ItemStatus) => {
    if (call.index === undefined) begin(call)
    if (call.index === undefined) return
    const place = { item_id: call.item.id, output_index: call.index }
    if (call.custom) pen.say('response.custom_tool_call_input.done', { ...place, input: call.said })
    else
      pen.say('response.function_call_arguments.done', {
        ...place,
        name: call.item.name,
        arguments: call.said,
      })
    const item = { ...call.item, [field(call)]: call.said }
    sheet.finish(call.index, call.custom ? item : { ...item, status })
  }

  return {
    /** @param position where the call stands in its chunk, for calls without an index */
    add(piece: ToolCall, position: number): void {
      const { index = position, id, type } = piece
      const custom = objectOf(piece.custom)
      const known = calls.get(index)
      const call = known ?? made(type === 'custom' || piece.custom !== undefined)
      if (!known) {
        calls.set(index, call)
        count = Math.max(count, index + 1)
      }
      if (call.index === undefined) {
        call.name += textOf(piece.function?.name) || textOf(custom.name)
        call.callId ||= textOf(id)
      }
      const text = textOf(piece.function?.arguments) + textOf(custom.input)
      call.said += text
      if (call.index === undefined) {
        if (call.name !== '') begin(call)
      } else if (text !== '') sayDelta(call, text)
    },
    closeAll(status: ItemStatus): void {
      for (const index of [...calls.keys()].sort((one, other) => one - other)) {
        const call = calls.get(index)
        if (call) end(call, status)
      }
      calls.clear()
    },
    adopt(index: number, item: Fields): void {
      sheet.put(index, undefined)
      const call = made(item.type === 'custom_tool_call')
      const { status: _status, ...rest } = item
      calls.set(count++, {
        ...call,
        name: textOf(item.name),
        callId: textOf(item.call_id),
        index,
        item: rest,
        said: textOf(item[field(call)]),
        head: headOf(rest, index),
      })
    },
    adoptText(at: number, text: string): void {
      for (const call of calls.values()) if (call.index === at) call.said += text
    },
    adoptEnd(at: number): void {
      for (const [key, call] of calls) if (call.index === at) calls.delete(key)
    },
  }
}

const inProgress = { status: 'in_progress' }
