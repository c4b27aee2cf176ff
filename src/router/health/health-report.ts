import { endpointId, type Endpoint } from '../../chat.ts'
import type { Config, ProviderConfig } from '../../config.ts'
import type { Findings } from './breaker.ts'
import type { HealthRecord } from './health.ts'
import type { InFlight } from './in-flight.ts'
import type { Keys, KeyFindings } from './keys.ts'
import type { Router } from '../router.ts'
import type { MeasuredStats, Percentiles } from '../measures/stats.ts'

export interface Reporters {
  readonly config: Config
  readonly router: Pick<Router, 'resolve'>
  readonly health: HealthRecord
  readonly keys: Keys
  readonly inFlight: InFlight
  readonly stats: MeasuredStats
}

const minute = 60_000

const percentOf = (share: number | undefined): number | null =>
  share === undefined ? null : Math.round(share * 10_000) / 100

type Shown = Omit<Percentiles, 'p95'>

/** OpenRouter's four percentiles. */
const scaled = (values: Percentiles | undefined, by: number): Shown | null => {
  if (!values) return null
  const of = (value: number) => Math.round(value * by * 10) / 10
  const { p50, p75, p90, p99 } = values
  return { p50: of(p50), p75: of(p75), p90: of(p90), p99: of(p99) }
}

/** @param now milliseconds since 1970 */
const toRecord = (findings: Findings | KeyFindings, now: number) => {
  const { condition, rest, failures, ejections, last } = findings
  return {
    state: condition,
    ...(rest > 0 && { until: new Date(now + rest).toISOString() }),
    failures,
    ejections,
    last_error: last ? { code: last.code, at: new Date(now - last.ago).toISOString() } : null,
  }
}

/** Those that routes name, and those that were asked lately. */
const endpointsOf = ({ config, router, stats }: Reporters): readonly Endpoint[] => {
  const routed = [...config.routes].flatMap(([pattern, target]) =>
    'endpoints' in target && !pattern.includes('*') ? router.resolve(pattern).endpoints : [],
  )
  const asked = stats.endpoints().map((id) => {
    const slash = id.indexOf('/')
    return { provider: id.slice(0, slash), model: id.slice(slash + 1) }
  })
  const all = new Map([...routed, ...asked].map((endpoint) => [endpointId(endpoint), endpoint]))
  return [...all.values()].filter(({ provider }) => config.providers.has(provider))
}

const toEndpoint = (endpoint: Endpoint, { health, stats, inFlight }: Reporters, now: number) => {
  const id = endpointId(endpoint)
  return {
    model: endpoint.model,
    ...toRecord(health.findings(endpoint), now),
    failing: stats.failing(id),
    in_flight: inFlight.at(id),
    uptime_last_5m: percentOf(stats.uptime(id, 5 * minute)),
    uptime_last_30m: percentOf(stats.uptime(id, 30 * minute)),
    uptime_last_1d: percentOf(stats.uptime(id, 24 * 60 * minute)),
    latency_last_5m: scaled(stats.latency(id), 1_000),
    throughput_last_5m: scaled(stats.throughput(id), 1),
    tool_success_last_1d: percentOf(stats.toolSuccess(id)),
  }
}

const toProvider = (
  provider: ProviderConfig,
  endpoints: readonly Endpoint[],
  reporters: Reporters,
  now: number,
) => {
  const { health, keys } = reporters
  const shown = endpoints.map((endpoint) => toEndpoint(endpoint, reporters, now))
  return {
    name: provider.name,
    local: provider.local,
    ...toRecord(health.providerFindings(provider.name), now),
    in_flight: shown.reduce((sum, { in_flight }) => sum + in_flight, 0),
    keys: provider.api_keys.map((_, index) => ({
      index,
      ...toRecord(keys.findings(provider, index), now),
    })),
    endpoints: shown,
  }
}

/** How all providers, their endpoints and their keys are; a key is its place in the YAML. */
export const toHealthReport = (reporters: Reporters, now = Date.now()) => {
  const byProvider = Map.groupBy(endpointsOf(reporters), ({ provider }) => provider)
  return {
    providers: [...reporters.config.providers.values()].map((provider) =>
      toProvider(provider, byProvider.get(provider.name) ?? [], reporters, now),
    ),
  }
}

export type HealthReport = ReturnType<typeof toHealthReport>
