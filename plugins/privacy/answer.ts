import {
  answer,
  batchesOf,
  createAnswerMapper,
  GatewayError,
  type Answer,
  type Batch,
  type Chunk,
  type Place,
  type TextMapper,
} from 'sluice/plugin'

export interface Rewriting {
  /** For each run of text. */
  create(place: Place): TextMapper
  /** For what arrives in one piece. */
  whole(text: string): string
  /** Whether a text, and all that was held back before it, passes as it is. */
  passes(text: string): boolean
  /** A piece came, and was not changed yet. */
  heard?(chunk: Chunk): void
  /** The answer is over, well or not. */
  ended?(): void
}

const rewritten = (value: unknown, fn: (text: string) => string): unknown => {
  if (typeof value === 'string') return value === '' || value.length > longest ? value : fn(value)
  if (Array.isArray(value)) {
    if (typeof value[0] === 'number') return value
    const next = value.map((item) => rewritten(item, fn))
    return next.every((item, at) => item === value[at]) ? value : next
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const next = entries.map(([name, item]) => [name, rewritten(item, fn)] as const)
  return next.every(([, item], at) => item === entries[at]?.[1]) ? value : Object.fromEntries(next)
}

/** Longer strings that come in one piece are images or sound. */
const longest = 100_000

/** Citations of a choice, which come in one piece. */
const withCitations = (chunk: Chunk, fn: (text: string) => string): Chunk => {
  if (!chunk.choices?.some(({ delta }) => delta?.annotations)) return chunk
  const choices = chunk.choices.map((choice) => {
    const before = choice.delta?.annotations
    const annotations = rewritten(before, fn)
    return annotations === before ? choice : { ...choice, delta: { ...choice.delta, annotations } }
  })
  return { ...chunk, choices }
}

/** The answer with its texts rewritten, batch by batch: what does not change is neither copied nor, if it is plain, parsed. */
export const rewriteAnswer = (
  chunks: AsyncIterable<Chunk>,
  { create, whole, passes, heard, ended }: Rewriting,
): Answer => {
  const mapper = createAnswerMapper(create)
  const batches = batchesOf(chunks)
  let over: { readonly error?: unknown } | undefined

  /** What is held back was said, also where the answer breaks off. */
  const end = (broken: { readonly error?: unknown } = {}): Chunk | undefined => {
    if (over) return undefined
    over = broken
    const left = mapper.end()
    ended?.()
    return left
  }

  const rewriteChunk = (chunk: Chunk): Chunk => {
    heard?.(chunk)
    if (!chunk.choices) return rewritten(chunk, whole) as Chunk
    return withCitations(mapper.map(chunk), whole)
  }

  const rewriteBatch = (batch: Batch): Batch => {
    if (batch.plain !== undefined && passes(batch.plain)) return batch
    const { chunks: before } = batch
    try {
      const next = before.map(rewriteChunk)
      return next.every((chunk, at) => chunk === before[at]) ? batch : { chunks: next }
    } catch {
      // the reason may quote what was said
      throw new GatewayError('privacy_unavailable', { message: 'The privacy filter failed.' })
    }
  }

  return answer({
    async next() {
      let left: Chunk | undefined
      if (!over)
        try {
          const { done, value } = await batches.next()
          if (!done) return { done: false, value: rewriteBatch(value) }
          left = end()
        } catch (error) {
          left = end({ error })
        }
      if (left) return { done: false, value: { chunks: [left] } }
      if (over && 'error' in over) throw over.error
      return { done: true, value: undefined }
    },
    async return() {
      end()
      await batches.return?.()
      return { done: true, value: undefined }
    },
  })
}
