import { isObject, type Fields } from '../../fields.ts'
import type { Part, ToolCall } from '../../chat.ts'
import { open } from '../envelope.ts'
import { googleFormat, isGiven } from '../gemini.ts'
import { marked } from './marks.ts'
import { readMedia } from './media.ts'

/** Where a part of the model's turn stands in the canonical message. */
export interface Slot {
  readonly of: 'thought' | 'text' | 'part' | 'call'
  /** Of the detail, the item of content or the call. */
  readonly at: number
  /** Of a text: where it ends in its item. */
  readonly end?: number
  /** The detail that is the part's signature. */
  readonly signature?: number
}

/** A model's turn as it was written: the parts of each of its contents, and what was made of them. */
export interface Layout {
  readonly contents: readonly (readonly Slot[])[]
  readonly items: readonly Part[]
  readonly calls: number
  readonly details: number
  readonly reasoning: string | undefined
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

/** What parts are called elsewhere, which one that only Gemini understands is not. */
const taken = new Set(['text', 'image_url', 'input_audio', 'video_url', 'file', 'refusal'])

/** A part that only Gemini understands. */
export const opaque = (part: Fields): Part => {
  const [type = 'unknown'] = Object.keys(part)
  const named = { ...part, type: taken.has(type) ? 'unknown' : type } as Part
  return marked(named, { opaque: true, type: part.type })
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
    const { thoughtSignature: _signature, ...rest } = part
    const media = thought === true ? undefined : readMedia(part)
    items.push(media ?? opaque(rest))
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
