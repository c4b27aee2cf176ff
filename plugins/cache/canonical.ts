/** Fields that do not change what is answered: how it is delivered, who asks, and what for. */
const neutral = new Set([
  'stream',
  'stream_options',
  'usage',
  'user',
  'metadata',
  'session_id',
  'trace',
  'store',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'labels',
])

const nameOf = (field: string | symbol): string =>
  typeof field === 'symbol' ? `@${field.description}` : field

/** Marks under symbols count as fields: providers of the client's own format read them. */
const fieldsOf = (value: object): (string | symbol)[] => {
  const marks = Object.getOwnPropertySymbols(value)
  return [...Object.keys(value).sort(), ...marks]
}

/** The same text for the same value, in whatever order its fields stand. */
export const stable = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(stable).join()}]`
  const members = fieldsOf(value).flatMap((field) => {
    const inner: unknown = Reflect.get(value, field)
    return inner === undefined ? [] : [`${JSON.stringify(nameOf(field))}:${stable(inner)}`]
  })
  return `{${members.join()}}`
}

const none: ReadonlySet<string> = new Set()

/** The fields of a body that decide its answer; null is the same as absent. @param less more fields that do not */
export const decisive = (body: object, less: ReadonlySet<string> = none): object =>
  Object.fromEntries(
    Reflect.ownKeys(body).flatMap((field) => {
      const value: unknown = Reflect.get(body, field)
      const isNeutral = typeof field === 'string' && (neutral.has(field) || less.has(field))
      return isNeutral || value === undefined || value === null ? [] : [[field, value]]
    }),
  )
