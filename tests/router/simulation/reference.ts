/**
 * How a request is routed, written down a second time in the plainest way from the documents: OpenRouter's semantics of
 * the `provider` object, of balancing, variants, tiers and stickiness, and what was decided where they are silent.
 */
import { expectedCost, isFree, ratesFor } from '../../../src/catalog/pricing.ts'
import type { Preferences } from '../../../src/config.ts'
import { needsOf, type Needs } from '../../../src/router/choice/needs.ts'
import type { Filter } from '../../../src/router/plan.ts'
import type { Stats } from '../../../src/router/measures/stats.ts'
import type { House } from './house.ts'
import type { Asked } from './requests.ts'
import type { Memory } from './memory.ts'
import { canonical, fits, sectionsOf, type Offer, type Section } from './sections.ts'

export interface Question {
  readonly house: House
  readonly asked: Asked
  /** One number for each draw: see `drawnFirst` and `byShares`. */
  readonly random: () => number
  readonly at: Date
  readonly stats: Stats
  readonly memory: Memory
  readonly serves: (provider: string, operation: string) => boolean
  readonly continues: (provider: string) => boolean
}

export interface Expected {
  readonly id: string
  readonly model: string
  readonly route: string
  readonly cost: number | undefined
  readonly notes: readonly string[]
}

export interface Answer {
  readonly unknown: boolean
  readonly candidates: readonly Expected[]
  /** The first reason for each endpoint that is no candidate. */
  readonly excluded: ReadonlyMap<string, Filter>
  /** Nothing but the caller's key was ever in the way. */
  readonly denied: boolean
  readonly sticky: boolean
  /** Whether the conversation is kept in mind: there was more than one place to go to. */
  readonly remembers: boolean
  /** The chance of each endpoint to be the first, where it was drawn. */
  readonly chances?: ReadonlyMap<string, number>
}

interface Sorting {
  readonly by?: string | undefined
  readonly partition?: string | undefined
}

type Rules = Omit<Preferences, 'sort'> & {
  readonly allowed: readonly (readonly string[])[]
  readonly sort: Sorting
}

const given = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined

/** Nearer wins; `only` intersects, `ignore` adds up, and what protects prompts and money can only be tightened. */
const merged = (scopes: readonly Preferences[]): Rules => {
  const all = <Name extends keyof Preferences>(name: Name) =>
    scopes.map((scope) => scope[name]).filter(given) as NonNullable<Preferences[Name]>[]
  const nearest = Object.assign(
    {},
    ...scopes.map((scope) =>
      Object.fromEntries(Object.entries(scope).filter(([, value]) => given(value))),
    ),
  ) as Preferences
  // a partition alone divides by what a wider scope sorts by
  const sort = all('sort').reduce((wide: Sorting, near): Sorting => {
    if (typeof near === 'string') return { by: near }
    return { by: near.by ?? wide.by, partition: near.partition ?? undefined }
  }, {})
  const prices: Record<string, number> = {}
  for (const limits of all('max_price'))
    for (const [name, limit] of Object.entries(limits))
      if (given(limit)) prices[name] = Math.min(prices[name] ?? Infinity, Number(limit))
  return {
    ...nearest,
    sort,
    allowed: all('only'),
    ignore: all('ignore').flat(),
    zdr: all('zdr').includes(true),
    enforce_distillable_text: all('enforce_distillable_text').includes(true),
    data_collection: all('data_collection').includes('deny') ? 'deny' : 'allow',
    max_price: prices,
  }
}

const sortOfVariants = (variants: readonly string[]): Preferences => {
  const last = variants.findLast((name) => ['nitro', 'floor', 'thrifty'].includes(name))
  if (last !== undefined) return { sort: last === 'nitro' ? 'throughput' : 'price' }
  return variants.includes('exacto') ? { sort: 'exacto' } : {}
}

/** A base slug means all regions, but no tier; a provider's own name and its preset mean it too. */
const names = (slug: string, { provider, host }: Offer): boolean => {
  const asked = slug.toLowerCase()
  const tag = (host.tag ?? provider).toLowerCase()
  if (asked === provider || asked === tag) return true
  return !host.service_tier && (tag.startsWith(`${asked}/`) || asked === host.preset)
}

const placeOf = (order: readonly string[], offer: Offer): number =>
  order.findIndex((slug) => names(slug, offer))

