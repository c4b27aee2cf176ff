import { GatewayError, type Attempt, type Candidate } from 'sluice/plugin'

/** How asking one candidate ended badly. */
export interface Failure {
  readonly candidate: Candidate
  readonly error: GatewayError
}

const told = (tried: readonly Attempt[]): string => {
  const each = tried.map(({ provider, status, code }) => `${provider} (${status || code})`)
  return `All providers for this model failed: ${each.join(', ')}.`
}

/** What kept a provider from being reached at all: no fault of its own, and no answer to anything. */
const unreached = new Set([
  'upstream_unreachable',
  'upstream_connect_timeout',
  'upstream_tls_error',
])

/** Whether nobody was reached: the network is gone. Also true when nobody was asked. */
export const isOffline = (failures: readonly Failure[]): boolean =>
  failures.every(({ error }) => unreached.has(error.code))

/**
 * One error out of several: that of the last model, the common one where its endpoints failed alike. It may be tried
 * again only if that holds for all of them.
 */
export const summarise = (
  failures: readonly Failure[],
  tried: readonly Attempt[],
): GatewayError => {
  const last = failures.at(-1)
  if (!last) return new GatewayError('no_healthy_provider', { attempts: tried })
  const errors = failures.map(({ error }) => error)
  const ofLast = failures
    .filter(({ candidate }) => candidate.model === last.candidate.model)
    .map(({ error }) => error)
  const waits = errors.map(({ retryAfter }) => retryAfter).filter((wait) => wait !== undefined)
  const common = {
    attempts: tried,
    retryable: errors.every(({ retryable }) => retryable),
    ...(waits.length > 0 && { retryAfter: Math.min(...waits) }),
  }
  const [first = last.error] = ofLast
  const alike = ofLast.every(({ code }) => code === first.code)
  return alike && first.code !== 'upstream_error'
    ? first.with(common)
    : new GatewayError('all_providers_failed', { ...common, message: told(tried) })
}
