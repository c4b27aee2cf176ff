import * as v from 'valibot'
import { providersFromEnv } from '../providers/discover.ts'
import { presetNamed } from '../providers/presets.ts'
import type { Complain } from './complain.ts'
import type { Env, ProviderConfig } from './model.ts'
import { providerSchema } from './provider-schema.ts'
import { demo, toProvider, unwritten } from './provider.ts'
import type { Report } from './report.ts'

export interface Providers {
  readonly byName: ReadonlyMap<string, ProviderConfig>
  /** Also those that have mistakes of their own, so that a route to them is not one more. */
  readonly names: ReadonlySet<string>
}

const namesSchema = v.record(v.string(), v.unknown())
const NAME = /^[a-z0-9][a-z0-9._-]*$/i

/** Those of the YAML, or those of the environment when it lists none; `demo` always. */
export function toProviders(section: unknown, env: Env, report: Report): Providers {
  const listed = section === undefined || section === null ? undefined : section
  const written = listed && report.check(namesSchema, listed, ['providers'])
  const configs = listed
    ? Object.entries(written ?? {}).map(([name, value]) => one(name, value, env, report))
    : providersFromEnv(env)
  const found = [...configs.filter((config) => config !== undefined), demo]
  const byName = new Map(found.map((config) => [config.name, config]))
  return { byName, names: new Set([...Object.keys(written ?? {}), ...byName.keys()]) }
}

/** Adds runtimes that were found, and those that a route counts on although they do not run yet. */
export function withRuntimes(
  { byName, names }: Providers,
  discovered: readonly ProviderConfig[],
  expected: Iterable<string>,
): Providers {
  const absent = [...expected]
    .filter((name) => presetNamed(name)?.local)
    .map((name) => toProvider(name, unwritten, {}, () => {}))
    .filter((config) => config !== undefined)
  const added = [...discovered, ...absent].filter(({ name }) => !names.has(name))
  const all = [...added.toReversed(), ...byName.values()]
  return {
    byName: new Map(all.map((config) => [config.name, config])),
    names: new Set([...names, ...added.map(({ name }) => name)]),
  }
}

function one(name: string, value: unknown, env: Env, report: Report): ProviderConfig | undefined {
  const at = ['providers', name]
  if (name === demo.name) {
    report.complain(at, 'is always there and cannot be configured; remove this key', 'key')
    return undefined
  }
  if (!NAME.test(name)) {
    report.complain(at, 'expected a name of letters, digits, ".", "_" and "-"', 'key')
    return undefined
  }
  const written = report.check(providerSchema, value ?? {}, at)
  const complain: Complain = (path, message) =>
    report.complain([...at, ...path], message, path.length === 0 ? 'key' : 'value')
  return written && toProvider(name, written, env, complain, report.source.directory)
}