const keepsNothing = ({ provider, host }: Offer): boolean => host.zdr ?? provider === 'box'
const keepsNoPrompts = (offer: Offer): boolean =>
  (offer.host.data_collection ?? (keepsNothing(offer) ? 'deny' : 'allow')) === 'deny'

const families: Readonly<Record<string, readonly string[]>> = {
  fp4: ['fp4', 'mxfp4', 'nvfp4'],
  fp8: ['fp8', 'mxfp8'],
}

interface Case {
  readonly question: Question
  readonly section: Section
  readonly rules: Rules
  readonly needs: Needs
}

const wantsFlex = ({ question: { asked } }: Case): boolean => asked.request.service_tier === 'flex'
const wantsPriority = ({ question: { asked } }: Case): boolean =>
  asked.request.service_tier === 'priority' || asked.request.service_tier === 'fast'

const mayTier = (offer: Offer, all: Case): boolean => {
  const { section, rules, question } = all
  const tier = offer.host.service_tier
  if (!tier) return true
  const slugs = [...(rules.order ?? []), ...(rules.only ?? [])]
  if (slugs.some((slug) => names(slug, offer))) return true
  if (tier === 'flex' ? wantsFlex(all) : wantsPriority(all)) return true
  if (rules.order || question.asked.request.service_tier === 'default') return false
  return section.variants.includes(tier === 'flex' ? 'floor' : 'nitro')
}

/** The price of this call's prompt, not of a short one; what is not known may not be dear, but for what is not used. */
const tooDear = (offer: Offer, { rules, needs, question: { at } }: Case): boolean => {
  const rates = offer.facts.pricing && ratesFor(offer.facts.pricing, needs.prompt, at)
  return Object.entries(rules.max_price ?? {}).some(([name, limit]) => {
    const price = rates?.[name as 'prompt']
    if (['image', 'audio'].includes(name) && !needs.modalities.includes(name)) return false
    return price === undefined ? name !== 'request' : price > Number(limit)
  })
}

const lacksParameters = (offer: Offer, { needs }: Case): boolean =>
  needs.parameters.some((name) => offer.facts.supported_parameters?.includes(name) !== true)

const wrongModality = ({ facts }: Offer, { needs }: Case): boolean => {
  const { input_modalities: inputs, output_modalities: outputs } = facts
  // a file is read by somebody else, if need be
  const sent = needs.modalities.filter((kind) => kind !== 'file')
  return (
    (inputs !== undefined && sent.some((kind) => !inputs.includes(kind))) ||
    (outputs !== undefined && needs.outputs.some((kind) => !outputs.includes(kind)))
  )
}

/** What the request, its key or the YAML rule out, in the order in which it is told. */
const hardReasons: readonly (readonly [Filter, (offer: Offer, all: Case) => boolean])[] = [
  [
    'model_not_allowed',
    (offer, { question: { house, asked }, section }) => {
      const shown = section.shown(offer)
      const { models } = asked.caller ?? {}
      return (
        models !== undefined &&
        ![shown, canonical(house, shown)].some((name) =>
          models.some((pattern) => fits(pattern, name) !== undefined),
        )
      )
    },
  ],
  [
    'allowed_providers',
    (offer, { rules }) => !rules.allowed.every((only) => only.some((slug) => names(slug, offer))),
  ],
  ['ignored_providers', (offer, { rules }) => rules.ignore!.some((slug) => names(slug, offer))],
  [
    'allow_fallbacks',
    (offer, { rules: { order, allow_fallbacks } }) =>
      allow_fallbacks === false && given(order) && placeOf(order, offer) === -1,
  ],
  ['service_tier', (offer, all) => !mayTier(offer, all)],
  ['data_policy:zdr', (offer, { rules }) => rules.zdr === true && !keepsNothing(offer)],
  [
    'data_policy:training',
    (offer, { rules }) => rules.data_collection === 'deny' && !keepsNoPrompts(offer),
  ],
  [
    'distillable',
    ({ facts }, { rules }) => rules.enforce_distillable_text === true && !facts.distillable,
  ],
  [
    'quantization',
    ({ facts }, { rules: { quantizations } }) =>
      given(quantizations) &&
      !quantizations
        .flatMap((name): readonly string[] => families[name] ?? [name])
        .includes(facts.quantization ?? 'unknown'),
  ],
  ['max_price', tooDear],
  ['free', ({ facts }, { section }) => section.onlyFree && !isFree(facts.pricing)],
  [
    'require_parameters',
    (offer, all) => all.rules.require_parameters === true && lacksParameters(offer, all),
  ],
  ['modality', wrongModality],
  [
    'prefill',
    (offer, { question: { asked, continues } }) => asked.continuing && !continues(offer.provider),
  ],
]

