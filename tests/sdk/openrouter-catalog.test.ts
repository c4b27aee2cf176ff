import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { OpenRouter } from '@openrouter/sdk'
import * as errors from '@openrouter/sdk/models/errors'
import OpenAI from 'openai'
import { fails } from '../support/fixtures-replay.ts'
import { startLab, type Lab } from '../support/lab.ts'

setDefaultTimeout(30_000)

const priced = {
  context_length: 128_000,
  max_completion_tokens: 16_000,
  description: 'A model.',
  supported_parameters: ['tools', 'tool_choice', 'temperature'],
  reasoning: { supported_efforts: ['low', 'high'], default_effort: 'low' },
  quantization: 'fp8',
  pricing: {
    prompt: 0.15,
    completion: 0.6,
    input_cache_read: 0.075,
    request: 0.001,
    overrides: [
      { min_prompt_tokens: 64_000, prompt: 0.3 },
      { utc_start: 1630, utc_end: 30, completion: 0.3 },
    ],
  },
}

let lab: Lab
let client: OpenRouter
let openai: OpenAI
const keyed = (key: string) =>
  new OpenRouter({
    apiKey: key,
    serverURL: `${lab.sluice.url}/api/v1`,
    retryConfig: { strategy: 'none' },
  })
beforeAll(async () => {
  lab = await startLab({
    providers: (ports) => ({
      a: {
        base_url: ports.a.url,
        api_key: 'k',
        zdr: false,
        models: {
          m: priced,
          'vendor/shared': { pricing: { prompt: 1, completion: 2 }, context_length: 1_000 },
        },
      },
      b: {
        base_url: ports.b.url,
        api_key: 'k',
        zdr: true,
        models: {
          m: { pricing: { prompt: 0.1, completion: 0.5 } },
          'vendor/shared': { pricing: { prompt: 3, completion: 4 }, context_length: 2_000 },
          vectors: { output_modalities: ['embeddings'] },
          painter: { output_modalities: ['image'], input_modalities: ['text', 'image'] },
        },
      },
      c: { base_url: ports.c.url, api_key: 'k', zdr: false, models: ['only:extended', 'plain'] },
    }),
    routes: {
      m: ['a/m', 'b/m'],
      solo: ['a/m'],
      nick: 'm',
      'pair/*': ['c/*'],
      'deep/er/name': ['b/m'],
      picky: { endpoints: ['a/m', 'b/m'], provider: { only: ['b'] } },
    },
    plugins: [
      {
        auth: {
          keys: {
            all: { key: 'sk-all' },
            some: { key: 'sk-some', models: ['m', 'c/*'] },
          },
        },
      },
    ],
  })
  client = keyed('sk-all')
  openai = new OpenAI({ apiKey: 'sk-all', baseURL: lab.sluice.v1, maxRetries: 0 })
})
afterAll(() => lab[Symbol.asyncDispose]())

const allOf = async (asked: Promise<any>): Promise<any[]> => {
  const pages: any[] = []
  for await (const page of await asked) pages.push(page)
  return pages.flatMap((page) => (page.result ?? page).data)
}

const ids = (models: readonly any[]): string[] => models.map(({ id }) => id)

const failure = async (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    () => expect.unreachable(),
    (error) => error,
  )

