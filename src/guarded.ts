import type { Call, Chunk, Middleware } from './chat.ts'
import { GatewayError } from './errors.ts'
import { answer, deferred, type Answer } from './stream.ts'

const blamed = (thrown: unknown, plugin: string): GatewayError =>
  thrown instanceof GatewayError
    ? thrown
    : new GatewayError('plugin_error', {
        message: `The plugin ${plugin} failed.`,
        metadata: { plugin },
        cause: thrown,
      })

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isChunks = (value: unknown): value is AsyncIterable<Chunk> =>
  isObject(value) && Symbol.asyncIterator in value

const isChunk = (value: unknown): value is Chunk => {
  if (!isObject(value)) return false
  const choices: unknown = Reflect.get(value, 'choices')
  return choices === undefined || (Array.isArray(choices) && choices.every(isObject))
}

/** The plugin's own iterator, as what it should be. */
async function* checked(chunks: AsyncIterable<Chunk>, plugin: string): AsyncGenerator<Chunk> {
  let some = false
  try {
    for await (const chunk of chunks) {
      if (!isChunk(chunk))
        throw new TypeError('a chunk is an object, its choices a list of objects')
      some = true
      yield chunk
    }
    if (!some) throw new TypeError('the answer has no chunk')
  } catch (thrown) {
    throw blamed(thrown, plugin)
  }
}

/** An answer that the plugin made without looking into it: only its failure is watched. */
const watched = (made: Answer, plugin: string): Answer => {
  const batches = made.batches()
  const blame = (thrown: unknown): never => {
    throw blamed(thrown, plugin)
  }
  return answer({
    next: () => batches.next().catch(blame),
    return: () => batches.return?.() ?? Promise.resolve({ done: true, value: undefined }),
  })
}

/** The middleware, whose mistakes fail its own call only, under its name; what it hands on is not wrapped. */
export const guarded = (plugin: string, middleware: Middleware): Middleware => {
  const failing = (thrown: unknown): Answer =>
    deferred(() => Promise.reject(blamed(thrown, plugin)))
  return (call: Call, next) => {
    const inner: unknown[] = []
    let made: unknown
    try {
      made = middleware(call, (handed) => {
        const answered = next(handed)
        inner.push(answered)
        return answered
      })
    } catch (thrown) {
      return failing(thrown)
    }
    if (!isChunks(made)) {
      if (made instanceof Promise) made.catch(() => undefined)
      return failing(new TypeError('a middleware returns an AsyncIterable'))
    }
    if (inner.includes(made)) return made
    return 'batches' in made ? watched(made as Answer, plugin) : checked(made, plugin)
  }
}
