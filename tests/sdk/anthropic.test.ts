import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { OpenRouter } from '@openrouter/sdk'
import OpenAI from 'openai'
import { strictAnthropic } from '../support/anthropic-strict.ts'
import { errorOf } from '../support/fixtures-errors.ts'
import { strictOpenAI, strictOpenRouter } from '../support/fixtures-openai-strict.ts'
import { eventsOf, replaysFixture, sendStream, sendWhole } from '../support/fixtures-replay.ts'
import { fixture } from '../support/fixtures.ts'
import { strictGemini } from '../support/gemini-strict.ts'
import { strictResponses } from '../support/responses-strict.ts'
import { startLab } from '../support/lab.ts'
import { endless, status } from '../support/scripts.ts'
import { until } from '../support/until.ts'
import { claudeCode } from '../surfaces/messages-corpus.ts'
import { tell } from '../surfaces/messages-grammar.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const key = 'sk-test-laptop-0001'
/** Providers of their own for what makes a provider rest. */
const lanes = Array.from({ length: 12 }, (_, lane) => lane)
let lane = 0
const fresh = (): string => `lane${lane++}`

const lab = await startLab({
  plugins: [
    { auth: { keys: { laptop: { key }, narrow: { key: 'sk-narrow', models: ['claude'] } } } },
    'fallback',
  ],
  routes: {
    claude: ['claude/claude-sonnet-4-5'],
    ...Object.fromEntries(lanes.map((lane) => [`lane${lane}`, [`lane${lane}/claude-sonnet-4-5`]])),
    'vendor/gpt': ['a/gpt'],
    'vendor/router': ['router/claude'],
  },
  providers: ({ a, b, c }) => ({
    claude: { dialect: 'anthropic', base_url: b.url, api_key: 'sk-ant' },
    ...Object.fromEntries(
      lanes.map((lane) => [
        `lane${lane}`,
        { dialect: 'anthropic', base_url: b.url, api_key: `sk-ant-${lane}` },
      ]),
    ),
    router: { preset: 'openrouter', dialect: 'openai', base_url: c.url, api_key: 'sk-or' },
    limited: { dialect: 'openai', base_url: a.url, api_key: 'sk-limited' },
    reply: { dialect: 'responses', base_url: a.url, api_key: 'sk-provider-r' },
    gem: { dialect: 'gemini', base_url: a.url, api_key: 'sk-provider-g' },
  }),
})
afterAll(() => lab[Symbol.asyncDispose]())

beforeEach(() => {
  lab.a.always(strictOpenAI())
  lab.b.always(strictAnthropic())
  lab.c.always(strictOpenRouter())
})

const client = new Anthropic({ baseURL: lab.sluice.url, apiKey: key, maxRetries: 0 })
const messages = [{ role: 'user' as const, content: 'What is 17 × 23?' }]
const asked = { max_tokens: 4_096, messages }

const thrownBy = async (promise: Promise<unknown>): Promise<any> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const ran: unknown[] = []
const weather = betaTool({
  name: 'get_weather',
  description: 'The weather.',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' }, unit: { type: 'string' } },
    required: ['city'],
  },
  run: (input) => {
    ran.push(input)
    return '21 °C, sunny'
  },
})

