import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { generateKeyPairSync } from 'node:crypto'
import { askProvider } from '../src/catalog/ask-provider.ts'
import { createCatalog } from '../src/catalog/catalog.ts'
import { createLearned } from '../src/catalog/learned.ts'
import { listModels } from '../src/catalog/models.ts'
import { toPage } from '../src/catalog/reported.ts'
import { parseConfig, type Config } from '../src/config.ts'
import { createRouter } from '../src/router/router.ts'
import { anthropicModels, geminiModels } from './support/fixtures-desk.ts'

interface Seen {
  readonly path: string
  readonly headers: Headers
}

let seen: Seen[]
let answer: (url: URL) => Response
let server: ReturnType<typeof Bun.serve>
beforeEach(() => {
  seen = []
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const url = new URL(request.url)
      seen.push({ path: url.pathname + url.search, headers: request.headers })
      return answer(url)
    },
  })
})
afterEach(() => server.stop(true))

const configOf = (provider: object) =>
  parseConfig(
    JSON.stringify({
      server: { discover: false },
      providers: { p: { base_url: `http://127.0.0.1:${server.port}/v1`, ...provider } },
    }),
    { file: 'config.yaml', directory: '.', env: {} },
  )

const ask = (provider: object) => askProvider(configOf(provider).providers.get('p')!)

describe('a provider is asked for its models', () => {
  test('as Anthropic wants it, page after page', async () => {
    const ids = ['claude-a', 'claude-b', 'claude-c', 'claude-d', 'claude-e']
    answer = (url) => {
      const at = ids.indexOf(url.searchParams.get('after_id') ?? '') + 1
      const page = anthropicModels(ids.slice(at, at + 2)) as object
      return Response.json({ ...page, has_more: at + 2 < ids.length })
    }
    const models = await ask({ dialect: 'anthropic', api_key: 'k' })
    expect(models.map(({ id }) => id)).toEqual(ids)
    expect(models[0]).toEqual({
      id: 'claude-a',
      name: 'Claude claude-a',
      created: 1_759_104_000,
      context_length: 200_000,
      max_output_tokens: 64_000,
    })
    expect(seen.map(({ path }) => path)).toEqual([
      '/v1/models?limit=1000',
      '/v1/models?limit=1000&after_id=claude-b',
      '/v1/models?limit=1000&after_id=claude-d',
    ])
    for (const { headers } of seen) {
      expect(headers.get('x-api-key')).toBe('k')
      expect(headers.get('anthropic-version')).toBe('2023-06-01')
    }
  })

  test('as Gemini wants it, without the folder in its names', async () => {
    answer = (url) =>
      url.searchParams.has('pageToken')
        ? Response.json(geminiModels(['gemini-b']))
        : Response.json({ ...(geminiModels(['gemini-a']) as object), nextPageToken: 'a+b/=' })
    const models = await ask({ dialect: 'gemini', api_key: 'k' })
    expect(models).toMatchObject([
      {
        id: 'gemini-a',
        name: 'Gemini gemini-a',
        context_length: 1_048_576,
        max_output_tokens: 65_536,
      },
      { id: 'gemini-b' },
    ])
    expect(seen.map(({ path }) => path)).toEqual([
      '/v1/models?pageSize=1000',
      '/v1/models?pageSize=1000&pageToken=a%2Bb%2F%3D',
    ])
    expect(seen[0]!.headers.get('x-goog-api-key')).toBe('k')
  })

  test('with whatever kind of key it has', async () => {
    answer = () => Response.json({ data: [{ id: 'm', context_length: 8 }] })
    await ask({ api_key: 'k' })
    await ask({ api_key: 'k', auth: 'api-key' })
    await ask({ api_key: 'k&', auth: 'query' })
    await ask({ dialect: 'gemini', api_key: 'k', auth: 'query' })
    await ask({ dialect: 'gemini', api_key: 'ya29.token', auth: 'gcp' })
    await ask({ headers: { 'x-team': 'a' } })
    const [bearer, apiKey, query, both, gcp, none] = seen
    expect(bearer!.headers.get('authorization')).toBe('Bearer k')
    expect(bearer!.path).toBe('/v1/models')
    expect(apiKey!.headers.get('api-key')).toBe('k')
    expect(query!.path).toBe('/v1/models?key=k%26')
    expect(both!.path).toBe('/v1/models?pageSize=1000&key=k')
    expect(gcp!.headers.get('authorization')).toBe('Bearer ya29.token')
    expect(none!.headers.get('authorization')).toBeNull()
    expect(none!.headers.get('x-team')).toBe('a')
  })

  test('with the token that a service account is given', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    answer = (url) =>
      url.pathname === '/token'
        ? Response.json({ access_token: 'ya29.fresh', expires_in: 3600 })
        : Response.json(geminiModels(['gemini-a']))
    const api_key = JSON.stringify({
      type: 'service_account',
      client_email: 'a@example.iam.gserviceaccount.com',
      private_key: privateKey,
      token_uri: `http://127.0.0.1:${server.port}/token`,
    })
    const models = await ask({ dialect: 'gemini', api_key, auth: 'gcp' })
    expect(models.map(({ id }) => id)).toEqual(['gemini-a'])
    expect(seen.at(-1)!.headers.get('authorization')).toBe('Bearer ya29.fresh')
  })

  test('and what it said before it failed counts', async () => {
    answer = (url) =>
      url.searchParams.has('after_id')
        ? new Response('no', { status: 500 })
        : Response.json({ ...(anthropicModels(['claude-a']) as object), has_more: true })
    expect((await ask({ dialect: 'anthropic', api_key: 'k' })).map(({ id }) => id)).toEqual([
      'claude-a',
    ])
  })

  test('but never without end, nor by a redirect', async () => {
    answer = () => Response.json({ ...(anthropicModels(['a']) as object), has_more: true })
    expect(await ask({ dialect: 'anthropic', api_key: 'k' })).toHaveLength(1)
    expect(seen).toHaveLength(2)
    answer = () => Response.redirect(`http://127.0.0.1:${server.port}/elsewhere`)
    expect(await ask({ api_key: 'k' })).toEqual([])
    expect(seen.at(-1)!.path).toBe('/v1/models')
  })

  test.each(['not JSON', '[]', '{}', 'null', '{"data": "x"}', '{"data": [1, null, {"id": 3}]}'])(
    'and %p is no list',
    async (text) => {
      answer = () => new Response(text)
      expect(await ask({ api_key: 'k' })).toEqual([])
    },
  )
})

