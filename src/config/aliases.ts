import type { Complain } from './complain.ts'
import { routeOf } from './glob.ts'
import type { RouteConfig } from './model.ts'
import { didYouMean } from './nearest.ts'

type Routes = ReadonlyMap<string, RouteConfig>

/** Complains of aliases that go in circles or lead nowhere. */
export function checkAliases(
  routes: Routes,
  providers: ReadonlySet<string>,
  complain: Complain,
): void {
  for (const [name, route] of routes) {
    if (!('alias' in route)) continue
    const problem = circle(name, routes) ?? deadEnd(name, route.alias, routes, providers)
    if (problem !== undefined) complain(['routes', name], problem)
  }
}

/** Told once, at the route of the circle that stands first. */
function circle(start: string, routes: Routes): string | undefined {
  const trail = [start]
  for (let at = next(start, routes); at !== undefined; at = next(at, routes)) {
    if (at === start) {
      const first = [...routes.keys()].find((name) => trail.includes(name))
      return first === start ? `goes in a circle: ${[...trail, start].join(' → ')}` : undefined
    }
    if (trail.includes(at)) return undefined
    trail.push(at)
  }
  return undefined
}

function next(name: string, routes: Routes): string | undefined {
  const route = routes.get(name)
  return route && 'alias' in route ? routeOf(routes.keys(), route.alias) : undefined
}

function deadEnd(
  name: string,
  alias: string,
  routes: Routes,
  providers: ReadonlySet<string>,
): string | undefined {
  if (alias.includes('*') && !name.includes('*')) return 'has a "*", but its route has none'
  if (routeOf(routes.keys(), alias) !== undefined) return undefined
  const [provider = '', ...model] = alias.split('/')
  if (providers.has(provider)) {
    if (model.join('/') !== '') return undefined
    return `"${provider}" is a provider, not a model; to send calls to it write [${provider}]`
  }
  const others = [...routes.keys()].filter((route) => route !== name)
  const guess =
    didYouMean(alias, others) || (model.length > 0 ? didYouMean(provider, providers) : '')
  return `leads nowhere: no route is called "${alias}" and no provider "${provider}"${guess}`
}
