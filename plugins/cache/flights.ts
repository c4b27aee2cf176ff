import {
  answer,
  batchesOf,
  caller,
  finished,
  GatewayError,
  notices,
  reused,
  warnings,
  type Answer,
  type Batch,
  type Call,
  type Handler,
} from 'sluice/plugin'
import { Flight, type Timed } from './flight.ts'
import { delivered, forCall } from './replay.ts'
import { tellHit } from './told.ts'
import { servedIn } from './entry.ts'
import type { Wish } from './wish.ts'

/** An answer on its way, and whose. */
interface Shared {
  readonly flight: Flight
  readonly call: Call
  /** The caller, as far as that was known when it began. */
  readonly owner: string | undefined
  readonly began: number
}

/** The answer that somebody else is getting. */
export interface Followed {
  readonly answer: Answer
  /** Whether this call should ask for itself when that answer fails. */
  isTheirs(): boolean
}

export interface Flights {
  /** Asks, for all who will want the same. @param landed keeps the answer, if it is complete and nothing was amiss */
  lead(
    key: string,
    call: Call,
    next: Handler,
    landed: (came: readonly Timed[]) => Promise<void>,
  ): Answer
  follow(key: string, call: Call, wish: Wish, how?: string): Followed | undefined
}

export const ownerOf = (call: Call): string | undefined => call.vars.get(caller)?.name

/** Whether who asks came to be known only further in: then nobody was let in yet, and nothing may be shared. */
const isUnguarded = ({ call, owner }: Pick<Shared, 'call' | 'owner'>): boolean =>
  ownerOf(call) !== owner

/**
 * @param limit bytes of an answer that are held for those who come later
 * @param most bytes of all of them
 */
export const createFlights = (limit: number, most: number): Flights => {
  const flights = new Map<string, Shared>()
  let all = 0
  const held = (bytes: number): boolean => (all += bytes) <= most
  return {
    lead(key, call, next, landed) {
      const controller = new AbortController()
      const noticed = call.vars.get(notices).length
      const owner = ownerOf(call)
      const ended = (came: readonly Timed[] | undefined) => {
        // a notice tells of a failure that the next call need not have
        const sound = call.vars.get(notices).length === noticed && !isUnguarded(shared)
        const kept = came && sound ? landed(came) : Promise.resolve()
        if (flights.get(key) === shared) flights.delete(key)
        const close = () => flight.close()
        void kept.then(close, close)
      }
      const flight = new Flight({
        source: batchesOf(next({ ...call, signal: controller.signal })),
        abort: (reason) => controller.abort(reason),
        limit,
        held,
        ended,
      })
      const shared: Shared = { flight, call, owner, began: Date.now() }
      flights.set(key, shared)
      return answer(flight.join(call.signal))
    },
    follow(key, call, { ttl }, how = 'in-flight') {
      const shared = flights.get(key)
      if (!shared?.flight.open || isUnguarded(shared)) return undefined
      const { flight, call: leader, began } = shared
      const batches = flight.join(call.signal)
      const times = { made: began, expires: began + ttl }
      tellHit(call, { ...servedIn(leader), ...times }, how)
      let begun = false
      const begin = () => {
        begun = true
        if (isUnguarded(shared)) throw new GatewayError('plugin_error')
        call.vars.set(warnings, leader.vars.get(warnings))
        call.vars.set(reused, servedIn(leader))
      }
      const mine: AsyncIterator<Batch> = {
        async next() {
          const { done, value } = await batches.next()
          if (!begun) begin()
          return done ? { done, value: undefined } : { done: false, value: forCall(value, call) }
        },
        return: () => batches.return?.() ?? Promise.resolve(finished),
      }
      return {
        answer: delivered(mine, call),
        isTheirs: () => isUnguarded(shared) || ownerOf(leader) !== ownerOf(call),
      }
    },
  }
}
