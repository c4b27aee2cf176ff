/** What a request's names lead to, by the documents and in the plainest way: a part of the reference. */
import type { Facts } from '../../../src/catalog/facts.ts'
import type { Preferences } from '../../../src/config.ts'
import { isFree } from '../../../src/catalog/pricing.ts'
import type { House, Host } from './house.ts'

export interface Offer {
  /** `provider/model` */
  readonly id: string
  readonly provider: string
  readonly host: Host
  readonly facts: Facts
  readonly weight?: number
}

/** One model, and who has it. */
export interface Section {
  /** The name of the request, or of a route's list, that led here. */
  readonly written: string
  readonly route: string
  readonly shown: (offer: Offer) => string
  readonly offers: readonly Offer[]
  readonly variants: readonly string[]
  readonly balanced: boolean
  readonly sticky: boolean
  /** Of the routes that led here, and its own. */
  readonly providers: readonly Preferences[]
  readonly onlyFree: boolean
}

const builtIn = ['nitro', 'floor', 'free', 'online', 'thinking', 'extended', 'exacto']

const hostOf = (id: string): string => id.slice(0, id.indexOf('/'))
const modelOf = (id: string): string => id.slice(id.indexOf('/') + 1)

export const fits = (pattern: string, name: string): string | undefined => {
  if (pattern === name) return ''
  const [before = '', after] = pattern.split('*')
  if (after === undefined || name.length < pattern.length - 1) return undefined
  return name.startsWith(before) && name.endsWith(after)
    ? name.slice(before.length, name.length - after.length)
    : undefined
}

const offerOf = (house: House, id: string, weight?: number): Offer[] => {
  const host = house.providers[hostOf(id)]
  if (!host) return []
  const facts = house.offers[id] ?? {}
  return [{ id, provider: hostOf(id), host, facts, ...(weight !== undefined && { weight }) }]
}

/** A house does not change. */
const once = <T>(make: (house: House) => T): ((house: House) => T) => {
  const made = new WeakMap<House, { readonly value: T }>()
  return (house) => {
    const known = made.get(house) ?? { value: make(house) }
    made.set(house, known)
    return known.value
  }
}

/** Every offer: the models as the first provider of the YAML has them, each with all who have it. */
const everything = once((house) => {
  const ids = Object.keys(house.providers).flatMap((name) =>
    Object.keys(house.offers).filter((id) => hostOf(id) === name),
  )
  const models = [...new Set(ids.map(modelOf))]
  return models
    .flatMap((model) => ids.filter((id) => modelOf(id) === model))
    .flatMap((id) => offerOf(house, id))
})

/** All routes and models. */
const names = once(
  (house) =>
    new Set([
      ...Object.keys(house.routes),
      ...Object.keys(house.offers).flatMap((id) => [id, modelOf(id)]),
    ]),
)

/** `model:variant:variant`; what exists by its whole name is not taken apart. */
export const splitName = (house: House, written: string) => {
  const exists = (name: string) => names(house).has(name)
  const known = (suffix: string) => builtIn.includes(suffix) || suffix in house.variants
  let base = written
  const variants: string[] = []
  for (;;) {
    const [, stem, suffix = ''] = /^(.+):([^:]*)$/.exec(base) ?? []
    if (stem === undefined || exists(base) || !known(suffix)) break
    variants.unshift(suffix)
    base = stem
  }
  const own = variants.find(
    (name) => ['free', 'thinking', 'extended'].includes(name) && exists(`${base}:${name}`),
  )
  return own === undefined
    ? { base, variants: [...new Set(variants)] }
    : { base: `${base}:${own}`, variants: [...new Set(variants)].filter((name) => name !== own) }
}

const routeOf = (house: House, model: string): string | undefined =>
  model in house.routes
    ? model
    : Object.keys(house.routes)
        .filter((pattern) => fits(pattern, model) !== undefined)
        .sort((one, other) => other.length - one.length)[0]

