import type { ProviderConfig } from '../../config.ts'
import type { Keys, ProviderKey } from '../health/keys.ts'
import { Rates } from './rates.ts'

/** A provider without keys has one place for a key. */
const indexesOf = (keys: ProviderConfig['api_keys']): number[] =>
  Array.from({ length: Math.max(1, keys.length) }, (_, index) => index)

/** What a provider, and each of its keys, may be sent in a minute. */
export class Budget {
  readonly #keys: Keys
  readonly #now: () => number
  readonly #rates: Rates
  readonly #ofKeys = new Map<string, Rates>()
  #provider: ProviderConfig

  constructor(provider: ProviderConfig, keys: Keys, now: () => number) {
    this.#provider = provider
    this.#keys = keys
    this.#now = now
    this.#rates = new Rates(now)
  }

  configure(provider: ProviderConfig): void {
    this.#provider = provider
    const ids = new Set(provider.api_keys.map((_, index) => this.#keys.id(provider, index)))
    for (const id of this.#ofKeys.keys()) if (!ids.has(id)) this.#ofKeys.delete(id)
  }

  /** Milliseconds until one of so many tokens may be sent, 0 when it may be now. */
  wait(tokens: number): number {
    return Math.max(this.#rates.wait(this.#provider.limits, tokens), this.#keysWait(tokens))
  }

  /** Milliseconds that the last of so many requests waits at least, whatever its tokens. */
  requestsWait(count: number): number {
    const { api_keys, limits } = this.#provider
    const ofProvider = this.#rates.requestsWait(limits, count)
    const { per_key } = limits
    if (!per_key) return ofProvider
    const ofKeys = indexesOf(api_keys).map((index) => this.#ofKey(index).requestsWait(per_key))
    return Math.max(ofProvider, Math.min(...ofKeys))
  }

  /** Milliseconds until the last of so many, all alike, may be sent. */
  aheadWait(count: number, tokens: number): number {
    const ofTokens = this.#rates.tokensWait(this.#provider.limits, tokens * count)
    return Math.max(this.requestsWait(count), ofTokens, this.#keysWait(tokens))
  }

  /** A key, and what tells the tokens that were really used. */
  take(tokens: number): { readonly key: ProviderKey; settle(used?: number): void } {
    const provider = this.#provider
    const { per_key } = provider.limits
    const key = this.#keys.pick(provider, (index) => this.#keyWait(index, tokens))
    const ofProvider = this.#rates.take(provider.limits, tokens)
    const ofKey = per_key && this.#ofKey(key.index).take(per_key, tokens)
    return {
      key,
      settle(used) {
        ofProvider(used)
        ofKey?.(used)
      },
    }
  }

  /** The limit that is reached, in words; undefined when none is. */
  reached(tokens: number): string | undefined {
    const { name, limits } = this.#provider
    if (this.#rates.requestsWait(limits) > 0)
      return `The provider ${name} is at its limit of ${limits.requests} requests a minute.`
    if (this.#rates.tokensWait(limits, tokens) > 0)
      return `The provider ${name} is at its limit of ${limits.tokens} tokens a minute.`
    return this.#keysWait(tokens) > 0
      ? `All keys of the provider ${name} are at their limits of a minute.`
      : undefined
  }

  report() {
    const { requests, tokens } = this.#provider.limits
    return {
      ...(requests !== undefined && { requests }),
      ...(tokens !== undefined && { tokens }),
      left: this.#rates.left(this.#provider.limits),
    }
  }

  #keysWait(tokens: number): number {
    const { api_keys, limits } = this.#provider
    if (!limits.per_key) return 0
    const all = indexesOf(api_keys)
    const usable = all.filter((index) => this.#keys.cooling(this.#provider, index) === 0)
    const waits = (usable.length > 0 ? usable : all).map((index) => this.#keyWait(index, tokens))
    return Math.min(...waits)
  }

  #keyWait(index: number, tokens: number): number {
    const { per_key } = this.#provider.limits
    return per_key ? this.#ofKey(index).wait(per_key, tokens) : 0
  }

  #ofKey(index: number): Rates {
    const id = this.#keys.id(this.#provider, index)
    const rates = this.#ofKeys.get(id) ?? new Rates(this.#now)
    this.#ofKeys.set(id, rates)
    return rates
  }
}
