import {
  answer,
  batchesOf,
  caller,
  deferred,
  firstContent,
  notices,
  type Answer,
  type Batch,
  type Call,
  type Handler,
  type Host,
} from 'sluice/plugin'
import { isWorthKeeping, toEntry } from './entry.ts'
import { Flight, type Timed } from './flight.ts'
import { keyOf } from './key.ts'
import type { AskedOptions, Options } from './options.ts'
import { delivered, forCall, replayed } from './replay.ts'
import type { Shelf } from './shelf.ts'
import { tellHit, tellMiss } from './told.ts'
import type { Wish } from './wish.ts'

/** An answer on its way, and whose. */
interface Shared {
  readonly flight: Flight
  readonly call: Call
  readonly began: number
}

const ownerOf = (call: Call): string | undefined => call.vars.get(caller)?.name

/** Answers calls with what was answered before, with what another is being answered now, or by asking. */
export const createAnswers = (host: Host<AskedOptions>, options: Options, shelf: Shelf) => {
  const flights = new Map<string, Shared>()

  const keep = async (key: string, call: Call, came: readonly Timed[], ttl: number) => {
    try {
      await shelf.set(key, toEntry(call, came, ttl))
    } catch (error) {
      host.log.warn('an answer could not be kept', { id: call.id, reason: String(error) })
    }
  }

  /** Asks, for all who want the same. */
  const lead = (key: string, call: Call, { ttl }: Wish, next: Handler): Answer => {
    tellMiss(call, ttl)
    const controller = new AbortController()
    const noticed = call.vars.get(notices).length
    const source = batchesOf(next({ ...call, signal: controller.signal }))
    const ended = (came: readonly Timed[] | undefined) => {
      const done = () => {
        if (flights.get(key) === shared) flights.delete(key)
      }
      // what was amiss need not be so the next time
      const sound = call.vars.get(notices).length === noticed
      if (came && sound && isWorthKeeping(call, came)) void keep(key, call, came, ttl).then(done)
      else done()
    }
    const flight = new Flight({
      source,
      abort: (reason) => controller.abort(reason),
      limit: options.max_answer,
      ended,
    })
    const shared = { flight, call, began: Date.now() }
    flights.set(key, shared)
    return answer(flight.join(call.signal))
  }

  const follow = (shared: Shared, call: Call, { ttl }: Wish): Answer => {
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
    return delivered(mine, call)
  }

  const choose = async (
    key: string,
    call: Call,
    wish: Wish,
    next: Handler,
  ): Promise<AsyncIterable<Batch['chunks'][number]>> => {
    const known = wish.clear ? undefined : shelf.get(key)
    if (known) {
      tellHit(call, known)
      return replayed(known, call, options.replay)
    }
    const shared = wish.clear ? undefined : flights.get(key)
    if (!shared?.flight.open) return lead(key, call, wish, next)
    const followed = follow(shared, call, wish)
    if (ownerOf(shared.call) === ownerOf(call)) return followed
    // another's failure may be that other's alone
    return firstContent(followed).catch(() => choose(key, call, wish, next))
  }

  return (call: Call, wish: Wish, next: Handler): Answer =>
    deferred(() => choose(keyOf(call, host, options), call, wish, next))
}