describe('a message', () => {
  test('comes back whole, byte for byte, with its request id', async () => {
    const message = await client.messages.create({ model: 'claude', ...asked })
    expect(message).toMatchObject(JSON.parse(fixture('anthropic', 'reasoning').json))
    expect(message._request_id).toStartWith('req_')
    const sent = lab.b.requests.at(-1)!
    expect(sent.json).toEqual({ ...asked, model: 'claude-sonnet-4-5' })
    expect(sent.headers['x-api-key']).toBe('sk-ant')
    expect(sent.headers.authorization).toBeUndefined()
    expect(sent.headers['anthropic-version']).toBe('2026-10-21')
    expect(Object.keys(sent.headers).filter((name) => name.startsWith('x-stainless'))).toEqual([])
  })

  test('streams, byte for byte', async () => {
    const body = JSON.stringify({ model: 'claude', stream: true, ...asked })
    const response = await fetch(`${lab.sluice.v1}/messages?beta=true`, {
      method: 'POST',
      headers: {
        'x-api-key': key,
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
      },
      body,
    })
    expect(response.headers.get('request-id')).toStartWith('req_')
    expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBeNull()
    expect(await response.text()).toBe(fixture('anthropic', 'reasoning').sse)
    expect(lab.b.requests.at(-1)!.body).toBe(body.replace('"claude"', '"claude-sonnet-4-5"'))
    expect(lab.b.requests.at(-1)!.headers['anthropic-version']).toBe('2023-06-01')
  })

  test.each(['claude', 'vendor/gpt', 'vendor/router'])(
    'is folded by the SDK’s stream from %s',
    async (model) => {
      const thoughts: string[] = []
      const stream = client.messages
        .stream({ model, ...asked })
        .on('thinking', (piece) => void thoughts.push(piece))
      const message = await stream.finalMessage()
      expect(await stream.finalText()).not.toBe('')
      expect(message.stop_reason).toBe('end_turn')
      expect(message.usage.output_tokens).toBeGreaterThan(0)
      expect(message.usage.input_tokens).toBeGreaterThan(0)
      if (model !== 'vendor/gpt') expect(thoughts.join('')).toContain('391')
    },
  )

  test('says what was asked of a provider of another format', async () => {
    await client.messages.create({
      model: 'vendor/gpt',
      ...asked,
      system: 'Be brief.',
      stop_sequences: ['x'],
    })
    expect(lab.a.requests.at(-1)!.json).toMatchObject({
      model: 'gpt',
      messages: [{ role: 'system', content: 'Be brief.' }, ...messages],
      stop: ['x'],
    })
  })
})

describe('a tool loop with thoughts', () => {
  test.each([
    ['anthropic', 'claude', strictAnthropic],
    ['openai', 'vendor/gpt', strictOpenAI],
    ['openrouter', 'vendor/router', strictOpenRouter],
    ['gemini', 'gem/gemini-3-pro', strictGemini],
    ['responses', 'reply/gpt-5.2', strictResponses],
  ])('runs over %s', async (_name, model, script) => {
    for (const stream of [false, true]) {
      for (const provider of [lab.a, lab.b, lab.c]) provider.always(script())
      ran.length = 0
      const runner = client.beta.messages.toolRunner({
        model,
        max_tokens: 9_000,
        thinking: { type: 'enabled', budget_tokens: 2_048 },
        messages: [{ role: 'user', content: 'What is the weather in Zürich?' }],
        tools: [weather],
        ...(stream && { stream: true as const }),
      } as any)
      const message: any = await runner.runUntilDone()
      expect(
        message.content
          .filter(({ type }: any) => type === 'text')
          .map(({ text }: any) => text)
          .join(''),
      ).toBe('It is 21 °C and sunny in Zürich ☀️.')
      expect(ran).toEqual([{ city: 'Zürich', unit: 'celsius' }])
    }
  })

  test('keeps signatures through chat completions', async () => {
    const openai = new OpenAI({ baseURL: lab.sluice.v1, apiKey: key, maxRetries: 0 })
    const tools = [
      {
        type: 'function' as const,
        function: { name: 'get_weather', parameters: { type: 'object', properties: {} } },
      },
    ]
    const first = [{ role: 'user' as const, content: 'What is the weather in Zürich?' }]
    const settings = { model: 'claude', tools, max_tokens: 9_000, reasoning: { max_tokens: 2_048 } }
    const one = await openai.chat.completions.create({ ...settings, messages: first })
    const said: any = one.choices[0]!.message
    expect(said.reasoning_details[0].signature).toBe(
      JSON.parse(fixture('anthropic', 'reasoning_tool').json).content[0].signature,
    )
    const result = { role: 'tool' as const, tool_call_id: said.tool_calls[0].id, content: '21' }
    const two = await openai.chat.completions.create({
      ...settings,
      messages: [...first, said, result],
    })
    expect(two.choices[0]!.message.content).toContain('21 °C')
    expect(lab.b.requests.at(-1)!.json.messages[1].content).toMatchObject(
      JSON.parse(fixture('anthropic', 'reasoning_tool').json).content.map(
        ({ caller: _caller, ...block }: any) => block,
      ),
    )
  })

  test('keeps streamed signatures too, as pieces or put together', async () => {
    const openai = new OpenAI({ baseURL: lab.sluice.v1, apiKey: key, maxRetries: 0 })
    const tools = [
      {
        type: 'function' as const,
        function: { name: 'get_weather', parameters: { type: 'object', properties: {} } },
      },
    ]
    const first = [{ role: 'user' as const, content: 'What is the weather in Zürich?' }]
    const settings = { model: 'claude', tools, max_tokens: 9_000, reasoning: { max_tokens: 2_048 } }
    const stream = await openai.chat.completions.create({
      ...settings,
      messages: first,
      stream: true,
    })
    const details: any[] = []
    let args = ''
    let id = ''
    for await (const chunk of stream) {
      const delta: any = chunk.choices[0]?.delta ?? {}
      details.push(...(delta.reasoning_details ?? []))
      for (const call of delta.tool_calls ?? []) {
        id ||= call.id
        args += call.function?.arguments ?? ''
      }
    }
    const said: any = {
      role: 'assistant',
      content: null,
      reasoning_details: details,
      tool_calls: [{ id, type: 'function', function: { name: 'get_weather', arguments: args } }],
    }
    const two = await openai.chat.completions.create({
      ...settings,
      messages: [...first, said, { role: 'tool', tool_call_id: id, content: '21' }],
    })
    expect(two.choices[0]!.message.content).toContain('21 °C')
  })
})

