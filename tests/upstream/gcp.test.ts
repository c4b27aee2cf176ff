import { afterEach, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../../src/config.ts'
import { GatewayError } from '../../src/errors.ts'
import { createGoogleTokens } from '../../src/upstream/auth/gcp.ts'
import { authorize, type Send } from '../../src/upstream/send.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

let publicKey: CryptoKey
let pem: string
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

beforeAll(async () => {
  const pair = await crypto.subtle.generateKey(
    { ...rsa, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )
  publicKey = pair.publicKey
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n')
  pem = `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`
})

/** Google, as far as tokens go. */
const google = (answer: (form: URLSearchParams, count: number) => Response | Promise<Response>) => {
  const forms: URLSearchParams[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      forms.push(new URLSearchParams(await request.text()))
      return answer(forms.at(-1)!, forms.length)
    },
  })
  stops.push(() => server.stop(true))
  return { forms, token_uri: `http://127.0.0.1:${server.port}/token` }
}

const granted = (count: number, expires_in = 3600) =>
  Response.json({ access_token: `token-${count}`, expires_in, token_type: 'Bearer' })

const account = (token_uri: string, more: object = {}) =>
  JSON.stringify({
    type: 'service_account',
    client_email: 'sluice@mine.iam.gserviceaccount.com',
    private_key: pem,
    private_key_id: 'hush-id',
    token_uri,
    ...more,
  })

const overLoopback: Send = (url, init) => fetch(url, { ...init, redirect: 'manual' })

const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())

const failure = async (key: string, send: Send = overLoopback): Promise<GatewayError> => {
  const thrown = await createGoogleTokens(send)(key).catch((error) => error)
  expect(thrown).toBeInstanceOf(GatewayError)
  expect(Bun.inspect(thrown)).not.toMatch(/hush|PRIVATE|sluice@mine/)
  return thrown
}

test('a service account’s signed statement is exchanged for a token', async () => {
  const { forms, token_uri } = google((_, count) => granted(count))
  const now = Date.UTC(2026, 10, 1)
  const token = await createGoogleTokens(overLoopback, () => now)(account(token_uri))
  expect(token).toBe('token-1')
  const form = forms[0]!
  expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
  const [header, claims, signature] = form.get('assertion')!.split('.') as [string, string, string]
  expect(decoded(header)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'hush-id' })
  expect(decoded(claims)).toEqual({
    iss: 'sluice@mine.iam.gserviceaccount.com',
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    aud: token_uri,
    iat: now / 1000,
    exp: now / 1000 + 3600,
  })
  const signed = new TextEncoder().encode(`${header}.${claims}`)
  const bytes = Buffer.from(signature, 'base64url')
  expect(await crypto.subtle.verify(rsa.name, publicKey, bytes, signed)).toBe(true)
})

test('a private key with written-out line breaks works too', async () => {
  const { token_uri } = google((_, count) => granted(count))
  const key = account(token_uri, { private_key: pem.replaceAll('\n', '\\n') })
  expect(await createGoogleTokens(overLoopback)(key)).toBe('token-1')
})

test('a user’s credentials are exchanged for a token', async () => {
  const { forms, token_uri } = google((_, count) => granted(count))
  const user = { client_id: 'i', client_secret: 's', refresh_token: 'r' }
  const key = JSON.stringify({ type: 'authorized_user', ...user, token_uri })
  expect(await createGoogleTokens(overLoopback)(key)).toBe('token-1')
  expect(Object.fromEntries(forms[0]!)).toEqual({ grant_type: 'refresh_token', ...user })
})

test('a file is read when it is needed', async () => {
  const { token_uri } = google((_, count) => granted(count))
  const folder = await mkdtemp(join(tmpdir(), 'sluice '))
  stops.push(() => rm(folder, { recursive: true }))
  const file = join(folder, 'account.json')
  const tokens = createGoogleTokens(overLoopback)
  await expect(tokens(`file:${file}`)).rejects.toMatchObject({ code: 'upstream_auth_failed' })
  await writeFile(file, account(token_uri))
  expect(await tokens(`file:${file}`)).toBe('token-1')
})

test('a token is kept until shortly before its end', async () => {
  const { forms, token_uri } = google((_, count) => granted(count))
  let now = 0
  const tokens = createGoogleTokens(overLoopback, () => now)
  const key = account(token_uri)
  expect(await tokens(key)).toBe('token-1')
  now = 3_299_000
  expect(await tokens(key)).toBe('token-1')
  now = 3_301_000
  expect(await tokens(key)).toBe('token-2')
  expect(forms.length).toBe(2)
})

test('a short token is kept for half of its life', async () => {
  const { token_uri } = google((_, count) => granted(count, 10))
  let now = 0
  const tokens = createGoogleTokens(overLoopback, () => now)
  const key = account(token_uri)
  await tokens(key)
  now = 4_999
  expect(await tokens(key)).toBe('token-1')
  now = 5_000
  expect(await tokens(key)).toBe('token-2')
})