/** The model's name behind its aliases. */
export const canonical = (house: House, model: string): string => {
  const pattern = routeOf(house, model)
  const target = pattern === undefined ? undefined : house.routes[pattern]
  if (pattern === undefined || typeof target !== 'string') return model
  return canonical(house, target.replace('*', fits(pattern, model) ?? ''))
}

interface Found {
  readonly sections: readonly Section[]
  /** Models that a route goes on with, in the variants that it was asked for in. */
  readonly after: readonly string[]
}

/** A name without variants that is a route, a provider's model, or a model that the catalog knows. */
const byName = (
  house: House,
  base: string,
  written: string,
  variants: readonly string[],
  above: readonly Preferences[] = [],
) => {
  const model = canonical(house, base)
  const pattern = routeOf(house, model)
  const listed = pattern === undefined ? undefined : house.routes[pattern]
  const common = { written, variants, shown: () => base, onlyFree: variants.includes('free') }
  if (pattern !== undefined && typeof listed === 'object') {
    const star = fits(pattern, model) ?? ''
    const offers = listed.endpoints
      .map((entry) => (typeof entry === 'string' ? { endpoint: entry } : entry))
      .flatMap(({ endpoint, ...entry }) =>
        offerOf(house, endpoint.replace('*', star), 'weight' in entry ? entry.weight : undefined),
      )
    const section: Section = {
      ...common,
      route: pattern,
      offers,
      balanced: listed.balance === 'price',
      sticky: listed.sticky !== false,
      providers: listed.provider ? [...above, listed.provider] : above,
    }
    const after = (listed.models ?? []).map((name) => [name, ...variants].join(':'))
    return { sections: [section], after }
  }
  const rest = { ...common, balanced: true, sticky: true, providers: above }
  if (hostOf(model) in house.providers) {
    const section: Section = { ...rest, route: `${hostOf(model)}/*`, offers: offerOf(house, model) }
    return { sections: [section], after: [] }
  }
  const offers = [
    ...everything(house).filter(({ id }) => modelOf(id) === model),
    ...Object.entries(house.providers)
      .filter(([, { preset }]) => preset !== undefined && preset === hostOf(model))
      .flatMap(([name]) => offerOf(house, `${name}/${modelOf(model)}`)),
  ]
  return offers.length === 0
    ? undefined
    : { sections: [{ ...rest, route: '*', offers }], after: [] }
}

const numbers = new Intl.Collator('en', { numeric: true })

/** A router model stands for nothing that is on its way out or answers with no text. */
const isOffered = ({ facts }: Offer): boolean =>
  facts.output_modalities?.includes('text') !== false && facts.deprecated !== true

/** The newest by its date where all have one, else by its version; all that have it. */
const newestOf = (house: House, author: string, family: string): Offer[] => {
  const slug = ({ id }: Offer) => modelOf(id).replace(`${author}/`, '')
  const version = (offer: Offer) => /\d+(?:[.-]\d+)*/.exec(slug(offer))?.[0] ?? ''
  const own = everything(house).filter(
    (offer) =>
      isOffered(offer) && (offer.provider === author || modelOf(offer.id).startsWith(`${author}/`)),
  )
  const called = own.filter(({ facts }) => facts.family === family)
  const members =
    called.length > 0 ? called : own.filter((one) => slug(one).startsWith(`${family}-`))
  const areDated = members.every(({ facts }) => facts.created !== undefined)
  const later = (one: Offer, other: Offer) => (other.facts.created ?? 0) - (one.facts.created ?? 0)
  const [newest] = members.toSorted(
    (one, other) =>
      (areDated ? later(one, other) : 0) ||
      numbers.compare(version(other), version(one)) ||
      later(one, other),
  )
  return newest ? own.filter((offer) => slug(offer) === slug(newest)) : []
}

/** The cheapest price of a model in general: three parts of prompt, one of answer. */
const generalPrice = (offers: readonly Offer[]): number =>
  Math.min(
    ...offers.filter(isOffered).map(({ facts: { pricing } }) => {
      const { prompt, completion } = pricing ?? {}
      return prompt === undefined || completion === undefined
        ? Infinity
        : (3 * prompt + completion) / 4
    }),
  )

