import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  asks,
  explanationIn,
  surfaces,
  unexplained,
  type SurfaceName,
} from './support/explanations.ts'
import { dialects, type Dialect } from './support/fixtures.ts'
import { breaksOff, fails, replaysFixture } from './support/fixtures-replay.ts'
import { startProvider, type Provider } from './support/provider.ts'
import { byPath } from './support/scripts.ts'
import { startSluice, type Sluice } from './support/sluice.ts'

const why = { 'x-sluice-trace': '1' }

let sluice: Sluice
const providers = {} as Record<Dialect | 'broken' | 'limited', Provider>
beforeAll(async () => {
  for (const name of [...dialects, 'broken', 'limited'] as const)
    providers[name] = await startProvider({ name })
  for (const dialect of dialects) providers[dialect].always(replaysFixture(dialect, 'text'))
  providers.broken.always(fails('openai', 500))
  const provider = (dialect: Dialect) => ({
    dialect,
    base_url: providers[dialect].url,
    api_key: 'sk-1',
    models: { m: { pricing: { prompt: 2, completion: 10 } } },
  })
  sluice = await startSluice({
    config: JSON.stringify({
      server: { drain: '1s', discover: false },
      providers: {
        openai: { ...provider('openai') },
        anthropic: provider('anthropic'),
        gemini: { ...provider('gemini'), base_url: providers.gemini.url.replace(/v1$/, 'v1beta') },
        responses: provider('responses'),
        broken: { ...provider('openai'), base_url: providers.broken.url },
        limited: { ...provider('openai'), base_url: providers.limited.url },
      },
      routes: {
        both: ['broken/m', 'openai/m'],
        down: ['broken/m'],
      },
      plugins: [{ fallback: { breaker: { failures: 1000 }, retry_budget: { min: 1000 } } }],
    }),
  })
})
afterAll(async () => {
  await sluice.stop()
  for (const provider of Object.values(providers)) await provider.stop()
})

const ask = (surface: SurfaceName, question: Parameters<typeof asks>[2]) =>
  asks(sluice.url, surface, question)
const textOf = async (...question: Parameters<typeof ask>) => (await ask(...question)).text()

/** What clients speak, where a provider speaks the same. */
const alike: Readonly<Record<Dialect, SurfaceName>> = {
  openai: 'chat',
  anthropic: 'messages',
  gemini: 'gemini',
  responses: 'responses',
}
const forms = ['whole', 'stream'] as const

