import { LRUCache } from 'lru-cache'
import type { Call } from '../../chat.ts'
import type { Config, Preferences, RouteOptions } from '../../config.ts'
import { difficultyOf } from './auto.ts'
import { asksForLatest, latestOf } from './latest.ts'
import { parseName, type KnownNames, type ModelName } from '../asked/names.ts'
import type { Needs } from '../choice/needs.ts'
import { createOffered, keptOf } from './offered.ts'
import type { Strategy } from '../plan.ts'
import type { Route, Routes } from './routes.ts'
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
  /** Of the routes that led here, the outermost first, and its own. */
  readonly preferences: readonly Preferences[]
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
  /** Why there is nothing to choose from, where there is not. */
  readonly lacking?: string
}

export interface GroupParts {
  readonly config: Config
  readonly routes: Routes
  readonly random: () => number
  /** What decides where a name ends and its variants begin. */
  readonly names: KnownNames
}

/** A name of a request or of a route's list, taken apart. */
interface Named extends ModelName {
  readonly written: string
  /** What the routes prefer that led here: whoever takes over for them keeps to it. */
  readonly above: readonly Preferences[]
}

/** A model to try, and what the routes prefer that led to it. */
interface Waiting {
  readonly name: string
  readonly above: readonly Preferences[]
}

const nothing: readonly Preferences[] = []

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

/** What a router model chooses from, where there is nothing of it. */
const lacks: Readonly<Record<Kind, string>> = {
  auto: 'no model here is known to have a price, or routing.auto leaves none',
  free: 'nothing here is known to cost nothing',
  local: 'no runtime of this machine is known here',
}

/** Models that `sluice/auto` offers for one call: the one that is chosen, and some to fall back on. */
const mostOptions = 5

/** Cheaper ones that cannot take the call, of which the reasons are told. */
const mostTold = 20

const shuffled = <T>(list: readonly T[], random: () => number): T[] =>
  list
    .map((item) => ({ item, mark: random() }))
    .sort((one, other) => one.mark - other.mark)
    .map(({ item }) => item)

const latestText = ({ messages }: Call['request']): string => {
  const last = messages?.findLast(({ role }) => role === 'user')?.content
  if (typeof last === 'string') return last
  return last?.map(({ text = '' }) => text).join('\n') ?? ''
}

export const createGroups = ({ config, routes, names, random }: GroupParts) => {
  const { routing } = config
  const { auto, free: _limits, ...usual } = routing
  const offered = createOffered(config, routes)
  const latest = keptOf(routes.all, () => new LRUCache<string, readonly Target[]>({ max: 1_000 }))

  const newest = (name: string): readonly Target[] => {
    const before = latest().get(name)
    if (before) return before
    const targets = latestOf(name, offered.all())
    latest().set(name, targets)
    return targets
  }

  const gathered = (
    route: string,
    targets: readonly Target[],
    { written, variants, above }: Named,
    free: boolean,
    balance: RouteOptions['balance'] = 'order',
  ): Group => ({
    written,
    route,
    targets,
    nameOf: ({ id }) => id,
    preferences: above,
    options: { ...usual, balance },
    variants,
    free,
  })

  const groupOf = (base: string, route: Route, { written, variants, above }: Named): Group => ({
    written,
    route: route.name,
    targets: route.targets,
    nameOf: () => base,
    preferences: route.preferences ? [...above, route.preferences] : above,
    options: route.options,
    variants,
    free: variants.includes('free'),
    ...(route.offline && { offline: route.offline }),
  })

  const byRouter = (
    kind: Kind,
    name: Named,
    call: Call,
    needs: Needs,
    clears: (group: Group) => boolean,
  ): Found => {
    const route = `sluice/${kind}`
    if (kind === 'local') {
      const targets = offered.local()
      const summary = `${targets.length} models of local runtimes`
      return { groups: [gathered(route, targets, name, false)], strategy: 'local', summary }
    }
    if (kind === 'free') {
      const targets = shuffled(offered.free(), random)
      const summary = `one of ${targets.length} models that cost nothing`
      return { groups: [gathered(route, targets, name, true)], strategy: 'free', summary }
    }
    const difficulty = difficultyOf(
      { needs, messages: call.request.messages?.length ?? 0, text: latestText(call.request) },
      auto,
    )
    const isHard = difficulty.score >= auto.threshold
    const list = offered.auto()[isHard ? 'hard' : 'easy']
    const able: Group[] = []
    const passedOver: Group[] = []
    for (const option of list) {
      const group = groupOf(option.name, option.route, name)
      if (clears(group)) able.push(group)
      else if (passedOver.length < mostTold) passedOver.push(group)
      if (able.length === mostOptions) break
    }
    const because = difficulty.because === '' ? '' : ` (${difficulty.because})`
    const hard = isHard ? 'hard, ' : ''
    const summary = `${hard}difficulty ${difficulty.score.toFixed(2)}${because}; the cheapest that will do of ${list.length}`
    return { groups: [...passedOver, ...able], strategy: 'auto', summary }
  }

  const byName = (
    { name: written, above }: Waiting,
    call: Call,
    needs: Needs,
    clears: (group: Group) => boolean,
  ): Found & { readonly after: readonly Waiting[] } => {
    const name: Named = { written, above, ...parseName(written, names) }
    const { base, variants } = name
    const kind = routerModelOf(base, config)
    if (kind) {
      const found = byRouter(kind, name, call, needs, clears)
      const some = found.groups.some(({ targets }) => targets.length > 0)
      return { ...found, ...(!some && { lacking: lacks[kind] }), after: [] }
    }
    if (asksForLatest(base)) {
      const targets = newest(base)
      const group = gathered(base, targets, name, variants.includes('free'), 'price')
      const [first] = targets
      const summary = `the newest is ${first?.endpoint.model ?? ''}`
      return { groups: [group], strategy: 'latest', summary, after: [] }
    }
    const route = routes.find(base)
    const strategy = route.model === base ? 'direct' : 'alias'
    const group = groupOf(base, route, name)
    // who asks for a variant of a model asks for it wherever the route goes on
    const after = route.models.map((model) => ({
      name: [model, ...variants].join(':'),
      above: group.preferences,
    }))
    return { groups: [group], strategy, summary: '', after }
  }

  /**
   * The models of a request in the order to try: its own, then those of their routes. `clears` tells whether a model that
   * a router model may stand for can take the call. Throws `model_not_found`.
   */
  return (call: Call, needs: Needs, clears: (group: Group) => boolean): Found => {
    const { model, models = [] } = call.request
    const waiting: Waiting[] = [model, ...models].map((name) => ({ name, above: nothing }))
    const seen = new Set<string>()
    const found: Found[] = []
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (seen.has(next.name)) continue
      seen.add(next.name)
      const { after, ...one } = byName(next, call, needs, clears)
      found.push(one)
      waiting.push(...after)
    }
    const [first] = found
    return {
      groups: found.flatMap(({ groups }) => groups),
      strategy: models.length > 0 ? 'fallback' : (first?.strategy ?? 'direct'),
      summary: found.map(({ summary }) => summary).find((text) => text !== '') ?? '',
      ...(first?.lacking !== undefined && { lacking: first.lacking }),
    }
  }
}
