import { endpointId } from '../../chat.ts'
import type { Config, ProviderConfig } from '../../config.ts'
import { isNamed } from '../../router/choice/slugs.ts'
import type { Stats } from '../../router/measures/stats.ts'
import type { ListedEndpoint, Model } from '../model.ts'
import type { ListQuery, Range } from './list-query.ts'
import { inputsOf, outputsOf, parametersOf, tokenizer } from './wire-model.ts'

/** What a list is judged by beside the models themselves. */
export interface Known {
  readonly providers: Config['providers']
  readonly stats: Stats
  /** Milliseconds since 1970. */
  readonly now: number
}

const day = 86_400

/** What is not known lies in no range that was asked for. */
const within = ({ min, max }: Range, value: number | undefined): boolean => {
  if (min === undefined && max === undefined) return true
  return value !== undefined && value >= (min ?? -Infinity) && value <= (max ?? Infinity)
}

const all = (wanted: readonly string[], has: readonly string[]): boolean =>
  wanted.every((one) => has.some((other) => other.toLowerCase() === one))
const any = (wanted: readonly string[], has: readonly string[]): boolean =>
  wanted.length === 0 || has.some((one) => wanted.includes(one.toLowerCase()))

/** Who made it: the first part of its name at the provider, else the provider. */
const authorOf = ({ provider, model }: ListedEndpoint, { providers }: Known): string => {
  const slash = model.indexOf('/')
  return slash > 0 ? model.slice(0, slash) : (providers.get(provider)?.preset ?? provider)
}

const hosts = (
  { endpoints }: Model,
  { providers }: Known,
  fits: (provider: ProviderConfig) => boolean,
): boolean =>
  endpoints.some((endpoint) => {
    const provider = providers.get(endpoint.provider)
    return provider !== undefined && fits(provider)
  })

/** The best that one of its endpoints did; a model is as good as that. */
export const best = (
  { endpoints }: Model,
  measure: (endpoint: string) => number | undefined,
  better: (...values: number[]) => number,
): number | undefined => {
  const values = endpoints
    .map((endpoint) => measure(endpointId(endpoint)))
    .filter((value) => value !== undefined)
  return values.length > 0 ? better(...values) : undefined
}

/** When it was made, if that is known. */
export const createdOf = ({ endpoints }: Model): number | undefined => endpoints[0]?.facts.created

const checks: readonly ((query: ListQuery, model: Model, known: Known) => boolean)[] = [
  ({ words }, { id, name, alias_target }) => {
    const text = `${id} ${name} ${alias_target?.slug ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  },
  ({ output_modalities }, model) => any(output_modalities, outputsOf(model)),
  ({ input_modalities }, model) => all(input_modalities, inputsOf(model)),
  ({ supported_parameters }, model) => all(supported_parameters, parametersOf(model)),
  ({ context }, model) => within({ min: context, max: undefined }, model.context_length),
  ({ price }, { pricing }) => within(price, pricing?.prompt),
  ({ output_price }, { pricing }) => within(output_price, pricing?.completion),
  ({ age_days }, model, { now }) => {
    const created = createdOf(model)
    return within(age_days, created === undefined ? undefined : (now / 1_000 - created) / day)
  },
  ({ tool_success_rate }, model, { stats }) =>
    within(
      tool_success_rate,
      best(model, (id) => stats.toolSuccess(id), Math.max),
    ),
  ({ model_authors }, { endpoints }, known) =>
    model_authors.length === 0 ||
    any(
      model_authors,
      endpoints.map((endpoint) => authorOf(endpoint, known)),
    ),
  ({ providers }, model, known) =>
    providers.length === 0 ||
    hosts(model, known, (provider) => providers.some((name) => isNamed(name, provider))),
  ({ zdr }, model, known) => !zdr || hosts(model, known, (provider) => provider.zdr),
  ({ distillable }, { endpoints }) =>
    distillable === undefined ||
    endpoints.some(({ facts }) => facts.distillable === true) === distillable,
  ({ arch }, model) =>
    arch === undefined ||
    tokenizer(model).toLowerCase().startsWith(arch) ||
    model.family?.toLowerCase() === arch,
]

/** Whether a model is one that the query asks for. */
export const keeps = (query: ListQuery, model: Model, known: Known): boolean =>
  checks.every((check) => check(query, model, known))
