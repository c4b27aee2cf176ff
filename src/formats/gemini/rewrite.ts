import { isObject, type Fields } from '../../fields.ts'
import type { Part, ToolCall } from '../../chat.ts'
import { isGiven, objectsIn } from '../gemini.ts'
import { originOf } from './marks.ts'
import { writeMedia } from './media.ts'
import { recut } from './recut.ts'
import type { Layout, Slot } from './turn.ts'
import { wordOf } from '../unchecked.ts'

/** What an assistant's message and a piece of an answer have in common. */
export interface Turn {
  readonly content?: string | readonly Part[] | null
  readonly reasoning_details?: unknown
  readonly tool_calls?: readonly ToolCall[]
  readonly [field: string]: unknown
}

/** A call as a part, its arguments as an object. */
export const writeCall = (call: ToolCall): Fields => {
  const { function: made, custom } = call
  const id = isGiven(call.id) && { id: call.id }
  if (isObject(custom))
    return { functionCall: { ...id, name: wordOf(custom.name), args: { input: custom.input } } }
  return { functionCall: { ...id, name: made?.name ?? '', args: argumentsOf(made?.arguments) } }
}

const argumentsOf = (text: string | undefined): Fields => {
  if (!text?.trim()) return {}
  try {
    const args: unknown = JSON.parse(text)
    return isObject(args) ? args : { input: args }
  } catch {
    return { input: text }
  }
}

/** A part that only Gemini understands, as it came. */
export const writeOpaque = (part: Part): Fields | undefined => {
  const origin = originOf<{ opaque?: boolean; type?: unknown }>(part)
  if (!origin?.opaque) return undefined
  const { type: _, ...rest } = part
  return {
    ...Object.fromEntries(Object.entries(rest)),
    ...(origin.type !== undefined && { type: origin.type }),
  }
}

const isText = ({ type }: Part): boolean => type === 'text'

const textOf = ({ text }: Part): string => wordOf(text)

/** A text that stands for all texts of the turn, back among what stood between them. */
const spread = (items: readonly Part[], content: string): readonly Part[] | undefined => {
  const texts = items.filter(isText).map(textOf)
  if (texts.length === 0) return content === '' ? items : undefined
  let end = 0
  const pieces = recut(
    texts.join(''),
    texts.map((text) => (end += text.length)),
    content,
  )
  return items.map((item) => (isText(item) ? { ...item, text: pieces.shift() ?? '' } : item))
}

const isShown = (item: Part): boolean => item.type === 'image_url' || item.type === 'input_audio'

/** The turn's content in the items that it had; undefined where it has others now. */
const itemsOf = ({ items }: Layout, turn: Turn): readonly Part[] | undefined => {
  const { content, images } = turn
  if (Array.isArray(content)) {
    const parts: readonly Part[] = content
    const fits =
      parts.length === items.length && parts.every((part, at) => part.type === items[at]?.type)
    return fits ? parts : undefined
  }
  const shown = (Array.isArray(images) ? images.length : 0) + (turn.audio === undefined ? 0 : 1)
  if (items.filter(isShown).length !== shown) return undefined
  return spread(items, typeof content === 'string' ? content : '')
}

/** The texts of the thoughts; a plugin may have changed all of them as one. */
const thoughtsOf = ({ contents, reasoning: before }: Layout, turn: Turn): string[] => {
  const details = objectsIn(turn.reasoning_details)
  const slots = contents.flat().filter(({ of }) => of === 'thought')
  const texts = slots.map(({ at }) => wordOf(details[at]?.text))
  const { reasoning } = turn
  if (typeof reasoning !== 'string' || reasoning === before || texts.join('') !== before)
    return texts
  let end = 0
  const ends = texts.map((text) => (end += text.length))
  return recut(before, ends, reasoning)
}

/** The parts of each of the turn's contents as they stood; undefined where the turn no longer has its shape. */
export const rewriteTurn = (turn: Turn): readonly (readonly Fields[])[] | undefined => {
  const layout = originOf<Layout>(turn)
  if (!layout?.contents) return undefined
  const items = itemsOf(layout, turn)
  const { tool_calls: calls = [] } = turn
  const details = objectsIn(turn.reasoning_details)
  if (!items || calls.length !== layout.calls || details.length !== layout.details) return undefined
  const pieces = items.map((item, at) => {
    const before = layout.items[at]
    if (!before || !isText(before)) return []
    const slots = layout.contents.flat().filter((slot) => slot.of === 'text' && slot.at === at)
    const ends = slots.map(({ end = 0 }) => end)
    return recut(textOf(before), ends, textOf(item))
  })
  const thoughts = thoughtsOf(layout, turn)
  const write = ({ of, at }: Slot): Fields => {
    const item = items[at]
    const call = calls[at]
    if (of === 'text') return { text: pieces[at]?.shift() ?? '' }
    if (of === 'call') return call ? writeCall(call) : {}
    if (of === 'part') return item ? (writeOpaque(item) ?? writeMedia(item) ?? {}) : {}
    const { signature } = details[at] ?? {}
    const signed = typeof signature === 'string' && { thoughtSignature: signature }
    return { text: thoughts.shift() ?? '', thought: true, ...signed }
  }
  return layout.contents.map((slots) =>
    slots.map((slot) => ({
      ...write(slot),
      ...(slot.signature !== undefined && { thoughtSignature: details[slot.signature]?.data }),
    })),
  )
}
