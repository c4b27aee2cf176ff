import { isFree } from '../catalog/pricing.ts'
import type { Call } from '../chat.ts'
import type { Config, Preferences, RouteOptions } from '../config.ts'
import { chosen, difficultyOf, optionsFor, type Option } from './auto.ts'
import { asksForLatest, latestOf } from './latest.ts'
import { knownNames } from './known-names.ts'
import { parseName, type ModelName } from './names.ts'
import type { Needs } from './needs.ts'
import type { Strategy } from './plan.ts'
import type { Routes } from './routes.ts'
import type { Target } from './target.ts'

/** One model, and who may answer for it. */
export interface Group {
  /** The name that led here, of the request or of a route's list. */
  readonly written: string
  /** The route as the YAML names it, or what stands for one. */
  readonly route: string
  readonly targets: readonly Target[]
  /** What stands in `request.model` when that target is asked. */
  readonly nameOf: (target: Target) => string
  readonly preferences: Preferences | undefined
  readonly options: RouteOptions
  readonly variants: readonly string[]
  /** Only what costs nothing. */
  readonly free: boolean
  readonly offline?: Target
}

/** What the names of a request lead to. */
export interface Found {
  readonly groups: readonly Group[]
  readonly strategy: Strategy
  readonly summary: string
}

export interface GroupParts {
  readonly config: Config
  readonly routes: Routes
  readonly random: () => number
}

/** A name of a request or of a route's list, taken apart. */
interface Named extends ModelName {
  readonly written: string
}

const kinds = ['auto', 'free', 'local'] as const
type Kind = (typeof kinds)[number]

/** What a router model chooses by: `sluice/auto`, or OpenRouter's name for it where OpenRouter is no provider. */
export const routerModelOf = (
  name: string,
  { providers, routes }: Pick<Config, 'providers' | 'routes'>,
): Kind | undefined => {
  const [, vendor = '', written] = /^(sluice|openrouter)\/(\w+)$/.exec(name) ?? []
  return providers.has(vendor) || routes.has(name)
    ? undefined
    : kinds.find((kind) => kind === written)
}

/** Models that `sluice/auto` offers for one call: the one that is chosen, and some to fall back on. */
const mostOptions = 5

const shuffled = <T>(list: readonly T[], random: () => number): T[] =>
  list
    .map((item) => ({ item, mark: random() }))
    .sort((one, other) => one.mark - other.mark)
    .map(({ item }) => item)

/** Whether a router model may stand for it. */
const isOffered = ({ facts: { output_modalities, deprecated } }: Target): boolean =>
  deprecated !== true && (output_modalities === undefined || output_modalities.includes('text'))

/** Dollars of a million tokens, three quarters of them prompt. */
const blended = ({ facts: { pricing } }: Target): number | undefined =>
  pricing?.prompt === undefined || pricing.completion === undefined
    ? undefined
    : (3 * pricing.prompt + pricing.completion) / 4

const latestText = ({ messages }: Call['request']): string => {
  const last = messages?.findLast(({ role }) => role === 'user')?.content
  if (typeof last === 'string') return last
  return last?.map(({ text = '' }) => text).join('\n') ?? ''
}

const ownName = ({ endpoint: { provider, model } }: Target): string => `${provider}/${model}`

