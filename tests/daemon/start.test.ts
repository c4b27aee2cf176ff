import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import manifest from '../../package.json' with { type: 'json' }
import { chat } from '../support/lab.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'

describe('a start with nothing at all', () => {
  let sluice: Sluice
  beforeAll(async () => {
    sluice = await startSluice()
  })
  afterAll(() => sluice.stop())

  const ask = (request: object = {}, init: RequestInit = {}) =>
    chat(
      sluice.v1,
      { model: 'demo/demo', messages: [{ role: 'user', content: 'Grüezi, 世界!' }], ...request },
      init,
    )
  const get = (path: string, init: RequestInit = {}) => fetch(sluice.url + path, init)

  test('prints the address, the providers, the plugins and a line to paste', () => {
    const out = sluice.stdout()
    expect(out).toContain(`sluice ${manifest.version}  ${sluice.url}`)
    expect(out).toContain('demo')
    expect(out).toMatch(/client → .* → fallback → provider/)
    expect(out).toContain(`curl -N ${sluice.v1}/chat/completions`)
    expect(out).toContain(`OPENAI_BASE_URL=${sluice.v1}`)
  })

  test('what it tells to paste works', async () => {
    const out = sluice.stdout()
    const [, url, header, body] = /curl -N (\S+) -H '([^']+)' \\\s+-d '([^']+)'/.exec(out) ?? []
    const [name, value] = header!.split(': ')
    const response = await fetch(url!, {
      method: 'POST',
      headers: { [name!]: value! },
      body: body!,
    })
    expect(await response.text()).toEndWith('data: [DONE]\n\n')
  })

  test('answers as demo/demo, streamed, with the way the call took', async () => {
    const { stream, text, usage, headers } = await ask({ stream: true })
    expect(stream!.events.length).toBeGreaterThan(10)
    expect(text).toContain('model: demo')
    expect(text).toContain('route: demo/*')
    expect(text).toMatch(/plugins: .*, fallback/)
    expect(text).toContain('user: Grüezi, 世界!')
    expect(stream!.events[0].provider).toBe('demo')
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
    expect(headers.get('x-sluice-provider')).toBe('demo')
    expect(headers.get('x-sluice-attempts')).toBe('1')
  })

  test('answers the same whole', async () => {
    const [whole, streamed] = await Promise.all([ask(), ask({ stream: true })])
    expect(whole.text).toBe(streamed.text)
    expect(whole.json).toMatchObject({ object: 'chat.completion', provider: 'demo' })
  })

  test('answers legacy completions and embeddings', async () => {
    const post = async (path: string, body: object): Promise<any> =>
      (await get(path, { method: 'POST', body: JSON.stringify(body) })).json()
    const completion = await post('/v1/completions', { model: 'demo/demo', prompt: 'Once' })
    expect(completion).toMatchObject({ object: 'text_completion', provider: 'demo' })
    expect(completion.choices[0].text).toContain('Once')
    const embedding = await post('/v1/embeddings', { model: 'demo/demo', input: ['a', 'b'] })
    expect(embedding.data).toHaveLength(2)
  })

  test('gives ids of its own to every answer and every error', async () => {
    const responses = await Promise.all([
      ask(),
      ask({ stream: true }),
      ask({ model: 'unknown' }),
      ask({ messages: 'wrong' }),
      chat(sluice.v1, '{'),
      get('/v1/models'),
      get('/v1/models/unknown'),
      get('/nowhere'),
      get('/health', { headers: { host: 'evil.example' } }),
    ])
    const ids = responses.flatMap(({ headers }) => [
      headers.get('x-request-id'),
      headers.get('x-generation-id'),
    ])
    for (const id of ids) expect(id).toMatch(/^(req_|gen-)[0-9a-f]{32}$/)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('says how it is, whether it takes calls, and what it is', async () => {
    const health = await get('/health')
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    const ready = await get('/ready')
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', in_flight: 0 }])
    expect(await (await get('/version')).json()).toMatchObject({
      name: 'sluice',
      version: manifest.version,
    })
    for (const path of ['/health', '/ready', '/version'])
      expect((await get(path)).headers.get('x-request-id')).toBeString()
  })

  test('tells another Sluice that it is one', async () => {
    // probeLocalRuntimes looks for x-sluice-version, which nobody sends: a Sluice on a runtime's port becomes “vllm”
    expect((await get('/v1/models')).headers.get('x-sluice-version')).toBe(manifest.version)
  })

  test('serves the same under /api/v1, with codes that are numbers', async () => {
    const answer = await chat(`${sluice.url}/api/v1`, {
      model: 'demo/demo',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect(answer.text).toContain('user: Hi')
    const refused = await chat(`${sluice.url}/api/v1`, { model: 'unknown', messages: [] })
    expect(refused.error.code).toBe(400)
    const unknown = await chat(`${sluice.url}/api/v1`, {
      model: 'unknown',
      messages: [{ role: 'user', content: 'Hi' }],
    })
    expect([unknown.error.code, unknown.error.metadata.error_code]).toEqual([
      404,
      'model_not_found',
    ])
  })

  test.each([
    ['GET', '/v1/modles', '/v1/models'],
    ['POST', '/v1/chat/completion', '/v1/chat/completions'],
    ['POST', '/chat/completions', '/v1/chat/completions'],
    ['POST', '/v1/embedding', '/v1/embeddings'],
    ['GET', '/helth', '/health'],
  ])('%s %s is 404 and names %s', async (method, path, close) => {
    const response = await get(path, { method })
    const { error } = (await response.json()) as any
    expect([response.status, error.code, error.type]).toEqual([
      404,
      'not_found',
      'invalid_request_error',
    ])
    expect(error.message).toContain(close)
    expect(response.headers.get('x-should-retry')).toBe('false')
  })

  test('a known path with another method says which it takes', async () => {
    const response = await get('/v1/chat/completions')
    const { error } = (await response.json()) as any
    expect([response.status, error.code]).toEqual([405, 'method_not_allowed'])
    expect(error.message).toContain('POST')
  })

  test('is closed to pages of other origins', async () => {
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
    const preflight = await get('/v1/chat/completions', { method: 'OPTIONS', headers })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
    const read = await get('/v1/models', { headers })
    expect(read.headers.get('access-control-allow-origin')).toBeNull()
    expect((await ask({}, { headers })).status).toBe(403)
  })
})

test('pages of a configured origin may ask and read, also an error', async () => {
  await using sluice = await startSluice({ config: 'server: { origins: ["https://app.example"] }' })
  const headers = { origin: 'https://app.example' }
  const preflight = await fetch(`${sluice.v1}/chat/completions`, {
    method: 'OPTIONS',
    headers: { ...headers, 'access-control-request-headers': 'authorization, content-type' },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-methods')).toContain('POST')
  for (const [request, status] of [
    [{ model: 'demo/demo', messages: [{ role: 'user', content: 'Hi' }], stream: true }, 200],
    [{ model: 'demo/demo', messages: [{ role: 'user', content: 'Hi' }] }, 200],
    [{ model: 'demo/demo' }, 400],
  ] as const) {
    const answer = await chat(sluice.v1, request, { headers })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-request-id')
  }
  const foreign = await fetch(`${sluice.v1}/models`, {
    headers: { origin: 'https://evil.example' },
  })
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
})

test('models of routes and providers are listed, and found by id with slashes encoded or not', async () => {
  const config = `
providers:
  box: { base_url: "http://127.0.0.1:9/v1", models: [echo, org/deep/model] }
  down: { base_url: "http://127.0.0.1:9/v1" }
routes:
  fast/chat: [box/echo]
  gpt: fast/chat
  "local/*": ["box/*"]
`
  await using sluice = await startSluice({ config })
  const list = (await (await fetch(`${sluice.v1}/models`)).json()) as any
  expect(list.object).toBe('list')
  const ids = list.data.map(({ id }: any) => id)
  expect(ids.slice(0, 4)).toEqual(['fast/chat', 'gpt', 'local/echo', 'local/org/deep/model'])
  const choosing = ['sluice/auto', 'sluice/free', 'sluice/local']
  expect(ids.slice(4).sort()).toEqual(['box/echo', 'box/org/deep/model', 'demo/demo', ...choosing])
  for (const model of list.data) {
    expect(model).toMatchObject({
      object: 'model',
      owned_by: expect.any(String),
      created: expect.any(Number),
    })
    for (const written of [model.id, encodeURIComponent(model.id)]) {
      const response = await fetch(`${sluice.v1}/models/${written}`)
      expect([response.status, await response.json()]).toEqual([200, model])
    }
  }
  const unknown = await fetch(`${sluice.v1}/models/box/unknown`)
  expect([unknown.status, ((await unknown.json()) as any).error.code]).toEqual([
    404,
    'model_not_found',
  ])
})

describe('a key with models', () => {
  let sluice: Sluice
  beforeAll(async () => {
    sluice = await startSluice({
      config: `
providers: { box: { base_url: "http://127.0.0.1:9/v1", models: [echo] } }
routes: { fast/chat: [box/echo], gpt: fast/chat }
plugins:
  - auth: { keys: { all: { key: k-all }, some: { key: k-some, models: [fast/chat, "demo/*"] } } }
`,
    })
  })
  afterAll(() => sluice.stop())

  const models = async (key: string): Promise<string[]> => {
    const headers = { authorization: `Bearer ${key}` }
    const { data } = (await (await fetch(`${sluice.v1}/models`, { headers })).json()) as any
    return data.map(({ id }: any) => id).sort()
  }

  test('is shown those alone, and finds no other by its id', async () => {
    const choosing = ['sluice/auto', 'sluice/free', 'sluice/local']
    expect(await models('k-all')).toEqual([
      'box/echo',
      'demo/demo',
      'fast/chat',
      'gpt',
      ...choosing,
    ])
    expect(await models('k-some')).toEqual(expect.arrayContaining(['demo/demo', 'fast/chat']))
    expect(await models('k-some')).not.toContain('box/echo')
    const headers = { 'x-api-key': 'k-some' }
    expect((await fetch(`${sluice.v1}/models/fast/chat`, { headers })).status).toBe(200)
    expect((await fetch(`${sluice.v1}/models/box/echo`, { headers })).status).toBe(404)
  })

  test('is shown the aliases of what it may use', async () => {
    // auth lets an alias through by its canonical name, the list compares the alias itself
    expect(await models('k-some')).toContain('gpt')
  })

  test('the list is for nobody without one', async () => {
    for (const path of ['/models', '/models/fast/chat'])
      expect((await fetch(sluice.v1 + path)).status).toBe(401)
  })
})
