/** A JSON object of whose fields nothing is known. */
export type Fields = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object, or an empty one for anything else. */
export const objectOf = (value: unknown): Fields => (isObject(value) ? value : {})

/** The list, or an empty one for anything else. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Whether a value says nothing: it is missing, or an empty text or list. */
export const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)

/** The object without some of its fields; itself where it has none of them. */
export const without = <T extends object>(object: T, fields: readonly string[]): T =>
  fields.some((field) => field in object)
    ? (Object.fromEntries(
        Object.entries(object).filter(([field]) => !fields.includes(field)),
      ) as unknown as T)
    : object

/** The fields that are there and say something. */
export const given = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  )
