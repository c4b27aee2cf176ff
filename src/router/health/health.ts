import type { LRUCache } from 'lru-cache'
import { endpointId, type Endpoint } from '../../chat.ts'
import type { GatewayError } from '../../errors.ts'
import type { ErrorCode } from '../../errors/kinds.ts'
import { Breakers, type Breaker, type Findings } from './breaker.ts'
import type { Tell } from './changes.ts'

export type { Breaker }

export interface BreakerPolicy {
  /** Failures in a row that eject an endpoint. */
  readonly failures: number
  /** Milliseconds of the first ejection; the nth lasts n times as long. */
  readonly open: number
  /** Milliseconds, the longest ejection. */
  readonly max_open: number
}

export interface Health {
  /** Milliseconds until the endpoint may be tried: 0 when it may be now. */
  wait(endpoint: Endpoint): number
  /** Milliseconds until its provider has a usable key. */
  keyWait(endpoint: Endpoint): number
  /** Why none of its provider's keys is usable, as far as that is known. */
  keyWhy(endpoint: Endpoint): ErrorCode | undefined
  /** Whether its latest attempt failed, or its provider did not answer when it was looked at. */
  suspect(endpoint: Endpoint): boolean
  /** An attempt begins; after an ejection only one at a time is let through. */
  started(endpoint: Endpoint): void
  succeeded(endpoint: Endpoint): void
  /**
   * Counts only what was the endpoint's own fault, and each error once, however many tell it. The policy holds from then
   * on, also for those who tell without one.
   */
  failed(endpoint: Endpoint, error: GatewayError, policy?: BreakerPolicy): void
  /** The attempt ended without a verdict, for example because the client left. */
  released(endpoint: Endpoint): void
}

/** Health with what only the gateway itself tells and shows. */
export interface HealthRecord extends Health {
  /**
   * Somebody looked whether the provider is there. Without an answer, none of its endpoints is tried for so many
   * milliseconds, or until it is there; then those that only could not be reached are well.
   */
  probed(provider: string, error: GatewayError | undefined, rest: number): void
  /** Milliseconds since anything of the provider was answered. */
  silence(provider: string): number
  findings(endpoint: Endpoint): Findings
  providerFindings(provider: string): Findings
}

const usualPolicy: BreakerPolicy = { failures: 5, open: 30_000, max_open: 300_000 }

/** Failures that are over as soon as the provider can be reached. */
const unreached = new Set<ErrorCode | undefined>([
  'upstream_unreachable',
  'upstream_connect_timeout',
  'upstream_reset',
])

/** Milliseconds that it asked for; who is overloaded always does. */
const toldBy = ({ code, details, retryAfter = 0 }: GatewayError): number =>
  (code === 'provider_overloaded' ? retryAfter : (details.retryAfter ?? 0)) * 1_000

/**
 * A circuit breaker for each endpoint, and one for each provider that is looked at.
 * @param records outlive reloads
 * @param keyWait milliseconds until a provider has a usable key, 0 when it has one
 */
export const createHealth = (
  records: LRUCache<string, Breaker>,
  keyWait: (provider: string) => number,
  now: () => number = () => performance.now(),
  tell: Tell = () => {},
  keyWhy: (provider: string) => ErrorCode | undefined = () => undefined,
): HealthRecord => {
  // providers' names have no slash, endpoints' always do
  const breakers = new Breakers(records, now, (id, turn) =>
    tell(id.includes('/') ? { endpoint: id } : { provider: id }, turn),
  )
  const counted = new WeakSet<GatewayError>()
  const answered = new Map<string, number>()
  let policy = usualPolicy

  const reached = (provider: string): void => {
    const ids = [...records.keys()].filter((id) => id.startsWith(`${provider}/`))
    for (const id of ids) if (unreached.has(breakers.look(id).last?.code)) breakers.succeeded(id)
  }

  return {
    wait: (endpoint) =>
      Math.max(
        breakers.wait(endpointId(endpoint)),
        breakers.wait(endpoint.provider),
        keyWait(endpoint.provider),
      ),
    keyWait: ({ provider }) => keyWait(provider),
    keyWhy: ({ provider }) => keyWhy(provider),
    suspect: (endpoint) =>
      breakers.look(endpointId(endpoint)).failures > 0 ||
      breakers.condition(endpoint.provider) === 'resting',
    started: (endpoint) => breakers.started(endpointId(endpoint)),
    succeeded(endpoint) {
      answered.set(endpoint.provider, now())
      breakers.succeeded(endpointId(endpoint))
      breakers.succeeded(endpoint.provider)
    },
    failed(endpoint, error, told) {
      policy = told ?? policy
      if (error.fault !== 'endpoint') return breakers.released(endpointId(endpoint))
      const { failures: after, open: first, max_open: most } = policy
      const count = counted.has(error) ? 0 : 1
      counted.add(error)
      const { code } = error
      breakers.failed(endpointId(endpoint), {
        code,
        after,
        first,
        most,
        told: toldBy(error),
        count,
      })
    },
    released: (endpoint) => breakers.released(endpointId(endpoint)),
    probed(provider, error, rest) {
      if (error) {
        breakers.failed(provider, {
          code: error.code,
          after: Infinity,
          first: 0,
          most: 0,
          told: rest,
        })
        return
      }
      breakers.succeeded(provider)
      reached(provider)
    },
    silence: (provider) => now() - (answered.get(provider) ?? -Infinity),
    findings: (endpoint) => breakers.findings(endpointId(endpoint)),
    providerFindings: (provider) => breakers.findings(provider),
  }
}
