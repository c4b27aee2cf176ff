import {
  again,
  answer,
  answerWith,
  collect,
  deferred,
  estimateTokens,
  finished,
  GatewayError,
  saidLast,
  warnings,
  type Answer,
  type Batch,
  type Call,
} from 'sluice/plugin'
import { batchOf, toBatch, type Entry } from './entry.ts'
import type { Options } from './options.ts'

type Pace = Options['replay']

/** Milliseconds; a provider that thought for minutes need not be waited for again. */
const longestPause = 5_000

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const left = () => {
      clearTimeout(timer)
      reject(new GatewayError('client_closed'))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', left)
      resolve()
    }, milliseconds)
    if (signal.aborted) left()
    else signal.addEventListener('abort', left, { once: true })
  })

const textIn = ({ chunks }: Batch): string =>
  chunks
    .flatMap(({ choices = [] }) => choices)
    .map(({ delta, text }) => `${delta?.content ?? ''}${delta?.reasoning ?? ''}${text ?? ''}`)
    .join('')

/** Milliseconds to wait before a batch. */
const waitFor = (pace: Pace, batch: Batch, since: number): number => {
  if (pace === 'full') return 0
  if (pace === 'natural') return Math.min(since, longestPause)
  return (estimateTokens(textIn(batch)) / pace) * 1_000
}

/** The batch as an answer to another call. */
export const forCall = (batch: Batch, call: Call): Batch => {
  const chunks = batch.chunks.map((chunk) => again(chunk, call))
  for (const chunk of chunks) saidLast(call, chunk)
  return batchOf(chunks, batch.format ?? 'openai')
}

/** The batches as the call wants them: whole as one, else as they come. */
export const delivered = (batches: AsyncIterator<Batch>, call: Call): Answer => {
  const came = answer(batches)
  if (call.request.stream === true) return came
  return deferred(async () => {
    const whole = await collect(came)
    if (!whole) throw new GatewayError('upstream_empty_response')
    return answerWith(whole)
  })
}

/** What was kept, as an answer to the call. @param as what becomes of each batch */
export const replayed = (
  entry: Entry,
  call: Call,
  pace: Pace,
  as: (batch: Batch, call: Call) => Batch = forCall,
): Answer => {
  if (entry.warnings) call.vars.set(warnings, entry.warnings)
  const paced = call.request.stream === true ? pace : 'full'
  let at = 0
  let before = 0
  return delivered(
    {
      async next() {
        const piece = entry.pieces.at(at++)
        if (!piece) return finished
        const batch = toBatch(piece.chunks)
        const wait = waitFor(paced, batch, piece.at - before)
        before = piece.at
        if (wait > 0) await pause(wait, call.signal)
        return { done: false, value: as(batch, call) }
      },
      return: async () => {
        at = entry.pieces.length
        return finished
      },
    },
    call,
  )
}
