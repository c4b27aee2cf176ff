import type { Message, Request } from 'sluice/plugin'
import type { Room } from './room.ts'
import { longestIn, shortened, shortenedText } from './shorten.ts'
import { tokensBeside, tokensIn, tokensOf } from './tokens.ts'
import { isSystem, unitsOf, type Unit } from './units.ts'

export interface Compressed {
  readonly request: Request
  readonly left_out: number
  readonly shortened: number
  readonly tokens_before: number
  readonly tokens_after: number
}

const sumOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, message) => sum + tokensIn(message), 0)

/** Those that may go, the one in the middle first, then those around it. */
const fromTheMiddle = (units: readonly Unit[]): readonly Unit[] => {
  const places = units.flatMap(({ kept }, at) => (kept ? [] : [at]))
  const middle = (units.length - 1) / 2
  return places
    .toSorted((one, other) => Math.abs(one - middle) - Math.abs(other - middle) || one - other)
    .flatMap((at) => units[at] ?? [])
}

/** Texts of what is left are shortened, the longest first, until there is room. */
const shortenAll = (messages: readonly Message[], surplus: number) => {
  const left = [...messages]
  const places = messages.flatMap((message, at) => (isSystem(message) ? [] : [at]))
  const length = (at: number) => longestIn(left[at] ?? { role: '' })
  let over = surplus
  while (over > 0) {
    const at = places.reduce(
      (best, place) => (length(place) > length(best) ? place : best),
      places[0] ?? 0,
    )
    const message = left[at]
    if (!message) break
    const next = shortened(message, over)
    if (longestIn(next) >= longestIn(message)) break
    left[at] = next
    over -= tokensIn(message) - tokensIn(next)
  }
  return { messages: left, count: left.filter((message, at) => message !== messages[at]).length }
}

const ofPrompt = (request: Request, prompt: string, room: number): Compressed | undefined => {
  const before = tokensOf(prompt)
  if (before <= room) return undefined
  const text = shortenedText(prompt, before - room)
  return {
    request: { ...request, prompt: text },
    left_out: 0,
    shortened: 1,
    tokens_before: before,
    tokens_after: tokensOf(text),
  }
}

/** The request with room for an answer; undefined where it has it already, or there is nothing to leave out. */
export const middleOut = (request: Request, room: Room): Compressed | undefined => {
  const { messages, prompt } = request
  if (typeof prompt === 'string') return ofPrompt(request, prompt, room.tokens)
  if (!messages) return undefined
  const beside = tokensBeside(request)
  const before = beside + sumOf(messages)
  if (before <= room.tokens && messages.length <= room.messages) return undefined

  const units = unitsOf(messages)
  const gone = new Set<Unit>()
  let tokens = before
  let count = messages.length
  for (const unit of fromTheMiddle(units)) {
    if (tokens <= room.tokens && count <= room.messages) break
    gone.add(unit)
    tokens -= unit.tokens
    count -= unit.messages.length
  }
  const left = units.filter((unit) => !gone.has(unit)).flatMap((unit) => unit.messages)
  const short = shortenAll(left, tokens - room.tokens)
  if (gone.size === 0 && short.count === 0) return undefined
  return {
    request: { ...request, messages: short.messages },
    left_out: messages.length - left.length,
    shortened: short.count,
    tokens_before: before,
    tokens_after: beside + sumOf(short.messages),
  }
}
