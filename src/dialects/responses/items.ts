import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import type { Message, ToolCall } from '../../chat.ts'
import { rawOf, slotsOf, type Slot } from '../../formats/responses/origin.ts'
import { flatName } from '../../formats/responses/names.ts'
import { isForeign, itemsOfDetails } from '../../formats/responses/reasoning.ts'
import {
  isShellCall,
  isShellOutput,
  withShellCall,
  withShellOutput,
} from '../../formats/responses/shells.ts'
import { textOf } from '../../formats/responses.ts'
import { toContent, type Warn } from './parts.ts'

/** The name that the client gave a tool, unless a plugin gave it another. */
export const nameAsWritten = (name: unknown, { namespace, name: written }: Fields): unknown =>
  name === flatName(namespace, textOf(written)) ? written : name

const callItem = (call: ToolCall): Fields => {
  const raw = rawOf(call)
  if (raw && isShellCall(raw)) return withShellCall(raw, call)
  const custom = call.type === 'custom' ? objectOf(call.custom) : undefined
  const called = custom ?? objectOf(call.function)
  const said = custom
    ? { input: textOf(custom.input) }
    : { arguments: textOf(call.function?.arguments) }
  return raw
    ? { ...raw, name: nameAsWritten(called.name, raw), ...said }
    : {
        type: custom ? 'custom_tool_call' : 'function_call',
        call_id: call.id,
        name: called.name,
        ...said,
      }
}

const outputItem = (message: Message, custom: ReadonlySet<unknown>, warn: Warn): Fields => {
  const { tool_call_id: call_id, content } = message
  const output = toContent(content ?? '', 'input', warn)
  return {
    type: custom.has(call_id) ? 'custom_tool_call_output' : 'function_call_output',
    call_id,
    output,
  }
}

const callsOf = ({ tool_calls }: Message): readonly ToolCall[] => tool_calls ?? []

/** The same for the same text, so that a cached prompt stays the same. */
const idFor = (content: unknown): string =>
  `msg_${Bun.hash.xxHash64(JSON.stringify(content)).toString(16)}`

/** An assistant's message: one text stands for itself; of several parts only an answer's own message may be. */
const saidItem = (said: readonly Fields[]): Fields => {
  const [only] = said
  return said.length === 1 && only?.type === 'output_text'
    ? { type: 'message', role: 'assistant', content: only.text }
    : { type: 'message', id: idFor(said), status: 'completed', role: 'assistant', content: said }
}

/** What an assistant said before it called tools, in items of this format. */
const turnItems = (message: Message, warn: Warn): Fields[] => {
  const { content, refusal, reasoning_details } = message
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content)
  const said = [
    ...toContent(
      parts.filter((part) => objectOf(part).type !== 'text' || objectOf(part).text !== ''),
      'output',
      warn,
    ),
    ...(typeof refusal === 'string' && refusal !== '' ? [{ type: 'refusal', refusal }] : []),
  ].filter(isObject)
  return [
    ...itemsOfDetails(listOf(reasoning_details)),
    ...(said.length > 0 ? [saidItem(said)] : []),
    ...callsOf(message).map(callItem),
  ]
}

type Content = Message['content']

/** The content of each of the items that a message came in; all of it is the first one's when its length changed. */
const sharesOf = (content: Content, slots: readonly Slot[]): Content[] => {
  const messages = slots.filter((slot) => slot.kind === 'message')
  if (messages.length <= 1 || !Array.isArray(content)) return [content]
  const counts = messages.map(({ parts = 1 }) => parts)
  if (counts.reduce((sum, count) => sum + count, 0) !== content.length) return [content]
  let at = 0
  return messages.map(({ parts }, index) => {
    const share = content.slice(at, (at += counts[index] ?? 0))
    return parts === undefined ? textOf(share[0]?.text) : share
  })
}

/** The items that the message came in, with what plugins changed of it. */
const itemsAsWritten = (message: Message, slots: readonly Slot[], warn: Warn): Fields[] => {
  const calls = [...callsOf(message)]
  const shares = sharesOf(message.content, slots)
  const thinks = listOf(message.reasoning_details).length > 0 || message.reasoning !== undefined
  const role = message.role === 'assistant' ? 'output' : 'input'
  const items = slots.flatMap<Fields>((slot) => {
    switch (slot.kind) {
      case 'message': {
        const content = shares.shift()
        return content === undefined || content === null
          ? []
          : { ...slot.item, content: toContent(content, role, warn) }
      }
      case 'call': {
        const call = calls.shift()
        return call ? callItem(call) : []
      }
      case 'output':
        return isShellOutput(slot.item)
          ? withShellOutput(slot.item, message.content)
          : { ...slot.item, output: toContent(message.content ?? '', 'input', warn) }
      case 'reasoning':
        return isForeign(slot.item) || !(thinks || isBare(slot.item)) ? [] : slot.item
      case 'opaque':
        return isOurSearch(slot.item) ? [] : slot.item
    }
  })
  const isNew = !slots.some(({ kind }) => kind === 'message')
  const added = isNew && message.role === 'assistant' && message.content
  const said = added ? turnItems({ role: 'assistant', content: message.content }, warn) : []
  const thought = slots.some(({ kind }) => kind === 'reasoning')
    ? []
    : itemsOfDetails(listOf(message.reasoning_details))
  return [...thought, ...items, ...said, ...calls.map(callItem)]
}

/** A search that was run here, of which no provider knows. */
const isOurSearch = ({ type, id }: Fields): boolean =>
  type === 'web_search_call' && /^ws_[0-9a-f]{32}$/.test(textOf(id))

/** Reasoning with nothing in it that a plugin could have taken away. */
const isBare = ({ summary, content, encrypted_content }: Fields): boolean =>
  !encrypted_content && listOf(summary).length + listOf(content).length === 0

/** Canonical messages as input items; those that came as items are what they were. */
export const toItems = (messages: readonly Message[], warn: Warn): Fields[] => {
  const custom = new Set<unknown>(
    messages.flatMap((message) =>
      callsOf(message)
        .filter(({ type }) => type === 'custom')
        .map(({ id }) => id),
    ),
  )
  return messages.flatMap<Fields>((message) => {
    const slots = slotsOf(message)
    if (slots) return itemsAsWritten(message, slots, warn)
    if (message.role === 'assistant') return turnItems(message, warn)
    if (message.role === 'tool') return outputItem(message, custom, warn)
    const content = toContent(message.content ?? '', 'input', warn)
    return { type: 'message', role: message.role, content }
  })
}
