import type { ProviderConfig } from '../../config.ts'
import { monotonic, type Clock } from './clock.ts'
import type { Keys } from '../health/keys.ts'
import { Lane, type Place, type Visit, type Waiting } from './lane.ts'

export type LaneReport = ReturnType<Lane['report']>

/** What each provider is being sent, and who waits for it. It outlives reloads. */
export class Limits {
  readonly #lanes = new Map<string, Lane>()
  readonly #keys: Keys
  readonly #clock: Clock

  constructor(keys: Keys, clock: Clock = monotonic) {
    this.#keys = keys
    this.#clock = clock
  }

  /** These providers' limits hold from now on; providers that are gone are forgotten once they are left. */
  configure(providers: ReadonlyMap<string, ProviderConfig>): void {
    for (const [name, lane] of this.#lanes)
      if (!providers.has(name) && lane.idle) this.#lanes.delete(name)
    for (const provider of providers.values()) this.#lane(provider).configure(provider)
  }

  /** Milliseconds until a call of so many tokens could begin at the provider; 0 when it could now. */
  room(provider: ProviderConfig, tokens: number): number {
    return this.#lane(provider).room(tokens)
  }

  /** A place at the provider, or one in line. Throws `provider_full`. */
  enter(provider: ProviderConfig, visit: Visit): Place | Waiting {
    return this.#lane(provider).enter(visit)
  }

  report(): readonly LaneReport[] {
    return [...this.#lanes.values()].map((lane) => lane.report())
  }

  #lane(provider: ProviderConfig): Lane {
    const lane = this.#lanes.get(provider.name) ?? new Lane(provider, this.#keys, this.#clock)
    this.#lanes.set(provider.name, lane)
    return lane
  }
}
