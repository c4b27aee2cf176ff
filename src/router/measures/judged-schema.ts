import { isObject, type Fields } from '../../fields.ts'

/** Schemas that are applied to one answer's arguments; where references multiply, they would be without end. */
const mostSteps = 2_000

/** Maps of schemas: what their keys are called means nothing. */
const maps = new Set(['properties', 'definitions', '$defs', 'dependencies', 'dependentSchemas'])

/** Values, not schemas. */
const values = new Set(['enum', 'const', 'default', 'examples', 'example'])

/**
 * What is not judged: expressions can be made to take for ever, comparing every item with every other is slow, and
 * a format is a remark.
 */
const unjudged = new Set(['pattern', 'patternProperties', 'format', 'uniqueItems', '$recursiveRef'])

/** There would be more to look at than is looked at. */
class TooMuch extends Error {
  override readonly name = 'TooMuch'
}

/**
 * A copy of a tool's schema that a validator may write into and whose work is bounded: once it has looked at more
 * schemas than it may, `TooMuch` is thrown.
 */
export const judgedSchema = (schema: Fields): Fields => {
  let steps = 0
  // the validator looks at it once in every schema that it applies
  const counter = {
    get: (): undefined => {
      if (++steps > mostSteps) throw new TooMuch()
    },
  }

  const copyOf = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copyOf)
    return isObject(value) ? copy(value) : value
  }

  const copyMap = (map: unknown): unknown =>
    isObject(map)
      ? Object.fromEntries(Object.entries(map).map(([name, one]) => [name, copyOf(one)]))
      : map

  const copy = (one: Fields): Fields => {
    const open = 'patternProperties' in one ? ['additionalProperties'] : []
    const kept = Object.entries(one).filter(([name]) => !unjudged.has(name) && !open.includes(name))
    const copied = kept.map(([name, value]) => {
      if (values.has(name)) return [name, value]
      return [name, maps.has(name) ? copyMap(value) : copyOf(value)]
    })
    return Object.defineProperty(Object.fromEntries(copied), '$recursiveRef', counter)
  }

  return copy(schema)
}
