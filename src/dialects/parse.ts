import { isObject, type Fields } from '../fields.ts'
import { parsed } from '../json.ts'
import { GatewayError } from '../errors.ts'

/** A JSON object. Throws `upstream_invalid_response` for anything else. */
export const parseObject = (text: string): Fields => {
  const value = parsed(text)
  if (!isObject(value)) throw new GatewayError('upstream_invalid_response')
  return value
}
