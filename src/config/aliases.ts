import type { Complain } from './complain.ts'
import { matchGlob, routeOf } from './glob.ts'
import type { RouteConfig } from './model.ts'
import { didYouMean } from '../nearest.ts'

type Routes = ReadonlyMap<string, RouteConfig>

/** More aliases in a row than anybody writes; a longer row grows for ever. */
const MAX_HOPS = 50

/** Complains of aliases that go in circles or lead nowhere. */
export function checkAliases(
  routes: Routes,
  providers: ReadonlySet<string>,
  complain: Complain,
): void {
  const told = new Set<string>()
  for (const [name, route] of routes) {
    if (!('alias' in route)) continue
    const circle = circleFrom(name, routes)
    const known = circle?.some((member) => told.has(member))
    for (const member of circle ?? []) told.add(member)
    const problem = circle
      ? `goes in a circle: ${[...circle, circle[0]].join(' → ')}`
      : deadEnd(name, route.alias, routes, providers)
    if (problem !== undefined && !known) complain(['routes', name], problem)
  }
}

/** Complains of models to try after a route's own that lead nowhere. */
export function checkChains(
  routes: Routes,
  providers: ReadonlySet<string>,
  complain: Complain,
): void {
  for (const [name, route] of routes) {
    if (!('endpoints' in route)) continue
    for (const [index, model] of (route.models ?? []).entries()) {
      // a variant may follow the name, and a router model is no route
      if (/^(?:~|@|sluice\/|openrouter\/)/.test(model)) continue
      const bare = model.replace(/(?::[\w-]+)+$/, '')
      const problem = deadEnd(name, bare, routes, providers)
      if (problem !== undefined) complain(['routes', name, 'models', index], problem)
    }
  }
}

/** The routes that a model of this name passes again and again, if it never arrives. */
function circleFrom(name: string, routes: Routes): readonly string[] | undefined {
  const passed: string[] = []
  for (let model = name; passed.length <= MAX_HOPS;) {
    const key = routeOf(routes.keys(), model)
    const route = key === undefined ? undefined : routes.get(key)
    if (key === undefined || !route || !('alias' in route)) return undefined
    passed.push(key)
    // a function, as `$` in a replacement would mean something
    model = route.alias.replace('*', () => matchGlob(key, model) ?? '')
  }
  const last = passed.at(-1) ?? name
  const circle = passed.slice(passed.lastIndexOf(last, -2), -1)
  const first = circle.includes(name)
    ? name
    : [...routes.keys()].find((key) => circle.includes(key))
  const turn = circle.indexOf(first ?? last)
  return [...circle.slice(turn), ...circle.slice(0, turn)]
}

function deadEnd(
  name: string,
  alias: string,
  routes: Routes,
  providers: ReadonlySet<string>,
): string | undefined {
  const names = [...routes.keys()]
  if (alias.includes('*') && !name.includes('*')) return 'has a "*", but its route has none'
  if (routeOf(names, alias) !== undefined) return undefined
  if (names.some((route) => matchGlob(alias, route) !== undefined)) return undefined
  const [provider = '', ...model] = alias.split('/')
  if (providers.has(provider)) {
    if (model.join('/') !== '') return undefined
    return `"${provider}" is a provider, not a model; to send calls to it write [${provider}]`
  }
  const others = names.filter((route) => route !== name)
  const guess =
    didYouMean(alias, others) || (model.length > 0 ? didYouMean(provider, providers) : '')
  return `leads nowhere: no route is called "${alias}" and no provider "${provider}"${guess}`
}
