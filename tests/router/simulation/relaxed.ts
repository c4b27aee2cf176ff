/** What a request looks like without the constraint that took an endpoint from it. */
import type { Preferences } from '../../../src/config.ts'
import type { Filter } from '../../../src/router/plan.ts'
import type { House, Listed } from './house.ts'
import type { Asked } from './requests.ts'

/** The same house, in which nobody but a client has preferences. */
export const withoutPreferences = (house: House): House => ({
  ...house,
  routing: {},
  variants: Object.fromEntries(Object.keys(house.variants).map((name) => [name, { provider: {} }])),
  routes: Object.fromEntries(
    Object.entries(house.routes).map(([name, route]) => {
      if (typeof route === 'string') return [name, route]
      const { provider: _provider, ...rest } = route satisfies Listed
      return [name, rest]
    }),
  ),
})

const short = [{ role: 'user', content: 'Hello' }]

const without = (asked: Asked, field: keyof Preferences): Asked => {
  const { provider, ...request } = asked.request
  const { [field]: _gone, ...rest } = (provider ?? {}) as Preferences
  const { caller, ...others } = asked
  const { provider: own = {}, ...who } = caller ?? { name: 'nobody', tags: {} }
  const { [field]: _own, ...kept } = own
  return { ...others, request: { ...request, provider: rest }, caller: { ...who, provider: kept } }
}

const withRequest = (asked: Asked, change: Partial<Asked['request']>): Asked => ({
  ...asked,
  request: { ...asked.request, ...change },
})

/** By the filter: the request, and what it is to be without. */
const relaxations: Readonly<Record<Filter, (asked: Asked, tier: string | undefined) => Asked>> = {
  model_not_allowed: ({ caller, ...asked }) => {
    const { models: _models, ...who } = caller!
    return { ...asked, caller: who }
  },
  allowed_providers: (asked) => without(asked, 'only'),
  ignored_providers: (asked) => without(asked, 'ignore'),
  allow_fallbacks: (asked) => without(asked, 'allow_fallbacks'),
  service_tier: (asked, tier) => withRequest(asked, { service_tier: tier }),
  'data_policy:zdr': (asked) => without(asked, 'zdr'),
  'data_policy:training': (asked) => without(asked, 'data_collection'),
  distillable: (asked) => without(asked, 'enforce_distillable_text'),
  quantization: (asked) => without(asked, 'quantizations'),
  max_price: (asked) => without(asked, 'max_price'),
  free: (asked) => {
    const bare = (name: string) => name.replaceAll(':free', '')
    return withRequest(asked, {
      model: bare(asked.request.model),
      models: asked.request.models?.map(bare) ?? [],
    })
  },
  require_parameters: (asked) =>
    withRequest(without(asked, 'require_parameters'), {
      tools: undefined,
      response_format: undefined,
      verbosity: undefined,
    }),
  modality: (asked) => withRequest(asked, { messages: short, modalities: undefined }),
  context_length: (asked) => withRequest(asked, { messages: short }),
  max_tokens: (asked) => withRequest(asked, { max_tokens: undefined }),
  operation: (asked) => ({ ...asked, operation: 'chat' }),
  prefill: (asked) => ({ ...asked, continuing: false }),
}

/** @param tier the endpoint's own */
export const relaxed = (asked: Asked, by: Filter, tier: string | undefined): Asked =>
  relaxations[by](asked, tier)
