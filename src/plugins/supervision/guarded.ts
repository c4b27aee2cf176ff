import { asChunks, blamed, isChunk, noAnswer, noChunk } from './blame.ts'
import type { Call, Chunk, Middleware } from '../../chat.ts'
import { answer, deferred, finished, type Answer } from '../../stream.ts'
import { supervised } from './supervised.ts'
import { unlimited, type Supervision } from './supervision.ts'
import { timings, type Timing } from '../../told.ts'

/** The plugin's own iterator, checked: chunks only, and at least one. */
async function* checked(chunks: AsyncIterable<Chunk>, plugin: string): AsyncGenerator<Chunk> {
  let some = false
  try {
    for await (const chunk of chunks) {
      if (!isChunk(chunk)) throw noChunk()
      some = true
      yield chunk
    }
    if (!some) throw noAnswer()
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
    return: () => batches.return?.() ?? Promise.resolve(finished),
  })
}

/** The plugin's line among the times of a call, one for all its turns in it. */
const timingOf = (plugin: string, list: Timing[]): Timing => {
  const known = list.find((timing) => timing.plugin === plugin)
  if (known) return known
  const timing = { plugin, ms: 0, pieces: 0 }
  list.push(timing)
  return timing
}

/**
 * The middleware, whose mistakes fail its own call only, under its name; what it hands on is not wrapped, and where
 * nobody limits or takes its time, what it makes is hardly.
 */
export const guarded = (
  plugin: string,
  middleware: Middleware,
  supervision?: Supervision,
): Middleware => {
  const failing = (thrown: unknown): Answer =>
    deferred(() => Promise.reject(blamed(thrown, plugin)))
  return (call: Call, next) => {
    const list = call.vars.get(timings)
    if (supervision || list) {
      const timing = list && timingOf(plugin, list)
      return supervised(plugin, middleware, supervision ?? unlimited, timing, call, next)
    }
    const inner: unknown[] = []
    let made: AsyncIterable<Chunk>
    try {
      made = asChunks(
        middleware(call, (handed) => {
          const answered = next(handed)
          inner.push(answered)
          return answered
        }),
      )
    } catch (thrown) {
      return failing(thrown)
    }
    if (inner.includes(made)) return made
    return 'batches' in made ? watched(made as Answer, plugin) : checked(made, plugin)
  }
}
