/** The text that a value from outside is; `String` of an object calls what that has under `toString`, and may throw. */
export const wordOf = (value: unknown, otherwise = ''): string => {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : otherwise
}

const word = /^[\w.:-]{1,64}$/

/** A kind's name as it can be told on; others than words are not. */
export const kindOf = (value: unknown): string =>
  typeof value === 'string' && word.test(value) ? value : 'unknown'

/** What a table says of a name from outside, without what every object inherits. */
export const lookUp = <Value>(
  table: Readonly<Record<string, Value>>,
  name: unknown,
): Value | undefined =>
  typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined

/** A number that counts something; others are nothing. */
export const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0
