import { afterAll, beforeAll, expect, test } from 'bun:test'
import { OpenRouter } from '@openrouter/sdk'
import { NotFoundResponseError } from '@openrouter/sdk/models/errors'
import { breaksOff, fails, replaysFixture } from '../support/fixtures-replay.ts'
import { startProvider, type Provider } from '../support/provider.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

const laptop = 'sk-test-laptop-0001'
const phone = 'sk-test-phone-0002'

let sluice: Sluice
let good: Provider
let broken: Provider
beforeAll(async () => {
  good = await startProvider({ name: 'good' })
  broken = await startProvider({ name: 'broken' })
  good.always(replaysFixture('openai', 'text'))
  broken.always(fails('openai', 500))
  const provider = ({ url }: Provider) => ({
    base_url: url,
    api_key: 'sk-provider',
    models: { m: { pricing: { prompt: 2, completion: 10 } }, half: { pricing: { prompt: 2 } } },
  })
  sluice = await startSluice({
    config: JSON.stringify({
      server: { drain: '1s', discover: false },
      providers: { good: provider(good), broken: provider(broken) },
      routes: { both: ['broken/m', 'good/m'] },
      presets: { calm: { temperature: 0 } },
      plugins: [
        { auth: { keys: { laptop: { key: laptop }, phone: { key: phone } } } },
        { fallback: { breaker: { failures: 1000 }, retry_budget: { min: 1000 } } },
      ],
    }),
  })
})
afterAll(async () => {
  await sluice.stop()
  await good.stop()
  await broken.stop()
})

const secret = 'the-secret-of-the-prompt'

const chat = async (more: object = {}, headers: Record<string, string> = {}): Promise<string> => {
  const response = await fetch(`${sluice.v1}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${laptop}`, ...headers },
    body: JSON.stringify({
      model: 'good/m',
      messages: [{ role: 'user', content: secret }],
      ...more,
    }),
  })
  await response.text()
  return response.headers.get('x-generation-id')!
}

