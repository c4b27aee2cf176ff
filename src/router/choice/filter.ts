import { isFree } from '../../catalog/pricing.ts'
import { tooDear } from './max-price.ts'
import type { Needs } from './needs.ts'
import type { Filter } from '../plan.ts'
import type { Rules } from './rules.ts'
import { isNamed, placeIn } from './slugs.ts'
import type { Target } from '../routes/target.ts'

/** Why an endpoint is not asked; `detail` in words for people. */
export interface Removal {
  readonly by: Filter
  readonly detail: string
}

/** What else is known of the call. */
export interface Circumstances {
  readonly rules: Rules
  readonly needs: Needs
  /** When it comes: some prices are those of an hour. */
  readonly at: Date
  /** Tiers that may serve it beside the usual one. */
  readonly tiers: readonly string[]
  /** The tier that serves it alone, where there is one. */
  readonly tier?: string | undefined
  /** Only what costs nothing. */
  readonly free: boolean
  /** Whether the provider's formats know the operation. */
  readonly serves: (target: Target) => boolean
  /** Whether the caller may use the model there. */
  readonly may: (target: Target) => boolean
  /** The answer was begun elsewhere: who can go on with it. */
  readonly continues: ((target: Target) => boolean) | undefined
}

type Check = (target: Target, circumstances: Circumstances) => string | undefined

const shown = (slugs: readonly string[]): string => `[${slugs.join(', ')}]`

const families: Readonly<Record<string, readonly string[]>> = {
  fp4: ['fp4', 'mxfp4', 'nvfp4'],
  fp8: ['fp8', 'mxfp8'],
}

/** A parameter that it is not known to support. */
const unsupported: Check = ({ facts }, { rules, needs }) => {
  if (!rules.require_parameters) return undefined
  const known = facts.supported_parameters
  const lacking = needs.parameters.filter((name) => known && !known.includes(name))
  if (lacking.length > 0)
    return `provider.require_parameters is set, and it does not take ${lacking.join(', ')}`
  return known || needs.parameters.length === 0
    ? undefined
    : `provider.require_parameters is set, and it is not known whether it takes ${needs.parameters.join(', ')}`
}

const modalities: Check = ({ facts }, { needs }) => {
  const inputs = facts.input_modalities
  // files are read by plugins where the model cannot
  const unread = needs.modalities.find(
    (kind) => kind !== 'file' && inputs && !inputs.includes(kind),
  )
  if (unread) return `the request has ${unread} content, and it takes ${inputs?.join(', ')}`
  const outputs = facts.output_modalities
  const unmade = needs.outputs.find((kind) => outputs && !outputs.includes(kind))
  return unmade && `the request wants ${unmade}, and it makes ${outputs?.join(', ')}`
}

/** In the order in which they are told. */
const checks: readonly (readonly [Filter, Check])[] = [
  ['model_not_allowed', (target, { may }) => (may(target) ? undefined : 'your key may not use it')],
  [
    'allowed_providers',
    ({ provider }, { rules }) => {
      const without = rules.allowed.find((only) => !only.some((slug) => isNamed(slug, provider)))
      return without && `provider.only is ${shown(without)}`
    },
  ],
  [
    'ignored_providers',
    ({ provider }, { rules: { ignore } }) =>
      ignore?.some((slug) => isNamed(slug, provider))
        ? `provider.ignore has ${shown(ignore)}`
        : undefined,
  ],
  [
    'allow_fallbacks',
    ({ provider }, { rules: { order, allow_fallbacks } }) =>
      allow_fallbacks === false && order && placeIn(order, provider) === -1
        ? `provider.allow_fallbacks is false, and provider.order is ${shown(order)}`
        : undefined,
  ],
  [
    'service_tier',
    ({ provider }, { tiers, rules: { order, only } }) => {
      const tier = provider.service_tier
      if (tier === undefined || tiers.includes(tier)) return undefined
      const named = [...(order ?? []), ...(only ?? [])].some((slug) => isNamed(slug, provider))
      return named ? undefined : `it is of the tier ${tier}, which nobody asked for`
    },
  ],
  [
    'data_policy:zdr',
    ({ provider }, { rules }) =>
      rules.zdr && !provider.zdr
        ? 'provider.zdr is set, and it is not known to keep nothing'
        : undefined,
  ],
  [
    'data_policy:training',
    ({ provider }, { rules }) =>
      rules.data_collection === 'deny' && provider.data_collection !== 'deny'
        ? 'provider.data_collection is deny, and it is not known to keep no prompts'
        : undefined,
  ],
  [
    'distillable',
    ({ facts }, { rules }) =>
      rules.enforce_distillable_text && facts.distillable !== true
        ? 'provider.enforce_distillable_text is set, and its answers are not known to be free for training'
        : undefined,
  ],
  [
    'quantization',
    ({ facts: { quantization = 'unknown' } }, { rules: { quantizations } }) => {
      if (!quantizations) return undefined
      const wanted: readonly string[] = quantizations.flatMap((name) => families[name] ?? [name])
      return wanted.includes(quantization)
        ? undefined
        : `provider.quantizations is ${shown(quantizations)}, and its precision is ${quantization}`
    },
  ],
  ['max_price', tooDear],
  [
    'free',
    ({ facts }, { free }) =>
      free && !isFree(facts.pricing) ? 'it is not known to cost nothing' : undefined,
  ],
  ['require_parameters', unsupported],
  ['modality', modalities],
  [
    'prefill',
    (target, { continues }) =>
      continues && !continues(target)
        ? 'it cannot go on with an answer begun elsewhere'
        : undefined,
  ],
]