describe('a conversation that moves', () => {
  const scripts = () => {
    lab.a.always(strictResponses())
    lab.b.always(strictAnthropic())
  }
  const tools = [{ name: 'get_weather', input_schema: { type: 'object' as const } }]
  const begin = [{ role: 'user' as const, content: 'What is the weather in Zürich?' }]

  test('from one vendor to Claude leaves its sealed thoughts behind', async () => {
    for (const thinking of [
      { type: 'enabled' as const, budget_tokens: 2_048 },
      { type: 'disabled' as const },
    ]) {
      scripts()
      const one = await client.messages.create({
        model: 'reply/gpt-5.2',
        max_tokens: 9_000,
        messages: begin,
        tools,
        thinking,
      })
      const called: any = one.content.find(({ type }) => type === 'tool_use')
      expect(one.content.map(({ type }) => type)).toContain('thinking')
      lab.b.always(replaysFixture('anthropic', 'after_tool'))
      await client.messages.create({
        model: 'claude',
        max_tokens: 9_000,
        tools,
        thinking,
        messages: [
          ...begin,
          { role: 'assistant', content: one.content },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: called.id, content: '21' }],
          },
        ],
      })
      const { json } = lab.b.requests.at(-1)!
      expect(json.messages[1].content).toEqual([called])
      // a budget for thoughts would be refused in a turn that began without one
      expect(json.thinking?.type).not.toBe('enabled')
    }
  })

  test('from Claude to another leaves Claude’s', async () => {
    scripts()
    const one = await client.messages.create({
      model: 'claude',
      max_tokens: 9_000,
      messages: begin,
      tools,
      thinking: { type: 'enabled', budget_tokens: 2_048 },
    })
    const called: any = one.content.find(({ type }) => type === 'tool_use')
    lab.a.always(replaysFixture('responses', 'after_tool'))
    await client.messages.create({
      model: 'reply/gpt-5.2',
      max_tokens: 9_000,
      tools,
      messages: [
        ...begin,
        { role: 'assistant', content: one.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: called.id, content: '21' }] },
      ],
    })
    expect(lab.a.requests.at(-1)!.body).not.toContain((one.content[0] as any).signature)
  })
})

describe('counting tokens', () => {
  test('asks the provider where it can count', async () => {
    expect(await client.messages.countTokens({ model: 'claude', messages })).toMatchObject({
      input_tokens: 2_095,
    })
    expect(lab.b.requests.at(-1)!.path).toBe('/v1/messages/count_tokens')
    expect(lab.b.requests.at(-1)!.json).toEqual({ model: 'claude-sonnet-4-5', messages })
  })

  test('estimates where it cannot, 24 at once', async () => {
    const counts = await Promise.all(
      Array.from({ length: 24 }, (_, at) =>
        client.beta.messages.countTokens({
          model: at % 2 ? 'claude' : 'vendor/gpt',
          messages,
          tools: [],
        }),
      ),
    )
    for (const [at, { input_tokens }] of counts.entries())
      expect(input_tokens).toBe(at % 2 ? 2_095 : counts[0]!.input_tokens)
    expect(counts[0]!.input_tokens).toBeGreaterThan(3)
  })
})

