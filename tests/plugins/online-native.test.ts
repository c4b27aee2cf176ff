import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { bodyFor, type SurfaceName } from '../support/formats.ts'
import { startFormats, type FormatsLab } from '../support/formats-lab.ts'
import { startSearxng, type Searxng } from '../support/searxng.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

let searxng: Searxng
let lab: FormatsLab

beforeAll(async () => {
  searxng = startSearxng()
  const api_key = 'sk-provider'
  lab = await startFormats(
    ['web-fetch', { online: { engines: { searxng: { base_url: searxng.url } } } }, 'fallback'],
    {
      providers: (base_url) => ({
        claude: { preset: 'anthropic', base_url, api_key },
        google: { preset: 'gemini', base_url, api_key },
        gpt: { preset: 'openai', base_url, api_key },
        sonar: { preset: 'perplexity', base_url, api_key },
        router: { preset: 'openrouter', dialect: 'openai', base_url, api_key },
        box: { dialect: 'openai', base_url },
      }),
      config: { routes: { mixed: ['claude/m', 'box/m'], both: ['claude/m', 'google/m'] } },
    },
  )
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await searxng.stop()
})
beforeEach(() => void (searxng.queries.length = 0))

const web = (more: object = {}) => ({ plugins: [{ id: 'web', ...more }] })

/** What the provider was sent. */
const sent = async (surface: SurfaceName, model: string, more: object = {}): Promise<any> => {
  const response = await lab.post(surface, model, { ...bodyFor(surface, model), ...more })
  await response.text()
  return lab.sent()
}

describe('a provider that searches by itself', () => {
  test('is asked to, in its own words', async () => {
    const place = { type: 'approximate', city: 'Bern', country: 'CH' }
    expect(
      await sent(
        'chat',
        'claude/m',
        web({ max_uses: 2, exclude_domains: ['a.example'], user_location: place }),
      ),
    ).toMatchObject({
      tools: [
        {
          type: 'web_search_20250305',
          name: 'web_search',
          max_uses: 2,
          blocked_domains: ['a.example'],
          user_location: place,
        },
      ],
    })
    expect((await sent('chat', 'google/m', web())).tools).toEqual([{ googleSearch: {} }])
    expect(
      (await sent('responses', 'gpt/m', web({ include_domains: ['a.example'] }))).tools,
    ).toEqual([{ type: 'web_search', filters: { allowed_domains: ['a.example'] } }])
    expect(await sent('chat', 'gpt/gpt-4o-search-preview', web())).toMatchObject({
      web_search_options: {},
    })
    expect(await sent('chat', 'sonar/m', web())).not.toHaveProperty('plugins')
    expect(searxng.queries).toEqual([])
  })

  test('gets another vendor’s tool as its own', async () => {
    const tool = { type: 'web_search_20250305', name: 'web_search', max_uses: 5 }
    expect((await sent('messages', 'google/m', { tools: [tool] })).tools).toEqual([
      { googleSearch: {} },
    ])
    expect(
      (await sent('chat', 'claude/m', { tools: [{ type: 'openrouter:web_search' }] })).tools,
    ).toEqual([{ type: 'web_search_20250305', name: 'web_search' }])
    expect(searxng.queries).toEqual([])
  })

  test('is asked to once in every turn that another tool takes', async () => {
    lab.provider.next(async (exchange) => {
      await exchange.head(200, { 'content-type': 'application/json' })
      const call = {
        type: 'tool_use',
        id: 't1',
        name: 'web_fetch',
        input: { url: 'http://10.0.0.1/' },
      }
      const usage = { input_tokens: 1, output_tokens: 1 }
      const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [call] }
      await exchange.body(JSON.stringify({ ...message, stop_reason: 'tool_use', usage }))
      await exchange.end()
    })
    const tools = [{ type: 'openrouter:web_fetch' }]
    const { tools: told, messages } = await sent('chat', 'claude/m', { ...web(), tools })
    expect(messages).toHaveLength(3)
    expect(told.map(({ name }: any) => name)).toEqual(['web_fetch', 'web_search'])
    expect(searxng.queries).toEqual([])
  })

  test('gets its own tool byte for byte', async () => {
    const tool = { type: 'web_search_20260209', name: 'web_search', max_uses: 5, something: 'new' }
    expect((await sent('messages', 'claude/m', { tools: [tool] })).tools).toEqual([tool])
    const search = { googleSearch: { timeRangeFilter: {} } }
    expect((await sent('gemini', 'google/m', { tools: [search] })).tools).toEqual([search])
    const hosted = { type: 'web_search', search_context_size: 'low', external_web_access: false }
    expect((await sent('responses', 'gpt/m', { tools: [hosted] })).tools).toEqual([hosted])
  })

  test('that is a router gets what the client asked', async () => {
    const tools = [{ type: 'openrouter:web_search', parameters: { engine: 'exa' } }]
    expect(await sent('chat', 'router/m', { ...web(), tools })).toMatchObject({ ...web(), tools })
    for (const surface of ['chat', 'messages', 'responses'] as const)
      expect(await sent(surface, 'router/m:online')).toMatchObject({ model: 'm', ...web() })
    expect(searxng.queries).toEqual([])
  })

  test('is asked to in the words of each where several may be asked', async () => {
    expect((await sent('chat', 'both', web())).tools).toMatchObject([{ name: 'web_search' }])
    expect(searxng.queries).toEqual([])
  })
})

describe('an engine searches instead', () => {
  let asked = 0
  const searched = async (surface: SurfaceName, model: string, more: object): Promise<void> => {
    const content = `Question ${asked++}`
    const body = await sent(surface, model, { messages: [{ role: 'user', content }], ...more })
    expect(searxng.queries).toEqual([expect.stringContaining(content)])
    expect(JSON.stringify(body)).toContain('URL: https://bun.sh/blog/bun-v2')
  }

  test('where one that may be asked has no search', () => searched('chat', 'mixed', web()))
  test('where the model has none on this way', () => searched('chat', 'gpt/gpt-5', web()))
  test('where it would not keep to the domains', () =>
    searched('chat', 'google/m', web({ exclude_domains: ['a.example'] })))
  test('where it would take the other tools away', () =>
    searched('chat', 'google/m', {
      ...web(),
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
    }))
  test('where it is named', () => searched('chat', 'claude/m', web({ engine: 'searxng' })))
  test('once, and a router does not search again', async () => {
    const content = 'Who searches?'
    const body = await sent('chat', 'router/m:online', {
      messages: [{ role: 'user', content }],
      ...web({ engine: 'searxng' }),
    })
    expect(searxng.queries).toEqual([content])
    expect(body.model).toBe('m')
    expect(body).not.toHaveProperty('plugins')
  })
})

test('nobody searches where only the provider may and cannot', async () => {
  searxng.queries.length = 0
  const response = await lab.post('chat', 'box/m', {
    ...bodyFor('chat', 'box/m'),
    ...web({ engine: 'native' }),
  })
  expect(response.headers.get('x-sluice-warnings')).toBe(
    'online: no search engine fits the request; answered without a search',
  )
  expect(searxng.queries).toEqual([])
})
