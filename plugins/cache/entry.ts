import {
  attempts,
  frozen,
  hasContent,
  isSpoken,
  thawed,
  warnings,
  type Batch,
  type Call,
  type Chunk,
  type Choice,
  type Frozen,
} from 'sluice/plugin'
import type { Timed } from './flight.ts'

/** What came in one read. */
export interface Piece {
  /** Milliseconds after the first. */
  readonly at: number
  readonly chunks: readonly Frozen[]
}

/** An answer as it is kept. */
export interface Entry {
  /** The generation that it was made for. */
  readonly source: string
  readonly provider: string
  readonly model: string
  /** Milliseconds since 1970. */
  readonly made: number
  readonly expires: number
  readonly warnings?: readonly string[]
  /** Each is made when it is taken: there may be thousands. */
  readonly pieces: { readonly length: number; at(index: number): Piece | undefined }
}

const ends = new Set(['stop', 'tool_calls', 'function_call'])

/** Whether the request itself said how long the answer may be. */
const isLimited = ({ request }: Call): boolean =>
  typeof (request.max_completion_tokens ?? request.max_tokens) === 'number'

/** Whether every choice came to its end, by the model's own will or the request's. */
const isWhole = (call: Call, chunks: readonly Chunk[]): boolean => {
  const finishes = new Map<number, string | undefined>()
  for (const { index, finish_reason } of chunks.flatMap(({ choices = [] }) => choices))
    finishes.set(index, finish_reason ?? finishes.get(index))
  const limited = isLimited(call)
  const isEnd = (finish = ''): boolean => ends.has(finish) || (finish === 'length' && limited)
  return finishes.size > 0 && [...finishes.values()].every(isEnd)
}

const isFailed = ({ error }: Choice | Chunk): boolean => error !== undefined && error !== null

/** Whether the answer is one to be given again: complete, and no failure. */
export const isWorthKeeping = (call: Call, answer: readonly Timed[]): boolean => {
  // plain text neither finishes nor fails
  const telling = answer.filter(({ batch }) => batch.plain === undefined)
  const chunks = telling.flatMap(({ batch }) => batch.chunks)
  if (chunks.some((chunk) => isFailed(chunk) || chunk.choices?.some(isFailed))) return false
  if (telling.length === answer.length && !chunks.some(hasContent)) return false
  return !isSpoken(call) || isWhole(call, chunks)
}

/** Whose answer it is. */
export const servedIn = (call: Call): Pick<Entry, 'source' | 'provider' | 'model'> => {
  const served = call.vars.get(attempts).findLast(({ code }) => code === 'ok')
  return { source: call.id, provider: served?.provider ?? '', model: served?.model ?? '' }
}

export const toEntry = (call: Call, answer: readonly Timed[], ttl: number): Entry => {
  const warned = call.vars.get(warnings)
  const made = Date.now()
  return {
    ...servedIn(call),
    made,
    expires: made + ttl,
    ...(warned.length > 0 && { warnings: warned }),
    pieces: {
      length: answer.length,
      at(index) {
        const timed = answer[index]
        return timed && { at: timed.at, chunks: timed.batch.chunks.map(frozen) }
      },
    },
  }
}

/** Chunks as a batch that says whose format their words are. */
export const batchOf = (chunks: readonly Chunk[], format: Batch['format']): Batch => ({
  chunks,
  ...(format && { format }),
})

export const toBatch = (pieces: readonly Frozen[]): Batch =>
  batchOf(pieces.map(thawed), pieces[0]?.words?.format)
