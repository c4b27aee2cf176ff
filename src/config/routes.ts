import * as v from 'valibot'
import { presetNamed } from '../providers/presets.ts'
import { checkAliases } from './aliases.ts'
import type { RouteConfig, RouteEndpoint } from './model.ts'
import { didYouMean } from './nearest.ts'
import type { Report } from './report.ts'
import { routeSchema } from './schema.ts'

const namesSchema = v.record(v.string(), v.unknown())

/** Routes in the order of the YAML, each checked against the providers and the other routes. */
export function toRoutes(
  section: unknown,
  providers: ReadonlySet<string>,
  report: Report,
): ReadonlyMap<string, RouteConfig> {
  const written = report.check(namesSchema, section ?? {}, ['routes']) ?? {}
  const routes = new Map<string, RouteConfig>()
  for (const [name, value] of Object.entries(written)) {
    const at = ['routes', name]
    if (!/^[^\s*]*\*?[^\s*]*$/.test(name) || name === '') {
      report.complain(at, 'expected a model name without spaces and with at most one "*"', 'key')
    }
    const route = report.check(routeSchema, value, at)
    if (typeof route === 'string') routes.set(name, { alias: route })
    if (!Array.isArray(route)) continue
    const endpoints = route.map((item) => (typeof item === 'string' ? { endpoint: item } : item))
    routes.set(name, { endpoints })
    for (const [index, endpoint] of endpoints.entries()) {
      const path = typeof route[index] === 'string' ? [index] : [index, 'endpoint']
      const problem = problemOf(endpoint, name, written, providers)
      if (problem !== undefined) report.complain([...at, ...path], problem)
    }
  }
  checkAliases(routes, providers, report.complain)
  return routes
}

/** The providers that the endpoints of some routes name. */
export function providersIn(routes: Iterable<RouteConfig>): ReadonlySet<string> {
  const lists = [...routes].flatMap((route) => ('endpoints' in route ? route.endpoints : []))
  return new Set(lists.map(providerOf))
}

function providerOf({ endpoint }: RouteEndpoint): string {
  return endpoint.split('/', 1)[0] ?? ''
}

function problemOf(
  entry: RouteEndpoint,
  route: string,
  routes: Readonly<Record<string, unknown>>,
  providers: ReadonlySet<string>,
): string | undefined {
  const provider = providerOf(entry)
  const model = entry.endpoint.slice(provider.length + 1)
  if (!providers.has(provider)) return unknownProvider(entry.endpoint, provider, routes, providers)
  if (/\s|\*.*\*/.test(model) || entry.endpoint.endsWith('/')) return 'expected provider/model'
  if (model.includes('*') && !route.includes('*')) return 'has a "*", but its route has none'
  return undefined
}

function unknownProvider(
  endpoint: string,
  provider: string,
  routes: Readonly<Record<string, unknown>>,
  providers: ReadonlySet<string>,
): string {
  if (Object.hasOwn(routes, endpoint)) {
    return `"${endpoint}" is a route, and a list takes endpoints; an alias is written without a list`
  }
  const wanted = `no provider is called "${provider}"`
  const preset = presetNamed(provider)
  if (!preset) return `${wanted}${didYouMean(provider, providers)}`
  const variables = preset.listed || preset.local ? '' : ` or set ${preset.env.join(' or ')}`
  return `${wanted}; list it under providers${variables}`
}