const lacks =
  (name: string) =>
  ({ facts }: Offer, { needs }: Case): boolean =>
    needs.parameters.includes(name) && facts.supported_parameters?.includes(name) === false

/** What only matters while somebody else is better, one after the other. */
const softReasons: readonly (readonly [Filter, (offer: Offer, all: Case) => boolean])[] = [
  [
    'operation',
    (offer, { question: { serves, asked } }) => !serves(offer.provider, asked.operation),
  ],
  ['service_tier', (offer, all) => wantsFlex(all) && offer.host.service_tier !== 'flex'],
  // a token is seldom longer than six characters
  // and where all are too short, the longest are nearest
  ...[1, 2, 4, 8, 16].map((times): (typeof hardReasons)[number] => [
    'context_length',
    ({ facts }, { needs }) => (needs.prompt * 4) / 6 > facts.context_length! * times,
  ]),
  ['max_tokens', ({ facts }, { needs }) => needs.maxTokens! > facts.max_completion_tokens!],
  ['require_parameters', lacks('tools')],
  ['require_parameters', lacks('response_format')],
  ['require_parameters', lacks('verbosity')],
]

/** Who is left of a section, and the first reason of each that is not. */
const sifted = (all: Case) => {
  const removed = new Map<string, Filter>()
  const take = (list: readonly Offer[], gone: readonly Offer[], by: Filter): Offer[] => {
    for (const { id } of gone) removed.set(id, by)
    return list.filter((offer) => !gone.includes(offer))
  }
  let left = [...all.section.offers]
  for (const [by, isOut] of hardReasons)
    left = take(
      left,
      left.filter((offer) => isOut(offer, all)),
      by,
    )
  for (const [by, isWorse] of softReasons) {
    const worse = left.filter((offer) => isWorse(offer, all))
    if (worse.length < left.length) left = take(left, worse, by)
  }
  return { left, removed }
}

/** An endpoint on its way to a place. */
interface Entry extends Offer {
  readonly section: Section
  readonly cost: number | undefined
}

/** By what is smaller; what is not known comes last, and equals stay as they are listed. */
const ascending = <T>(list: readonly T[], measure: (item: T) => number | undefined): T[] =>
  list
    .map((item, at) => ({ item, at, value: measure(item) }))
    .sort((one, other) => {
      if (one.value === other.value) return one.at - other.at
      if (one.value === undefined) return 1
      return other.value === undefined ? -1 : one.value - other.value
    })
    .map(({ item }) => item)

const strict = (list: readonly Entry[], by: string, stats: Stats): Entry[] => {
  if (by === 'price') return ascending(list, ({ cost }) => cost)
  if (by === 'latency') return ascending(list, ({ id }) => stats.latency(id)?.p50)
  const better = (value: number | undefined) => (value === undefined ? undefined : -value)
  if (by === 'throughput') return ascending(list, ({ id }) => better(stats.throughput(id)?.p50))
  return ascending(list, ({ id }) => better(stats.toolSuccess(id)))
}

type Chances = Map<string, number>

const chancesOf = (list: readonly Entry[], share: (entry: Entry) => number): Chances => {
  const sum = list.reduce((total, entry) => total + share(entry), 0)
  return new Map(list.map((entry) => [entry.id, share(entry) / sum]))
}

/** The one at which the chances add up to more than the number. */
const drawn = (list: readonly Entry[], chances: Chances, number: number): Entry => {
  let sum = 0
  return list.find(({ id }) => (sum += chances.get(id)!) > number) ?? list.at(-1)!
}

/** One number for each place. */
const byShares = (list: readonly Entry[], random: () => number, told: (of: Chances) => void) => {
  const share = ({ weight = 1 }: Entry) => weight
  told(chancesOf(list, share))
  const order: Entry[] = []
  for (let left = [...list]; left.length > 0; left = left.filter((one) => !order.includes(one)))
    order.push(drawn(left, chancesOf(left, share), random()))
  return order
}

