import type { Fields } from '../../fields.ts'
import { isObject } from '../../fields.ts'
import type { Message, ToolCall } from '../../chat.ts'
import { isClaudes } from '../../formats/anthropic.ts'
import { markOf, place, sealed } from '../../formats/anthropic/marks.ts'
import { toBlocks, type Placed, type Writing } from './blocks.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** Pieces of one thought, which clients that only collect chunks send back unmerged, as one. */
const merged = (details: readonly Fields[]): readonly Fields[] => {
  const whole: Fields[] = []
  for (const detail of details) {
    const last = whole.at(-1)
    const isPiece =
      last &&
      detail.type === 'reasoning.text' &&
      last.type === 'reasoning.text' &&
      detail.index !== undefined &&
      detail.index === last.index &&
      !last.signature &&
      markOf(detail, place) === undefined
    if (!isPiece) whole.push(detail)
    else
      whole[whole.length - 1] = {
        ...last,
        ...detail,
        text: wordOf(last.text) + wordOf(detail.text),
      }
  }
  return whole
}

/** A thought goes back only with Claude's own signature. */
const toThought = (detail: Fields): Fields | undefined => {
  const { type, text, signature, data } = detail
  if (!isClaudes(detail)) return undefined
  if (type === 'reasoning.text' && typeof signature === 'string' && signature !== '')
    return { type: 'thinking', thinking: typeof text === 'string' ? text : '', signature }
  if (type === 'reasoning.encrypted' && typeof data === 'string')
    return { type: 'redacted_thinking', data }
  return undefined
}

/** To a provider in the client's format, blocks stay what the client made of them, unsigned ones too. */
const asItCame = (detail: Fields): Fields | undefined => {
  if (detail.type !== 'reasoning.text') return undefined
  const { text, signature } = detail
  return { type: 'thinking', thinking: text ?? '', ...(signature !== undefined && { signature }) }
}

const toThoughts = (message: Message, alike: boolean): Placed[] => {
  const { reasoning_details: details } = message
  if (!Array.isArray(details)) return []
  const placed: Placed[] = []
  let envelope: unknown
  for (const detail of merged(details.filter(isObject))) {
    const block = markOf(detail, sealed)
    if (block !== undefined) {
      // what a foreign model thought is in the client's message, as one block
      if (alike && block !== envelope)
        placed.push(...[block].flat().map((one): Placed => [one as Fields, detail]))
      envelope = block
      continue
    }
    const came = alike && markOf(detail, place) !== undefined && isClaudes(detail)
    const thought = toThought(detail) ?? (came ? asItCame(detail) : undefined)
    if (thought) placed.push([thought, detail])
  }
  return placed
}

/** The arguments as an object; what a model wrote that is none is kept under a name. */
const toInput = (text: string): unknown => {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value) && !Array.isArray(value)) return value
  } catch {
    // not every model writes JSON
  }
  return { input: text }
}

/** Ids of other vendors may hold what the API refuses. */
export const toId = (id: unknown, alike: boolean): string =>
  alike ? wordOf(id) : wordOf(id, 'none').replace(/[^\w-]/g, '_')

const toToolUse = (call: ToolCall, alike: boolean): Fields => ({
  type: 'tool_use',
  id: toId(call.id, alike),
  name: call.function?.name,
  input: toInput(call.function?.arguments ?? ''),
})

const inPlace = (placed: readonly Placed[]): Fields[] => {
  const places = placed.map(([, from]) => markOf(from, place))
  if (places.every((at) => at === undefined)) return placed.map(([block]) => block)
  // what a plugin added follows what stood before it
  let last = -1
  const ranked = placed.map(([block], at) => {
    const known = places[at]
    if (typeof known === 'number') last = known
    return { block, rank: last }
  })
  return ranked.sort((one, other) => one.rank - other.rank).map(({ block }) => block)
}

/** An assistant's blocks: thoughts first, then text, then calls, unless it is known how they stood. */
export const toAssistant = (message: Message, writing: Writing): unknown => {
  const { content, tool_calls, refusal } = message
  const thoughts = toThoughts(message, writing.alike)
  const calls = (tool_calls ?? []).map((call): Placed => [toToolUse(call, writing.alike), call])
  if (typeof content === 'string' && thoughts.length + calls.length === 0 && !message.cache_control)
    return content !== '' || typeof refusal !== 'string' ? content : refusal
  const said = toBlocks(
    typeof content === 'string' || content === null || content === undefined
      ? content || (typeof refusal === 'string' && refusal) || []
      : content,
    writing,
  )
  return inPlace([...thoughts, ...said, ...calls])
}
