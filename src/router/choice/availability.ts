import { attempts, endpointId, type Call } from '../../chat.ts'
import type { Availability, GatewayError } from '../../errors.ts'
import type { ErrorCode } from '../../errors/kinds.ts'
import { toExcluded } from './no-endpoints.ts'
import { plan } from '../plan.ts'

const codes: Partial<Record<ErrorCode, Availability['code']>> = {
  model_not_found: 'model_not_found',
  no_endpoints: 'no_endpoints',
  upstream_model_not_found: 'model_unavailable_upstream',
  rate_limit_exceeded: 'capacity_exhausted',
  provider_quota_exhausted: 'capacity_exhausted',
  provider_full: 'capacity_exhausted',
}

/** What the error means for the models that were asked for; undefined where somebody could have answered. */
const codeOf = ({ code, fault, status }: GatewayError): Availability['code'] | undefined => {
  const known = codes[code]
  if (known) return known
  if (fault === 'endpoint' || fault === 'key') return 'temporarily_unavailable'
  return fault === 'gateway' && status === 503 ? 'temporarily_unavailable' : undefined
}

/** A name that leads nowhere is whatever the client wrote: that is not told again. */
const namesIn = ({ request }: Call, { code }: GatewayError): readonly string[] =>
  code === 'model_not_found' ? [] : [request.model, ...(request.models ?? [])]

/** The error with OpenRouter's `availability`, where it means that nobody could answer. */
export const withAvailability = (error: GatewayError, call: Call | undefined): GatewayError => {
  const code = codeOf(error)
  if (!code || error.details.availability) return error
  const made = call?.vars.get(plan)
  const planned = made?.candidates ?? []
  const tried = call?.vars.get(attempts) ?? []
  const failed = new Set(tried.map(endpointId))
  const asked = planned.filter(({ endpoint }) => failed.has(endpointId(endpoint)))
  const models = new Set(asked.map(({ model }) => model))
  const others = new Set(planned.map(({ model }) => model).filter((model) => !models.has(model)))
  const affected = tried.length > 0 ? tried : planned.map(({ endpoint }) => endpoint)
  const providers = [...new Set(affected.map(({ provider }) => provider))]
  const excluded = toExcluded(made?.excluded ?? [])
  const { retryAfter } = error
  return error.with({
    availability: {
      code,
      retryable: error.retryable,
      ...(retryAfter !== undefined && { retry_after: Math.ceil(retryAfter) }),
      requested_models: made?.requested ?? (call ? namesIn(call, error) : []),
      ...(providers.length > 0 && { affected_providers: providers }),
      ...(excluded.length > 0 && {
        excluded_by: [...new Set(excluded.map(({ by }) => by))],
        excluded,
      }),
      ...(tried.length > 0 && others.size > 0 && { fallback_models: [...others] }),
    },
  })
}