describe('the list of models', () => {
  const ids = async (list: AsyncIterable<{ id: string }>) => {
    const found: string[] = []
    for await (const { id } of list) found.push(id)
    return found
  }

  test('is one that the SDKs of Anthropic, OpenAI and OpenRouter all take', async () => {
    const openai = new OpenAI({ baseURL: lab.sluice.v1, apiKey: key })
    const router = new OpenRouter({ serverURL: `${lab.sluice.url}/api/v1`, apiKey: key })
    const all = await ids(client.models.list())
    expect(all).toContain('vendor/gpt')
    expect(await ids(openai.models.list())).toEqual(all)
    const routed: any = await router.models.list()
    const data = routed.result?.data ?? routed.data
    expect(data.map(({ id }: any) => id)).toEqual(all)
    expect(data[0].pricing).toMatchObject({ prompt: '-1', completion: '-1' })
    const raw: any = await (
      await fetch(`${lab.sluice.v1}/models`, { headers: { 'x-api-key': key } })
    ).json()
    expect(raw).toMatchObject({
      object: 'list',
      total_count: all.length,
      has_more: false,
      first_id: all[0],
      last_id: all.at(-1),
      links: { next: null },
    })
    for (const model of raw.data) {
      expect(model).toMatchObject({
        object: 'model',
        type: 'model',
        display_name: expect.any(String),
        created: expect.any(Number),
        created_at: expect.stringMatching(/Z$/),
      })
    }
  })

  test('comes in pages, both ways', async () => {
    const all = await ids(client.models.list())
    expect(await ids(client.models.list({ limit: 2 }))).toEqual(all)
    const page = await client.models.list({ limit: 2 })
    expect(page).toMatchObject({ has_more: true, first_id: all[0], last_id: all[1] })
    const back = await client.models.list({ limit: 2, before_id: all[3]! })
    expect(back.data.map(({ id }) => id)).toEqual(all.slice(1, 3))
    const response = await fetch(`${lab.sluice.v1}/models?offset=1&limit=2`, {
      headers: { 'x-api-key': key },
    })
    expect(await response.json()).toMatchObject({
      data: [{ id: all[1] }, { id: all[2] }],
      links: { next: '?offset=3&limit=2' },
    })
  })

  test('finds one, or says in Anthropic’s words that it is not there', async () => {
    expect(await client.models.retrieve('vendor/gpt')).toMatchObject({
      id: 'vendor/gpt',
      type: 'model',
    })
    const error = await thrownBy(client.models.retrieve('nobody'))
    expect(error).toBeInstanceOf(Anthropic.NotFoundError)
    expect(error).toMatchObject({
      type: 'not_found_error',
      requestID: expect.stringMatching(/^req_/),
    })
  })

  test('is refused in Anthropic’s words without a key', async () => {
    const error = await thrownBy(
      (async () =>
        new Anthropic({ baseURL: lab.sluice.url, apiKey: 'wrong', maxRetries: 0 }).models.list())(),
    )
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(error.type).toBe('authentication_error')
  })
})

