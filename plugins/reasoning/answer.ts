import {
  answer,
  batchesOf,
  estimateTokens,
  finished,
  objectOf,
  type Answer,
  type Batch,
  type Chunk,
  type Usage,
} from 'sluice/plugin'
import { hidden } from './hidden.ts'
import type { Parting } from './tags.ts'

/** What is done to an answer as it goes by. */
export interface Work {
  readonly parting?: Parting
  /** Thoughts are taken out. */
  readonly hides: boolean
  /** Except sealed ones, which nobody can read. */
  readonly keepsSealed: boolean
  /** Hears once, at whichever end, how many tokens were thought. */
  readonly ended?: (tokens: number) => void
}

/** Tokens of thought as the provider counted them, else as many as the text has that was seen. */
export const thoughtOf = (usage: Usage | undefined, text: string): number => {
  const { reasoning_tokens: told } = objectOf(usage?.completion_tokens_details)
  return typeof told === 'number' && told > 0 ? told : estimateTokens(text)
}

/** By hand, not a generator: one that was never begun would neither stop the provider nor be counted. */
export const worked = (chunks: AsyncIterable<Chunk>, work: Work): Answer => {
  const { parting, hides, keepsSealed, ended } = work
  const batches = batchesOf(chunks)
  let text = ''
  let usage: Usage | undefined
  let over = false

  const end = (): void => {
    if (over) return
    over = true
    ended?.(thoughtOf(usage, text))
  }

  const note = ({ usage: told, choices = [] }: Chunk): void => {
    if (told) usage = told
    for (const { delta } of choices) text += delta?.reasoning ?? delta?.reasoning_content ?? ''
  }

  const done = (batch: Batch): Batch => {
    if (batch.plain !== undefined && (parting?.settled ?? true)) return batch
    let same = true
    const changed = batch.chunks.map((chunk) => {
      const parted = parting ? parting.of(chunk) : chunk
      if (ended) note(parted)
      const shown = hides ? hidden(parted, keepsSealed) : parted
      same &&= shown === chunk
      return shown
    })
    return same ? batch : { chunks: changed }
  }

  return answer({
    next: () =>
      batches.next().then(
        (result) => {
          if (!result.done) return { done: false, value: done(result.value) }
          end()
          return finished
        },
        (thrown) => {
          end()
          throw thrown
        },
      ),
    async return() {
      end()
      await batches.return?.()
      return finished
    },
  })
}
