import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { fakeCall, mount, says, scripted } from '../../src/testing.ts'
import { askService } from '../../src/outside/ask-service.ts'
import { collect, type Request } from 'sluice/plugin'
import online from '../../plugins/online.ts'
import type { EngineName } from '../../plugins/online/engines.ts'

interface Asked {
  readonly path: string
  readonly query: Record<string, string>
  readonly headers: Headers
  readonly json: any
}

let asked: Asked
let body: unknown
let server: { readonly url: string; stop(): void }
beforeAll(() => {
  const bun = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url)
      asked = {
        path: `${request.method} ${pathname}`,
        query: Object.fromEntries(searchParams),
        headers: request.headers,
        json: request.method === 'POST' ? await request.json() : undefined,
      }
      return Response.json(body)
    },
  })
  server = { url: `http://127.0.0.1:${bun.port}`, stop: () => void bun.stop(true) }
})
afterAll(() => server.stop())

const url = 'https://a.example/x'

/** What each is asked, and answers, by its documents. */
const cases: Record<
  EngineName,
  {
    readonly path: string
    readonly query?: object
    readonly json?: object
    readonly header?: readonly [string, string]
    readonly body: unknown
    readonly cost: number | 'none' | undefined
  }
> = {
  searxng: {
    path: 'GET /search',
    query: { q: 'q (site:a.example OR site:b.example) -site:c.example', format: 'json' },
    body: { results: [{ url, title: 'T', content: 'C', publishedDate: null, engine: 'bing' }] },
    cost: 'none',
  },
  exa: {
    path: 'POST /search',
    json: {
      query: 'q',
      numResults: 14,
      type: 'auto',
      includeDomains: ['a.example', 'b.example'],
      excludeDomains: ['c.example'],
      userLocation: 'CH',
      contents: { text: { maxCharacters: 1_000 } },
    },
    header: ['x-api-key', 'key'],
    body: { requestId: 'r', results: [{ id: url, url, title: 'T', text: 'C', score: 0.2 }] },
    cost: 0.007,
  },
  tavily: {
    path: 'POST /search',
    json: {
      query: 'q',
      max_results: 14,
      search_depth: 'basic',
      include_domains: ['a.example', 'b.example'],
      exclude_domains: ['c.example'],
    },
    header: ['authorization', 'Bearer key'],
    body: {
      query: 'q',
      results: [{ url, title: 'T', content: 'C', score: 0.9, raw_content: null }],
    },
    cost: 0.008,
  },
  brave: {
    path: 'GET /res/v1/web/search',
    query: { count: '14', country: 'ch', extra_snippets: 'true' },
    header: ['x-subscription-token', 'key'],
    body: { type: 'search', web: { results: [{ url, title: 'T', description: 'C' }] } },
    cost: 0.005,
  },
  perplexity: {
    path: 'POST /search',
    json: {
      query: 'q',
      max_results: 14,
      max_tokens_per_page: 250,
      country: 'CH',
      search_domain_filter: ['a.example', 'b.example'],
    },
    header: ['authorization', 'Bearer key'],
    body: { id: 'i', results: [{ url, title: 'T', snippet: 'C', date: '2026-01-01' }] },
    cost: 0.005,
  },
  firecrawl: {
    path: 'POST /v2/search',
    json: { query: 'q (site:a.example OR site:b.example) -site:c.example', limit: 14 },
    header: ['authorization', 'Bearer key'],
    body: { success: true, data: { web: [{ url, title: 'T', description: 'C' }] } },
    cost: undefined,
  },
  linkup: {
    path: 'POST /v1/search',
    json: {
      q: 'q',
      depth: 'standard',
      outputType: 'searchResults',
      maxResults: 14,
      includeDomains: ['a.example', 'b.example'],
      excludeDomains: ['c.example'],
    },
    header: ['authorization', 'Bearer key'],
    body: { results: [{ type: 'text', url, name: 'T', content: 'C' }] },
    cost: undefined,
  },
  serper: {
    path: 'POST /search',
    json: { q: 'q (site:a.example OR site:b.example) -site:c.example', num: 14, gl: 'ch' },
    header: ['x-api-key', 'key'],
    body: { organic: [{ link: url, title: 'T', snippet: 'C', position: 1 }] },
    cost: 0.001,
  },
  jina: {
    path: 'GET /',
    query: { q: 'q (site:a.example OR site:b.example) -site:c.example', gl: 'ch' },
    header: ['authorization', 'Bearer key'],
    body: { code: 200, data: [{ url, title: 'T', description: 'C', content: '' }] },
    cost: undefined,
  },
}

