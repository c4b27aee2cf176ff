import type { Fields } from '../fields.ts'
import { GatewayError } from '../errors.ts'

/** A JSON object. Throws `upstream_invalid_response` for anything else. */
export const parseObject = (text: string): Fields => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new GatewayError('upstream_invalid_response')
  return value as Fields
}