describe('errors', () => {
  const create = (model = fresh(), more: object = {}) =>
    thrownBy(client.messages.create({ model, ...asked, ...more } as any))

  test.each([
    [429, 'rate_limit_error', Anthropic.RateLimitError],
    [529, 'overloaded_error', Anthropic.OverloadedError],
    [500, 'api_error', Anthropic.InternalServerError],
    [404, 'not_found_error', Anthropic.NotFoundError],
  ])('a provider’s %d is a %s', async (code, type, known) => {
    lab.b.always(sendWhole('anthropic', errorOf('anthropic', code, 'no'), code))
    const error = await create()
    expect(error).toBeInstanceOf(known)
    expect(error.type).toBe(type)
    expect(error.error.request_id).toBe(error.requestID)
  })

  test.each([
    [400, 'prompt is too long: 210000 tokens > 200000 maximum', 'invalid_request_error'],
    [413, 'Request exceeds the maximum size', 'request_too_large'],
    [400, 'messages.0.content.0: something is wrong', 'invalid_request_error'],
  ])('a provider’s %d keeps its words: %s', async (code, message, type) => {
    lab.b.always(sendWhole('anthropic', errorOf('anthropic', code, message), code))
    const error = await create()
    expect(error).toMatchObject({ status: code, type, apiMessage: message })
    expect(error.headers.get('x-should-retry')).toBe('false')
  })

  test('a key that is wrong, a model that is denied, one that does not exist, a body that is none', async () => {
    const wrong = new Anthropic({ baseURL: lab.sluice.url, apiKey: 'wrong', maxRetries: 0 })
    expect(await thrownBy(wrong.messages.create({ model: 'claude', ...asked }))).toMatchObject({
      status: 401,
      type: 'authentication_error',
    })
    const narrow = new Anthropic({ baseURL: lab.sluice.url, apiKey: 'sk-narrow', maxRetries: 0 })
    expect(await thrownBy(narrow.messages.create({ model: 'vendor/gpt', ...asked }))).toMatchObject(
      { status: 400, type: 'invalid_request_error' },
    )
    expect(await create('nobody/nothing')).toMatchObject({ status: 404, type: 'not_found_error' })
    expect(await create(fresh(), { messages: [] })).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
    })
    expect(await create(fresh(), { messages: [{ role: 'tool', content: 'x' }] })).toMatchObject({
      status: 400,
    })
    const nonsense = await fetch(`${lab.sluice.v1}/messages`, {
      method: 'POST',
      body: '{',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
    })
    expect(await nonsense.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
      request_id: nonsense.headers.get('request-id'),
    })
    const get = await fetch(`${lab.sluice.v1}/messages`, { headers: { 'x-api-key': key } })
    expect(get.status).toBe(405)
    expect(await get.json()).toMatchObject({ type: 'error' })
  })

  test.each(['anthropic', 'openai'])(
    'in the middle of %s’s stream they are events',
    async (format) => {
      const model = format === 'anthropic' ? fresh() : 'vendor/gpt'
      const native = eventsOf(fixture('anthropic', 'text').sse)
      const overloaded = `event: error\ndata: ${JSON.stringify(errorOf('anthropic', 529, 'Overloaded'))}\n\n`
      lab.b.always(sendStream('anthropic', [...native.slice(0, 6), overloaded]))
      lab.a.always(sendStream('openai', eventsOf(fixture('openai', 'text').sse).slice(0, 4)))
      const response = await fetch(`${lab.sluice.v1}/messages`, {
        method: 'POST',
        headers: { 'x-api-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ model, stream: true, ...asked }),
      })
      expect(response.status).toBe(200)
      const told = tell(await response.text())
      expect(told.error.error.type).toBe(format === 'anthropic' ? 'overloaded_error' : 'api_error')
      const stream = client.messages.stream({ model, ...asked })
      expect(await thrownBy(stream.finalMessage())).toBeInstanceOf(Anthropic.APIError)
    },
  )

  test('before the first content they have their status, also in a stream', async () => {
    lab.b.always(
      sendStream('anthropic', [
        `event: error\ndata: ${JSON.stringify(errorOf('anthropic', 529, 'Overloaded'))}\n\n`,
      ]),
    )
    expect(
      await thrownBy(client.messages.create({ model: fresh(), ...asked, stream: true })),
    ).toMatchObject({ status: 529, type: 'overloaded_error' })
    lab.a.always(status(429))
    expect(
      await thrownBy(client.messages.create({ model: 'limited/m', ...asked, stream: true })),
    ).toMatchObject({ status: 429, type: 'rate_limit_error' })
  })
})

test('who leaves aborts the provider', async () => {
  lab.a.always(endless())
  const stream = client.messages.stream({ model: 'vendor/gpt', ...asked })
  stream.on('text', () => stream.abort())
  expect(await thrownBy(stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError)
  await until('the provider saw it', () => lab.a.requests.at(-1)!.aborted)
})

test('structured output is parsed whatever the provider speaks', async () => {
  lab.a.always(replaysFixture('openai', 'structured'))
  lab.b.always(replaysFixture('anthropic', 'structured'))
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
    additionalProperties: false,
  }
  for (const model of ['claude', 'vendor/gpt']) {
    const message: any = await client.messages.parse({
      model,
      ...asked,
      output_config: { format: { type: 'json_schema', schema } },
    } as any)
    expect(JSON.parse(message.content[0].text)).toMatchObject({ name: 'Zürich' })
  }
  expect(lab.a.requests.at(-1)!.json.response_format).toEqual({
    type: 'json_schema',
    json_schema: { name: 'answer', strict: true, schema },
  })
})