test('a list keeps what OpenAI-like providers say about their models', () => {
  const model = { id: 'a/b', object: 'model', context_length: 8, pricing: { prompt: '0' } }
  expect(toPage({ object: 'list', data: [model] })).toEqual({ models: [model] })
  expect(toPage([model])).toEqual({ models: [model] })
})

/** Everything that can be asked for of a config, once its providers were asked. */
const modelsOf = async (config: Config) => {
  const learned = createLearned()
  const catalog = createCatalog(config, learned)
  await catalog.ask()
  return listModels({ config, catalog, router: createRouter(config, { catalog }) })
}

test('models of a package are those that the YAML names', async () => {
  const sdk = { dialect: 'ai-sdk', package: '@ai-sdk/cohere' }
  const listed = async (more: object) =>
    (await modelsOf(configOf({ ...sdk, ...more })))
      .map(({ id }) => id)
      .filter((id) => id.startsWith('p/'))
  expect(await listed({ models: ['command-a'] })).toEqual(['p/command-a'])
  expect(await listed({})).toEqual([])
  expect(seen).toEqual([])
})

test('what a provider reports stands in the list', async () => {
  answer = () => Response.json(anthropicModels(['claude-a']))
  const models = await modelsOf(configOf({ dialect: 'anthropic', api_key: 'k' }))
  expect(models.find(({ id }) => id === 'p/claude-a')).toMatchObject({
    id: 'p/claude-a',
    object: 'model',
    created: 1_759_104_000,
    owned_by: 'p',
    name: 'Claude claude-a',
    context_length: 200_000,
    max_completion_tokens: 64_000,
    endpoints: [{ provider: 'p', model: 'claude-a' }],
  })
})
