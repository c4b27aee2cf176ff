import { afterAll, expect, test } from 'bun:test'
import { createHash, createHmac } from 'node:crypto'
import { parseConfig, type Auth, type ProviderConfig } from '../../src/config.ts'
import { authorize, headersFor, senderFor } from '../../src/upstream/send.ts'
import { startProvider } from '../support/provider.ts'

const provider = await startProvider({ name: 'a' })
afterAll(() => provider.stop())

const configured = (rest: string, name = 'box'): ProviderConfig => {
  const text = `providers: { ${name}: { ${rest} } }`
  const found = parseConfig(text, { file: 'c', directory: '.', env: {} }).providers.get(name)
  if (!found) throw new Error('no provider')
  return found
}

const withAuth = (auth: Auth, key = 'hush-key', more = '') =>
  configured(`base_url: "${provider.url}", auth: ${auth}, api_key: "${key}"${more}`)

const client = (headers: Record<string, string> = {}) => new Headers(headers)
const encoded = { path: '/chat/completions', body: '{"model":"m"}' }

const headersOf = (
  config: ProviderConfig,
  sent: Record<string, string> = {},
  more: Record<string, string> = {},
) => headersFor(config, config.api_keys[0], client(sent), { ...encoded, headers: more })

/** Sends as the exchange does, and answers with what arrived. */
const send = async (config: ProviderConfig, url = config.base_url + encoded.path) => {
  const { length } = provider.requests
  const headers = headersOf(config)
  const outgoing = { method: 'POST', url, headers, body: encoded.body }
  const authorized = await authorize(config, config.api_keys[0], outgoing)
  // a name that only this test knows is no name for a resolver
  const { host } = new URL(authorized.url)
  const response = await senderFor(config)(authorized.url.replace(/[\w.-]+\.test:/, '127.0.0.1:'), {
    method: 'POST',
    headers: { ...authorized.headers, host },
    body: encoded.body,
  })
  await response.body?.cancel()
  return provider.requests[length]!
}

test.each([
  ['bearer', { authorization: 'Bearer hush-key' }],
  ['x-api-key', { 'x-api-key': 'hush-key' }],
  ['api-key', { 'api-key': 'hush-key' }],
  ['x-goog-api-key', { 'x-goog-api-key': 'hush-key' }],
] as const)('%s is a header, made at once', (auth, expected) => {
  const config = withAuth(auth)
  const headers = headersOf(config)
  expect(headers).toMatchObject(expected)
  const outgoing = { method: 'POST', url: 'http://x/y', headers, body: '{}' }
  expect(authorize(config, config.api_keys[0], outgoing)).toEqual({ url: 'http://x/y', headers })
})

test.each(['query', 'sigv4', 'gcp'] as const)('%s puts no key into the plain headers', (auth) => {
  const config = { ...withAuth('bearer', 'id:hush-key'), auth }
  expect(JSON.stringify(headersOf(config))).not.toContain('hush')
})

test('a provider without a key gets nothing', () => {
  const config = configured('base_url: http://x')
  const headers = headersOf(config)
  expect(authorize(config, undefined, { method: 'POST', url: 'u', headers, body: '' })).toEqual({
    url: 'u',
    headers,
  })
})

test('a key in the query joins what is there, escaped', async () => {
  const config = withAuth('query', 'a&b=c+d')
  const url = `${config.base_url}${encoded.path}`
  expect((await send(config, url)).path).toEndWith('/chat/completions?key=a%26b%3Dc%2Bd')
  expect((await send(config, `${url}?alt=sse`)).path).toEndWith('?alt=sse&key=a%26b%3Dc%2Bd')
})

test('what a failed connection says holds no key', async () => {
  const config = configured('base_url: "http://127.0.0.1:1", auth: query, api_key: hush')
  const thrown = await send(config).catch((error) => error)
  expect(thrown).toMatchObject({ code: 'ECONNREFUSED' })
  expect(Bun.inspect(thrown) + JSON.stringify({ ...thrown })).not.toContain('hush')
})

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Signature Version 4 over the request as it arrived, worked out once more from AWS's description. */
const signatureOf = (
  request: Awaited<ReturnType<typeof send>>,
  secret: string,
  service: string,
): string => {
  const header = (name: string) => request.headers[name] ?? ''
  const date = header('x-amz-date')
  const names = /SignedHeaders=([^,]+)/.exec(header('authorization'))![1]!
  const [path = '', query = ''] = request.path.split('?')
  const canonical = [
    request.method,
    encodeURIComponent(path).replaceAll('%2F', '/'),
    query,
    ...names.split(';').map((name) => `${name}:${header(name)}`),
    '',
    names,
    hash(request.body),
  ].join('\n')
  const scope = `${date.slice(0, 8)}/eu-west-1/${service}/aws4_request`
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n')).toString('hex')
}

