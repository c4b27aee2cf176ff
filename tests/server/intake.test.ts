import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { OpenRouter } from '@openrouter/sdk'
import { strictAnthropic } from '../support/anthropic-strict.ts'
import { strictOpenAI, strictOpenRouter } from '../support/fixtures-openai-strict.ts'
import { strictGemini } from '../support/gemini-strict.ts'
import { startProvider, type Provider, type Script } from '../support/provider.ts'
import { strictResponses } from '../support/responses-strict.ts'
import { startSluice } from '../support/sluice.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const strict = {
  openai: strictOpenAI(),
  responses: strictResponses(),
  anthropic: strictAnthropic(),
  gemini: strictGemini(),
  router: strictOpenRouter(),
} satisfies Record<string, Script>
type Kind = keyof typeof strict
const kinds = Object.keys(strict) as Kind[]

const providers = Object.fromEntries(
  await Promise.all(kinds.map(async (kind) => [kind, await startProvider({ name: kind })])),
) as Record<Kind, Provider>

const settings = (kind: Kind, preset: string, dialect: string) => ({
  preset,
  dialect,
  base_url: kind === 'gemini' ? providers.gemini.url.replace(/v1$/, 'v1beta') : providers[kind].url,
  api_key: `sk-provider-${kind}`,
})

const lookUp = (name: string, description = 'Looks it up.') => ({
  type: 'function',
  function: { name, description, parameters: { type: 'object', properties: {} } },
})

const sluice = await startSluice({
  config: JSON.stringify({
    server: { discover: false },
    providers: {
      openai: settings('openai', 'openai', 'openai'),
      responses: settings('responses', 'openai', 'responses'),
      anthropic: settings('anthropic', 'anthropic', 'anthropic'),
      gemini: settings('gemini', 'gemini', 'gemini'),
      router: settings('router', 'openrouter', 'openai'),
    },
    routes: {
      chat: ['openai/gpt-4.1'],
      fast: 'openai/gpt-4.1-mini',
      either: ['openai/gpt-4.1', 'router/openai/gpt-4.1'],
    },
    variants: { terse: { max_tokens: 50, temperature: 0 } },
    presets: {
      chat: { model: 'chat', temperature: 0.2, stream: true },
      claude: { model: 'anthropic/claude-sonnet-4-5', top_k: 7, temperature: 0.2 },
      answers: { model: 'responses/gpt-4.1', temperature: 0.2 },
      google: { model: 'gemini/gemini-2.5-flash', temperature: 0.2 },
      style: { temperature: 0.3, top_p: 0.9, provider: { sort: 'price' } },
      tools: { model: 'chat', tools: [lookUp('first'), lookUp('second')] },
      spare: { model: 'chat:terse', models: ['fast'], provider: { only: ['openai'] } },
    },
    plugins: [
      {
        auth: {
          keys: {
            boss: { key: 'sk-test-boss-000001' },
            guest: { key: 'sk-test-guest-000001', models: ['openai/gpt-4.1-mini'] },
          },
        },
      },
      'fallback',
    ],
  }),
})
afterAll(async () => {
  try {
    await sluice.stop()
  } finally {
    await Promise.all(kinds.map((kind) => providers[kind].stop()))
  }
})

const marks = new Map<Kind, number>()
beforeEach(() => {
  for (const kind of kinds) {
    providers[kind].always(strict[kind])
    marks.set(kind, providers[kind].requests.length)
  }
})

/** What the provider got since the test began. */
const sent = (kind: Kind) => providers[kind].requests.slice(marks.get(kind))

const messages = [{ role: 'user', content: 'Say hello.' }]

