import type { LRUCache } from 'lru-cache'
import type { Endpoint } from '../chat.ts'
import type { GatewayError } from '../errors.ts'

export interface BreakerPolicy {
  /** Failures in a row that eject an endpoint. */
  readonly failures: number
  /** Milliseconds of the first ejection; the nth lasts n times as long. */
  readonly open: number
  /** Milliseconds, the longest ejection. */
  readonly max_open: number
}

/** The record of one endpoint. */
export interface Breaker {
  readonly failures: number
  readonly ejections: number
  readonly openUntil: number
  readonly probing: boolean
}

export interface Health {
  /** Milliseconds until the endpoint may be tried: 0 when it may be now. */
  wait(endpoint: Endpoint): number
  /** Milliseconds until its provider has a usable key. */
  keyWait(endpoint: Endpoint): number
  /** Whether its latest attempt failed. */
  suspect(endpoint: Endpoint): boolean
  /** An attempt begins; after an ejection only one at a time is let through. */
  started(endpoint: Endpoint): void
  succeeded(endpoint: Endpoint): void
  /** Counts only what was the endpoint's own fault. */
  failed(endpoint: Endpoint, error: GatewayError, policy: BreakerPolicy): void
  /** The attempt ended without a verdict, for example because the client left. */
  released(endpoint: Endpoint): void
}

const idOf = ({ provider, model }: Endpoint): string => `${provider}/${model}`
const fresh: Breaker = { failures: 0, ejections: 0, openUntil: 0, probing: false }

/**
 * A circuit breaker for each endpoint.
 * @param breakers their records, which outlive reloads
 * @param keyWait milliseconds until a provider has a usable key, 0 when it has one
 */
export const createHealth = (
  breakers: LRUCache<string, Breaker>,
  keyWait: (provider: string) => number,
  now: () => number = () => performance.now(),
): Health => {
  const get = (endpoint: Endpoint) => breakers.get(idOf(endpoint)) ?? fresh
  const set = (endpoint: Endpoint, change: Partial<Breaker>) =>
    void breakers.set(idOf(endpoint), { ...get(endpoint), ...change })

  const release = (endpoint: Endpoint) => {
    if (get(endpoint).probing) set(endpoint, { probing: false })
  }

  return {
    wait(endpoint) {
      const { openUntil, probing } = get(endpoint)
      const open = Math.max(0, openUntil - now())
      return Math.max(open > 0 || !probing ? open : 1_000, keyWait(endpoint.provider))
    },
    keyWait: ({ provider }) => keyWait(provider),
    suspect: (endpoint) => get(endpoint).failures > 0,
    started(endpoint) {
      if (get(endpoint).openUntil > 0) set(endpoint, { probing: true })
    },
    succeeded(endpoint) {
      if (get(endpoint) !== fresh) breakers.delete(idOf(endpoint))
    },
    failed(endpoint, error, policy) {
      if (error.fault !== 'endpoint') return release(endpoint)
      const { failures, ejections, openUntil, probing } = get(endpoint)
      const cooldown = (error.retryAfter ?? 0) * 1_000
      const eject = probing || failures + 1 >= policy.failures
      const rest = eject ? Math.min(policy.open * (ejections + 1), policy.max_open) : 0
      const told = error.code === 'provider_overloaded' ? cooldown : 0
      set(endpoint, {
        failures: failures + 1,
        ejections: ejections + (eject ? 1 : 0),
        openUntil: Math.max(openUntil, eject || told > 0 ? now() + Math.max(rest, told) : 0),
        probing: false,
      })
    },
    released: release,
  }
}