test.each([
  ['bedrock-runtime', 'bedrock', 'AKIA:s/e+c=r', ''],
  ['bedrock-mantle', 'bedrock-mantle', 'AKIA:s/e+c=r:', ''],
  ['bedrock-runtime', 'bedrock', 'AKIA:secret:to/ken==', 'to/ken=='],
])('a request to %s is signed for %s', async (host, service, key, token) => {
  const base_url = `http://${host}.eu-west-1.test:${provider.port}/openai/v1`
  const config = configured(`base_url: "${base_url}", auth: sigv4, api_key: "${key}"`)
  for (const path of ['/chat/completions', '/models/a:b@c/invoke']) {
    const request = await send(config, base_url + path)
    const authorization = request.headers.authorization!
    expect(authorization).toStartWith('AWS4-HMAC-SHA256 Credential=AKIA/')
    expect(request.headers['x-amz-security-token'] ?? '').toBe(token)
    const signature = signatureOf(request, key.split(':')[1]!, service)
    expect(authorization).toEndWith(`Signature=${signature}`)
    expect(request.headers['content-type']).toBe('application/json')
  }
})

test('a form cannot be signed, and that is not the key’s fault', async () => {
  const config = configured(
    'base_url: "https://bedrock-runtime.us-east-1.amazonaws.com", auth: sigv4, api_key: "a:b"',
  )
  const outgoing = { method: 'POST', url: config.base_url, headers: {}, body: new FormData() }
  await expect(authorize(config, config.api_keys[0], outgoing)).rejects.toMatchObject({
    code: 'invalid_request_error',
  })
})

test('a form brings its own content-type', () => {
  const config = withAuth('bearer')
  const form = { path: '/audio/transcriptions', body: new FormData() }
  expect(headersFor(config, config.api_keys[0], client(), form)).not.toHaveProperty('content-type')
  expect(headersOf(config)).toHaveProperty('content-type', 'application/json')
})

const betas = { 'openai-beta': 'o', 'anthropic-beta': 'a, b', 'x-anthropic-beta': 'b,c' }
const betasIn = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.endsWith('-beta')))

test.each([
  ['openai', { 'openai-beta': 'o' }],
  ['responses', { 'openai-beta': 'o' }],
  ['anthropic', { 'anthropic-beta': 'a,b,c' }],
  ['gemini', {}],
  ['[openai, anthropic]', { 'openai-beta': 'o', 'anthropic-beta': 'a,b,c' }],
])('a provider that speaks %s hears the betas of its family only', (dialect, expected) => {
  const config = configured(`base_url: "http://x", dialect: ${dialect}`)
  expect(betasIn(headersOf(config, { ...betas, cookie: 'x', 'x-team': 'y' }))).toEqual(expected)
  expect(headersOf(config, { cookie: 'x', 'x-team': 'y' })).not.toHaveProperty('cookie')
  expect(betasIn(headersOf(config))).toEqual({})
})

test('OpenRouter hears betas in the header that it passes on', () => {
  expect(betasIn(headersOf(configured('api_key: k', 'openrouter'), betas))).toEqual({
    'openai-beta': 'o',
    'anthropic-beta': 'a,b,c',
    'x-anthropic-beta': 'a,b,c',
  })
})

test('betas of the client, of the YAML and of the request add up', () => {
  const config = configured(
    'base_url: "http://x", dialect: anthropic, headers: { Anthropic-Beta: "y,a", x-team: t }',
  )
  const headers = headersOf(config, betas, {
    'anthropic-beta': 'z,b',
    'anthropic-version': '2023-06-01',
  })
  expect(headers).toMatchObject({
    'anthropic-beta': 'a,b,c,y,z',
    'anthropic-version': '2023-06-01',
    'x-team': 't',
  })
})

test('no header of the client or of the YAML takes the place of a key', () => {
  const config = configured(
    'base_url: "http://x", api_key: k, headers: { Authorization: "Bearer other" }',
  )
  expect(headersOf(config, { authorization: 'Bearer client' }).authorization).toBe('Bearer k')
})
