import { isObject, listOf, type Fields } from '../../fields.ts'
import type { Message, Part, ToolCall } from '../../chat.ts'
import { slotsOf, withRaw, withSlots, type Slot } from '../../formats/responses/origin.ts'
import { flatName } from '../../formats/responses/names.ts'
import { detailsOf, readable } from '../../formats/responses/reasoning.ts'
import {
  isShellCall,
  isShellOutput,
  shellCall,
  shellOutput,
} from '../../formats/responses/shells.ts'
import { textOf } from '../../formats/responses.ts'
import { toPart } from './parts.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** What the assistant said in one turn, which the client tells in several items. */
interface Turn {
  readonly slots: Slot[]
  readonly texts: (string | readonly Part[])[]
  readonly calls: ToolCall[]
  readonly details: Fields[]
  readonly thoughts: string[]
}

const emptyTurn = (): Turn => ({ slots: [], texts: [], calls: [], details: [], thoughts: [] })

const contentOf = (content: unknown): string | Part[] =>
  typeof content === 'string' ? content : listOf(content).map(toPart)

/** One string stays one; what came in several items is parts. */
const joined = (texts: Turn['texts']): Message['content'] => {
  const [first] = texts
  if (first === undefined) return null
  if (texts.length === 1) return first
  return texts.flatMap((text) => (typeof text === 'string' ? [{ type: 'text', text }] : text))
}

const messageOf = ({ slots, texts, calls, details, thoughts }: Turn): Message =>
  withSlots(
    {
      role: 'assistant',
      content: joined(texts),
      ...(thoughts.length > 0 && { reasoning: thoughts.join('\n\n') }),
      ...(details.length > 0 && { reasoning_details: details }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    slots,
  )

const callOf = (item: Fields): ToolCall => {
  const id = textOf(item.call_id)
  const name = flatName(item.namespace, textOf(item.name))
  return withRaw(
    item.type === 'custom_tool_call'
      ? { id, type: 'custom', custom: { name, input: textOf(item.input) } }
      : { id, type: 'function', function: { name, arguments: textOf(item.arguments) } },
    item,
  )
}

/** The next index for details: sealed ones brought their own. */
const nextIndex = (details: readonly Fields[]): number =>
  details.reduce((next, { index }) => Math.max(next, typeof index === 'number' ? index + 1 : 0), 0)

const slotOf = (item: Fields, content: string | readonly Part[]): Slot => ({
  kind: 'message',
  item,
  ...(typeof content !== 'string' && { parts: content.length }),
})

const isMessage = ({ type, role }: Fields): boolean =>
  (type === 'message' || type === undefined || type === null) && typeof role === 'string'

/** Input items as canonical messages; each message knows the items that it was made of. */
export const toMessages = (items: readonly unknown[]): Message[] => {
  const messages: Message[] = []
  /** Items without a meaning here stand before the next that has one. */
  let waiting: Slot[] = []
  let turn: Turn | undefined
  const endTurn = () => {
    if (turn) messages.push(messageOf(turn))
    turn = undefined
  }
  const add = (message: Message, slot: Slot) => {
    endTurn()
    messages.push(withSlots(message, [...waiting, slot]))
    waiting = []
  }
  const turnNow = (): Turn => {
    turn ??= emptyTurn()
    turn.slots.push(...waiting)
    waiting = []
    return turn
  }

  for (const item of items) {
    if (!isObject(item)) continue
    if (isMessage(item)) {
      const content = contentOf(item.content)
      const slot = slotOf(item, content)
      if (item.role === 'assistant') {
        const { slots, texts } = turnNow()
        slots.push(slot)
        texts.push(content)
      } else add({ role: wordOf(item.role), content }, slot)
      continue
    }
    switch (item.type) {
      case 'function_call':
      case 'custom_tool_call': {
        const { slots, calls } = turnNow()
        slots.push({ kind: 'call', item })
        calls.push(callOf(item))
        break
      }
      case 'reasoning': {
        const { slots, details, thoughts } = turnNow()
        const text = readable(item)
        slots.push({ kind: 'reasoning', item })
        details.push(...detailsOf(item, nextIndex(details)))
        if (text !== '') thoughts.push(text)
        break
      }
      case 'function_call_output':
      case 'custom_tool_call_output':
        add(
          {
            role: 'tool',
            tool_call_id: textOf(item.call_id),
            content: contentOf(item.output),
          },
          { kind: 'output', item },
        )
        break
      default:
        if (isShellCall(item)) {
          const { slots, calls } = turnNow()
          slots.push({ kind: 'call', item })
          calls.push(withRaw(shellCall(item), item))
        } else if (isShellOutput(item))
          add(
            {
              role: 'tool',
              // a local shell's output has no call_id: it is named as its call
              tool_call_id: textOf(item.call_id) || textOf(item.id),
              content: shellOutput(item),
            },
            { kind: 'output', item },
          )
        else if (turn) turn.slots.push({ kind: 'opaque', item })
        else waiting.push({ kind: 'opaque', item })
    }
  }
  endTurn()
  const last = messages.at(-1)
  if (waiting.length === 0) return messages
  return last
    ? [...messages.slice(0, -1), withSlots(last, [...(slotsOf(last) ?? []), ...waiting])]
    : [withSlots({ role: 'user', content: '' }, waiting)]
}
