import type { Part, ToolCall } from '../../chat.ts'
import { open } from '../envelope.ts'
import { googleFormat, isGiven, isObject, objectsIn, type Fields } from '../gemini.ts'
import { marked, originOf } from './marks.ts'
import { readMedia, writeMedia } from './media.ts'
import { recut } from './recut.ts'

/** Where a part of the model's turn stands in the canonical message. */
interface Slot {
  readonly of: 'thought' | 'text' | 'part' | 'call'
  /** Of the detail, the item of content or the call. */
  readonly at: number
  /** Of a text: where it ends in its item. */
  readonly end?: number
  /** The detail that is the part's signature. */
  readonly signature?: number
}

/** A model's turn as it was written: the parts of each of its contents, and what was made of them. */
interface Layout {
  readonly contents: readonly (readonly Slot[])[]
  readonly items: readonly Part[]
  readonly calls: number
  readonly details: number
  readonly reasoning: string | undefined
}

/** What an assistant's message and a piece of an answer have in common. */
export interface Turn {
  readonly content?: string | readonly Part[] | null
  readonly reasoning_details?: unknown
  readonly tool_calls?: readonly ToolCall[]
  readonly [field: string]: unknown
}

/** The fields that a turn was read into. */
export interface ReadTurn {
  readonly content?: string | readonly Part[]
  readonly reasoning?: string
  readonly reasoning_details?: readonly Fields[]
  readonly tool_calls?: readonly ToolCall[]
}

/** What came before in the same turn. */
export interface Before {
  readonly details: number
  readonly calls: number
  readonly thinking: boolean
}

export const nothingBefore: Before = { details: 0, calls: 0, thinking: false }

const opaque = (part: Fields): Part => {
  const { thoughtSignature: _, ...rest } = part
  const [type = 'unknown'] = Object.keys(rest)
  return marked({ type, ...rest }, { opaque: true, type: part.type })
}

/**
 * A model's parts as the fields of an assistant's message.
 * @param name an id for the call at that place, where it has none
 */
export const readTurn = (
  contents: readonly (readonly Fields[])[],
  name: (at: number, content: number, part: number) => string,
  before: Before = nothingBefore,
): { readonly turn: ReadTurn; readonly after: Before } => {
  const items: Part[] = []
  const calls: ToolCall[] = []
  const details: Fields[] = []
  let { thinking } = before
  let thoughts: string | undefined
  let index = before.details - 1

  const sealed = contents.flat().some((part) => open(part.thoughtSignature))
  const detail = (fields: Fields): number => {
    index++
    details.push({ ...fields, index })
    return details.length - 1
  }
  /** A signature as a detail of its own; what was put under seal comes out as it was. */
  const sign = (signature: unknown, id?: string): { signature?: number } => {
    if (typeof signature !== 'string') return {}
    const inside = open(signature)
    if (!inside) {
      const data = { type: 'reasoning.encrypted', data: signature, ...(id !== undefined && { id }) }
      return { signature: detail({ ...data, format: googleFormat }) }
    }
    for (const one of inside.filter(isObject)) {
      const known = one.text ?? one.summary
      if (typeof known === 'string') thoughts = (thoughts ?? '') + known
      details.push(one)
    }
    return {}
  }

  const read = (part: Fields, content: number, place: number): Slot | undefined => {
    const { text, thought, thoughtSignature, functionCall } = part
    if (thought === true && typeof text === 'string') {
      // what is under seal holds the thought as well
      if (sealed && thoughtSignature === undefined) return undefined
      thoughts = (thoughts ?? '') + text
      if (!thinking) index++
      // what follows a signature is another thought
      thinking = thoughtSignature === undefined
      const signed = typeof thoughtSignature === 'string' && { signature: thoughtSignature }
      details.push({ type: 'reasoning.text', text, ...signed, format: googleFormat, index })
      return { of: 'thought', at: details.length - 1 }
    }
    thinking = false
    if (typeof text === 'string') {
      if (text === '' && open(thoughtSignature)) {
        sign(thoughtSignature)
        return undefined
      }
      const last = items.at(-1)
      const known = last?.type === 'text' ? last.text : undefined
      const at = known === undefined ? items.length : items.length - 1
      const whole = (known ?? '') + text
      items[at] = { type: 'text', text: whole }
      return { of: 'text', at, end: whole.length, ...sign(thoughtSignature) }
    }
    if (isObject(functionCall) && typeof functionCall.name === 'string') {
      const at = before.calls + calls.length
      const id = isGiven(functionCall.id) ? functionCall.id : name(at, content, place)
      const { name: called, args = {} } = functionCall
      const made = { name: called, arguments: JSON.stringify(args) }
      calls.push({ index: at, id, type: 'function', function: made })
      return { of: 'call', at: calls.length - 1, ...sign(thoughtSignature, id) }
    }
    const media = thought === true ? undefined : readMedia(part)
    items.push(media ?? opaque(part))
    return { of: 'part', at: items.length - 1, ...sign(thoughtSignature) }
  }

  const slots = contents.map((parts, content) =>
    parts.map((part, place) => read(part, content, place)).filter((slot) => slot !== undefined),
  )
  const [only] = items
  const content = items.length === 1 && only?.type === 'text' ? (only.text ?? '') : items
  const layout: Layout = {
    contents: slots,
    items,
    calls: calls.length,
    details: details.length,
    reasoning: thoughts,
  }
  const turn: ReadTurn = {
    ...(items.length > 0 && { content }),
    ...(thoughts !== undefined && { reasoning: thoughts }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
  return {
    turn: marked(turn, layout),
    after: { details: index + 1, calls: before.calls + calls.length, thinking },
  }
}

/** A call as a part, its arguments as an object. */
export const writeCall = (call: ToolCall): Fields => {
  const { function: made, custom } = call
  const id = isGiven(call.id) && { id: call.id }
  if (isObject(custom))
    return { functionCall: { ...id, name: String(custom.name), args: { input: custom.input } } }
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

const textOf = ({ text }: Part): string => text ?? ''

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
  const texts = slots.map(({ at }) => String(details[at]?.text ?? ''))
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
  if (!items || calls.length !== layout.calls || details.length !== layout.details)
    return undefined
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