const ask = async (path: string, body: unknown, key = 'sk-test-boss-000001') => {
  const response = await fetch(sluice.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return {
    status: response.status,
    warnings: response.headers.get('x-sluice-warnings'),
    type: response.headers.get('content-type'),
    text,
    get json(): any {
      return JSON.parse(text)
    },
  }
}
const chat = (body: object, key?: string) => ask('/v1/chat/completions', { messages, ...body }, key)

describe('a preset', () => {
  test.each([
    [{ model: '@preset/chat' }],
    [{ preset: 'chat' }],
    [{ model: 'chat@preset/chat' }],
    [{ model: 'chat', preset: 'chat' }],
  ])('is laid under a chat completion by %j', async (named) => {
    const answer = await chat(named)
    expect(answer.status).toBe(200)
    expect(answer.type).toStartWith('application/json')
    expect(sent('openai').map(({ json }) => json)).toEqual([
      { model: 'gpt-4.1', messages, temperature: 0.2 },
    ])
  })

  test('changes nothing of a chat completion but what it adds', async () => {
    const text = `{ "model" : "chat@preset/style", "preset":"style",\n "messages":[ {"role":"user","content":"Gr\\u00fcezi  "} ], "seed": 1.0, "top_p" : 0.50 }`
    expect((await ask('/v1/chat/completions', text)).status).toBe(200)
    expect(sent('openai')[0]!.body).toBe(
      `{ "model" : "gpt-4.1","messages":[ {"role":"user","content":"Gr\\u00fcezi  "} ], "seed": 1.0, "top_p" : 0.50,"temperature":0.3 }`,
    )
  })

  test('changes nothing of a message but what it adds', async () => {
    const text = `{"model":"@preset/claude" , "max_tokens": 64,\n "temperature":1.0, "messages":[ {"role":"user","content":[{"type":"text","text":"Gr\\u00fcezi"}]} ]}`
    expect((await ask('/v1/messages', text)).status).toBe(200)
    expect(sent('anthropic')[0]!.body).toBe(
      `{"model":"claude-sonnet-4-5" , "max_tokens": 64,\n "temperature":1.0, "messages":[ {"role":"user","content":[{"type":"text","text":"Gr\\u00fcezi"}]} ],"top_k":7}`,
    )
  })

  test('is laid under a response', async () => {
    const answer = await ask('/v1/responses', { model: '@preset/answers', input: 'Say hello.' })
    expect(answer.status).toBe(200)
    expect(sent('responses')[0]!.json).toMatchObject({ model: 'gpt-4.1', temperature: 0.2 })
  })

  test('is laid under what Gemini’s clients ask', async () => {
    const contents = [{ role: 'user', parts: [{ text: 'Say hello.' }] }]
    const answer = await ask('/v1beta/models/@preset/google:generateContent', { contents })
    expect(answer.status).toBe(200)
    expect(sent('gemini')[0]!.json).toEqual({ contents, generationConfig: { temperature: 0.2 } })
  })

  test('is laid under what Ollama’s clients ask', async () => {
    const answer = await ask('/api/chat', { model: '@preset/chat', messages, stream: false })
    expect(answer.status).toBe(200)
    expect(sent('openai')[0]!.json).toMatchObject({ model: 'gpt-4.1', temperature: 0.2 })
  })

  test('brings its tools before those of the request, each once', async () => {
    const own = lookUp('second', 'The client’s own.')
    await chat({ model: '@preset/tools', tools: [lookUp('third'), own] })
    expect(sent('openai')[0]!.json.tools).toEqual([lookUp('first'), own, lookUp('third')])
  })

  test('brings models to fall back on, and a model with variants', async () => {
    providers.openai.next((exchange) =>
      exchange.head(500, { 'content-length': '0' }).then(() => exchange.end()),
    )
    const answer = await chat({ preset: 'spare', temperature: 1 })
    expect(answer.status).toBe(200)
    expect(sent('openai').map(({ json }) => json)).toEqual([
      { model: 'gpt-4.1', messages, temperature: 1, max_completion_tokens: 50 },
      { model: 'gpt-4.1-mini', messages, temperature: 1, max_completion_tokens: 50 },
    ])
  })

  test('that nobody configured is refused in the client’s own dialect, with those that are', async () => {
    const known = 'known: chat, claude, answers, google, style, tools, spare.'
    const expected = `preset "nope" is not configured; ${known}`
    const openai = await chat({ model: '@preset/nope' })
    expect([openai.status, openai.json.error]).toEqual([
      404,
      expect.objectContaining({ message: expected, param: 'model', code: 'model_not_found' }),
    ])
    const claude = await ask('/v1/messages', { preset: 'nope', max_tokens: 9, messages })
    expect([claude.status, claude.json]).toEqual([
      404,
      expect.objectContaining({
        type: 'error',
        error: expect.objectContaining({ type: 'not_found_error', message: expected }),
      }),
    ])
    const response = await ask('/v1/responses', { preset: 'no\nname', model: 'chat', input: 'x' })
    expect(response.json.error.message).toBe(`that preset is not configured; ${known}`)
    expect(kinds.flatMap(sent)).toEqual([])
  })

  test('tells nothing of what is configured to who may not come in', async () => {
    const answer = await chat({ preset: 'nope' }, 'sk-wrong')
    expect(answer.status).toBe(401)
    expect(answer.text).not.toContain('claude')
  })

  test('without a model needs one', async () => {
    const answer = await chat({ preset: 'style' })
    expect([answer.status, answer.json.error.param, answer.json.error.message]).toEqual([
      400,
      'model',
      'The preset "style" names no model: give one in model.',
    ])
    expect((await chat({ preset: 'style', models: ['chat', 'fast'] })).status).toBe(200)
    expect(sent('openai')[0]!.json).toMatchObject({ model: 'gpt-4.1', temperature: 0.3 })
  })

  test('beside another one in the model’s name is refused', async () => {
    const answer = await chat({ preset: 'style', model: '@preset/chat' })
    expect([answer.status, answer.json.error.param]).toEqual([400, 'preset'])
  })

  test('among the spare models is refused', async () => {
    const answer = await chat({ model: 'chat', models: ['@preset/chat'] })
    expect([answer.status, answer.json.error.param]).toEqual([400, 'models'])
  })

  test('gives a key no model that it may not have', async () => {
    const answer = await chat({ preset: 'chat' }, 'sk-test-guest-000001')
    expect([answer.status, answer.json.error.code]).toEqual([403, 'model_not_allowed'])
    const other = await chat({ model: 'fast:terse@preset/style' }, 'sk-test-guest-000001')
    expect(other.status).toBe(200)
  })

  test('is part of the decision that can be seen without asking', async () => {
    const seen = await ask('/api/route', { model: '@preset/spare' })
    expect([seen.status, seen.json.requested]).toEqual([200, ['chat:terse', 'fast']])
    const unknown = await ask('/api/route', { preset: 'nope' })
    expect([unknown.status, unknown.json.error.param]).toEqual([404, 'preset'])
  })

  test('of OpenRouter’s own reaches it', async () => {
    const model = 'router/openai/gpt-4.1'
    expect((await chat({ model, preset: 'theirs' })).status).toBe(200)
    expect((await chat({ model: `${model}@preset/theirs` })).status).toBe(200)
    expect((await chat({ model, preset: 'style' })).status).toBe(200)
    expect(sent('router').map(({ json }) => [json.model, json.preset, json.temperature])).toEqual([
      ['openai/gpt-4.1', 'theirs', undefined],
      ['openai/gpt-4.1@preset/theirs', undefined, undefined],
      ['openai/gpt-4.1', undefined, 0.3],
    ])
  })
})

describe('a variant', () => {
  test('brings its parameters, and the request’s own win', async () => {
    await chat({ model: 'chat:terse', temperature: 0.7 })
    await chat({ model: 'chat:terse', max_completion_tokens: 9 })
    expect(sent('openai').map(({ json }) => json)).toEqual([
      { model: 'gpt-4.1', messages, temperature: 0.7, max_completion_tokens: 50 },
      { model: 'gpt-4.1', messages, max_completion_tokens: 9, temperature: 0 },
    ])
  })

  test('makes a model think, in its provider’s words', async () => {
    await chat({ model: 'openai/gpt-5.2:thinking' })
    await ask('/v1/messages', {
      model: 'anthropic/claude-sonnet-4-5:thinking',
      max_tokens: 4096,
      messages,
    })
    expect(sent('openai')[0]!.json).toEqual({
      model: 'gpt-5.2',
      messages,
      reasoning_effort: 'medium',
    })
    expect(sent('anthropic')[0]!.json.thinking).toMatchObject({ type: 'enabled' })
  })

  test('that changes no parameter leaves the client’s bytes alone', async () => {
    const text = `{ "model":"chat:nitro" ,"messages":[{"role":"user","content":"Hi"}],"seed":1.0}`
    expect((await ask('/v1/chat/completions', text)).status).toBe(200)
    expect(sent('openai')[0]!.body).toBe(text.replace('chat:nitro', 'gpt-4.1'))
  })

  test('that asks for the web is not ignored in silence', async () => {
    for (const path of ['/v1/chat/completions', '/v1/messages']) {
      const answer = await ask(path, { model: 'chat:online', messages, max_tokens: 64 })
      expect([answer.status, answer.warnings]).toEqual([
        200,
        'online: no plugin searches the web here',
      ])
    }
    expect(sent('openai').map(({ json }) => json.plugins)).toEqual([undefined, undefined])
    const off = await chat({ model: 'chat', plugins: [{ id: 'web', enabled: false }] })
    expect(off.warnings).toBeNull()
  })

  test('of OpenRouter’s is left to it', async () => {
    for (const model of ['router/openai/gpt-4.1:nitro', 'router/openai/gpt-4.1:online']) {
      const answer = await chat({ model })
      expect([answer.status, answer.warnings]).toEqual([200, null])
    }
    const [nitro, online] = sent('router').map(({ json }) => json)
    expect(nitro.model).toBe('openai/gpt-4.1:nitro')
    expect(online).toMatchObject({ model: 'openai/gpt-4.1', plugins: [{ id: 'web' }] })
  })

  test('does not keep a key from a model that it may use', async () => {
    expect((await chat({ model: 'fast:nitro' }, 'sk-test-guest-000001')).status).toBe(200)
    expect((await chat({ model: 'chat:nitro' }, 'sk-test-guest-000001')).status).toBe(403)
  })
})

const wrong: readonly (readonly [field: object, param: string])[] = [
  [{ provider: 'openai' }, 'provider'],
  [{ provider: { order: 'openai' } }, 'provider.order'],
  [{ provider: { only: [1] } }, 'provider.only.0'],
  [{ provider: { sort: 'speed' } }, 'provider.sort'],
  [{ provider: { max_price: { prompt: 'cheap' } } }, 'provider.max_price.prompt'],
  [{ provider: { max_price: 3 } }, 'provider.max_price'],
  [{ provider: { allow_fallbacks: 'no' } }, 'provider.allow_fallbacks'],
  [{ provider: { quantizations: ['int3'] } }, 'provider.quantizations.0'],
  [{ provider: { preferred_max_latency: { p50: 'fast' } } }, 'provider.preferred_max_latency'],
  [{ models: 'fast' }, 'models'],
  [{ models: ['fast', 7] }, 'models.1'],
  [{ route: 'best' }, 'route'],
  [{ session_id: 's'.repeat(257) }, 'session_id'],
  [{ plugins: {} }, 'plugins'],
  [{ preset: 4 }, 'preset'],
]

describe('a field that speaks to the router', () => {
  test.each(wrong)('%j is refused on every surface', async (field, param) => {
    const openai = await chat({ model: 'chat', ...field })
    expect([openai.status, openai.json.error.param]).toEqual([400, param])
    const claude = await ask('/v1/messages', { model: 'chat', max_tokens: 64, messages, ...field })
    expect([claude.status, claude.json.error.type]).toEqual([400, 'invalid_request_error'])
    expect(claude.json.error.message).toStartWith(`${param}: `)
    const response = await ask('/v1/responses', { model: 'chat', input: 'Hi', ...field })
    expect([response.status, response.json.error.param]).toEqual([400, param])
    expect(kinds.flatMap(sent)).toEqual([])
  })

  const fine = {
    provider: {
      order: ['openai'],
      max_price: { prompt: '100', completion: 100, image: null, sound: 3 },
      sort: { by: null, partition: 'none', soon: true },
      preferred_max_latency: { p50: 3, p99: null, p10: 1 },
      zdr: null,
      experimental: { yes: true },
    },
    models: ['fast'],
    route: 'fallback',
    session_id: 's-1',
    plugins: [],
    transforms: ['middle-out'],
    trace: { trace_id: 't' },
  }

  test('is lenient, and reaches no provider', async () => {
    const model = 'openai/gpt-4.1'
    expect((await chat({ model, ...fine, provider: null })).status).toBe(200)
    const { max_price: _priced, ...provider } = fine.provider
    expect((await chat({ model, ...fine, provider })).status).toBe(200)
    expect(sent('openai').map(({ json }) => json)).toEqual([
      { model: 'gpt-4.1', messages },
      { model: 'gpt-4.1', messages },
    ])
    const claude = await ask('/v1/messages', {
      model: 'anthropic/claude-sonnet-4-5',
      max_tokens: 64,
      messages,
      ...fine,
      provider: { only: ['anthropic'], new: 1 },
    })
    expect(claude.status).toBe(200)
    expect(sent('anthropic')[0]!.json).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 64,
      messages,
    })
    const response = await ask('/v1/responses', {
      model: 'responses/gpt-4.1',
      input: 'Hi',
      ...fine,
      provider: { only: ['responses'], new: 1 },
    })
    expect(response.status).toBe(200)
    expect(sent('responses')[0]!.json).toEqual({ model: 'gpt-4.1', input: 'Hi' })
  })

  test('may name the only model as one of several', async () => {
    expect((await chat({ models: ['chat', 'fast'] })).status).toBe(200)
    expect(sent('openai')[0]!.json.model).toBe('gpt-4.1')
    const none = await chat({ models: [] })
    expect([none.status, none.json.error.param]).toEqual([400, 'model'])
  })

  test('says how much to think once', async () => {
    const twice = { reasoning: { effort: 'low' }, reasoning_effort: 'high' }
    const answer = await chat({ model: 'openai/gpt-5.2', ...twice })
    expect([answer.status, answer.json.error.param]).toEqual([400, 'reasoning_effort'])
    const same = { reasoning: { effort: 'low' }, reasoning_effort: 'low' }
    expect((await chat({ model: 'openai/gpt-5.2', ...same })).status).toBe(200)
  })
})