/** One number, along the cheapest first, if anybody's price is known. */
const drawnFirst = (list: readonly Entry[], question: Question, told: (of: Chances) => void) => {
  const cheapest = ascending(list, ({ cost }) => cost)
  const well = cheapest.filter(({ id }) => !question.stats.failing(id))
  const ill = cheapest.filter(({ id }) => question.stats.failing(id))
  const pool = (well.length > 0 ? well : ill).filter(({ cost }) => cost !== undefined)
  if (pool.length === 0) return [...well, ...ill]
  const free = pool.filter(({ cost }) => cost === 0)
  const from = free.length > 0 ? free : pool
  const chances = chancesOf(from, ({ cost }) => (free.length > 0 ? 1 : cost! ** -2))
  told(chances)
  const first = drawn(from, chances, question.random())
  return [first, ...[...well, ...ill].filter((entry) => entry !== first)]
}

const arranged = (list: readonly Entry[], all: Case, told: (of: Chances) => void): Entry[] => {
  const { question, section, rules } = all
  const together = isTogether(all)
  const usual = (rest: readonly Entry[]): Entry[] => {
    const by = rules.sort.by ?? (together || wantsFlex(all) ? 'price' : undefined)
    if (wantsPriority(all) && rest.some(({ host }) => host.service_tier === 'priority')) {
      const fast = rest.filter(({ host }) => host.service_tier === 'priority')
      const others = rest.filter(({ host }) => host.service_tier !== 'priority')
      return [...strict(fast, by ?? 'throughput', question.stats), ...usual(others)]
    }
    if (by) return strict(rest, by, question.stats)
    if (section.variants.includes('extended'))
      return ascending(rest, ({ facts }) => -(facts.context_length ?? 0))
    if (rest.some(({ weight }) => weight !== undefined))
      return byShares(rest, question.random, told)
    return section.balanced && rest.length > 1 ? drawnFirst(rest, question, told) : [...rest]
  }
  const { order } = rules
  if (!given(order)) return usual(list)
  const named = list.filter((entry) => placeOf(order, entry) !== -1)
  const others = list.filter((entry) => placeOf(order, entry) === -1)
  return [...ascending(named, (entry) => placeOf(order, entry)), ...usual(others)]
}

const isTogether = ({ rules }: Case): boolean => rules.sort.partition === 'none'

/** OpenRouter's deprecated `route: "sort"` is a partition, where the request names none. */
const preferencesOf = ({ request: { provider, route } }: Asked): Preferences => {
  const own = (provider ?? {}) as Preferences
  if (route !== 'sort') return own
  const { by, partition } = typeof own.sort === 'string' ? { by: own.sort } : (own.sort ?? {})
  return { ...own, sort: { by, partition: partition ?? 'none' } }
}

const isSlow = ({ id }: Entry, { rules, question: { stats } }: Case): boolean => {
  const misses = (
    cutoff: Preferences['preferred_max_latency'],
    known: ReturnType<Stats['latency']>,
    worse: (value: number, limit: number) => boolean,
  ) => {
    if (!given(cutoff) || !known) return false
    const limits = typeof cutoff === 'number' ? { p50: cutoff } : cutoff
    return Object.entries(limits).some(
      ([name, limit]) => given(limit) && worse(known[name as 'p50'], limit),
    )
  }
  return (
    misses(rules.preferred_max_latency, stats.latency(id), (value, limit) => value > limit) ||
    misses(rules.preferred_min_throughput, stats.throughput(id), (value, limit) => value < limit)
  )
}

/** Signs of difficulty, as the YAML's defaults count them. */
const isHard = ({ request }: Asked, { prompt, parameters }: Needs): boolean => {
  const last = request.messages?.findLast(({ role }) => role === 'user')?.content
  const text =
    typeof last === 'string' ? last : (last?.map(({ text = '' }) => text).join('\n') ?? '')
  const length = Math.log(Math.max(prompt, 500) / 500) / Math.log(20_000 / 500)
  const score =
    0.3 * Math.min(1, length) +
    (text.includes('```') ? 0.15 : 0) +
    (parameters.includes('tools') ? 0.2 : 0) +
    (parameters.includes('reasoning') ? 0.4 : 0) +
    (parameters.includes('structured_outputs') ? 0.1 : 0) +
    (text.includes('Prove') ? 0.25 : 0)
  return score >= 0.5
}

