import { caller, type Call, type Caller, type Chunk } from '../chat.ts'
import type { Config, RouteConfig } from '../config.ts'
import { matched, matches } from '../router/routes/pattern.ts'
import type { Router } from '../router/router.ts'
import type { Catalog } from './facts.ts'
import { toListedEndpoint, toModel, type ListedEndpoint, type Model } from './model.ts'
import { routerModels } from './router-models.ts'

/** What a list is made of. */
export interface Listing {
  readonly config: Config
  readonly router: Router
  readonly catalog: Catalog
}

/** A name that stands for others has no endpoints of its own. */
const endpointsOf = (id: string, { router }: Listing): readonly ListedEndpoint[] =>
  router.stands(router.canonical(id)) ? [] : router.routes.find(id).targets.map(toListedEndpoint)

const ofRoute = (name: string, target: RouteConfig, listing: Listing): Model => {
  const endpoints = endpointsOf(name, listing)
  const named = { name }
  if (!('alias' in target)) return toModel(name, 'sluice', endpoints, named)
  const slug = listing.router.canonical(name)
  const behind = listing.config.routes.has(slug) ? slug : (endpoints[0]?.facts.name ?? slug)
  return toModel(name, 'sluice', endpoints, { ...named, alias_target: { name: behind, slug } })
}

/** The names that a pattern stands for: what its providers have, if they are asked for all that they have. */
const matching = (pattern: string, target: RouteConfig, { catalog }: Listing): readonly string[] =>
  'alias' in target
    ? []
    : target.endpoints.flatMap(({ endpoint }) => {
        const [provider = '', ...rest] = endpoint.split('/')
        const folder = pattern.slice(0, pattern.lastIndexOf('/', pattern.indexOf('*')) + 1)
        const nameOf = (known: string) => {
          if (rest.length === 0) return folder + known
          const star = matched(rest.join('/'), known)
          return star === undefined ? '' : pattern.replace('*', () => star)
        }
        return catalog
          .models(provider)
          .map(nameOf)
          .filter((id) => matches(pattern, id))
      })

/** The names under which several providers have a model, and who they are. */
const shared = (all: ReadonlyMap<string, readonly ListedEndpoint[]>): readonly Model[] =>
  [...all].flatMap(([model, endpoints]) =>
    endpoints.length > 1 ? [toModel(model, endpoints[0]?.provider ?? '', endpoints)] : [],
  )

/**
 * Everything that a client may ask for by name: the routes, the names that several providers share, each provider's own
 * models under its name, and the models that choose by themselves.
 */
export const listModels = (listing: Listing): readonly Model[] => {
  const { config, catalog, router } = listing
  const models = new Map<string, Model>()
  const add = (model: Model) => void (models.has(model.id) || models.set(model.id, model))
  for (const [pattern, target] of config.routes)
    if (!pattern.includes('*')) add(ofRoute(pattern, target, listing))
    else
      for (const id of matching(pattern, target, listing)) {
        const endpoints = endpointsOf(id, listing)
        add(toModel(id, endpoints[0]?.provider ?? 'sluice', endpoints))
      }
  const byModel = new Map<string, ListedEndpoint[]>()
  const own: Model[] = []
  for (const [name, { base_url }] of config.providers)
    for (const model of catalog.models(name)) {
      const endpoint = { provider: name, model, facts: catalog.facts(name, model) }
      own.push(toModel(`${name}/${model}`, name, [endpoint]))
      if (base_url === 'demo:') continue
      const known = byModel.get(model)
      if (known) known.push(endpoint)
      else byModel.set(model, [endpoint])
    }
  for (const model of shared(byModel))
    // where the first part of a name is a provider's, the name leads there and nowhere else
    if (!config.providers.has(model.id.slice(0, Math.max(0, model.id.indexOf('/'))))) add(model)
  for (const model of own) add(model)
  for (const model of routerModels(config, router.routes.all())) add(model)
  return [...models.values()]
}

/** The list, made anew when the catalog has learned something. */
export const createList = (listing: Listing): (() => readonly Model[]) => {
  let made: { readonly version: number; readonly models: readonly Model[] } | undefined
  return () => {
    const { version } = listing.catalog
    if (made?.version !== version) made = { version, models: listModels(listing) }
    return made.models
  }
}

/** Whether a caller may ask for a model by that name. */
export const mayUse = (caller: Caller | undefined, { canonical, stands }: Router) => {
  const allowed = caller?.models
  return (id: string): boolean =>
    allowed === undefined ||
    stands(id) ||
    allowed.some((pattern) => matches(pattern, id) || matches(pattern, canonical(id)))
}

/** The `models` operation's answer: the list, without what the caller may not use. */
export const modelsChunk = (call: Call, all: readonly Model[], router: Router): Chunk => {
  const may = mayUse(call.vars.get(caller), router)
  return { object: 'list', data: all.filter(({ id }) => may(id)) }
}