/** The first filter that removes the endpoint. */
export const removalOf = (target: Target, circumstances: Circumstances): Removal | undefined => {
  for (const [by, check] of checks) {
    const detail = check(target, circumstances)
    if (detail) return { by, detail }
  }
  return undefined
}

/** A token is seldom longer than six characters: what is estimated at four surely has two thirds of that. */
const surelyTokens = 2 / 3

/** Prompts of so many times its context are too long for an endpoint. */
const tooShort =
  (times: number): Check =>
  ({ facts: { context_length } }, { needs }) =>
    context_length !== undefined && needs.prompt * surelyTokens > context_length * times
      ? `the prompt has about ${needs.prompt} tokens, and it takes ${context_length}`
      : undefined

/** Filters that give way rather than leave nobody: what is known of sizes may be wrong, and the provider knows best. */
const yielding: readonly (readonly [Filter, Check])[] = [
  [
    'operation',
    (target, { serves }) => (serves(target) ? undefined : 'it does not serve this operation'),
  ],
  [
    'service_tier',
    ({ provider }, { tier }) =>
      tier !== undefined && provider.service_tier !== tier
        ? `service_tier is ${tier}, and others are of that tier`
        : undefined,
  ],
  // where none is long enough, those that take half of it, or a quarter: a plugin may leave out the rest
  ...[1, 2, 4, 8, 16].map((times): readonly [Filter, Check] => ['context_length', tooShort(times)]),
  [
    'max_tokens',
    ({ facts: { max_completion_tokens: most } }, { needs: { maxTokens = 0 } }) =>
      most !== undefined && maxTokens > most
        ? `max_tokens is ${maxTokens}, and it answers with ${most} at most`
        : undefined,
  ],
  ...(['tools', 'response_format', 'verbosity'] as const).map((name): readonly [Filter, Check] => [
    'require_parameters',
    ({ facts: { supported_parameters } }, { needs }) =>
      needs.parameters.includes(name) &&
      supported_parameters &&
      !supported_parameters.includes(name)
        ? `it does not take ${name}, and others do`
        : undefined,
  ]),
]

export interface Sifted {
  readonly left: readonly Target[]
  readonly removed: readonly (Removal & { readonly target: Target })[]
}

/** The endpoints that may be asked. */
export const sift = (targets: readonly Target[], circumstances: Circumstances): Sifted => {
  const removed: (Removal & { target: Target })[] = []
  let left: Target[] = []
  for (const target of targets) {
    const removal = removalOf(target, circumstances)
    if (removal) removed.push({ target, ...removal })
    else left.push(target)
  }
  for (const [by, check] of yielding) {
    if (left.length < 2) break
    const failing = new Map<Target, string>()
    for (const target of left) {
      const detail = check(target, circumstances)
      if (detail) failing.set(target, detail)
    }
    if (failing.size === 0 || failing.size === left.length) continue
    left = left.filter((target) => !failing.has(target))
    for (const [target, detail] of failing) removed.push({ target, by, detail })
  }
  return { left, removed }
}