describe('a session like Claude Code’s', () => {
  const headers = {
    'x-api-key': key,
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    'anthropic-beta':
      'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,mid-conversation-tool-changes-2026-07-01,thinking-token-count-2026-05-13,advanced-tool-use-2025-11-20,effort-2025-11-24',
    'x-app': 'cli',
    'x-stainless-retry-count': '0',
  }
  const post = (path: string, body: object) =>
    fetch(`${lab.sluice.v1}${path}?beta=true`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })

  test.each(['claude', 'vendor/gpt', 'vendor/router', 'gem/gemini-3-pro', 'reply/gpt-5.2'])(
    'runs on %s',
    async (model) => {
      const scripts: any = {
        claude: strictAnthropic,
        'vendor/gpt': strictOpenAI,
        'vendor/router': strictOpenRouter,
        'gem/gemini-3-pro': strictGemini,
        'reply/gpt-5.2': strictResponses,
      }
      for (const provider of [lab.a, lab.b, lab.c]) provider.always(scripts[model]())
      const base: any = { ...claudeCode, model }
      const system = { role: 'system', content: 'Plan mode is on.' }
      const first = {
        role: 'user',
        content: [
          {
            type: 'text',
            text: 'What is the weather in Zürich?',
            cache_control: { type: 'ephemeral' },
          },
        ],
      }
      const tools = [
        ...base.tools,
        { name: 'get_weather', description: 'w', input_schema: { type: 'object', properties: {} } },
      ]
      const turn = async (conversation: object[]) => {
        const response = await post('/messages', { ...base, tools, messages: conversation })
        const text = await response.text()
        if (response.status !== 200) throw new Error(text)
        const { message } = tell(text)
        return message
      }
      const one = await turn([first, system])
      expect(one.stop_reason).toBe('tool_use')
      const [called] = one.content.filter(({ type }: any) => type === 'tool_use')
      expect(called).toMatchObject({
        name: 'get_weather',
        input: { city: 'Zürich', unit: 'celsius' },
      })
      const results = {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: called.id, content: '21 °C' }],
      }
      if (model !== 'claude') {
        const asked = (model === 'vendor/router' ? lab.c : lab.a).requests.at(-1)!
        expect(asked.body).not.toContain('billing-header')
        expect(asked.body).toContain('You are an agent for the command line.')
      }
      const two = await turn([first, system, { role: 'assistant', content: one.content }, results])
      expect(two.content.at(-1).text).toBe('It is 21 °C and sunny in Zürich ☀️.')
      const counts = await Promise.all(
        Array.from({ length: 24 }, async () =>
          (
            await post('/messages/count_tokens', {
              model,
              messages: [first],
              tools,
              system: base.system,
            })
          ).json(),
        ),
      )
      for (const count of counts as any[])
        expect(count).toMatchObject({ input_tokens: expect.any(Number) })
    },
  )

  test.each(['vendor/gpt', 'gem/gemini-3-pro', 'reply/gpt-5.2'])(
    'searches the web on %s as far as it can',
    async (model) => {
      const scripts: any = {
        'vendor/gpt': strictOpenAI,
        'gem/gemini-3-pro': strictGemini,
        'reply/gpt-5.2': strictResponses,
      }
      lab.a.always(scripts[model]())
      const response = await post('/messages', {
        model,
        max_tokens: 1_000,
        stream: true,
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'Perform a web search for the query: x' }],
          },
        ],
        tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }],
        tool_choice: { type: 'tool', name: 'web_search' },
      })
      const text = await response.text()
      if (response.status !== 200) throw new Error(text)
      expect(tell(text).message.content.length).toBeGreaterThan(0)
      expect(response.headers.get('x-sluice-warnings')).toContain('web_search_20250305')
    },
  )

  test('sends the provider its betas and its own bytes', async () => {
    lab.b.always(replaysFixture('anthropic', 'text'))
    const body = { ...claudeCode, model: 'claude' }
    await (await post('/messages', body)).text()
    const sent = lab.b.requests.at(-1)!
    expect(sent.body).toBe(JSON.stringify({ ...body, model: 'claude-sonnet-4-5' }))
    expect(sent.headers['anthropic-beta']).toBe(headers['anthropic-beta'])
    expect(sent.headers['x-app']).toBeUndefined()
  })

  test('finds models when it discovers them', async () => {
    const response = await fetch(`${lab.sluice.v1}/models?limit=1000`, { headers })
    expect(await response.json()).toMatchObject({
      has_more: false,
      data: expect.arrayContaining([expect.objectContaining({ id: 'claude' })]),
    })
  })
})