describe('the list of models', () => {
  test('has routes, patterns, shared names, the providers’ own models and those that choose', async () => {
    expect(ids(await allOf(client.models.list({})))).toEqual([
      'm',
      'solo',
      'nick',
      'pair/only:extended',
      'pair/plain',
      'deep/er/name',
      'picky',
      'vendor/shared',
      'a/m',
      'a/vendor/shared',
      'b/m',
      'b/vendor/shared',
      'c/only:extended',
      'c/plain',
      'demo/demo',
      'sluice/auto',
      'sluice/local',
    ])
  })

  test('has the first endpoint’s price and limits, exact and by the token', async () => {
    const models = await allOf(client.models.list({}))
    const model = models.find(({ id }) => id === 'm')
    expect(model).toMatchObject({
      name: 'm',
      contextLength: 128_000,
      topProvider: { contextLength: 128_000, maxCompletionTokens: 16_000, isModerated: false },
      supportedParameters: ['tools', 'tool_choice', 'temperature'],
      reasoning: { mandatory: false, supportedEfforts: ['low', 'high'], defaultEffort: 'low' },
      pricing: {
        prompt: '0.00000015',
        completion: '0.0000006',
        inputCacheRead: '0.000000075',
        request: '0.001',
        overrides: [
          { minPromptTokens: 64_000, prompt: '0.0000003' },
          { utcStart: 1630, utcEnd: 30, completion: '0.0000003' },
        ],
      },
      links: { details: '/api/v1/models/m/endpoints' },
    })
    expect(models.find(({ id }) => id === 'vendor/shared').contextLength).toBe(1_000)
    expect(models.find(({ id }) => id === 'nick').aliasTarget).toEqual({ name: 'm', slug: 'm' })
    const unknown = models.find(({ id }) => id === 'c/plain')
    expect([unknown.pricing, unknown.contextLength]).toEqual([
      { prompt: '-1', completion: '-1' },
      null,
    ])
    expect(models.find(({ id }) => id === 'sluice/auto')).toMatchObject({
      pricing: { prompt: '-1', completion: '-1' },
      architecture: { tokenizer: 'Router' },
    })
  })

  test('is of text for OpenRouter’s clients unless they ask, and of everything for OpenAI’s', async () => {
    const embeddings = await allOf(client.models.list({ outputModalities: 'embeddings' }))
    expect(ids(embeddings)).toEqual(['b/vectors'])
    const plain = ids(await Array.fromAsync(await openai.models.list()))
    expect(plain).toContain('b/vectors')
    expect(ids(await allOf(client.models.list({ outputModalities: 'all' })))).toEqual(plain)
  })

  test('is filtered, ordered and paged as OpenRouter’s parameters say', async () => {
    const list = async (request: object) => ids(await allOf(client.models.list(request)))
    expect(await list({ q: 'shared', sort: 'pricing-high-to-low' })).toEqual([
      'b/vendor/shared',
      'vendor/shared',
      'a/vendor/shared',
    ])
    expect(await list({ zdr: 'true', maxPrice: 0.2 })).toEqual([
      'm',
      'nick',
      'deep/er/name',
      'picky',
      'b/m',
      'demo/demo',
    ])
    expect(await list({ context: 100_000, providers: 'a', limit: 1 })).toEqual([
      'm',
      'solo',
      'nick',
      'picky',
      'a/m',
    ])
  })

  test('refuses what it cannot read, in the client’s form', async () => {
    const error = await failure(client.models.list({ context: 0 } as any))
    expect(error).toBeInstanceOf(Error)
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(lab.sluice.url + path, {
        headers: { authorization: 'Bearer sk-all', ...headers },
      })
      return [response.status, await response.json()] as [number, any]
    }
    const [status, body] = await get('/api/v1/models?sort=cheapest')
    expect(status).toBe(400)
    expect(body.error.code).toBe(400)
    expect(body.error.message).toStartWith('sort: expected one of newest, ')
    expect(body.error.message).not.toContain('cheapest')
    const [, own] = await get('/v1/models?max_price=cheap')
    expect(own.error).toMatchObject({ param: 'max_price', type: 'invalid_request_error' })
    const [, count] = await get('/v1/models/user?limit=0', { 'anthropic-version': '2023-06-01' })
    expect(count).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  })

  test('is counted', async () => {
    const count = async (outputModalities?: string) =>
      (await client.models.count(outputModalities ? { outputModalities } : {})).data.count
    expect(await count()).toBe((await allOf(client.models.list({}))).length)
    expect(await count('image')).toBe(1)
    expect(await count('all')).toBe((await count()) + 2)
  })

  test('of embeddings and of images are lists of their own', async () => {
    expect(ids(await allOf(client.embeddings.listModels({})))).toEqual(['b/vectors'])
    const { data } = await client.images.listModels()
    expect(data).toMatchObject([
      { id: 'b/painter', architecture: { inputModalities: ['text', 'image'] } },
    ])
  })

  test('has its endpoints with it when asked, for whoever wants all in one answer', async () => {
    const response = await fetch(`${lab.sluice.url}/api/v1/models?endpoints=true&q=m`, {
      headers: { authorization: 'Bearer sk-all' },
    })
    const { data } = (await response.json()) as any
    expect(data[0].endpoints.map(({ tag }: any) => tag)).toEqual(['a', 'b'])
  })
})

describe('one model', () => {
  const get = async (id: string) => {
    const [author = '', ...slug] = id.split('/')
    return (await client.models.get({ author, slug: slug.join('/') })).data
  }

  test.each(['a/m', 'a/vendor/shared', 'deep/er/name', 'pair/plain', 'c/only:extended'])(
    '%s is found by its id, whatever slashes and colons that has',
    async (id) => {
      expect((await get(id)).id).toBe(id)
    },
  )

  test('is found behind a variant, an alias and a name that nobody lists', async () => {
    expect((await get('a/m:nitro')).id).toBe('a/m')
    expect((await get('vendor/shared:floor:online')).id).toBe('vendor/shared')
    const response = await fetch(`${lab.sluice.url}/v1/model/nick`, {
      headers: { authorization: 'Bearer sk-all' },
    })
    expect(((await response.json()) as any).data).toMatchObject({
      id: 'nick',
      canonical_slug: 'm',
      context_length: 128_000,
    })
    expect(await openai.models.retrieve('plain')).toMatchObject({ id: 'plain', owned_by: 'c' })
  })

  test('that is not there is a 404', async () => {
    expect(await failure(get('a/none'))).toBeInstanceOf(errors.NotFoundResponseError)
    expect((await failure(openai.models.retrieve('none'))).status).toBe(404)
  })
})

