import { hasContent, type Chunk, type Format } from './chat.ts'

/** The chunks of one network read and, when nobody changed any of them, the events' bytes as they came. */
export interface Batch {
  readonly chunks: readonly Chunk[]
  /** The format of `bytes` and `framed`; `openai` when absent. */
  readonly format?: Format
  readonly bytes?: Uint8Array
  /** The same as text, of a part of a read. */
  readonly framed?: string
  /** What the batch adds, when it is nothing but more of the answer's text: nobody need parse it to know that. */
  readonly plain?: string
}

/** What an iterator says once it is over. */
export const finished = { done: true, value: undefined } as const

/** A batch of nothing but text; its chunks are made when somebody looks at them. */
export const textBatch = (
  plain: string,
  parse: () => readonly Chunk[],
  came: Pick<Batch, 'bytes' | 'framed' | 'format'> = {},
): Batch => {
  let chunks: readonly Chunk[] | undefined
  return {
    ...came,
    plain,
    get chunks() {
      return (chunks ??= parse())
    },
  }
}

/** An answer on its way: iterates as chunks for who looks, travels as batches for who does not. */
export interface Answer extends AsyncIterable<Chunk> {
  batches(): AsyncIterator<Batch>
}

/** By hand, not a generator: one that was never begun would not pass its `return` on. */
const chunksOf = (batches: AsyncIterator<Batch>): AsyncIterator<Chunk> => {
  let chunks: readonly Chunk[] = []
  let at = 0
  return {
    async next() {
      for (;;) {
        const chunk = chunks[at++]
        if (chunk) return { done: false, value: chunk }
        const { done, value } = await batches.next()
        if (done) return finished
        chunks = value.chunks
        at = 0
      }
    },
    async return() {
      await batches.return?.()
      return finished
    },
  }
}

/** An answer that arrives in batches. */
export const answer = (batches: AsyncIterator<Batch>): Answer => ({
  batches: () => batches,
  [Symbol.asyncIterator]: () => chunksOf(batches),
})

/** The bytes of an answer that is no text, as they came, or of the chunks that somebody has looked at. */
export const bytesIn = ({ bytes, chunks }: Batch): Uint8Array => {
  if (bytes) return bytes
  const data = chunks.flatMap((chunk) => (Array.isArray(chunk.data) ? chunk.data : []))
  return Buffer.concat(data.filter((part) => part instanceof Uint8Array))
}

/** A single batch as all there is. */
export const onlyBatch = (batch: Batch): AsyncIterator<Batch> => {
  let taken = false
  return {
    next: async () => {
      if (taken) return finished
      taken = true
      return { done: false, value: batch }
    },
  }
}

/** A single chunk as a whole answer. */
export const answerWith = (chunk: Chunk): Answer => answer(onlyBatch({ chunks: [chunk] }))

/** The answer's batches: as they are where nobody looked, else a batch for each chunk. */
export const batchesOf = (chunks: AsyncIterable<Chunk>): AsyncIterator<Batch> => {
  if ('batches' in chunks && typeof chunks.batches === 'function')
    return (chunks as Answer).batches()
  const iterator = chunks[Symbol.asyncIterator]()
  return {
    next: async () => {
      const { done, value } = await iterator.next()
      return done ? finished : { done: false, value: { chunks: [value] } }
    },
    return: async () => {
      await iterator.return?.()
      return finished
    },
  }
}

/** The batches with some that were already taken back in front; the chunks of the rest are not touched. */
export const withHead = (
  head: Batch[],
  rest: AsyncIterator<Batch>,
  broken: (error: unknown) => void = () => undefined,
): AsyncIterator<Batch> => {
  const tell = (error: unknown): never => {
    broken(error)
    throw error
  }
  return {
    next: () => {
      const value = head.shift()
      return value ? Promise.resolve({ done: false, value }) : rest.next().catch(tell)
    },
    return: () => rest.return?.() ?? Promise.resolve(finished),
  }
}

/**
 * Waits until the answer has said something (a role, a comment or a usage is nothing) or has ended, and hands it on
 * whole. Until then its failure can still be hidden from the client; it rejects with that failure.
 * @param broken hears of a failure after that
 */
export const firstContent = async (
  chunks: AsyncIterable<Chunk>,
  broken: (error: unknown) => void = () => undefined,
): Promise<Answer> => {
  const batches = batchesOf(chunks)
  const head: Batch[] = []
  for (;;) {
    const { done, value } = await batches.next()
    if (done) break
    head.push(value)
    if (value.chunks.some(hasContent)) break
  }
  return answer(withHead(head, batches, broken))
}

/** An answer that is still to be decided: who needs to wait before choosing one does not wrap its chunks. */
export const deferred = (choose: () => Promise<AsyncIterable<Chunk>>): Answer => {
  let chosen: Promise<AsyncIterator<Batch>> | undefined
  let batches: AsyncIterator<Batch> | undefined
  const open = () => (chosen ??= choose().then((chunks) => (batches = batchesOf(chunks))))
  return answer({
    next: () => (batches ? batches.next() : open().then((opened) => opened.next())),
    return: async () => {
      if (chosen) await (await chosen.catch(() => undefined))?.return?.()
      return finished
    },
  })
}
