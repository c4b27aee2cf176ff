import { endpointId } from '../../chat.ts'
import { GatewayError, type Availability } from '../../errors.ts'
import type { Excluded, Filter } from '../plan.ts'

/** Characters of one reason, of one name, and of the whole sentence. */
const longestDetail = 200
const longestName = 80
const longestMessage = 1_500
const mostReasons = 6
const mostNames = 3
/** Of the lists in an error's body. */
const mostListed = 50

/** The field of a request that a filter reads. */
const fieldOf: Readonly<Record<Filter, string>> = {
  allowed_providers: 'provider.only',
  ignored_providers: 'provider.ignore',
  allow_fallbacks: 'provider.allow_fallbacks',
  'data_policy:training': 'provider.data_collection',
  'data_policy:zdr': 'provider.zdr',
  quantization: 'provider.quantizations',
  max_price: 'provider.max_price',
  context_length: 'messages',
  max_tokens: 'max_tokens',
  require_parameters: 'provider.require_parameters',
  modality: 'messages',
  operation: 'model',
  service_tier: 'service_tier',
  distillable: 'provider.enforce_distillable_text',
  free: 'model',
  model_not_allowed: 'model',
  prefill: 'messages',
}

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text

/** `a, b and 4 more` */
const listed = (names: readonly string[], last: string): string => {
  const shown = names.slice(0, mostNames).map((name) => cut(name, longestName))
  const more = names.length - shown.length
  if (more > 0) return `${shown.join(', ')} ${last} ${more} more`
  return shown.length > 1
    ? `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`
    : shown.join()
}

interface Reason {
  readonly by: Filter
  readonly detail: string
  readonly endpoints: readonly string[]
}

/** What removed the most endpoints comes first. */
const reasonsOf = (excluded: readonly Excluded[]): Reason[] => {
  const groups = Map.groupBy(excluded, ({ by, detail }) => `${by}\n${detail}`)
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group
      const endpoints = [...new Set(group.map(({ endpoint }) => endpointId(endpoint)))]
      return first ? [{ by: first.by, detail: cut(first.detail, longestDetail), endpoints }] : []
    })
    .sort((one, other) => other.endpoints.length - one.endpoints.length)
}

const clause = ({ endpoints, detail }: Reason, index: number): string => {
  const are = index > 0 ? '' : endpoints.length > 1 ? ' are out' : ' is out'
  return `${listed(endpoints, 'and')}${are} because ${detail}`
}

const sentence = (
  requested: readonly string[],
  reasons: readonly Reason[],
  lacking: string,
): string => {
  const shown = reasons.slice(0, mostReasons)
  const more = reasons.length - shown.length
  const told = [...shown.map(clause), ...(more > 0 ? [`and ${more} more reasons`] : [])].join('; ')
  const why = told || lacking
  const left = `No endpoint of ${listed(requested, 'or')} is left`
  return `${cut(why === '' ? left : `${left}: ${why}`, longestMessage)}.`
}

const codeFor = (reasons: readonly Reason[]): Availability['code'] => {
  if (reasons.length === 0) return 'no_endpoints'
  return reasons.every(({ by }) => by.startsWith('data_policy'))
    ? 'privacy_restricted'
    : 'constraint_filtered'
}

/** The excluded endpoints as an error tells them, at most fifty. */
export const toExcluded = (excluded: readonly Excluded[]): NonNullable<Availability['excluded']> =>
  excluded.slice(0, mostListed).map(({ endpoint: { provider, model }, by, detail }) => ({
    provider,
    model,
    by,
    detail: cut(detail, longestDetail),
  }))

/**
 * The error for a call that every endpoint was taken from; it says in words which filter took which.
 * @param requested as the client wrote them
 * @param lacking why there was nothing to take them from
 * @returns `no_endpoints`, or `model_not_allowed` where nothing but the caller's own key is in the way
 */
export const toNoEndpoints = (
  requested: readonly string[],
  excluded: readonly Excluded[],
  lacking = '',
): GatewayError => {
  const reasons = reasonsOf(excluded)
  const [first] = reasons
  // the detail begins with the field where it knows it better than the filter does
  const field = first && (/^provider\.[a-z_.]*[a-z]/.exec(first.detail)?.[0] ?? fieldOf[first.by])
  // two names of a request may lead to one endpoint
  const once = Map.groupBy(excluded, ({ endpoint, by, detail }) =>
    [endpointId(endpoint), by, detail].join('\n'),
  )
  const unlike = [...once.values()].flatMap(([one]) => (one ? [one] : []))
  const providers = [...new Set(excluded.map(({ endpoint }) => endpoint.provider))]
  const isDenied = reasons.length > 0 && reasons.every(({ by }) => by === 'model_not_allowed')
  return new GatewayError(isDenied ? 'model_not_allowed' : 'no_endpoints', {
    message: sentence(requested, reasons, lacking),
    param: field ?? 'model',
    availability: {
      code: codeFor(reasons),
      retryable: false,
      requested_models: requested.slice(0, mostListed).map((name) => cut(name, longestName)),
      ...(reasons.length > 0 && {
        affected_providers: providers.slice(0, mostListed),
        excluded_by: [...new Set(reasons.map(({ by }) => by))],
        excluded: toExcluded(unlike),
      }),
      ...(first && field && { constraint: { field, detail: first.detail } }),
    },
  })
}