test('many callers wait for one exchange, and each account has its own', async () => {
  const { forms, token_uri } = google((_, count) => granted(count))
  const tokens = createGoogleTokens(overLoopback)
  const [one, other] = [account(token_uri), account(token_uri, { client_email: 'b@c' })]
  const got = await Promise.all([one, one, other, one, other].map(tokens))
  expect(forms.length).toBe(2)
  expect(got[1]).toBe(got[0]!)
  expect(got[3]).toBe(got[0]!)
  expect(got[4]).toBe(got[2]!)
  expect(got[2]).not.toBe(got[0]!)
})

test('a failed exchange is not kept', async () => {
  const { token_uri } = google((_, count) =>
    count === 1 ? new Response('', { status: 503 }) : granted(count),
  )
  const tokens = createGoogleTokens(overLoopback)
  await expect(tokens(account(token_uri))).rejects.toMatchObject({ code: 'upstream_unreachable' })
  expect(await tokens(account(token_uri))).toBe('token-2')
})

test.each([
  [
    '400',
    () => Response.json({ error: 'invalid_grant hush' }, { status: 400 }),
    'upstream_auth_failed',
  ],
  ['401', () => new Response('hush', { status: 401 }), 'upstream_auth_failed'],
  ['429', () => new Response('hush', { status: 429 }), 'upstream_unreachable'],
  ['500', () => new Response('hush', { status: 500 }), 'upstream_unreachable'],
  ['a redirect', () => Response.redirect('http://127.0.0.1:1/hush'), 'upstream_unreachable'],
  ['no JSON', () => new Response('hush'), 'upstream_unreachable'],
  ['no token', () => Response.json({ id_token: 'hush' }), 'upstream_unreachable'],
  [
    'a token of two lines',
    () => Response.json({ access_token: 'hush\nx', expires_in: 9 }),
    'upstream_unreachable',
  ],
  ['endless words', () => new Response('hush'.repeat(1e6)), 'upstream_unreachable'],
])('an exchange that is answered with %s fails without a leak', async (_, answer, code) => {
  const { token_uri } = google(answer)
  expect((await failure(account(token_uri))).code).toBe(code as never)
})

test('a Google that cannot be reached is not the key’s fault', async () => {
  const { code, fault, retryable } = await failure(account('http://127.0.0.1:1/token'))
  expect([code, fault, retryable]).toEqual(['upstream_unreachable', 'endpoint', true])
})

test.each([
  ['{}'],
  ['{ "type": "service_account", "client_email": "hush" }'],
  ['{ "type": "external_account", "audience": "hush" }'],
  ['{ "type": "service_account", hush'],
  ['file:/nowhere/hush.json'],
  [JSON.stringify({ type: 'service_account', client_email: 'a', private_key: 'hush' })],
  [
    JSON.stringify({
      type: 'service_account',
      client_email: 'a',
      private_key: 'hush',
      token_uri: 'http://hush.example/token',
    }),
  ],
])('%p is no account', async (key) => {
  const never: Send = () => Promise.reject(new Error('must not be asked'))
  expect((await failure(key, never)).code).toBe('upstream_auth_failed')
})

const vertex = (key: string) => {
  const text = `providers: { g: { base_url: "http://x", auth: gcp, api_key: '${key}' } }`
  const found = parseConfig(text, { file: 'c', directory: '.', env: {} }).providers.get('g')
  if (!found) throw new Error('no provider')
  return found
}

const outgoing = { method: 'POST', url: 'http://x/y', headers: { a: 'b' }, body: '{}' }

test('a token that is given is sent as it is', async () => {
  const config = vertex('ya29.token')
  expect(await authorize(config, config.api_keys[0], outgoing)).toEqual({
    url: 'http://x/y',
    headers: { a: 'b', authorization: 'Bearer ya29.token' },
  })
})

test('a request carries the account’s token', async () => {
  const { token_uri } = google((_, count) => granted(count))
  const config = vertex(account(token_uri).replaceAll("'", "''"))
  expect(await authorize(config, config.api_keys[0], outgoing)).toEqual({
    url: 'http://x/y',
    headers: { a: 'b', authorization: 'Bearer token-1' },
  })
})

test('a caller that leaves does not wait, and does not end the exchange of the others', async () => {
  const gate = Promise.withResolvers<void>()
  const { forms, token_uri } = google(async (_, count) => {
    await gate.promise
    return granted(count)
  })
  const config = vertex(account(token_uri))
  const controller = new AbortController()
  const left = authorize(config, config.api_keys[0], { ...outgoing, signal: controller.signal })
  const stays = authorize(config, config.api_keys[0], outgoing)
  controller.abort(new Error('left'))
  await expect(left).rejects.toThrow('left')
  gate.resolve()
  expect((await stays).headers.authorization).toBe('Bearer token-1')
  expect(forms.length).toBe(1)
})
