import { isObject, listOf, type Fields } from '../../fields.ts'
const combinators = ['anyOf', 'oneOf', 'allOf'] as const

/** What `#/$defs/…` points to within the schema. */
const resolved = (schema: unknown, root: Fields): Fields => {
  if (!isObject(schema)) return {}
  if (typeof schema.$ref !== 'string' || !schema.$ref.startsWith('#/')) return schema
  const target = schema.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), root)
  return isObject(target) ? target : {}
}

/**
 * A tool's parameters as the API takes them: an object, and no alternatives at the top. All their properties become
 * optional ones, but for those that each alternative requires.
 */
export const toInputSchema = (parameters: unknown): Fields => {
  const given = isObject(parameters) ? parameters : {}
  const schema: Fields = given.type === undefined ? { type: 'object', ...given } : given
  const used = combinators.filter((name) => Array.isArray(schema[name]))
  if (used.length === 0) return schema
  const { anyOf: _any, oneOf: _one, allOf: _all, ...rest } = schema
  let properties: Fields = isObject(schema.properties) ? schema.properties : {}
  let required = listOf(schema.required)
  for (const name of used) {
    const branches = listOf(schema[name]).map((branch) => toInputSchema(resolved(branch, schema)))
    for (const branch of branches)
      properties = { ...(isObject(branch.properties) ? branch.properties : {}), ...properties }
    const lists = branches.map((branch) => listOf(branch.required))
    const shared =
      name === 'allOf'
        ? lists.flat()
        : (lists[0] ?? []).filter((field) => lists.every((list) => list.includes(field)))
    required = [...new Set([...required, ...shared])]
  }
  return { ...rest, type: 'object', properties, ...(required.length > 0 && { required }) }
}