const look = async (id: string, { key = laptop, prefix = '/v1' } = {}): Promise<any> => {
  const response = await fetch(`${sluice.url}${prefix}/generation?id=${encodeURIComponent(id)}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  return { status: response.status, ...((await response.json()) as object) }
}

test('a call is remembered with who answered, tokens and times', async () => {
  const id = await chat(
    { user: 'ann', session_id: 'talk-1' },
    { 'http-referer': 'https://app.example/', 'user-agent': 'tests/1' },
  )
  const { status, data } = await look(id)
  expect(status).toBe(200)
  expect(data).toMatchObject({
    id,
    request_id: id.replace('gen-', 'req_'),
    upstream_id: expect.stringMatching(/^chatcmpl-/),
    api_type: 'completions',
    model: 'good/m',
    router: null,
    provider_name: 'good',
    streamed: false,
    cancelled: false,
    finish_reason: 'stop',
    is_byok: true,
    external_user: 'ann',
    session_id: 'talk-1',
    http_referer: 'https://app.example/',
    user_agent: 'tests/1',
  })
  expect(data.tokens_prompt).toBeGreaterThan(0)
  expect(data.native_tokens_completion).toBe(data.tokens_completion)
  expect(Date.parse(data.created_at)).toBeWithin(Date.now() - 60_000, Date.now() + 1)
  expect(data.latency).toBeGreaterThanOrEqual(data.generation_time)
  expect(JSON.stringify(data)).not.toContain(secret)
})

test('the attempts before the one that answered are remembered', async () => {
  const { data } = await look(await chat({ model: 'both', stream: true }))
  expect(data).toMatchObject({ model: 'both', provider_name: 'good', streamed: true })
  expect(data.finish_reason).toBe('stop')
  expect(data.provider_responses).toMatchObject([
    { provider_name: 'broken', endpoint_id: 'broken/m', status: 500, code: 'upstream_error' },
    { provider_name: 'good', endpoint_id: 'good/m', status: 200, code: 'ok', is_byok: true },
  ])
})

test('a failure is remembered without the words of the provider', async () => {
  broken.next(fails('openai', 500, `no: ${secret}`))
  const { data } = await look(await chat({ model: 'broken/m' }))
  expect(data).toMatchObject({
    finish_reason: 'error',
    error: { code: 'all_providers_failed', status: 502 },
    tokens_prompt: null,
    tokens_completion: null,
    total_cost: 0,
  })
  expect(JSON.stringify(data)).not.toContain(secret)
})

test('a stream that breaks off is remembered as one', async () => {
  good.next(breaksOff('openai', 'text', 4))
  const { data } = await look(await chat({ stream: true }))
  expect(data).toMatchObject({ finish_reason: 'error', cancelled: false, provider_name: 'good' })
})

test('a client that left is remembered as one', async () => {
  good.next(async ({ head, body, gone }) => {
    await head(200, { 'content-type': 'text/event-stream' })
    await body('data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n')
    await gone
  })
  const leaving = new AbortController()
  const response = await fetch(`${sluice.v1}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${laptop}` },
    body: JSON.stringify({
      model: 'good/m',
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    }),
    signal: leaving.signal,
  })
  await response.body!.getReader().read()
  leaving.abort()
  const id = response.headers.get('x-generation-id')!
  await until('it is remembered', async () => (await look(id)).status === 200)
  const { data } = await look(id)
  expect(data).toMatchObject({ cancelled: true, estimated: true })
  expect(data.tokens_completion).toBeGreaterThan(0)
  expect(data.total_cost).toBeGreaterThan(0)
})

test('what never reached a provider is not a generation', async () => {
  expect((await look(await chat({ model: 'nonsense' }))).status).toBe(404)
})

test('nobody sees the call of another, and is told no more than of one that never was', async () => {
  const id = await chat()
  expect((await look(id)).status).toBe(200)
  const others = await look(id, { key: phone })
  const never = await look('gen-00000000000000000000000000000000', { key: phone })
  expect(others.status).toBe(404)
  expect(never.error.message.replace('00000000000000000000000000000000', id.slice(4))).toBe(
    others.error.message,
  )
  expect((await look(id, { key: 'wrong' })).status).toBe(401)
})

test('what is asked for must be named, and is not repeated when it is no id', async () => {
  expect((await look('')).status).toBe(400)
  const { status, error } = await look('<script>')
  expect([status, error.message.includes('script')]).toEqual([404, false])
})

test('a cost is what all attempts took', async () => {
  const { data } = await look(await chat({ model: 'both' }))
  const cost = (data.tokens_prompt * 2 + data.tokens_completion * 10) / 1e6
  expect(data.total_cost).toBeCloseTo(cost, 9)
  expect(data).toMatchObject({ usage: data.total_cost, upstream_inference_cost: data.total_cost })
  expect(data.unpriced).toBeUndefined()
})

test('a cost that is not known is never nothing', async () => {
  const id = await chat({ model: 'good/half' })
  const unknown = { unpriced: true, upstream_inference_cost: null }
  expect((await look(id)).data).toMatchObject({ ...unknown, total_cost: null, usage: null })
  const { data } = await look(id, { prefix: '/api/v1' })
  expect(data).toMatchObject({ ...unknown, total_cost: -1, usage: -1 })
})

test('OpenRouter’s SDK takes the record and its absence', async () => {
  const client = new OpenRouter({
    apiKey: laptop,
    serverURL: `${sluice.url}/api/v1`,
    retryConfig: { strategy: 'none' },
  })
  const { data } = await client.generations.getGeneration({ id: await chat({ stream: true }) })
  expect(data).toMatchObject({ providerName: 'good', streamed: true, isByok: true })
  expect(data.providerResponses).toHaveLength(1)
  const missing = client.generations.getGeneration({ id: 'gen-none' })
  expect(missing).rejects.toBeInstanceOf(NotFoundResponseError)
  expect(missing).rejects.toMatchObject({ error: { code: 404 } })
})

test('the preset that a request named is remembered', async () => {
  const { data } = await look(await chat({ model: 'good/m@preset/calm' }))
  expect(data).toMatchObject({ model: 'good/m', preset_id: 'calm' })
  expect((await look(await chat({ preset: 'calm' }))).data.preset_id).toBe('calm')
})
