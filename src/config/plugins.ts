import * as v from 'valibot'
import { apart, termsSchema, usualTerms, type PluginEntry } from './plugin-terms.ts'
import type { Report } from './report.ts'
import { pluginSchema } from './schema.ts'

const listSchema = v.array(v.unknown(), 'expected a list, each plugin after a "-"')

/** What a YAML without plugins comes to: what OpenRouter does for requests that ask for it, and going on elsewhere. */
const usualPlugins = [
  'file-parser',
  'online',
  'web-fetch',
  'datetime',
  'context-compression',
  { 'response-healing': { enabled: false } },
  'fallback',
] as const

/** Plugins in the order of the YAML; the usual ones when it has none to say. */
export function toPlugins(section: unknown, report: Report): readonly PluginEntry[] {
  const items = report.check(listSchema, section ?? usualPlugins, ['plugins']) ?? []
  return items.flatMap((item, index) => {
    const at = ['plugins', index]
    const entry = report.check(pluginSchema, item, at)
    if (entry === undefined) return []
    if (typeof entry === 'string') return [{ name: entry, options: {}, terms: usualTerms, at }]
    const [name, ...others] = Object.keys(entry)
    if (name === undefined || name === '' || others.length > 0) {
      report.complain(at, severalKeys(name, others))
      return []
    }
    const place = [...at, name]
    const { terms: written, options } = apart(entry[name] ?? {})
    const terms = report.check(termsSchema, written, place)
    return [{ name, options, terms: terms ?? usualTerms, at: place }]
  })
}

function severalKeys(name: string | undefined, others: readonly string[]): string {
  if (name === undefined || name === '') return 'expected the name of a plugin'
  const keys = [name, ...others].join(', ')
  return `expected one plugin, got the keys ${keys}; options stand one step further in`
}
