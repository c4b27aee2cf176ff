import { LRUCache } from 'lru-cache'
import type { Catalog } from '../../catalog/facts.ts'
import { endpointId, type Endpoint } from '../../chat.ts'
import type { Config, RouteOptions, RouteTarget } from '../../config.ts'
import { GatewayError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import type { Listings } from '../asked/known-names.ts'
import { createIndex } from './model-index.ts'
import { matched } from './pattern.ts'
import type { Target } from './target.ts'

/** What a model's name leads to. */
export interface Route {
  /** As the YAML names it; `provider/*` where the model's prefix named the provider, `*` where the catalog knew it. */
  readonly name: string
  /** The model's name behind its aliases. */
  readonly model: string
  readonly targets: readonly Target[]
  /** Its own over those of all routes. */
  readonly options: RouteOptions
  /** What the route itself prefers; `options.provider` is what all prefer. */
  readonly preferences: RouteOptions['provider']
  /** Models to try after it. */
  readonly models: readonly string[]
  readonly offline?: Target
}

export interface Routes extends Listings {
  /** The model's name behind its aliases. */
  canonical(model: string): string
  /** Throws `model_not_found`. */
  find(model: string): Route
  /** Every endpoint that any provider is known to have, `demo` left out. */
  all(): readonly Target[]
}

/** Names that are remembered; a client may ask for any. */
const remembered = 20_000

/** What an endpoint written without a model, or with `*`, stands for. */
const toEndpoint = (written: string, pattern: string, model: string): Endpoint => {
  const slash = written.indexOf('/')
  if (slash !== -1)
    return {
      provider: written.slice(0, slash),
      model: written.slice(slash + 1).replace('*', () => matched(pattern, model) ?? ''),
    }
  const star = pattern.indexOf('*')
  const prefix = star === -1 ? `${written}/` : pattern.slice(0, pattern.lastIndexOf('/', star) + 1)
  return { provider: written, model: model.startsWith(prefix) ? model.slice(prefix.length) : model }
}

export const createRoutes = (config: Config, catalog: Catalog): Routes => {
  const { routes, providers, routing } = config
  const { auto: _auto, free: _free, ...usual } = routing
  const globs = [...routes.keys()]
    .filter((pattern) => pattern.includes('*'))
    .sort((one, other) => other.length - one.length)
  const index = createIndex(config, catalog)
  const found = new LRUCache<string, Route>({ max: remembered })
  let version = catalog.version

  const patternFor = (model: string) =>
    routes.has(model) ? model : globs.find((glob) => matched(glob, model) !== undefined)

  const canonical = (model: string): string => {
    const pattern = patternFor(model)
    const target = pattern === undefined ? undefined : routes.get(pattern)
    return pattern !== undefined && target && 'alias' in target
      ? canonical(target.alias.replace('*', () => matched(pattern, model) ?? ''))
      : model
  }

  const toTarget = (endpoint: Endpoint, weight?: number): Target[] => {
    const provider = providers.get(endpoint.provider)
    if (!provider) return []
    const facts = catalog.facts(endpoint.provider, endpoint.model)
    const id = endpointId(endpoint)
    return [{ id, endpoint, provider, facts, ...(weight !== undefined && { weight }) }]
  }

  const written = (pattern: string, model: string, target: RouteTarget): Route => {
    const { endpoints, models = [], offline, provider, ...own } = target
    const [last] = offline === undefined ? [] : toTarget(toEndpoint(offline, pattern, model))
    return {
      name: pattern,
      model,
      targets: endpoints.flatMap(({ endpoint, weight }) =>
        toTarget(toEndpoint(endpoint, pattern, model), weight),
      ),
      options: { ...usual, ...own },
      preferences: provider,
      models,
      ...(last && { offline: last }),
    }
  }

  const unwritten = (name: string, model: string, endpoints: readonly Endpoint[]): Route => ({
    name,
    model,
    targets: endpoints.flatMap((endpoint) => toTarget(endpoint)),
    // nobody listed them in an order
    options: { ...usual, balance: 'price' },
    preferences: undefined,
    models: [],
  })

  const unknown = (model: string, provider: string): GatewayError => {
    const known = [...routes.keys(), ...[...providers.keys()].map((name) => `${name}/…`)]
    const close = nearest(model, [...routes.keys()]) ?? nearest(provider, [...providers.keys()])
    return new GatewayError('model_not_found', {
      param: 'model',
      message: `No route and no provider for this model.${close ? ` Did you mean ${close}?` : ''} Known: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}.`,
    })
  }

  const look = (asked: string): Route | undefined => {
    const model = canonical(asked)
    const pattern = patternFor(model)
    const target = pattern === undefined ? undefined : routes.get(pattern)
    if (pattern !== undefined && target && 'endpoints' in target)
      return written(pattern, model, target)
    const slash = model.indexOf('/')
    const provider = model.slice(0, Math.max(slash, 0))
    if (providers.has(provider) && slash + 1 < model.length)
      return unwritten(`${provider}/*`, model, [{ provider, model: model.slice(slash + 1) }])
    const endpoints = index.endpoints(model)
    return endpoints.length > 0 ? unwritten('*', model, endpoints) : undefined
  }

  const find = (asked: string): Route | undefined => {
    if (version !== catalog.version) {
      version = catalog.version
      found.clear()
    }
    const known = found.get(asked)
    if (known) return known
    const route = look(asked)
    if (route) found.set(asked, route)
    return route
  }

  let everything: { readonly version: number; readonly targets: readonly Target[] } | undefined

  return {
    canonical,
    find(asked) {
      const route = find(asked)
      if (route) return route
      const model = canonical(asked)
      throw unknown(model, model.slice(0, Math.max(model.indexOf('/'), 0)))
    },
    lists: index.lists,
    has: index.has,
    all() {
      if (everything?.version !== catalog.version)
        everything = {
          version: catalog.version,
          targets: index.everything().flatMap((endpoint) => toTarget(endpoint)),
        }
      return everything.targets
    },
  }
}
