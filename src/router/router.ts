import type { Call, Endpoint } from '../chat.ts'
import type { Config, RouteEndpoint } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { matched } from './pattern.ts'
import type { Plan } from './plan.ts'

export interface Resolved {
  /** The route as the YAML names it, or `provider/*` where the model's prefix named the provider. */
  readonly route: string
  readonly endpoints: readonly Endpoint[]
}

export interface Router {
  /** Where a model may be answered, in the order to try. Throws `model_not_found`. */
  resolve(model: string): Resolved
  /** The model's name behind its aliases. */
  canonical(model: string): string
  plan(call: Call): Plan
}

/** By weight as soon as one endpoint has a weight (1 for the others), else in the YAML's order. */
const ordered = (endpoints: readonly RouteEndpoint[], random: () => number): RouteEndpoint[] => {
  if (!endpoints.some(({ weight }) => weight !== undefined)) return [...endpoints]
  const left = [...endpoints]
  const drawn: RouteEndpoint[] = []
  while (left.length > 0) {
    let mark = random() * left.reduce((sum, { weight = 1 }) => sum + weight, 0)
    const at = left.findIndex(({ weight = 1 }) => (mark -= weight) < 0)
    drawn.push(...left.splice(Math.max(at, 0), 1))
  }
  return drawn
}

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

export const createRouter = (
  { routes, providers }: Config,
  random: () => number = Math.random,
): Router => {
  const globs = [...routes.keys()]
    .filter((pattern) => pattern.includes('*'))
    .sort((one, other) => other.length - one.length)
  const patternFor = (model: string) =>
    routes.has(model) ? model : globs.find((glob) => matched(glob, model) !== undefined)

  const canonical = (model: string): string => {
    const pattern = patternFor(model)
    const target = pattern === undefined ? undefined : routes.get(pattern)
    return pattern !== undefined && target && 'alias' in target
      ? canonical(target.alias.replace('*', () => matched(pattern, model) ?? ''))
      : model
  }

  const router: Router = {
    canonical,
    plan({ request }) {
      const requested = [...new Set([request.model, ...(request.models ?? [])])]
      const candidates = requested.flatMap((model) => {
        const { route, endpoints } = router.resolve(model)
        return endpoints.flatMap((endpoint) => {
          const provider = providers.get(endpoint.provider)
          return provider ? [{ model, route, endpoint, provider, facts: {}, notes: [] }] : []
        })
      })
      return {
        requested,
        strategy: 'direct',
        candidates,
        excluded: [],
        options: {},
        fallbacks: true,
        summary: '',
      }
    },
    resolve(asked) {
      const model = canonical(asked)
      const pattern = patternFor(model)
      const target = pattern === undefined ? undefined : routes.get(pattern)
      if (pattern !== undefined && target && 'endpoints' in target)
        return {
          route: pattern,
          endpoints: ordered(target.endpoints, random).map(({ endpoint }) =>
            toEndpoint(endpoint, pattern, model),
          ),
        }
      const slash = model.indexOf('/')
      const provider = model.slice(0, Math.max(slash, 0))
      if (providers.has(provider) && slash + 1 < model.length)
        return { route: `${provider}/*`, endpoints: [{ provider, model: model.slice(slash + 1) }] }
      const known = [...routes.keys(), ...[...providers.keys()].map((name) => `${name}/…`)]
      const close = nearest(model, [...routes.keys()]) ?? nearest(provider, [...providers.keys()])
      throw new GatewayError('model_not_found', {
        param: 'model',
        message: `No route and no provider for this model.${close ? ` Did you mean ${close}?` : ''} Known: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}.`,
      })
    },
  }

  return router
}