const wish = {
  id: 'web',
  max_results: 4,
  search_context_size: 'low',
  include_domains: ['a.example', '*.b.example'],
  exclude_domains: ['c.example', 'd.example/path'],
  user_location: { type: 'approximate', country: 'CH' },
}

const searched = async (name: EngineName, settings: object, options: object = {}) => {
  const charges: unknown[] = []
  const provider = scripted(says('ok'))
  const engines = { [name]: { base_url: server.url, api_key: 'key', ...settings } }
  const handler = await mount(online, { engine: name, engines, ...options }, provider, {
    service: askService,
    charge: (_, ...charge) => void charges.push(charge),
  })
  const messages = [{ role: 'user', content: 'q' }]
  await collect(handler(fakeCall({ messages, plugins: [wish] } as Partial<Request>)))
  return { charges, text: String(provider.calls[0]!.request.messages![0]!.content) }
}

describe.each(Object.entries(cases))('%s', (name, { path, query, json, header, cost, ...one }) => {
  test('is asked by its documents, understood and paid', async () => {
    body = one.body
    const { text, charges } = await searched(name as EngineName, {})
    expect(asked.path).toBe(path)
    if (query) expect(asked.query).toMatchObject(query as Record<string, string>)
    expect(asked.json).toEqual(json)
    if (header) expect(asked.headers.get(header[0])).toBe(header[1])
    expect(text).toMatch(/## 1\. T\nURL: https:\/\/a\.example\/x\n(Date: 2026-01-01\n)?\nC\n/)
    expect(charges).toEqual(cost === 'none' ? [] : [[name, cost]])
  })

  test('costs what the YAML says, and is told what the YAML adds', async () => {
    body = one.body
    const { charges } = await searched(name as EngineName, { cost: 0.5, params: { more: 'x' } })
    expect(charges).toEqual([[name, 0.5]])
    expect((asked.json ?? asked.query).more).toBe('x')
    expect((await searched(name as EngineName, { cost: 'unknown' })).charges).toEqual([
      [name, undefined],
    ])
  })

  test('that answers something else is down', async () => {
    for (const wrong of [null, 'text', { results: 5, data: 5, web: 5, organic: 5 }]) {
      body = wrong
      const failed = searched(name as EngineName, {}, { when_down: 'fail' })
      await expect(failed).rejects.toMatchObject({ code: 'search_unavailable' })
    }
  })
})

test('auto takes what the YAML names, then whose key is in the environment, then SearXNG', async () => {
  body = { results: [] }
  const engineOf = async (engines: object, env: Record<string, string> = {}): Promise<string> => {
    const tried: string[] = []
    const names = Object.keys(env)
    for (const name of names) process.env[name] = env[name]
    try {
      const handler = await mount(online, { engines }, says('ok'), {
        service: async (url) => {
          tried.push(new URL(url).host)
          throw new Error('nobody')
        },
      })
      await collect(handler(fakeCall({ plugins: [{ id: 'web' }] } as Partial<Request>)))
    } finally {
      for (const name of names) delete process.env[name]
    }
    return tried.join()
  }
  expect(await engineOf({})).toBe('127.0.0.1:8888')
  expect(await engineOf({}, { TAVILY_API_KEY: 'k' })).toBe('api.tavily.com')
  expect(await engineOf({ brave: { api_key: 'k' } }, { TAVILY_API_KEY: 'k' })).toBe(
    'api.search.brave.com',
  )
  expect(await engineOf({ brave: {} }, { TAVILY_API_KEY: 'k' })).toBe('api.tavily.com')
})

test('an engine that the YAML names without a key is told when it is loaded', async () => {
  await expect(mount(online, { engine: ['searxng', 'exa'] }, says('ok'))).rejects.toThrow(
    'exa has no api_key, and EXA_API_KEY is not set',
  )
  await mount(
    online,
    { engine: 'firecrawl', engines: { firecrawl: { base_url: 'http://x' } } },
    says('ok'),
  )
})

test('a mode is told to engines that have it, at its price', async () => {
  body = cases.exa.body
  const asking = async (name: EngineName, mode: string) => {
    const charges: unknown[] = []
    const engines = { [name]: { base_url: server.url, api_key: 'key' } }
    const handler = await mount(online, { engine: name, engines }, says('ok'), {
      service: askService,
      charge: (_, _what, dollars) => void charges.push(dollars),
    })
    await collect(handler(fakeCall({ plugins: [{ id: 'web', mode }] } as Partial<Request>)))
    return [asked.json.type ?? asked.json.search_depth, ...charges]
  }
  expect(await asking('exa', 'deep')).toEqual(['deep', 0.012])
  expect(await asking('exa', 'turbo')).toEqual(['auto', 0.007])
  expect(await asking('tavily', 'advanced')).toEqual(['advanced', 0.016])
})
