import { isUnchanged } from '../dialect.ts'
import { routing } from '../../formats/routing.ts'
import { isObject, type Fields } from '../../fields.ts'
import type { Request, Source } from '../../chat.ts'
import { objectsIn } from '../../formats/gemini.ts'
import { forGoogle } from '../../formats/gemini/written.ts'
import { splice } from '../../splice.ts'

/** Google refuses what it does not know. */
const unknown = [...routing, 'user']

/** The model's name wherever the client's body has one. */
const modelIn = (value: Fields, model: string): Fields => ({
  ...('model' in value && { model }),
  ...(isObject(value.generateContentRequest) &&
    'model' in value.generateContentRequest && { generateContentRequest: { model } }),
  ...(Array.isArray(value.requests) && {
    requests: objectsIn(value.requests).map((one) => ('model' in one ? { model } : {})),
  }),
})

const own = (value: Fields, field: string): unknown =>
  Object.hasOwn(value, field) ? value[field] : undefined

const merged = (one: Fields, other: Fields): Fields =>
  Object.fromEntries(
    Object.keys({ ...one, ...other }).map((field) => [
      field,
      mergedValue(own(one, field), own(other, field)),
    ]),
  )

const mergedValue = (one: unknown, other: unknown): unknown => {
  if (isObject(one) && isObject(other)) return merged(one, other)
  if (Array.isArray(one) && Array.isArray(other))
    return one.map((item: unknown, at) => mergedValue(item, other[at]))
  return other === undefined ? one : other
}

/**
 * The body of a client that speaks Gemini's format: its own bytes, but for the model, what plugins changed, what speaks
 * to the router, and what another vendor's model left under seal.
 * @param model as Google names it in a body: `models/…`
 */
export const writeAlike = (
  client: Source,
  after: Request,
  encode: (request: Request) => Fields,
  model: string,
): string => {
  const { json, request: before } = client
  const changed = !isUnchanged(client, after)
  const source = forGoogle(json, changed)
  const removed = Object.fromEntries(
    unknown.flatMap((field) => (field in source.value ? [[field, source.value[field]]] : [])),
  )
  const named = modelIn(source.value, model)
  if (!changed) return splice(source, { ...removed, ...written(source.value, named) }, named)
  return splice(source, { ...encode(before), ...removed }, merged(encode(after), named))
}

/** What the source says where the names stand. */
const written = (value: Fields, named: Fields): Fields =>
  Object.fromEntries(
    Object.entries(named).map(([field, name]) => {
      const known = value[field]
      if (isObject(known) && isObject(name)) return [field, written(known, name)]
      if (Array.isArray(known) && Array.isArray(name))
        return [field, known.map((item, at) => (isObject(item) ? written(item, name[at]) : item))]
      return [field, known]
    }),
  )
