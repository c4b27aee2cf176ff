import { isObject, type Request } from 'sluice/plugin'
import { createCheck } from './schema.ts'

/** The JSON that a request asks for. */
export interface Wanted {
  /** Whether every value will do that is no bare text or number. */
  readonly anything: boolean
  /** Why the value is not that, in words for a model; undefined where it is, or nobody can tell. */
  problemOf(value: unknown): string | undefined
}

const anyObject: Wanted = {
  anything: true,
  problemOf: (value) => (isObject(value) ? undefined : 'It is not a JSON object.'),
}

/** Undefined where the request asks for no JSON. */
export const wantedBy = ({ response_format: format }: Request): Wanted | undefined => {
  if (!isObject(format)) return undefined
  if (format.type === 'json_object') return anyObject
  if (format.type !== 'json_schema' || !isObject(format.json_schema)) return undefined
  const { schema } = format.json_schema
  if (!isObject(schema)) return anyObject
  return { anything: false, problemOf: createCheck(schema) }
}
