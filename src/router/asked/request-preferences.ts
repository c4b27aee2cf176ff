import * as v from 'valibot'
import type { Request } from '../../chat.ts'
import { invalidRequest } from '../../errors/invalid.ts'
import { isObject, type Fields } from '../../fields.ts'
import { percentiles, preferencesSchema, type Preferences } from '../../preferences.ts'

const schema = v.object({ provider: preferencesSchema })

const fields = Object.keys(preferencesSchema.entries)

/** What is known of the objects among them. */
const inside: Readonly<Record<string, readonly string[]>> = {
  sort: ['by', 'partition'],
  max_price: ['prompt', 'completion', 'image', 'audio', 'request'],
  preferred_min_throughput: percentiles,
  preferred_max_latency: percentiles,
}

const picked = (value: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(
    names.flatMap((name) => {
      const said = Object.hasOwn(value, name) ? value[name] : undefined
      if (said === undefined || said === null) return []
      const known = inside[name]
      return [[name, known && isObject(said) ? picked(said, known) : said]]
    }),
  )

/** OpenRouter's deprecated `route`, as the partition that it stands for. */
const partitions = { fallback: 'model', sort: 'none' } as const

const withRoute = (preferences: Preferences, route: unknown): Preferences => {
  if (route !== 'fallback' && route !== 'sort') return preferences
  const { sort } = preferences
  return {
    ...preferences,
    sort: {
      partition: partitions[route],
      ...(typeof sort === 'string' ? { by: sort } : sort),
    },
  }
}

const none: Preferences = {}

const read = (provider: unknown): Preferences => {
  const known = isObject(provider) ? picked(provider, fields) : provider
  const { success, output, issues } = v.safeParse(schema, { provider: known }, { abortEarly: true })
  if (!success) throw invalidRequest(issues[0])
  return output.provider
}

/** Plans are made anew for each attempt and each request is read once. */
const known = new WeakMap<object, Preferences>()

const readOnce = (provider: object): Preferences => {
  const before = known.get(provider)
  if (before) return before
  const preferences = read(provider)
  known.set(provider, preferences)
  return preferences
}

/**
 * What a request prefers: its `provider`, and `route` as the partition that this means. What nobody knows in it is
 * ignored, `null` says nothing, amounts are numbers. Throws `invalid_request_error` that names the field.
 */
export const preferencesOf = ({ provider, route }: Request): Preferences => {
  if (provider === undefined || provider === null) return withRoute(none, route)
  return withRoute(isObject(provider) ? readOnce(provider) : read(provider), route)
}
