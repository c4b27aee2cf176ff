import type { Chunk } from '../../chat.ts'
import { answer, batchesOf, finished, type Answer, type Batch } from '../../stream.ts'

/** Hears how a plugin takes an answer. */
export interface Hearing {
  waits(): void
  goesOn(): void
  failed(error: unknown): void
}

/** An answer as a plugin takes it. */
export interface Followed {
  readonly answer: Answer
  readonly original: AsyncIterable<Chunk>
  /** What was taken of it, and then the rest, which the plugin no longer gets. */
  again(): AsyncIterator<Batch>
  /** It will not be given again: what was taken is forgotten, and who left it has left. */
  settle(): void
  stop(): void
}

/** @param keeps whether it can be given again, until it is settled */
export const follow = (
  original: AsyncIterable<Chunk>,
  keeps: boolean,
  { waits, goesOn, failed }: Hearing,
): Followed => {
  let opened: AsyncIterator<Batch> | undefined
  let kept: Batch[] | undefined = keeps ? [] : undefined
  let isLeft = false
  let isLost = false
  let flying: Promise<IteratorResult<Batch>> | undefined
  let end: { readonly error: unknown } | undefined

  const open = () => (opened ??= batchesOf(original))
  const close = async () => open().return?.() ?? finished
  const pull = (): Promise<IteratorResult<Batch>> => {
    waits()
    const pulled = open()
      .next()
      .then(
        (result) => {
          flying = undefined
          goesOn()
          if (!result.done) kept?.push(result.value)
          return result
        },
        (error: unknown) => {
          flying = undefined
          goesOn()
          failed(error)
          end = { error }
          throw error
        },
      )
    flying = pulled
    return pulled
  }

  return {
    original,
    answer: answer({
      next: () => (isLeft || isLost ? Promise.resolve(finished) : pull()),
      async return() {
        isLeft = true
        if (kept || isLost) return finished
        waits()
        return close().finally(goesOn)
      },
    }),
    again() {
      // what is on its way is added to it
      const head = (kept ??= [])
      isLost = true
      return {
        async next() {
          if (head.length === 0) await flying?.catch(() => undefined)
          const value = head.shift()
          if (value) return { done: false, value }
          if (end) throw end.error
          return open().next()
        },
        return: close,
      }
    },
    settle() {
      if (!kept) return
      kept = undefined
      if (isLeft) close().catch(() => undefined)
    },
    stop() {
      kept = undefined
      isLost = true
      flying?.catch(() => undefined)
      close().catch(() => undefined)
    },
  }
}