describe('fallbacks of a message', () => {
  const body = { model: 'anthropic/claude-sonnet-4-5', max_tokens: 64, messages }

  test('are tried in order and told to nobody', async () => {
    const overloaded: Script = (exchange) =>
      exchange.head(529, { 'content-length': '0' }).then(() => exchange.end())
    providers.anthropic.next(overloaded)
    const answer = await ask('/v1/messages', {
      ...body,
      fallbacks: [{ model: 'anthropic/claude-haiku-4-5' }],
    })
    expect(answer.status).toBe(200)
    expect(sent('anthropic').map(({ json }) => json)).toEqual([
      { ...body, model: 'claude-sonnet-4-5' },
      { ...body, model: 'claude-haiku-4-5' },
    ])
  })

  test.each([
    [[1, 2, 3, 4].map((n) => ({ model: `m${n}` })), 'fallbacks'],
    ['fast', 'fallbacks'],
    [[{ name: 'fast' }], 'fallbacks.0.model'],
  ])('%j are refused', async (fallbacks, param) => {
    const answer = await ask('/v1/messages', { ...body, fallbacks })
    expect([answer.status, answer.json.error.type]).toEqual([400, 'invalid_request_error'])
    expect(answer.json.error.message).toStartWith(`${param}: `)
  })

  test('and models exclude each other', async () => {
    const answer = await ask('/v1/messages', { ...body, fallbacks: [], models: [] })
    expect(answer.json.error.message).toStartWith('fallbacks: ')
  })
})