describe('the endpoints of a model', () => {
  const endpointsOf = async (id: string) => {
    const [author = '', ...slug] = id.split('/')
    return (await client.endpoints.list({ author, slug: slug.join('/') })).data
  }

  test('are told with prices, limits and what was measured', async () => {
    const page = await (
      await fetch(`${lab.sluice.url}/v1/models/m/endpoints`, {
        headers: { authorization: 'Bearer sk-all' },
      })
    ).json()
    expect((page as any).data).toMatchObject({
      id: 'm',
      endpoints: [
        {
          name: 'a | m',
          provider_name: 'a',
          tag: 'a',
          model_id: 'm',
          context_length: 128_000,
          max_completion_tokens: 16_000,
          quantization: 'fp8',
          pricing: { prompt: '0.00000015' },
          supports_implicit_caching: true,
          supports_tool_choice: { auto: true, none: true, required: true, function: true },
          status: 0,
        },
        { tag: 'b', context_length: 0, max_completion_tokens: null, quantization: null },
      ],
    })
  })

  test.each([
    ['a/m', 1],
    ['vendor/shared', 2],
    ['deep/er/name', 1],
    ['c/only:extended', 1],
    ['sluice/auto', 0],
    ['vendor/shared:nitro', 2],
  ] as const)('of %s pass the SDK’s own validation', async (id, count) => {
    expect((await endpointsOf(id)).endpoints).toHaveLength(count)
  })

  test('tell how they did, once they were asked', async () => {
    const [before] = (await endpointsOf('b/m')).endpoints
    expect([before?.uptimeLast5m, before?.latencyLast30m]).toEqual([null, null])
    lab.b.next(fails('openai', 500, 'down'))
    for (const status of [500, 200, 200, 200]) {
      const answer = await lab.chat(
        { model: 'b/m' },
        { headers: { authorization: 'Bearer sk-all' } },
      )
      expect(answer.status === 200).toBe(status === 200)
    }
    const [endpoint] = (await endpointsOf('b/m')).endpoints
    expect([endpoint?.uptimeLast5m, endpoint?.uptimeLast1d]).toEqual([75, 75])
    expect(endpoint?.latencyLast30m?.p50).toBeGreaterThanOrEqual(0)
    const response = await fetch(`${lab.sluice.url}/api/v1/models?sort=latency-low-to-high`, {
      headers: { authorization: 'Bearer sk-all' },
    })
    const [first] = ((await response.json()) as any).data
    expect(['m', 'deep/er/name', 'picky', 'b/m', 'nick']).toContain(first.id)
  })

  test('of a model that is not there are a 404', async () => {
    expect(await failure(endpointsOf('a/none'))).toBeInstanceOf(errors.NotFoundResponseError)
  })

  test('that keep nothing are listed once each', async () => {
    const { data } = await client.endpoints.listZdrEndpoints()
    expect(data.map(({ name }: any) => name).sort()).toEqual([
      'b | m',
      'b | painter',
      'b | vectors',
      'b | vendor/shared',
      'demo | demo',
    ])
  })
})

test('providers are listed by the names of preferences', async () => {
  const { data } = await client.providers.list()
  expect(data.map(({ slug }) => slug)).toEqual(['a', 'b', 'c', 'demo'])
})

describe('a key', () => {
  test('sees only what it may use, in every list', async () => {
    const narrow = keyed('sk-some')
    expect(ids(await allOf(narrow.models.list({})))).toEqual([
      'm',
      'nick',
      'c/only:extended',
      'c/plain',
      'sluice/auto',
      'sluice/local',
    ])
    expect((await narrow.models.count({})).data.count).toBe(6)
    expect((await narrow.providers.list()).data.map(({ slug }) => slug)).toEqual(['a', 'b', 'c'])
    for (const asked of [
      narrow.models.get({ author: 'a', slug: 'm' }),
      narrow.endpoints.list({ author: 'vendor', slug: 'shared' }),
    ])
      expect(await failure(asked)).toBeInstanceOf(errors.NotFoundResponseError)
  })

  test('that is wrong sees nothing', async () => {
    const stranger = keyed('sk-wrong')
    for (const asked of [
      stranger.models.list({}),
      stranger.models.count({}),
      stranger.providers.list(),
      stranger.endpoints.listZdrEndpoints(),
      stranger.endpoints.list({ author: 'a', slug: 'm' }),
    ])
      expect((await failure(asked)).statusCode).toBe(401)
  })

  test('may use what preferences leave, at the price of what is left', async () => {
    const models = await allOf(client.models.listForUser({ bearer: 'sk-all' }, {}))
    expect(models.find(({ id }) => id === 'picky').pricing.prompt).toBe('0.0000001')
    expect(models.find(({ id }) => id === 'm').pricing.prompt).toBe('0.00000015')
  })
})
