import { isObject } from '../../fields.ts'

/** Whether OpenAI would take a schema as `strict`: every object closed, every property required. */
export const isStrict = (schema: unknown): boolean => {
  if (Array.isArray(schema)) return schema.every(isStrict)
  if (!isObject(schema)) return true
  const { type, properties, additionalProperties, required } = schema
  const names = isObject(properties) ? Object.keys(properties) : []
  const isClosed =
    type !== 'object' ||
    (additionalProperties === false &&
      names.every((name) => Array.isArray(required) && required.includes(name)))
  const inside = {
    ...schema,
    ...(isObject(properties) ? { properties: Object.values(properties) } : {}),
  }
  return isClosed && Object.values(inside).every(isStrict)
}
