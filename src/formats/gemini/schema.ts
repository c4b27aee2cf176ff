import { isObject, type Fields } from '../../fields.ts'

const counts = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']
/** Google's own, of which JSON Schema has no word. */
const foreign = new Set(['nullable', 'propertyOrdering', 'example'])

const typeOf = (type: unknown, nullable: boolean): unknown => {
  if (typeof type !== 'string') return type
  const name = type.toLowerCase()
  return nullable && name !== 'null' ? [name, 'null'] : name
}

const eachValue = (value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, schema]) => [name, toJsonSchema(schema)]),
      )
    : value

/** Google's own kind of schema, after OpenAPI 3.0, as JSON Schema. */
export const toJsonSchema = (schema: unknown): unknown => {
  if (!isObject(schema)) return schema
  const entries = Object.entries(schema).flatMap(([field, value]): [string, unknown][] => {
    if (foreign.has(field)) return []
    if (field === 'type') return [[field, typeOf(value, schema.nullable === true)]]
    if (field === 'properties' || field === '$defs' || field === 'defs')
      return [[field, eachValue(value)]]
    if (field === 'items' || field === 'additionalProperties') return [[field, toJsonSchema(value)]]
    if ((field === 'anyOf' || field === 'prefixItems') && Array.isArray(value))
      return [[field, value.map(toJsonSchema)]]
    if (field === 'enum' && schema.nullable === true && Array.isArray(value))
      return [[field, [...value, null]]]
    if (field === 'format' && value === 'enum') return []
    // whole numbers of 64 bits are written as strings
    if (counts.includes(field) && typeof value === 'string') return [[field, Number(value)]]
    return [[field, value]]
  })
  return Object.fromEntries(entries) satisfies Fields
}
