import {
  deferred,
  firstContent,
  type Answer,
  type Call,
  type Chunk,
  type Handler,
  type Host,
} from 'sluice/plugin'
import { isWorthKeeping, toEntry, type Entry } from './entry.ts'
import type { Flights } from './flights.ts'
import { keyOf } from './key.ts'
import type { AskedOptions, Options } from './options.ts'
import { replayed } from './replay.ts'
import type { Shelf } from './shelf.ts'
import { tellHit, tellMiss } from './told.ts'
import type { Wish } from './wish.ts'

/** Where answers are kept, and those that are on their way. */
export interface Stores {
  readonly shelf: Shelf
  readonly flights: Flights
}

/** Something else to look for, where nothing is kept under a key. */
export interface Nearest {
  /** The key of an answer that will do, and how it was found. */
  find(call: Call): Promise<{ readonly key: string; readonly how: string } | undefined>
  /** From now on, there is an answer to the call under the key. */
  learn(call: Call, key: string): void
}

/** Answers calls with what was answered before, with what another is being answered now, or by asking. */
export const createAnswers = (
  host: Host<AskedOptions>,
  options: Options,
  { shelf, flights }: Stores,
  nearest?: Nearest,
) => {
  const again = (call: Call, entry: Entry, how?: string): Answer => {
    tellHit(call, entry, how)
    return replayed(entry, call, options.replay)
  }

  const ask = (key: string, call: Call, { ttl }: Wish, next: Handler): Answer => {
    tellMiss(call, ttl)
    return flights.lead(key, call, next, async (came) => {
      if (!isWorthKeeping(call, came)) return
      nearest?.learn(call, key)
      await shelf.set(key, toEntry(call, came, ttl))
    })
  }

  const share = (
    key: string,
    call: Call,
    wish: Wish,
    next: Handler,
    how?: string,
  ): Promise<AsyncIterable<Chunk>> | undefined => {
    const followed = flights.follow(key, call, wish, how)
    if (!followed) return undefined
    return firstContent(followed.answer).catch((error) => {
      if (followed.isTheirs()) return choose(key, call, wish, next)
      throw error
    })
  }

  const choose = async (
    key: string,
    call: Call,
    wish: Wish,
    next: Handler,
  ): Promise<AsyncIterable<Chunk>> => {
    if (wish.clear) {
      shelf.delete(key)
      return ask(key, call, wish, next)
    }
    const known = shelf.get(key)
    if (known) return again(call, known)
    const near = await nearest?.find(call)
    const alike = near && shelf.get(near.key)
    if (alike) return again(call, alike, near.how)
    const coming = near && share(near.key, call, wish, next, near.how)
    if (coming) return coming
    return share(key, call, wish, next) ?? ask(key, call, wish, next)
  }

  return (call: Call, wish: Wish, next: Handler): Answer =>
    deferred(() => choose(keyOf(call, host, options), call, wish, next))
}
