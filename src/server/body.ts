import * as v from 'valibot'
import type { Call, Request as ModelRequest } from '../chat.ts'
import type { ServerConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { invalidRequest } from '../errors/invalid.ts'
import { isObject } from '../fields.ts'
import { readJson, type JsonText } from '../json.ts'
import type { Form, FormFile, Place, Surface } from '../surfaces/surface.ts'

type Body = Readonly<Record<string, unknown>>

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
export const readBody = async (request: Request, limits: ServerConfig): Promise<JsonText> =>
  readJson(decode(await readBytes(request, limits)), limits)

const readBytes = async (request: Request, limits: ServerConfig): Promise<Uint8Array> => {
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity')
    throw new GatewayError('unsupported_media_type', {
      message: 'Send the body without content-encoding.',
    })
  return read(request, limits.max_body).catch((thrown) => {
    throw thrown instanceof GatewayError ? thrown : new GatewayError('client_closed')
  })
}

/** A preset may name the model, and so may the list of models. */
const named = (value: object): object =>
  !('model' in value) && ('preset' in value || 'models' in value) ? { ...value, model: '-' } : value

/** Operations without messages may bring some all the same: who reads a request takes them for messages. */
const hasOddMessages = (value: object): boolean =>
  'messages' in value &&
  value.messages !== null &&
  !(Array.isArray(value.messages) && value.messages.every(isObject))

/** The body, checked where the gateway reads it, and otherwise as it came. */
export const checkRequest = (schema: v.GenericSchema, value: object): Body => {
  const { success, issues } = v.safeParse(schema, named(value), { abortEarly: true })
  if (!success) throw invalidRequest(issues[0])
  if (hasOddMessages(value))
    throw new GatewayError('invalid_request_error', {
      param: 'messages',
      message: 'messages: expected a list of objects.',
    })
  return value as Body
}

const formType = /^multipart\/form-data/i

const fileOf = async (file: File): Promise<FormFile> => ({
  name: file.name,
  type: file.type,
  bytes: await file.bytes(),
})

const readForm = async (request: Request, limits: ServerConfig): Promise<Form> => {
  const bytes = await readBytes(request, limits)
  const type = request.headers.get('content-type') ?? ''
  try {
    const form = new Map<string, readonly (string | FormFile)[]>()
    const parsed = await new Response(bytes, { headers: { 'content-type': type } }).formData()
    for (const [name, value] of parsed) {
      const read = typeof value === 'string' ? value : await fileOf(value)
      form.set(name, [...(form.get(name) ?? []), read])
    }
    return form
  } catch {
    throw new GatewayError('invalid_request_error', { message: 'The body is no multipart form.' })
  }
}

/** What cannot be read is the client's mistake, whatever it broke here; the log has the cause. */
const understood = <Result>(read: () => Result): Result => {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown
    throw new GatewayError('invalid_request_error', {
      message: 'The request could not be understood.',
      cause: thrown,
    })
  }
}

/** What the client asks for, as its surface understands it. */
export const readRequest = async (
  request: Request,
  surface: Surface,
  place: Place,
  limits: ServerConfig,
): Promise<Pick<Call, 'request' | 'source'>> => {
  const { decode: toRequest, decodeForm } = surface
  if (decodeForm && formType.test(request.headers.get('content-type') ?? '')) {
    const form = await readForm(request, limits)
    return { request: understood(() => decodeForm(form)) }
  }
  const json = await readBody(request, limits)
  const asked = understood(() => {
    const body = checkRequest(surface.request, json.value)
    return toRequest ? toRequest(body, place) : (body as unknown as ModelRequest)
  })
  return { request: asked, source: { format: surface.format, json, request: asked } }
}
