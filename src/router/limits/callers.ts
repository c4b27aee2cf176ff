import { LRUCache } from 'lru-cache'
import type { Rate } from '../../config.ts'
import { GatewayError } from '../../errors.ts'
import { Rates } from './rates.ts'

/** What one caller may do: in a minute, and at once. */
export interface CallerLimits extends Rate {
  readonly concurrent?: number
}

interface Doing {
  readonly rates: Rates
  inFlight: number
}

/** Callers that are remembered. */
const most = 10_000

/** Seconds, for want of knowing when a call of the caller's own ends. */
const soon = 1

/** What each caller does now. It outlives reloads. */
export class Callers {
  readonly #doing = new LRUCache<string, Doing>({ max: most })
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * A call begins. Throws `caller_limit_exceeded`.
   * @param tokens that it will probably take
   * @returns tells its end, and the tokens that it took where they are known
   */
  enter(caller: string, limits: CallerLimits, tokens: number): (used?: number) => void {
    const doing = this.#doing.get(caller) ?? { rates: new Rates(this.#now), inFlight: 0 }
    this.#doing.set(caller, doing)
    this.#refuse(caller, limits, tokens, doing)
    const settle = doing.rates.take(limits, tokens)
    doing.inFlight++
    let left = false
    return (used) => {
      if (left) return
      left = true
      doing.inFlight--
      settle(used)
    }
  }

  #refuse(caller: string, limits: CallerLimits, tokens: number, { rates, inFlight }: Doing): void {
    const { requests, tokens: most, concurrent } = limits
    const refuse = (may: string, limit: number, remaining: number, wait: number) => {
      throw new GatewayError('caller_limit_exceeded', {
        wireCode: 'rate_limit_exceeded',
        message: `Your key ${caller} may ${may}.`,
        retryAfter: wait,
        rateLimit: { limit, remaining, reset: Date.now() + wait * 1_000 },
      })
    }
    if (concurrent !== undefined && inFlight >= concurrent)
      refuse(
        `have ${concurrent === 1 ? 'one call' : `${concurrent} calls`} at once`,
        concurrent,
        0,
        soon,
      )
    const ofRequests = rates.requestsWait(limits)
    if (requests !== undefined && ofRequests > 0)
      refuse(`send ${requests} requests a minute`, requests, 0, ofRequests / 1_000)
    const ofTokens = rates.tokensWait(limits, tokens)
    if (most !== undefined && ofTokens > 0) {
      const left = rates.left(limits).tokens ?? 0
      const may = `use ${most} tokens a minute; this call may take ${tokens}, and ${left} are left`
      refuse(may, most, left, ofTokens / 1_000)
    }
  }
}