/** What `sluice/auto` may choose from: the routes of the YAML, the cheapest first, each model once. */
const choices = once((house) =>
  Object.keys(house.routes)
    .filter((name) => !name.includes('*') && canonical(house, name) === name)
    .map((name) => {
      const [section] = byName(house, name, name, [])?.sections ?? []
      return { name, price: generalPrice(section?.offers ?? []) }
    })
    .filter(({ price }) => price !== Infinity)
    .sort((one, other) => one.price - other.price)
    .map(({ name }) => name),
)

export interface Asking {
  readonly house: House
  readonly random: () => number
  /** Whether the request is difficult. */
  readonly hard: boolean
  /** Whether a model can take the request at all. */
  readonly clears: (section: Section) => boolean
}

const byRouterModel = (
  { house, random, hard, clears }: Asking,
  kind: string,
  written: string,
  variants: readonly string[],
  above: readonly Preferences[],
): Section[] => {
  const gathered = (offers: readonly Offer[]): Section => ({
    written,
    route: `sluice/${kind}`,
    shown: ({ id }) => id,
    offers,
    variants,
    balanced: false,
    sticky: true,
    providers: above,
    onlyFree: kind === 'free',
  })
  const all = everything(house).filter(isOffered)
  if (kind === 'local') return [gathered(all.filter(({ provider }) => provider === 'box'))]
  if (kind === 'free') {
    const free = all.filter(({ facts }) => isFree(facts.pricing))
    const drawn = free.map((offer) => ({ offer, mark: random() }))
    return [gathered(drawn.sort((a, b) => a.mark - b.mark).map(({ offer }) => offer))]
  }
  const cheapestFirst = choices(house)
  const half = hard ? cheapestFirst.slice(Math.floor(cheapestFirst.length / 2)) : cheapestFirst
  const sections = half.flatMap(
    (name) => byName(house, name, written, variants, above)?.sections ?? [],
  )
  const able = sections.filter(clears).slice(0, 5)
  const last = able.length === 5 ? sections.indexOf(able[4]!) : sections.length
  const cheaper = sections.slice(0, last).filter((section) => !able.includes(section))
  // those that cannot are told, with what keeps them
  return [...cheaper.slice(0, 20), ...able]
}

/** Undefined where nobody has a model of that name. */
const sectionsFor = (
  asking: Asking,
  written: string,
  above: readonly Preferences[],
): Found | undefined => {
  const { house } = asking
  const { base, variants } = splitName(house, written)
  const [, kind] = /^(?:sluice|openrouter)\/(auto|free|local)$/.exec(base) ?? []
  if (kind !== undefined)
    return { sections: byRouterModel(asking, kind, written, variants, above), after: [] }
  const [, author = '', family] = /^~([^/]+)\/(.+)-latest$/.exec(base) ?? []
  if (family !== undefined) {
    const section: Section = {
      written,
      route: base,
      shown: ({ id }) => id,
      offers: newestOf(house, author, family),
      variants,
      balanced: true,
      sticky: true,
      providers: above,
      onlyFree: variants.includes('free'),
    }
    return { sections: [section], after: [] }
  }
  return byName(house, base, written, variants, above)
}

/** The models of a request in order, then those of their routes, each name once; undefined where one is unknown. */
export const sectionsOf = (asking: Asking, names: readonly string[]): Section[] | undefined => {
  const waiting: { name: string; above: readonly Preferences[] }[] = names.map((name) => ({
    name,
    above: [],
  }))
  const done: string[] = []
  const sections: Section[] = []
  while (waiting.length > 0) {
    const { name, above } = waiting.shift()!
    if (done.includes(name)) continue
    done.push(name)
    const found = sectionsFor(asking, name, above)
    if (!found) return undefined
    sections.push(...found.sections)
    const [{ providers } = { providers: above }] = found.sections
    waiting.push(...found.after.map((after) => ({ name: after, above: providers })))
  }
  return sections
}
