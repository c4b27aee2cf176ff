import * as v from 'valibot'
import type { Request as ModelRequest } from '../chat.ts'
import type { ServerConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { readJson, type JsonText } from '../json.ts'

const tooLarge = (limit: number) =>
  new GatewayError('payload_too_large', { message: `The body is larger than ${limit} bytes.` })

const read = async (request: Request, limit: number): Promise<Uint8Array> => {
  const length = request.headers.get('content-length')
  if (length !== null) {
    if (Number(length) > limit) throw tooLarge(limit)
    return request.bytes()
  }
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request.body ?? []) {
    size += part.byteLength
    if (size > limit) throw tooLarge(limit)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

const decode = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new GatewayError('invalid_json', { message: 'The body is not valid UTF-8.' })
  }
}

/** The body's JSON. Throws GatewayError; nothing of the body is in its message. */
export const readBody = async (request: Request, limits: ServerConfig): Promise<JsonText> => {
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity')
    throw new GatewayError('unsupported_media_type', {
      message: 'Send the body without content-encoding.',
    })
  const bytes = await read(request, limits.max_body).catch((thrown) => {
    throw thrown instanceof GatewayError ? thrown : new GatewayError('client_closed')
  })
  return readJson(decode(bytes), limits)
}

/** The request, checked where the gateway reads it, and otherwise as it came. */
export const checkRequest = (schema: v.GenericSchema, source: JsonText): ModelRequest => {
  const { success, issues } = v.safeParse(schema, source.value, { abortEarly: true })
  if (success) return source.value as unknown as ModelRequest
  const [issue] = issues
  const param = v.getDotPath(issue) ?? null
  throw new GatewayError('invalid_request_error', {
    param,
    // a message of our own says nothing of what came, one of valibot's quotes it
    message: `${param ?? 'The body'}: ${issue.expected === null ? issue.message : `expected ${issue.expected === 'any' ? 'a value' : issue.expected}`}.`,
  })
}
