import type { Call, Chunk, Handler } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { answer, batchesOf, finished, type Batch } from '../stream.ts'
import type { Turn } from './fakes.ts'

/** The value, which from now on throws at whoever changes any part of it. */
export const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

/** A provider that counts. */
export interface Observed {
  readonly handler: Handler
  /** Answers of which something was asked for, and which have not ended. */
  open(): number
}

const aborted = ({ signal }: Call) =>
  new Promise<never>((_, reject) => {
    const fail = () => reject(new GatewayError('client_closed'))
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })

/**
 * The provider, whose chunks nobody may change.
 * @param most reads after which it is silent until the client leaves
 * @param silent hears that it is
 */
export const observed = (turn: Turn, most = Infinity, silent?: () => void): Observed => {
  let open = 0
  const handler = (call: Call): AsyncIterable<Chunk> => {
    let batches: AsyncIterator<Batch> | undefined
    let read = 0
    let over = false
    const end = () => {
      if (batches && !over) open--
      over = true
    }
    return answer({
      async next() {
        if (over) return finished
        if (!batches) open++
        batches ??= batchesOf(turn(call))
        try {
          if (read++ === most) {
            silent?.()
            await aborted(call)
          }
          const result = await batches.next()
          if (result.done) end()
          else result.value.chunks.forEach(frozen)
          return result
        } catch (thrown) {
          end()
          throw thrown
        }
      },
      async return() {
        end()
        return finished
      },
    })
  }
  return { handler, open: () => open }
}