describe('an answer that was asked for its reasons', () => {
  for (const surface of surfaces)
    for (const dialect of dialects)
      for (const form of forms) {
        // the legacy format is only OpenAI’s
        if (surface === 'completions' && dialect !== 'openai') continue
        test(`has them in the ${surface} format, ${form}, from ${dialect}`, async () => {
          const stream = form === 'stream'
          const text = await textOf(surface, { model: `${dialect}/m`, stream, headers: why })
          expect(text.match(/openrouter_metadata/g)).toHaveLength(1)
          expect(explanationIn(text)).toEqual({
            requested: `${dialect}/m`,
            strategy: 'direct',
            region: null,
            summary: `available=1, selected=${dialect}/m`,
            attempt: 1,
            attempts: [
              { provider: dialect, model: 'm', status: 200, code: 'ok', ms: expect.any(Number) },
            ],
            is_byok: true,
            endpoints: {
              total: 1,
              available: [
                expect.objectContaining({ provider: dialect, model: 'm', selected: true }),
              ],
            },
            excluded: [],
            generation_time: expect.any(Number),
            cost: expect.any(Number),
            pipeline: [],
            plugins: [{ plugin: 'fallback', ms: expect.any(Number), pieces: expect.any(Number) }],
          })
          const rest = unexplained(text)
          if (!stream) JSON.parse(rest)
          // nothing but the end of the stream stands behind them
          const behind = text.slice(text.indexOf('"plugins":[{')).replace(/^.*?\}\]\}/, '')
          expect(behind).toMatch(/^[\s}\]]*(,"sequence_number":\d+\})?\s*(data: \[DONE\])?\s*$/)
        })
      }

  for (const dialect of dialects)
    for (const form of forms)
      test(`has ${dialect}’s own bytes around them, ${form}`, async () => {
        const question = { model: `${dialect}/m`, stream: form === 'stream' }
        const plain = await textOf(alike[dialect], question)
        const explained = await textOf(alike[dialect], { ...question, headers: why })
        expect(plain).not.toContain('openrouter_metadata')
        expect(unexplained(explained)).toBe(plain)
      })

  test('has them in an array of Google’s answers', async () => {
    const question = { model: 'gemini/m', stream: true, array: true }
    const plain = await textOf('gemini', question)
    const explained = await textOf('gemini', { ...question, headers: why })
    expect(JSON.parse(explained).at(-1).openrouter_metadata.attempt).toBe(1)
    expect(unexplained(explained)).toBe(plain)
  })

  test('has them inside the response that ends a stream of events', async () => {
    const text = await textOf('responses', { model: 'responses/m', stream: true, headers: why })
    const last = JSON.parse(text.trimEnd().split('\n').at(-1)!.slice('data: '.length))
    expect(last.type).toBe('response.completed')
    expect(last.response.openrouter_metadata.attempt).toBe(1)
  })

  test.each([
    ['x-sluice-trace', '1'],
    ['x-openrouter-metadata', 'enabled'],
    ['x-openrouter-experimental-metadata', 'enabled'],
  ])('was asked by %s: %s', async (name, value) => {
    const body = await textOf('chat', { model: 'openai/m', headers: { [name]: value } })
    expect(JSON.parse(body).openrouter_metadata.requested).toBe('openai/m')
  })

  test.each([
    ['x-sluice-trace', '0'],
    ['x-openrouter-metadata', 'disabled'],
  ])('was not asked by %s: %s', async (name, value) => {
    const body = await textOf('chat', { model: 'openai/m', headers: { [name]: value } })
    expect(body).not.toContain('openrouter_metadata')
  })

  test('tells every attempt, and which one answered', async () => {
    const { openrouter_metadata: told } = JSON.parse(
      await textOf('chat', { model: 'both', headers: why }),
    )
    expect(told.requested).toBe('both')
    expect(told.attempt).toBe(2)
    expect(
      told.attempts.map(({ provider, status, code }: any) => [provider, status, code]),
    ).toEqual([
      ['broken', 500, 'upstream_error'],
      ['openai', 200, 'ok'],
    ])
    expect(told.endpoints).toMatchObject({
      total: 2,
      available: [
        { provider: 'broken', selected: false },
        { provider: 'openai', selected: true },
      ],
    })
  })

  test('has them in the body of embeddings', async () => {
    providers.openai.next(byPath('openai'))
    const response = await fetch(`${sluice.v1}/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...why },
      body: JSON.stringify({ model: 'openai/m', input: 'Hello.' }),
    })
    const body: any = await response.json()
    expect(body.data[0].embedding).toBeArray()
    expect(body.openrouter_metadata.attempt).toBe(1)
  })
})

/** The availability, wherever the format has room for it. */
const availabilityIn = (surface: SurfaceName, body: any): any =>
  surface === 'gemini'
    ? body.error.details.find((detail: any) => detail['@type'].endsWith('Availability'))
    : body.error.availability

describe('an error that means that nobody could answer', () => {
  for (const surface of surfaces)
    test(`says so in the ${surface} format`, async () => {
      const response = await ask(surface, { model: 'down' })
      const body: any = await response.json()
      expect(response.status).toBe(502)
      if (surface === 'ollama') return expect(body.error).toContain('500')
      expect(availabilityIn(surface, body)).toMatchObject({
        code: 'temporarily_unavailable',
        retryable: true,
        requested_models: ['down'],
        affected_providers: ['broken'],
      })
      expect(body.openrouter_metadata).toBeUndefined()
    })

  for (const surface of surfaces)
    test(`has the reasons too in the ${surface} format, when it is asked for them`, async () => {
      const body: any = await (await ask(surface, { model: 'down', headers: why })).json()
      expect(body.openrouter_metadata).toMatchObject({
        requested: 'down',
        attempt: 1,
        summary: 'available=1',
        attempts: [{ provider: 'broken', status: 500, code: 'upstream_error' }],
        endpoints: { available: [{ provider: 'broken', selected: false }] },
      })
    })

  test('is told from one about a model that nobody knows', async () => {
    const response = await ask('chat', { model: 'nonsense' })
    expect(response.status).toBe(404)
    const { error }: any = await response.json()
    expect(error.availability).toEqual({
      code: 'model_not_found',
      retryable: false,
      requested_models: [],
    })
  })

  test('is told from one about a limit', async () => {
    providers.limited.next(fails('openai', 429, 'slow down', { headers: { 'retry-after': '7' } }))
    const { error }: any = await (await ask('chat', { model: 'limited/m' })).json()
    expect(error.availability).toMatchObject({
      code: 'capacity_exhausted',
      retryable: true,
      retry_after: 7,
      affected_providers: ['limited'],
    })
  })

  test('is not what a mistake of the client is', async () => {
    providers.anthropic.next(fails('anthropic', 400, 'no'))
    const { error }: any = await (await ask('chat', { model: 'anthropic/m' })).json()
    expect(error.availability).toBeUndefined()
  })
})

describe('a stream that breaks off', () => {
  const broken = async (surface: SurfaceName, headers = {}): Promise<string> => {
    const dialect = dialects.find((one) => alike[one] === surface) ?? 'openai'
    providers[dialect].next(breaksOff(dialect, 'text', dialect === 'responses' ? 6 : 4))
    return textOf(surface, { model: `${dialect}/m`, stream: true, headers })
  }

  for (const surface of surfaces)
    test(`says in the ${surface} format that nobody could go on, and why`, async () => {
      const plain = await broken(surface)
      if (surface !== 'ollama') expect(plain).toMatch(/"affected_providers":\["\w+"\]/)
      expect(plain).not.toContain('openrouter_metadata')
      const explained = await broken(surface, why)
      expect(explained.match(/openrouter_metadata/g)).toHaveLength(1)
      expect(explanationIn(explained)).toMatchObject({ attempt: 1, summary: 'available=1' })
    })
})
