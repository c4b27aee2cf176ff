import * as v from 'valibot'
import { presetNamed } from '../providers/presets.ts'
import { checkAliases, checkChains } from './aliases.ts'
import type { Path, RouteConfig, RouteEndpoint } from './model.ts'
import { didYouMean } from '../nearest.ts'
import type { Report } from './report.ts'
import { endpointSchema, routeSchema, routeTargetSchema } from './schema.ts'

const namesSchema = v.record(v.string(), v.unknown())

interface Known {
  readonly providers: ReadonlySet<string>
  /** As written, by name. */
  readonly routes: Readonly<Record<string, unknown>>
}

/** Routes in the order of the YAML, each checked against the providers and the other routes. */
export function toRoutes(
  section: unknown,
  providers: ReadonlySet<string>,
  report: Report,
): ReadonlyMap<string, RouteConfig> {
  const written = report.check(namesSchema, section ?? {}, ['routes']) ?? {}
  const known = { providers, routes: written }
  const routes = new Map<string, RouteConfig>()
  for (const [name, value] of Object.entries(written)) {
    const at = ['routes', name]
    if (!/^[^\s*]*\*?[^\s*]*$/.test(name) || name === '') {
      report.complain(at, 'expected a model name without spaces and with at most one "*"', 'key')
    }
    if (isList(value)) routes.set(name, { endpoints: toEndpoints(name, value, at, known, report) })
    else if (isTarget(value)) routes.set(name, toTarget(name, value, at, known, report))
    else {
      const alias = report.check(routeSchema, value, at)
      if (typeof alias === 'string') routes.set(name, { alias })
    }
  }
  checkAliases(routes, providers, report.complain)
  checkChains(routes, providers, report.complain)
  return routes
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0
}

interface Target {
  readonly endpoints: readonly unknown[]
}

/** With nothing that can be listed as its endpoints, the schema has the word. */
function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null) return false
  return 'endpoints' in value && isList(value.endpoints)
}

/** What stands in place of the endpoints while the rest is checked. */
const someEndpoint = ['-']

function toTarget(
  name: string,
  value: Target,
  at: Path,
  known: Known,
  report: Report,
): RouteConfig {
  const endpoints = toEndpoints(name, value.endpoints, [...at, 'endpoints'], known, report)
  const checked = report.check(routeTargetSchema, { ...value, endpoints: someEndpoint }, at)
  if (!checked) return { endpoints }
  const { offline } = checked
  const problem = offline === undefined ? undefined : problemOf({ endpoint: offline }, name, known)
  if (problem !== undefined) report.complain([...at, 'offline'], problem)
  return { ...checked, endpoints }
}

/** One by one, so that a mistake in one endpoint does not hide those of the others. */
function toEndpoints(
  route: string,
  items: readonly unknown[],
  list: Path,
  known: Known,
  report: Report,
): readonly RouteEndpoint[] {
  return items.flatMap((item, index) => {
    const at = [...list, index]
    const written = report.check(endpointSchema, item, at)
    if (written === undefined) return []
    const entry = typeof written === 'string' ? { endpoint: written } : written
    const problem = problemOf(entry, route, known)
    if (problem !== undefined) {
      report.complain(typeof written === 'string' ? at : [...at, 'endpoint'], problem)
    }
    return [entry]
  })
}

/** The providers that the endpoints of some routes name. */
export function providersIn(routes: Iterable<RouteConfig>): ReadonlySet<string> {
  const lists = [...routes].flatMap((route) =>
    'endpoints' in route
      ? [...route.endpoints, ...(route.offline ? [{ endpoint: route.offline }] : [])]
      : [],
  )
  return new Set(lists.map(providerOf))
}

function providerOf({ endpoint }: RouteEndpoint): string {
  return endpoint.split('/', 1)[0] ?? ''
}

function problemOf(entry: RouteEndpoint, route: string, known: Known): string | undefined {
  const provider = providerOf(entry)
  const model = entry.endpoint.slice(provider.length + 1)
  if (!known.providers.has(provider)) return unknownProvider(entry.endpoint, provider, known)
  if (/\s|\*.*\*/.test(model) || entry.endpoint.endsWith('/')) return 'expected provider/model'
  if (model.includes('*') && !route.includes('*')) return 'has a "*", but its route has none'
  return undefined
}

function unknownProvider(endpoint: string, provider: string, { providers, routes }: Known): string {
  if (Object.hasOwn(routes, endpoint)) {
    return `"${endpoint}" is a route, and a list takes endpoints; an alias stands without a list`
  }
  const wanted = `no provider is called "${provider}"`
  const preset = presetNamed(provider)
  if (!preset) return `${wanted}${didYouMean(provider, providers)}`
  const variables = preset.listed || preset.local ? '' : ` or set ${preset.env.join(' or ')}`
  return `${wanted}; list it under providers${variables}`
}