export const createGroups = ({ config, routes, random }: GroupParts) => {
  const { routing } = config
  const { auto, free: _limits, ...usual } = routing
  const known = knownNames(config, routes)

  /** Cheapest first; made anew when the catalog has learned something. */
  let options: { readonly of: readonly Target[]; readonly list: readonly Option[] } | undefined
  const autoOptions = (): readonly Option[] => {
    const all = routes.all()
    if (options?.of === all) return options.list
    const written = [...config.routes.keys()].filter((name) => !name.includes('*'))
    const names = auto.models || written.length === 0 ? [...written, ...all.map(ownName)] : written
    const models = new Set<string>()
    const list = chosen(names, auto).flatMap((name): Option[] => {
      // an alias is no other model
      const model = routes.canonical(name)
      if (models.has(model)) return []
      models.add(model)
      const prices = routes
        .find(name)
        .targets.filter(isOffered)
        .map(blended)
        .filter((price) => price !== undefined)
      return prices.length > 0 ? [{ name, price: Math.min(...prices) }] : []
    })
    options = { of: all, list: list.sort((one, other) => one.price - other.price) }
    return options.list
  }

  const gathered = (
    route: string,
    targets: readonly Target[],
    { written, variants }: Named,
    free: boolean,
    balance: RouteOptions['balance'] = 'order',
  ): Group => ({
    written,
    route,
    targets,
    nameOf: ownName,
    preferences: undefined,
    options: { ...usual, balance },
    variants,
    free,
  })

  const byRouter = (
    kind: Kind,
    name: Named,
    call: Call,
    needs: Needs,
    clears: (group: Group) => boolean,
  ): Found => {
    const route = `sluice/${kind}`
    const texts = () => routes.all().filter(isOffered)
    if (kind === 'local') {
      const targets = texts().filter(({ provider }) => provider.local)
      const summary = `${targets.length} models of local runtimes`
      return { groups: [gathered(route, targets, name, false)], strategy: 'local', summary }
    }
    if (kind === 'free') {
      const targets = shuffled(
        texts().filter(({ facts }) => isFree(facts.pricing)),
        random,
      )
      const summary = `one of ${targets.length} models that cost nothing`
      return { groups: [gathered(route, targets, name, true)], strategy: 'free', summary }
    }
    const difficulty = difficultyOf(
      { needs, messages: call.request.messages?.length ?? 0, text: latestText(call.request) },
      auto,
    )
    const list = optionsFor(autoOptions(), difficulty, auto)
    const groups: Group[] = []
    for (const option of list) {
      const [group] = byRoute(option.name, name).groups
      if (group && clears(group)) groups.push(group)
      if (groups.length === mostOptions) break
    }
    const because = difficulty.because === '' ? '' : ` (${difficulty.because})`
    const hard = difficulty.score >= auto.threshold ? 'hard, ' : ''
    const summary = `${hard}difficulty ${difficulty.score.toFixed(2)}${because}; the cheapest that will do of ${list.length}`
    // nobody will do: then the reasons of all are told
    const told =
      groups.length > 0
        ? groups
        : list.slice(0, mostOptions).flatMap((option) => byRoute(option.name, name).groups)
    return { groups: told, strategy: 'auto', summary }
  }

  const byRoute = (base: string, { written, variants }: Named): Found => {
    const route = routes.find(base)
    const { name, model, targets, preferences, offline } = route
    const group: Group = {
      written,
      route: name,
      targets,
      nameOf: () => base,
      preferences,
      options: route.options,
      variants,
      free: variants.includes('free'),
      ...(offline && { offline }),
    }
    return { groups: [group], strategy: model === base ? 'direct' : 'alias', summary: '' }
  }

  const byName = (
    written: string,
    call: Call,
    needs: Needs,
    clears: (group: Group) => boolean,
  ): Found & { readonly after: readonly string[] } => {
    const name: Named = { written, ...parseName(written, known) }
    const { base, variants } = name
    const kind = routerModelOf(base, config)
    if (kind) return { ...byRouter(kind, name, call, needs, clears), after: [] }
    if (asksForLatest(base)) {
      const targets = latestOf(base, routes.all().filter(isOffered))
      const group = gathered(base, targets, name, variants.includes('free'), 'price')
      const [first] = targets
      const summary = `the newest is ${first?.endpoint.model ?? ''}`
      return { groups: [group], strategy: 'latest', summary, after: [] }
    }
    return { ...byRoute(base, name), after: routes.find(base).models }
  }

  /**
   * The models of a request in the order to try: its own, then those of their routes. `clears` tells whether a model that
   * a router model may stand for can take the call. Throws `model_not_found`.
   */
  return (call: Call, needs: Needs, clears: (group: Group) => boolean): Found => {
    const { model, models = [] } = call.request
    const waiting = [model, ...models]
    const seen = new Set<string>()
    const found: Found[] = []
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (seen.has(name)) continue
      seen.add(name)
      const { after, ...one } = byName(name, call, needs, clears)
      found.push(one)
      waiting.push(...after)
    }
    const [first] = found
    return {
      groups: found.flatMap(({ groups }) => groups),
      strategy: models.length > 0 ? 'fallback' : (first?.strategy ?? 'direct'),
      summary: found.map(({ summary }) => summary).find((text) => text !== '') ?? '',
    }
  }
}
