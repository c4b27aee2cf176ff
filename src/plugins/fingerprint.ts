import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import type { LoadedPlugin } from '../plugins.ts'
import { version } from '../version.ts'

const plain = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return [...value]
  if (value instanceof Set) return [...value]
  if (value instanceof RegExp || typeof value === 'function') return String(value)
  return typeof value === 'bigint' ? String(value) : value
}

const hashOf = (...values: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(values, plain)).digest('base64url')

/** What the YAML says of who answers, as a hash; the secrets in it are not part of it. */
export const configPrint = ({ providers, routes, routing, variants, presets }: Config): string =>
  hashOf(version, providers, routes, routing, variants, presets)

/** A plugin, as it is and as it was configured, as a hash. */
export const pluginPrint = ({ name, file, options, terms }: LoadedPlugin): string =>
  hashOf(name, options, terms, readFileSync(file, 'utf8'))