export const answerTo = (question: Question): Answer => {
  const { house, asked, at, stats, memory, random } = question
  const { request, caller } = asked
  const needs = needsOf({ request })
  const cases = new Map<Section, Case>()
  const caseOf = (section: Section): Case => {
    const known = cases.get(section)
    if (known) return known
    const scopes = [
      house.routing.provider ?? {},
      ...section.providers,
      caller?.provider ?? {},
      ...section.variants.map((name) => house.variants[name]?.provider ?? {}),
      sortOfVariants(section.variants),
      preferencesOf(asked),
    ]
    const made: Case = { question, section, needs, rules: merged(scopes) }
    cases.set(section, made)
    return made
  }

  const clears = (section: Section) => sifted(caseOf(section)).left.length > 0
  const sections = sectionsOf({ house, random, hard: isHard(asked, needs), clears }, [
    request.model,
    ...(request.models ?? []),
  ])
  const nobody = {
    candidates: [],
    excluded: new Map<string, Filter>(),
    sticky: false,
    denied: false,
    remembers: false,
  }
  if (!sections) return { unknown: true, ...nobody }

  const reasons = new Map<string, Filter>()
  const allReasons = new Set<Filter>()
  const lists = sections.map((section) => {
    const { left, removed } = sifted(caseOf(section))
    for (const [id, by] of removed) {
      allReasons.add(by)
      if (!reasons.has(id)) reasons.set(id, by)
    }
    const priced = left.map((offer): Entry => {
      const cost = expectedCost(offer.facts.pricing, needs, at)
      return { ...offer, section, cost }
    })
    return { section, priced }
  })
  const head = lists.find(({ priced }) => priced.length > 0)
  const denied = allReasons.size === 1 && allReasons.has('model_not_allowed')
  if (!head) return { unknown: false, ...nobody, excluded: reasons, denied }

  let chances: Chances | undefined
  // only what was drawn for the first place tells something about the first
  const told = (of: Chances) => (chances ??= of)
  const first = caseOf(head.section)
  const together = isTogether(first)
  const flat = together
    ? arranged(
        lists.flatMap(({ priced }) => priced),
        first,
        told,
      )
    : lists.flatMap(({ section, priced }) => arranged(priced, caseOf(section), told))
  const once = flat.filter(({ id }, place) => flat.findIndex((other) => other.id === id) === place)

  const slow = once.filter((entry) => isSlow(entry, caseOf(entry.section)))
  let order = [...once.filter((entry) => !slow.includes(entry)), ...slow]

  const held = given(first.rules.order) || !head.section.sticky ? undefined : memory.find(asked, at)
  const back = order.find(({ id }) => id === held?.id)
  const [usual] = order
  const sticky =
    back !== undefined &&
    order.length > 1 &&
    (back === usual ||
      // one that is ill or slow is not returned to, nor another model that only stood in for this one
      (!stats.failing(back.id) &&
        (!slow.includes(back) || slow.includes(usual!)) &&
        (together || back.section.written === usual!.section.written) &&
        memory.paysBack(held!, back, usual!, needs, at)))
  if (sticky) order = [back, ...order.filter((entry) => entry !== back)]

  const alone = first.rules.allow_fallbacks === false && !given(first.rules.order)
  const candidates = alone ? order.slice(0, 1) : order
  const excluded = new Map(reasons)
  for (const { id } of order.slice(candidates.length))
    if (!excluded.has(id)) excluded.set(id, 'allow_fallbacks')
  for (const { id } of candidates) excluded.delete(id)
  return {
    unknown: false,
    excluded,
    denied,
    sticky,
    remembers: head.section.sticky && (alone || order.length > 1),
    ...(chances && { chances }),
    candidates: candidates.map((entry) => ({
      id: entry.id,
      model: entry.section.shown(entry),
      route: entry.section.route,
      cost: entry.cost,
      notes: [
        ...(slow.includes(entry) ? ['slow'] : []),
        ...(sticky && entry === back ? ['sticky'] : []),
        ...(stats.failing(entry.id) ? ['failing'] : []),
      ],
    })),
  }
}
