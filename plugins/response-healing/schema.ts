import { isObject, type Fields } from 'sluice/plugin'
import { Validator, type Schema, type SchemaDraft } from '@cfworker/json-schema'

/** Comparisons of a value with a schema: a client's schema may ask for more of them than there is time. */
const mostSteps = 50_000

class TooMuch extends Error {}

/** Formats that are told in linear time. */
const formats = new Set(['date', 'date-time', 'time', 'email', 'ipv4', 'uuid'])

/** Whether a pattern surely takes no more than linear time: no groups that repeat, one open end at most. */
const isPlain = (pattern: unknown): boolean =>
  typeof pattern === 'string' &&
  pattern.length <= 500 &&
  !/\)[*+{?]|\\[1-9k]|\(\?[<=!]/.test(pattern) &&
  (pattern.match(/[*+]|,\}/g)?.length ?? 0) <= 1

const ofSchemas = new Set([
  'properties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
])
const asWritten = new Set(['enum', 'const', 'default', 'examples', 'required'])

const isKept = (keyword: string, value: unknown): boolean => {
  if (keyword === 'pattern') return isPlain(value)
  if (keyword === 'format') return formats.has(String(value))
  // it compares each with each
  return keyword !== 'uniqueItems' && keyword !== '$recursiveRef'
}

/** A copy without what could take long, each part of which counts how often it is looked at. */
const copyOf = (schema: unknown, step: () => void): unknown => {
  if (Array.isArray(schema)) return schema.map((one: unknown) => copyOf(one, step))
  if (!isObject(schema)) return schema
  const entries = Object.entries(schema)
    .filter(([keyword, value]) => isKept(keyword, value))
    .map(([keyword, value]) => {
      if (asWritten.has(keyword)) return [keyword, structuredClone(value)]
      if (!ofSchemas.has(keyword) || !isObject(value)) return [keyword, copyOf(value, step)]
      const each = Object.entries(value)
        .filter(([name]) => keyword !== 'patternProperties' || isPlain(name))
        .map(([name, one]) => [name, copyOf(one, step)])
      return [keyword, Object.fromEntries(each)]
    })
  // the validator reads this keyword of every schema that it comes to, and has no limit of its own
  return Object.defineProperty(Object.fromEntries(entries), '$recursiveRef', {
    get: step,
    enumerable: false,
  })
}

const drafts: readonly (readonly [RegExp, SchemaDraft])[] = [
  [/draft-04/, '4'],
  [/draft-0[67]/, '7'],
  [/2019-09/, '2019-09'],
]

const draftOf = ({ $schema }: Fields): SchemaDraft =>
  drafts.find(([uri]) => uri.test(String($schema)))?.[1] ?? '2020-12'

/** Tells what is wrong with a value; undefined where nothing is, or where the schema cannot be used. */
export const createCheck = (schema: Fields): ((value: unknown) => string | undefined) => {
  let steps = 0
  let validator: Validator | undefined
  const step = (): undefined => {
    if (++steps > mostSteps) throw new TooMuch()
  }
  return (value) => {
    steps = 0
    try {
      validator ??= new Validator(copyOf(schema, step) as Schema, draftOf(schema), false)
      const { valid, errors } = validator.validate(value)
      if (valid) return undefined
      // the last ones are those of the innermost parts
      return errors
        .slice(-5)
        .map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`)
        .join('\n')
    } catch {
      return undefined
    }
  }
}
