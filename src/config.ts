import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import * as v from 'valibot'
import type { Config, Env, ProviderConfig } from './config/model.ts'
import { toBundles } from './config/bundles.ts'
export { termNames, type PluginEntry, type PluginTerms } from './config/plugin-terms.ts'
import { toPlugins } from './config/plugins.ts'
import { ConfigError } from './config/problem.ts'
import { toProviders, withRuntimes } from './config/providers.ts'
import { createReport } from './config/report.ts'
import { providersIn, toRoutes } from './config/routes.ts'
import { presetSchema, routingSchema, variantSchema } from './config/routing-schema.ts'
import { serverSchema, type configSchema } from './config/schema.ts'
import { readSource } from './config/source.ts'
import { RUNTIMES } from './providers/discover.ts'

export { checkValue, type Checked } from './config/check.ts'
export { issueProblems } from './config/issues.ts'
export { jsonSchema, type JsonSchema } from './config/json-schema.ts'
export type {
  AutoConfig,
  DialectName,
  Auth,
  Bundle,
  Config,
  Env,
  Hedge,
  Path,
  PluginList,
  Position,
  Preferences,
  ProviderConfig,
  Quirks,
  RouteConfig,
  Rate,
  RouteEndpoint,
  RouteOptions,
  RouteTarget,
  RoutingConfig,
  ServerConfig,
  Source,
  Timeouts,
} from './config/model.ts'
export { ConfigError, problemAt, showProblem, type Problem } from './config/problem.ts'

export interface ParseOptions {
  /** As messages shall show it. */
  readonly file: string
  /** Where relative paths of plugins start. */
  readonly directory: string
  readonly env?: Env
  /** Local runtimes that were found; used when `server.discover` says so. */
  readonly discovered?: readonly ProviderConfig[]
}

/** Turns YAML into a complete config; throws a `ConfigError` with all mistakes at once. */
export function parseConfig(text: string, options: ParseOptions): Config {
  const { file, directory, env = process.env, discovered = [] } = options
  const read = readSource(text, { file, directory, env })
  const report = createReport(read.source, read.problems)
  if (!('value' in read)) throw new ConfigError(file, report.problems)

  const root = read.value ?? {}
  report.check(sectionsSchema, root, [])
  const written = report.check(serverSchema, sectionOf(root, 'server') ?? {}, ['server'])
  const listed = sectionOf(root, 'providers')
  const discover = written?.discover ?? (listed === undefined || listed === null)

  const named = toProviders(listed, env, report)
  const known = withRuntimes(named, discover ? discovered : [], [])
  const startable = discover ? RUNTIMES.filter((name) => !known.names.has(name)) : []
  const routes = toRoutes(
    sectionOf(root, 'routes'),
    new Set([...known.names, ...startable]),
    report,
  )
  const routed = providersIn(routes.values())
  const { byName } = withRuntimes(
    known,
    [],
    startable.filter((name) => routed.has(name)),
  )
  const routing = report.check(routingSchema, sectionOf(root, 'routing') ?? {}, ['routing'])
  const variants = toBundles('variants', variantSchema, root, report)
  const presets = toBundles('presets', presetSchema, root, report)
  const plugins = toPlugins(sectionOf(root, 'plugins'), report)

  if (report.problems.length > 0 || !written || !routing)
    throw new ConfigError(file, report.problems, { plugins, source: read.source })
  return {
    server: { ...written, discover },
    providers: byName,
    routes,
    routing,
    variants,
    presets,
    plugins,
    source: read.source,
  }
}

/** The config of a file; a file that cannot be read is a `ConfigError` too. */
export async function loadConfig(
  file: string,
  env: Env = process.env,
  discovered: readonly ProviderConfig[] = [],
): Promise<Config> {
  const shown = shownAs(file)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(shown, [{ path: '', message: unreadable(cause) }])
  })
  return parseConfig(text, { file: shown, directory: dirname(resolve(file)), env, discovered })
}

/** What runs without a config file: the providers at hand, open on loopback, with `fallback`. */
export function defaultConfig(env: Env, discovered: readonly ProviderConfig[]): Config {
  return parseConfig('', { file: 'defaults', directory: process.cwd(), env, discovered })
}

const sectionsSchema = v.strictObject({
  server: v.optional(v.unknown()),
  providers: v.optional(v.unknown()),
  routes: v.optional(v.unknown()),
  routing: v.optional(v.unknown()),
  variants: v.optional(v.unknown()),
  presets: v.optional(v.unknown()),
  plugins: v.optional(v.unknown()),
} satisfies Record<keyof typeof configSchema.entries, v.GenericSchema>)

function sectionOf(root: unknown, name: keyof typeof sectionsSchema.entries): unknown {
  return typeof root === 'object' && root !== null ? Reflect.get(root, name) : undefined
}

function shownAs(file: string): string {
  const near = relative(process.cwd(), file)
  return near === '' || near.startsWith('..') || isAbsolute(near) ? file : near
}

function unreadable(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'does not exist; `sluice init` writes one'
  if (code === 'EISDIR') return 'is a directory'
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: no permission'
  return `cannot be read: ${String(code ?? 'unknown error')}`
}
