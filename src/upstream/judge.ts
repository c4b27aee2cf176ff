import { endpointId, type Endpoint } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import type { Health } from '../router/health/health.ts'
import type { InFlight } from '../router/health/in-flight.ts'
import type { Keys } from '../router/health/keys.ts'
import type { Outcome } from './outcome.ts'

export interface JudgeParts {
  readonly health: Health
  readonly keys: Keys
  readonly inFlight: InFlight
}

/** Whose fault one attempt was. */
export interface Trial {
  /** The first content came: the endpoint and the key work, however long the answer takes. */
  spoke(): void
  ended(outcome: Pick<Outcome, 'error' | 'complete' | 'first'>): void
}

/** An attempt begins, whose success or failure is the endpoint's or the key's. */
export const judge = (
  { health, keys, inFlight }: JudgeParts,
  endpoint: Endpoint,
  provider: ProviderConfig,
  key: number,
): Trial => {
  const leave = inFlight.enter(endpointId(endpoint))
  health.started(endpoint)
  keys.started(provider, key)
  const spoke = () => {
    health.succeeded(endpoint)
    keys.succeeded(provider, key)
  }
  return {
    spoke,
    ended({ error, complete, first }) {
      leave()
      if (error) {
        health.failed(endpoint, error)
        keys.failed(provider, key, error)
      } else if (first === undefined && complete) spoke()
      else if (first === undefined) {
        health.released(endpoint)
        keys.released(provider, key)
      }
    },
  }
}
