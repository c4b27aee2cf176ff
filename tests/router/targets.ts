import type { Facts } from '../../src/catalog/facts.ts'
import { endpointId } from '../../src/chat.ts'
import type { ProviderConfig } from '../../src/config.ts'
import { demo } from '../../src/config/provider.ts'
import type { Circumstances } from '../../src/router/choice/filter.ts'
import { needsOf } from '../../src/router/choice/needs.ts'
import type { Percentiles, Stats } from '../../src/router/measures/stats.ts'
import type { Target } from '../../src/router/routes/target.ts'

/** An endpoint `provider/model` of which only that is known. */
export const target = (
  name: string,
  facts: Facts = {},
  provider: Partial<ProviderConfig> = {},
  weight?: number,
): Target => {
  const [host = '', ...model] = name.split('/')
  const endpoint = { provider: host, model: model.join('/') || 'm' }
  return {
    id: endpointId(endpoint),
    endpoint,
    provider: {
      ...demo,
      name: host,
      tag: host,
      data_collection: 'allow',
      zdr: false,
      local: false,
      ...provider,
    },
    facts,
    ...(weight !== undefined && { weight }),
  }
}

/** A model that costs so many dollars per million tokens of either kind. */
export const costs = (prompt: number, completion = prompt): Facts => ({
  pricing: { prompt, completion },
})

/** A call of which nothing is demanded, but for what is given. */
export const circumstances = (
  given: Partial<Circumstances> = {},
  request: Record<string, unknown> = {},
): Circumstances => ({
  rules: { allowed: [] },
  needs: needsOf({ request: { model: 'm', ...request } }),
  at: new Date(0),
  tiers: [],
  free: false,
  serves: () => true,
  may: () => true,
  continues: undefined,
  ...given,
})

const flat = (value: number | undefined): Percentiles | undefined =>
  value === undefined ? undefined : { p50: value, p75: value, p90: value, p95: value, p99: value }

export interface Measured {
  readonly latency?: number
  readonly throughput?: number
  readonly tools?: number
  readonly failing?: boolean
}

/** Measures as they are given, by endpoint. */
export const measured = (known: Readonly<Record<string, Measured>>): Stats => ({
  record: () => undefined,
  latency: (id) => flat(known[id]?.latency),
  throughput: (id) => flat(known[id]?.throughput),
  uptime: () => undefined,
  failing: (id) => known[id]?.failing ?? false,
  toolSuccess: (id) => known[id]?.tools,
})
