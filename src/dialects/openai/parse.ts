import type { Fields } from '../../fields.ts'
import { classify } from '../../errors/classify.ts'
import { parseObject } from '../parse.ts'

/** A JSON object. Throws GatewayError for anything else, and for an error in disguise. */
export const parse = (text: string): Fields => {
  const value = parseObject(text)
  if (value.error) throw classify({ status: 200, body: value })
  return value
}
