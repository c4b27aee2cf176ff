import type { ProviderConfig } from '../config.ts'
import type { Secret } from '../secret.ts'

export interface ProviderKey {
  readonly index: number
  /** Absent where the provider wants none. */
  readonly secret?: Secret
}

/** The keys of each provider in turn, without those that are cooling. It outlives reloads. */
export class Keys {
  readonly #turns = new Map<string, number>()
  readonly #coolUntil = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * The next usable key; when all are cooling, the one that is soonest usable, never none.
   * @param resting milliseconds that a key has to rest for other reasons
   */
  pick(provider: ProviderConfig, resting: (index: number) => number = () => 0): ProviderKey {
    const count = provider.api_keys.length
    if (count === 0) return { index: 0 }
    const turn = this.#turns.get(provider.name) ?? 0
    this.#turns.set(provider.name, (turn + 1) % count)
    const order = Array.from({ length: count }, (_, step) => (turn + step) % count)
    const wait = (at: number) => Math.max(this.cooling(provider, at), resting(at))
    const index = order.reduce((best, at) => (wait(at) < wait(best) ? at : best))
    const secret = provider.api_keys[index]
    return secret ? { index, secret } : { index }
  }

  /** @param duration milliseconds */
  cool(provider: ProviderConfig, index: number, duration: number): void {
    this.#coolUntil.set(this.id(provider, index), this.#now() + duration)
  }

  /** Milliseconds until the key may be used, 0 when it may be now. */
  cooling(provider: ProviderConfig, index: number): number {
    return Math.max(0, (this.#coolUntil.get(this.id(provider, index)) ?? 0) - this.#now())
  }

  /** Milliseconds until any key of the provider may be used. */
  wait(provider: ProviderConfig): number {
    const keys = Math.max(1, provider.api_keys.length)
    return Math.min(...Array.from({ length: keys }, (_, index) => this.cooling(provider, index)))
  }

  /** What a key's record is kept by: a new key in the YAML starts with a clean one. */
  id(provider: ProviderConfig, index: number): string {
    return `${provider.name}\n${provider.api_keys[index]?.reveal() ?? ''}`
  }
}
