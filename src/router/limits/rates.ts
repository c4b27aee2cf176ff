import type { Rate } from '../../config.ts'
import { Minute } from './minute.ts'

/** Requests and tokens of the last minute, of one provider, key or caller. */
export class Rates {
  readonly #requests: Minute
  readonly #tokens: Minute

  constructor(now: () => number) {
    this.#requests = new Minute(now)
    this.#tokens = new Minute(now)
  }

  /** Milliseconds until a request of so many tokens fits, 0 when it does now. */
  wait(rate: Rate, tokens: number): number {
    return Math.max(this.requestsWait(rate), this.tokensWait(rate, tokens))
  }

  requestsWait({ requests }: Rate, count = 1): number {
    return requests === undefined ? 0 : this.#requests.wait(count, requests)
  }

  tokensWait({ tokens: limit }: Rate, tokens: number): number {
    return limit === undefined ? 0 : this.#tokens.wait(tokens, limit)
  }

  /**
   * A request of an estimated number of tokens begins.
   * @returns tells how many it really were; without a number the estimate stays
   */
  take({ requests, tokens: limit }: Rate, tokens: number): (used?: number) => void {
    if (requests !== undefined) this.#requests.take(1)
    if (limit === undefined) return () => undefined
    const slot = this.#tokens.take(tokens)
    return (used = tokens) => {
      if (used !== tokens) this.#tokens.settle(slot, tokens, used)
    }
  }

  /** What is left in this minute, of what is limited. */
  left({ requests, tokens }: Rate): Rate {
    return {
      ...(requests !== undefined && { requests: this.#requests.left(requests) }),
      ...(tokens !== undefined && { tokens: this.#tokens.left(tokens) }),
    }
  }
}
