import { LRUCache } from 'lru-cache'
import { GatewayError } from '../../errors.ts'
import { key } from '../../pipeline.ts'
import { Minute } from './minute.ts'

/** Whether the call was counted as one of the variant `:free`: once, however often it is tried. */
export const countedFree = key<boolean>('counted as free', () => false)

/** Calls in a minute and in a day of UTC. */
export interface FreeLimits {
  readonly per_minute: number
  readonly per_day: number
}

interface Count {
  readonly minute: Minute
  day: number
  today: number
}

/** Callers that are remembered. */
const most = 10_000
const dayLength = 86_400_000

/** A longer wait is nothing that a client should sit through by itself. */
const shortWait = 60_250

interface Clocks {
  /** Milliseconds; never goes back. */
  readonly now: () => number
  /** Milliseconds since 1970. */
  readonly wall: () => number
}

/** The calls of `:free` of each caller. It outlives reloads. */
export class Free {
  readonly #counts = new LRUCache<string, Count>({ max: most })
  readonly #clocks: Clocks

  constructor(clocks: Clocks = { now: () => performance.now(), wall: Date.now }) {
    this.#clocks = clocks
  }

  /** Takes one call; or says why not, and takes none. */
  take(caller: string, { per_minute, per_day }: FreeLimits): GatewayError | undefined {
    const { now, wall } = this.#clocks
    const count = this.#counts.get(caller) ?? { minute: new Minute(now), day: 0, today: 0 }
    this.#counts.set(caller, count)
    const day = Math.floor(wall() / dayLength)
    // a clock that was set back must not give a day twice
    if (day > count.day) Object.assign(count, { day, today: 0 })
    const refusal = (limit: number, span: string, wait: number) =>
      new GatewayError('caller_limit_exceeded', {
        wireCode: 'rate_limit_exceeded',
        message: `You may make ${limit} calls of :free models ${span}; the next one in ${wait > shortWait ? 'the next day (UTC)' : `${Math.ceil(wait / 1_000)} s`}.`,
        retryable: wait <= shortWait,
        retryAfter: wait / 1_000,
        rateLimit: { limit, remaining: 0, reset: wall() + wait },
      })
    if (count.today >= per_day)
      return refusal(per_day, 'a day', (count.day + 1) * dayLength - wall())
    const wait = count.minute.wait(1, per_minute)
    if (wait > 0) return refusal(per_minute, 'a minute', wait)
    count.minute.take(1)
    count.today++
    return undefined
  }
}
