import * as v from 'valibot'
import type { Call } from '../chat.ts'
import { invalidAt } from '../errors/invalid.ts'
import { isObject, listOf } from '../fields.ts'

/**
 * What an entry of a request's `tools` says of the tool of that type in its `parameters`; undefined for other entries.
 * Throws GatewayError `invalid_request_error` that names the option.
 */
export const parametersOf = <Schema extends v.GenericSchema>(
  { request }: Call,
  entry: unknown,
  type: string,
  schema: Schema,
): v.InferOutput<Schema> | undefined => {
  if (!isObject(entry) || entry.type !== type) return undefined
  const checked = v.safeParse(schema, entry.parameters ?? {}, { abortEarly: true })
  if (checked.success) return checked.output
  const at = listOf(request.tools).indexOf(entry)
  throw invalidAt(`tools[${at}].parameters`, checked.issues[0])
}
