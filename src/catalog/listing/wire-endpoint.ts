import { endpointId, type Endpoint } from '../../chat.ts'
import type { ProviderConfig } from '../../config.ts'
import type { Fields } from '../../fields.ts'
import type { Health } from '../../router/health/health.ts'
import type { Percentiles, Stats } from '../../router/measures/stats.ts'
import type { ListedEndpoint } from '../model.ts'
import { toWirePricing } from './wire-pricing.ts'

/** What was seen of endpoints while they were used. */
export interface Seen {
  readonly stats: Stats
  readonly health: Pick<Health, 'wait' | 'keyWait' | 'suspect'>
}

/** OpenRouter's numbers do not say what they mean; these do. */
export const statuses = {
  0: 'well',
  [-1]: 'failing lately',
  [-2]: 'none of its keys is usable now',
  [-3]: 'ejected until its next trial',
} as const
export type Status = keyof typeof statuses

export const statusOf = (endpoint: Endpoint, { stats, health }: Seen): Status => {
  if (health.keyWait(endpoint) > 0) return -2
  if (health.wait(endpoint) > 0) return -3
  return health.suspect(endpoint) || stats.failing(endpointId(endpoint)) ? -1 : 0
}

const minute = 60_000
const windows = {
  uptime_last_5m: 5 * minute,
  uptime_last_30m: 30 * minute,
  uptime_last_1d: 24 * 60 * minute,
}

const percentOf = (share: number | undefined): number | null =>
  share === undefined ? null : Math.round(share * 10_000) / 100

const milliseconds = (latency: Percentiles): Fields =>
  Object.fromEntries(
    Object.entries(latency).map(([name, seconds]) => [name, Math.round(seconds * 1_000)]),
  )

/** Caching without being told to: there is a price for it, and no mark to set in requests. */
const cachesByItself = ({ facts }: ListedEndpoint, { dialects }: ProviderConfig): boolean =>
  facts.pricing?.input_cache_read !== undefined && dialects[0] !== 'anthropic'

const toToolChoice = (parameters: readonly string[]) => {
  const chooses = parameters.includes('tool_choice')
  const auto = chooses || parameters.includes('tools')
  return { auto, none: chooses, required: chooses, function: chooses }
}

/** The model that an endpoint is listed for. */
export interface Subject {
  readonly id: string
  readonly name: string
}

/** An endpoint as OpenRouter shows it; a context that is not known is 0, as its clients want a number. */
export const toWireEndpoint = (
  endpoint: ListedEndpoint,
  provider: ProviderConfig,
  { id, name }: Subject,
  seen: Seen,
): Fields => {
  const { facts } = endpoint
  const known = endpointId(endpoint)
  const parameters = facts.supported_parameters ?? []
  const latency = seen.stats.latency(known)
  return {
    name: `${provider.name} | ${endpoint.model}`,
    provider_name: provider.name,
    tag: provider.tag,
    model_id: id,
    model_name: name,
    context_length: facts.context_length ?? 0,
    max_completion_tokens: facts.max_completion_tokens ?? null,
    max_prompt_tokens: null,
    quantization: facts.quantization ?? null,
    pricing: toWirePricing(facts.pricing),
    supported_parameters: parameters,
    supports_implicit_caching: cachesByItself(endpoint, provider),
    supports_tool_choice: toToolChoice(parameters),
    supports_voice_cloning: false,
    status: statusOf(endpoint, seen),
    ...Object.fromEntries(
      Object.entries(windows).map(([name, within]) => [
        name,
        percentOf(seen.stats.uptime(known, within)),
      ]),
    ),
    latency_last_30m: latency ? milliseconds(latency) : null,
    throughput_last_30m: seen.stats.throughput(known) ?? null,
  }
}
