import {
  answer,
  batchesOf,
  createAnswerMapper,
  finished,
  GatewayError,
  type Answer,
  type Batch,
  type Chunk,
  type Place,
  type TextMapper,
  type ToolCall,
} from 'sluice/plugin'

export interface Rewriting {
  /** For each run of text. */
  create(place: Place, choice: number): TextMapper
  /** Where a place in the text of a choice is, once it was rewritten. */
  placeNow(choice: number, place: number): number
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

/** Citations with their places in the text. */
const placed = (value: unknown, placeNow: (place: number) => number): unknown => {
  if (Array.isArray(value)) return value.map((item) => placed(item, placeNow))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      typeof item === 'number' && (name === 'start_index' || name === 'end_index')
        ? placeNow(item)
        : placed(item, placeNow),
    ]),
  )
}

/** A tool's name is one that the client knows. */
const named = <T extends { readonly name?: string }>(tool: T, fn: (text: string) => string): T => {
  const name = tool.name && fn(tool.name)
  return name === undefined || name === tool.name ? tool : { ...tool, name }
}

const withNames = (call: ToolCall, fn: (text: string) => string): ToolCall => ({
  ...call,
  ...(call.function && { function: named(call.function, fn) }),
  ...(call.custom && { custom: named(call.custom, fn) }),
})

/** What of a choice comes in one piece: citations, names of tools. */
const withPieces = (
  chunk: Chunk,
  fn: (text: string) => string,
  placeNow: Rewriting['placeNow'],
): Chunk => {
  if (!chunk.choices?.some(({ delta }) => delta?.annotations ?? delta?.tool_calls)) return chunk
  const choices = chunk.choices.map((choice) => {
    const { delta } = choice
    if (!delta) return choice
    const annotations = placed(rewritten(delta.annotations, fn), (place) =>
      placeNow(choice.index, place),
    )
    const tool_calls = delta.tool_calls?.map((call) => withNames(call, fn))
    return {
      ...choice,
      delta: {
        ...delta,
        ...(annotations !== undefined && { annotations }),
        ...(tool_calls && { tool_calls }),
      },
    }
  })
  return { ...chunk, choices }
}

/** The answer with its texts rewritten, batch by batch: what does not change is neither copied nor, if it is plain, parsed. */
export const rewriteAnswer = (
  chunks: AsyncIterable<Chunk>,
  { create, placeNow, whole, passes, heard, ended }: Rewriting,
): Answer => {
  const mapper = createAnswerMapper(create)
  const batches = batchesOf(chunks)
  let over: { readonly error?: unknown } | undefined

  /** What is held back comes out even where the answer breaks off. */
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
    return withPieces(mapper.map(chunk), whole, placeNow)
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
      return finished
    },
    async return() {
      end()
      await batches.return?.()
      return finished
    },
  })
}