describe('OpenRouter’s SDK', () => {
  const client = new OpenRouter({
    apiKey: 'sk-test-boss-000001',
    serverURL: `${sluice.url}/api/v1`,
    retryConfig: { strategy: 'none' },
  })

  test('sends preferences, models and a preset', async () => {
    const result = await client.chat.send({
      chatRequest: {
        model: 'chat@preset/style',
        models: ['fast'],
        messages: [{ role: 'user', content: 'Say hello.' }],
        provider: { order: ['openai'], allowFallbacks: true, sort: 'price', zdr: null },
        sessionId: 's-1',
        stream: false,
      },
    })
    expect(result).toMatchObject({ choices: [{ message: { content: expect.any(String) } }] })
    expect(sent('openai').map(({ json }) => json)).toEqual([
      { model: 'gpt-4.1', messages, stream: false, temperature: 0.3, top_p: 0.9 },
    ])
  })
})

describe(':exacto', () => {
  const tools = [
    {
      type: 'function',
      function: {
        name: 'get_weather',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        },
      },
    },
  ]
  const calls =
    (text: string): Script =>
    async (exchange) => {
      const called = { name: 'get_weather', arguments: text }
      const tool_calls = [{ id: 'call_1', type: 'function', function: called }]
      const message = { role: 'assistant', content: null, tool_calls }
      const choices = [{ index: 0, message, finish_reason: 'tool_calls' }]
      await exchange.head(200, { 'content-type': 'application/json' })
      await exchange.body(JSON.stringify({ id: 'c1', model: 'm', choices }))
      await exchange.end()
    }

  test('asks who has called tools best', async () => {
    providers.openai.always(calls('{"town":"Bern"}'))
    providers.router.always(calls('{"city":"Bern"}'))
    const models = ['openai/gpt-4.1', 'router/openai/gpt-4.1']
    for (const model of models) expect((await chat({ model, tools })).status).toBe(200)
    expect([sent('openai').length, sent('router').length]).toEqual([1, 1])
    const placed = async (model: string): Promise<string[]> => {
      const { json } = await ask('/api/route', { model, tools })
      return json.candidates.map(({ endpoint }: { endpoint: string }) => endpoint)
    }
    expect(await placed('either')).toEqual(models)
    expect(await placed('either:exacto')).toEqual(models.toReversed())
  })
})
