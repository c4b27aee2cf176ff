import type { Chunk } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { isObject } from '../../fields.ts'
import { batchesOf, finished, type Batch } from '../../stream.ts'

/** What a plugin threw, under its name; what it threw on purpose stays as it is. */
export const blamed = (thrown: unknown, plugin: string): GatewayError =>
  thrown instanceof GatewayError
    ? thrown
    : new GatewayError('plugin_error', {
        message: `The plugin ${plugin} failed.`,
        metadata: { plugin },
        cause: thrown,
      })

const isChunks = (value: unknown): value is AsyncIterable<Chunk> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

export const isChunk = (value: unknown): value is Chunk => {
  if (!isObject(value)) return false
  const { choices } = value
  return choices === undefined || (Array.isArray(choices) && choices.every(isObject))
}

export const noChunk = () => new TypeError('a chunk is an object, its choices a list of objects')
export const noAnswer = () => new TypeError('the answer has no chunk')

/** What a middleware returned; it may be anything. Throws TypeError where it is no answer. */
export const asChunks = (made: unknown): AsyncIterable<Chunk> => {
  if (isChunks(made)) return made
  // a middleware written as an async function is the commonest mistake
  if (made instanceof Promise) made.catch(() => undefined)
  throw new TypeError('a middleware returns an AsyncIterable')
}

/** The batches of what a plugin made, each checked to be one; by hand, since every piece comes through here. */
export const checkedBatches = (made: AsyncIterable<Chunk>): AsyncIterator<Batch> => {
  if ('batches' in made) {
    const batches = batchesOf(made)
    const check = (result: IteratorResult<Batch>): IteratorResult<Batch> => {
      // chunks that nobody looks at are not parsed
      if (!result.done && !('chunks' in result.value)) throw noChunk()
      return result
    }
    return {
      next: () => batches.next().then(check),
      return: async () => batches.return?.() ?? finished,
    }
  }
  const chunks = made[Symbol.asyncIterator]()
  let some = false
  const check = (result: IteratorResult<Chunk>): IteratorResult<Batch> => {
    if (result.done) {
      if (!some) throw noAnswer()
      return finished
    }
    if (!isChunk(result.value)) throw noChunk()
    some = true
    return { done: false, value: { chunks: [result.value] } }
  }
  return {
    next: () => chunks.next().then(check),
    async return() {
      await chunks.return?.()
      return finished
    },
  }
}
