import {
  answer,
  batchesOf,
  caller,
  notices,
  type Answer,
  type Batch,
  type Call,
  type Handler,
} from 'sluice/plugin'
import { Flight, type Timed } from './flight.ts'
import { delivered, forCall } from './replay.ts'
import { tellHit } from './told.ts'
import type { Wish } from './wish.ts'

/** An answer on its way, and whose. */
interface Shared {
  readonly flight: Flight
  readonly call: Call
  readonly began: number
}

export interface Flights {
  /** Asks, for all who will want the same. @param landed keeps the answer, if it is complete and nothing was amiss */
  lead(
    key: string,
    call: Call,
    next: Handler,
    landed: (came: readonly Timed[]) => Promise<void>,
  ): Answer
  /** The answer that somebody else is getting, where one is; `own` where that is the same caller. */
  follow(
    key: string,
    call: Call,
    wish: Wish,
  ): { readonly answer: Answer; readonly own: boolean } | undefined
}

const ownerOf = (call: Call): string | undefined => call.vars.get(caller)?.name

/** @param limit bytes of an answer that are held for those who come later */
export const createFlights = (limit: number): Flights => {
  const flights = new Map<string, Shared>()
  return {
    lead(key, call, next, landed) {
      const controller = new AbortController()
      const noticed = call.vars.get(notices).length
      const ended = (came: readonly Timed[] | undefined) => {
        const done = () => {
          if (flights.get(key) === shared) flights.delete(key)
        }
        // what was amiss need not be so the next time
        const sound = call.vars.get(notices).length === noticed
        // until it is kept, it can be had here
        if (came && sound) void landed(came).then(done, done)
        else done()
      }
      const flight = new Flight({
        source: batchesOf(next({ ...call, signal: controller.signal })),
        abort: (reason) => controller.abort(reason),
        limit,
        ended,
      })
      const shared = { flight, call, began: Date.now() }
      flights.set(key, shared)
      return answer(flight.join(call.signal))
    },
    follow(key, call, { ttl }) {
      const shared = flights.get(key)
      if (!shared?.flight.open) return undefined
      const { flight, call: leader, began } = shared
      const batches = flight.join(call.signal)
      const source = { source: leader.id, provider: '', model: '' }
      tellHit(call, { ...source, made: began, expires: began + ttl }, 'in-flight')
      const mine: AsyncIterator<Batch> = {
        async next() {
          const { done, value } = await batches.next()
          return done ? { done, value: undefined } : { done: false, value: forCall(value, call) }
        },
        return: () => batches.return?.() ?? Promise.resolve({ done: true, value: undefined }),
      }
      return { answer: delivered(mine, call), own: ownerOf(leader) === ownerOf(call) }
    },
  }
}
