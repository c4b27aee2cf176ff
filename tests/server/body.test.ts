import { describe, expect, test } from 'bun:test'
import * as v from 'valibot'
import { parseConfig } from '../../src/config.ts'
import { GatewayError } from '../../src/errors.ts'
import { readJson } from '../../src/json.ts'
import { checkRequest, readBody, readRequest } from '../../src/server/body.ts'
import { toGatewayError } from '../../src/errors.ts'
import { chatCompletions } from '../../src/surfaces/chat-completions.ts'
import type { Surface } from '../../src/surfaces/surface.ts'

const config = parseConfig('server: { max_body: 64 }', {
  file: 'c',
  directory: '/',
  env: {},
}).server

const post = (
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  headers: Record<string, string> = {},
) => new Request('http://localhost/', { method: 'POST', body, headers })

const refusal = async (request: Request): Promise<GatewayError> =>
  readBody(request, config).then(
    () => new GatewayError('internal_error', { message: 'it was read' }),
    (error) => error,
  )

const streamed = (...parts: Uint8Array[]) =>
  new ReadableStream({
    pull(controller) {
      const part = parts.shift()
      if (part) controller.enqueue(part)
      else controller.close()
    },
  })

const bytes = (text: string) => new TextEncoder().encode(text)

test('a body is its JSON and its text, with a length or without', async () => {
  const text = '{ "model": "é" }'
  for (const body of [
    text,
    streamed(bytes(text)),
    streamed(...[...bytes(text)].map((byte) => Uint8Array.of(byte))),
  ])
    expect(await readBody(post(body), config)).toMatchObject({ text, value: { model: 'é' } })
})

test('a body above the limit is refused, with a length or without', async () => {
  const long = `{"model":"${'x'.repeat(60)}"}`
  expect((await refusal(post(long))).code).toBe('payload_too_large')
  expect((await refusal(post(streamed(bytes(long))))).code).toBe('payload_too_large')
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(bytes('[[[[')) })
  expect((await refusal(post(endless))).code).toBe('payload_too_large')
})

test('a body of exactly the limit passes', async () => {
  const text = `{"model":"${'x'.repeat(64 - 12)}"}`
  expect(text).toHaveLength(64)
  expect((await readBody(post(text), config)).text).toBe(text)
})

test('what is not UTF-8 is no JSON', async () => {
  const half = Uint8Array.of(...bytes('{"a":"'), 0xe4, ...bytes('"}'))
  expect((await refusal(post(half))).code).toBe('invalid_json')
})

test('a coded body is refused', async () => {
  for (const coding of ['gzip', 'br', 'deflate, gzip'])
    expect((await refusal(post('{}', { 'content-encoding': coding }))).code).toBe(
      'unsupported_media_type',
    )
  await readBody(post('{"a":1}', { 'content-encoding': 'identity' }), config)
})

test('a client that breaks off is gone, not wrong', async () => {
  const broken = new ReadableStream({
    pull() {
      throw new Error('reset')
    },
  })
  expect((await refusal(post(broken))).code).toBe('client_closed')
})

const schema = v.looseObject({
  model: v.string(),
  messages: v.array(v.looseObject({ role: v.string() })),
})
const limits = { max_depth: 64, max_keys: 100 }

test('a request that fits is the client’s own object', () => {
  const source = readJson('{"model":"m","messages":[{"role":"user","x":1}],"y":2}', limits)
  expect(checkRequest(schema, source.value)).toBe(source.value as never)
})

test.each([
  ['{"messages":[]}', 'model'],
  ['{"model":"SECRET","messages":"SECRET"}', 'messages'],
  ['{"model":"m","messages":[{"role":"user"},{"role":["SECRET"]}]}', 'messages.1.role'],
])('%s is refused by the name of its field, and not repeated', (text, param) => {
  try {
    checkRequest(schema, readJson(text, limits).value)
    throw new Error('it was accepted')
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError)
    const { code, details, message } = error as GatewayError
    expect([code, details.param]).toEqual(['invalid_request_error', param])
    expect(message).toContain(param)
    expect(message).not.toContain('SECRET')
  }
})

describe('what a surface cannot read', () => {
  const place = {
    headers: new Headers(),
    query: new URLSearchParams(),
    memory: { get: () => undefined, set: () => {}, delete: () => false },
  }
  const refused = async (surface: Partial<Surface>, request: Request): Promise<GatewayError> =>
    readRequest(request, { ...chatCompletions, ...surface }, place, config).then(
      () => new GatewayError('internal_error', { message: 'it was read' }),
      toGatewayError,
    )
  const broken = (): never => {
    throw new TypeError('SECRET is not a function')
  }
  const body = '{"model":"m","messages":[{"role":"user","content":"x"}]}'

  test('is the client’s mistake, without its words; the cause stays for the log', async () => {
    const error = await refused({ decode: broken }, post(body))
    expect(error).toMatchObject({ code: 'invalid_request_error', status: 400 })
    expect(error.message).not.toContain('SECRET')
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  test('is so in a schema and in a form as well', async () => {
    const schema = v.pipe(v.looseObject({}), v.check(broken))
    expect(await refused({ request: schema }, post(body))).toMatchObject({ status: 400 })
    const form = new FormData()
    form.set('model', 'm')
    const request = new Request('http://localhost/', { method: 'POST', body: form })
    const error = await readRequest(request, { ...chatCompletions, decodeForm: broken }, place, {
      ...config,
      max_body: 10_000,
    }).catch(toGatewayError)
    expect(error).toMatchObject({ code: 'invalid_request_error', cause: expect.any(TypeError) })
  })

  test('and is refused in words stays so', async () => {
    const decode = (): never => {
      throw new GatewayError('model_not_found', { param: 'model' })
    }
    expect(await refused({ decode }, post(body))).toMatchObject({ code: 'model_not_found' })
  })
})
