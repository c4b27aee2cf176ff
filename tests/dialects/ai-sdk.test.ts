import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { attempts, warnings } from '../../src/chat.ts'
import { GatewayError } from '../../src/errors.ts'
import { customNames } from '../../src/formats/custom-tools.ts'
import { strictAnthropic } from '../support/anthropic-strict.ts'
import { strictOpenAI, strictOpenRouter } from '../support/fixtures-openai-strict.ts'
import { breaksOff, fails, replaysFixture, truncates } from '../support/fixtures-replay.ts'
import { expected, scenarios, type Scenario } from '../support/fixtures.ts'
import { startProvider, type Provider } from '../support/provider.ts'
import { endless, html, sendJson, silent } from '../support/scripts.ts'
import { sdkGateway, type Asked } from '../support/sdk-provider.ts'
import { until } from '../support/until.ts'

const key = 'sk-provider-p-secret'
const packages = {
  anthropic: '@ai-sdk/anthropic',
  compatible: '@ai-sdk/openai-compatible',
  router: '@openrouter/ai-sdk-provider',
} as const
type Name = keyof typeof packages

let p: Provider
beforeEach(async () => {
  p = await startProvider()
})
afterEach(() => p.stop())

const gatewayFor = (name: Name, more: object = {}) =>
  sdkGateway({ package: packages[name], base_url: p.url, api_key: key, ...more })

const seen = ({ whole }: Asked) => {
  const { delta, finish_reason, native_finish_reason } = whole.choices![0]! as any
  return {
    content: delta.content ?? '',
    reasoning: delta.reasoning,
    reasoning_details: delta.reasoning_details?.map(
      ({ index: _at, id: _id, ...rest }: any) => rest,
    ),
    tool_calls: delta.tool_calls?.map((call: any) => ({
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
    })),
    annotations: delta.annotations?.map(({ url_citation }: any) => ({
      url: url_citation.url,
      title: url_citation.title,
      span: delta.content.slice(url_citation.start_index, url_citation.end_index),
    })),
    images: delta.images?.map(({ image_url }: any) => image_url.url),
    finish_reason,
    native_finish_reason,
    usage: whole.usage,
  } as Record<string, any>
}

/** What the packages themselves lose, by scenario; everything else must be there. */
const lost: Record<Name, Partial<Record<Scenario, readonly string[]>>> = {
  anthropic: {},
  compatible: {
    citations: ['annotations'],
    image_out: ['images', 'native_finish_reason'],
    interleaved: ['reasoning_details', 'native_finish_reason'],
    reasoning: ['reasoning_details', 'native_finish_reason'],
    reasoning_tool: ['reasoning_details', 'native_finish_reason'],
    redacted: ['reasoning_details', 'native_finish_reason'],
    refusal: ['content', 'finish_reason'],
  },
  router: {
    citations: ['annotations'],
    image_out: ['native_finish_reason'],
    interleaved: ['reasoning', 'reasoning_details', 'native_finish_reason'],
    reasoning: ['native_finish_reason'],
    reasoning_tool: ['native_finish_reason'],
    redacted: ['native_finish_reason'],
  },
}
/** Answers that the package refuses to read at all. */
const unreadable: Record<Name, (scenario: Scenario, stream: boolean) => boolean> = {
  anthropic: (scenario, stream) => scenario === 'unknown' && !stream,
  compatible: (scenario) => scenario === 'custom_tool',
  router: (scenario, stream) => scenario === 'custom_tool' || (scenario === 'refusal' && stream),
}

describe.each(Object.keys(packages) as Name[])('an answer through the package for %s', (name) => {
  const dialect = name === 'anthropic' ? 'anthropic' : 'openai'
  for (const scenario of scenarios[dialect])
    for (const stream of [true, false]) {
      if (unreadable[name](scenario, stream)) continue
      test(`means the same: ${scenario}, ${stream ? 'streamed' : 'whole'}`, async () => {
        p.next(replaysFixture(dialect, scenario))
        const gateway = await gatewayFor(name)
        const got = seen(await gateway.ask({ stream, max_tokens: 4096 }))
        const want: Record<string, any> = expected(dialect, scenario)
        for (const field of Object.keys(got)) {
          if (lost[name][scenario]?.includes(field)) continue
          if (field === 'usage') expect(got.usage).toMatchObject(want.usage)
          else expect([field, got[field] ?? null]).toEqual([field, want[field] ?? null])
        }
      })
    }
})

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

describe('a tool loop', () => {
  const loops = [
    ['anthropic', () => strictAnthropic(), 'anthropic'],
    ['router', () => strictOpenRouter(), 'openai'],
    ['compatible', () => strictOpenAI(), 'openai'],
  ] as const
  test.each(
    loops.flatMap(([name, script, dialect]) =>
      [true, false].map((stream) => [name, stream, script, dialect] as const),
    ),
  )(
    'brings calls and signed thoughts back as they were: %s, streamed: %p',
    async (name, stream, script, dialect) => {
      p.next(script(), script())
      const gateway = await gatewayFor(name)
      const user = { role: 'user', content: 'How is the weather in Zürich?' }
      const thinking = name === 'compatible' ? {} : { reasoning: { max_tokens: 2000 } }
      const common = { stream, tools: [weather], max_tokens: 8000, ...thinking }
      const first = await gateway.ask({ ...common, messages: [user] })
      const { index: _at, ...message } = first.whole.choices![0]!.delta as any
      expect(message.tool_calls.length).toBeGreaterThan(0)
      const results = message.tool_calls.map(({ id }: any) => ({
        role: 'tool',
        tool_call_id: id,
        content: '{"temperature": 21}',
      }))
      const assistant = { role: 'assistant', ...message }
      const second = await gateway.ask({ ...common, messages: [user, assistant, ...results] })
      expect(seen(second).content).toBe(expected(dialect, 'after_tool').content)
    },
  )

  test('restores a freeform tool that went as a function', async () => {
    p.next((exchange) =>
      sendJson(exchange, 200, {
        id: 'x',
        model: 'm',
        choices: [
          {
            index: 0,
            finish_reason: 'tool_calls',
            message: {
              role: 'assistant',
              tool_calls: [
                {
                  id: 'call_1',
                  type: 'function',
                  function: { name: 'patch', arguments: '{"input":"*** Begin\\n"}' },
                },
              ],
            },
          },
        ],
        usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 },
      }),
    )
    const gateway = await gatewayFor('compatible')
    const tools = [{ type: 'custom', custom: { name: 'patch' } }]
    expect(customNames({ model: 'm', tools })).toEqual(new Set(['patch']))
    const { whole } = await gateway.ask({ tools })
    expect(whole.choices![0]!.delta!.tool_calls).toMatchObject([
      { id: 'call_1', type: 'custom', custom: { name: 'patch', input: '*** Begin\n' } },
    ])
  })
})

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/q842iQAAAABJRU5ErkJggg=='
const pdf = 'JVBERi0xLjQKJcOkw7zDtsOfCg=='

describe('a request', () => {
  const request = {
    max_tokens: 500,
    temperature: 0.5,
    stop: 'END',
    tools: [weather, { type: 'web_search_20250305', name: 'web_search' }],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
    messages: [
      {
        role: 'system',
        content: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look.' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          {
            type: 'file',
            file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
          },
          { type: 'odd_block', whatever: 1 },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'get_weather', arguments: '{"city":"Bern"}' },
          },
        ],
      },
      {
        role: 'tool',
        tool_call_id: 'call_1',
        content: [
          { type: 'text', text: 'A chart.' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
        ],
      },
    ],
  }

  test('reaches Anthropic with its media, its breakpoint and its choice', async () => {
    p.next(replaysFixture('anthropic', 'text'))
    const gateway = await gatewayFor('anthropic', { headers: { 'x-team': 'a' } })
    const { call } = await gateway.ask(request)
    const { json, headers, path } = p.requests.at(-1)!
    expect(path).toBe('/v1/messages')
    expect(headers).toMatchObject({ 'x-api-key': key, 'x-team': 'a' })
    expect(json).toMatchObject({
      model: 'm',
      max_tokens: 500,
      temperature: 0.5,
      stop_sequences: ['END'],
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      tool_choice: { type: 'tool', name: 'get_weather' },
    })
    expect(json.messages[0].content).toMatchObject([
      { type: 'text', text: 'Look.' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } },
    ])
    expect(json.messages[1].content).toMatchObject([
      { type: 'tool_use', id: 'call_1', name: 'get_weather', input: { city: 'Bern' } },
    ])
    expect(json.messages[2].content).toMatchObject([
      {
        type: 'tool_result',
        tool_use_id: 'call_1',
        content: [
          { type: 'text', text: 'A chart.' },
          { type: 'image', source: { data: png } },
        ],
      },
    ])
    expect(call.vars.get(warnings)).toEqual([
      'content of type odd_block is not available at this provider',
      'tool web_search_20250305 is not available at this provider',
    ])
  })

  test('reaches an OpenAI-compatible server with what only that knows', async () => {
    p.next(replaysFixture('openai', 'text'))
    const gateway = await gatewayFor('compatible')
    await gateway.ask({
      ...request,
      user: 'u1',
      seed: 7,
      top_k: 40,
      logprobs: true,
      parallel_tool_calls: false,
      reasoning: { effort: 'low' },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'w', strict: true, schema: { type: 'object' } },
      },
    })
    const { json, headers } = p.requests.at(-1)!
    expect(headers.authorization).toBe(`Bearer ${key}`)
    expect(json).toMatchObject({
      model: 'm',
      max_tokens: 500,
      user: 'u1',
      seed: 7,
      top_k: 40,
      logprobs: true,
      parallel_tool_calls: false,
      reasoning_effort: 'low',
      stop: ['END'],
      response_format: { type: 'json_schema', json_schema: { name: 'w', strict: true } },
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
    })
    expect(json.messages[1].content[1]).toEqual({
      type: 'image_url',
      image_url: { url: `data:image/png;base64,${png}` },
    })
  })

  test('never asks for more tokens than its limit, thoughts included', async () => {
    p.next(replaysFixture('anthropic', 'reasoning'), replaysFixture('anthropic', 'reasoning'))
    const gateway = await gatewayFor('anthropic')
    await gateway.ask({
      model: 'p/claude-sonnet-4-5',
      max_tokens: 5000,
      reasoning: { effort: 'medium' },
    })
    expect(p.requests.at(-1)!.json).toMatchObject({
      max_tokens: 5000,
      thinking: { type: 'enabled', budget_tokens: 2500 },
    })
    await gateway.ask({
      model: 'p/claude-opus-4-7',
      max_tokens: 5000,
      reasoning: { effort: 'high' },
    })
    expect(p.requests.at(-1)!.json).toMatchObject({
      max_tokens: 5000,
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    })
  })

  test('tells what the package could not do', async () => {
    p.next(replaysFixture('anthropic', 'text'))
    const gateway = await gatewayFor('anthropic')
    const { call } = await gateway.ask({ stream: true, seed: 7, n: 2, max_tokens: 100 })
    expect(call.vars.get(warnings)).toEqual([
      'n above 1 is not available at this provider',
      'seed is not available at this provider',
    ])
  })

  test('loses thoughts of another family', async () => {
    p.next(replaysFixture('anthropic', 'text'), replaysFixture('openai', 'text'))
    const thought = (format: string) => ({
      role: 'assistant',
      content: 'Hm.',
      reasoning: 'It is 4.',
      reasoning_details: [
        { type: 'reasoning.text', text: 'It is 4.', signature: 'sig', format, index: 0 },
      ],
    })
    const messages = (format: string) => [
      { role: 'user', content: 'a' },
      thought(format),
      { role: 'user', content: 'b' },
    ]
    const claude = await gatewayFor('anthropic')
    await claude.ask({ messages: messages('google-gemini-v1') })
    expect(p.requests.at(-1)!.body).not.toContain('It is 4.')
    const other = await gatewayFor('compatible')
    await other.ask({ messages: messages('anthropic-claude-v1') })
    expect(p.requests.at(-1)!.body).not.toContain('It is 4.')
  })
})

const failure = async (work: Promise<unknown>): Promise<GatewayError> => {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(GatewayError)
  return error
}

describe('a failure', () => {
  test.each([
    [400, 'invalid_request_error'],
    [401, 'upstream_auth_failed'],
    [404, 'upstream_model_not_found'],
    [429, 'rate_limit_exceeded'],
    [500, 'upstream_error'],
    [529, 'provider_overloaded'],
  ] as const)('of status %d is %s, as with any provider', async (code, kind) => {
    for (const name of ['anthropic', 'compatible', 'router'] as const)
      for (const stream of [true, false]) {
        const dialect = name === 'anthropic' ? 'anthropic' : 'openai'
        p.next(fails(dialect, code, `No, ${key} is wrong`, { headers: { 'retry-after': '17' } }))
        const gateway = await gatewayFor(name)
        const error = await failure(gateway.ask({ stream }))
        expect(error.code).toBe(kind)
        expect(error.details.upstreamStatus).toBe(code)
        if (code === 429) expect(error.retryAfter).toBe(17)
        expect(error.message).not.toContain(key)
        expect(Bun.inspect(error.details.cause ?? '')).not.toContain(key)
      }
  })

  test('of a redirect is none to follow', async () => {
    p.next(async (exchange) => {
      await exchange.head(302, { location: 'http://127.0.0.1:1/steal', 'content-length': '0' })
      await exchange.end()
    })
    const gateway = await gatewayFor('compatible')
    expect((await failure(gateway.ask())).code).toBe('upstream_redirect')
  })

  test('to reach anybody says so, and nothing of the request', async () => {
    const gateway = await gatewayFor('compatible', { base_url: 'http://127.0.0.1:1/v1' })
    const error = await failure(gateway.ask({ messages: [{ role: 'user', content: 'my secret' }] }))
    expect(error.code).toBe('upstream_unreachable')
    expect(Bun.inspect(error.details.cause)).not.toContain('my secret')
  })

  test('that is not JSON is no answer', async () => {
    p.next(html(200), (exchange) => sendJson(exchange, 200, { hello: 1 }))
    const gateway = await gatewayFor('compatible')
    expect((await failure(gateway.ask())).fault).toBe('endpoint')
    expect((await failure(gateway.ask())).code).toBe('upstream_invalid_response')
  })

  test.each(['anthropic', 'openai'] as const)(
    'in a stream of %s comes after its content',
    async (dialect) => {
      const name = dialect === 'anthropic' ? 'anthropic' : 'compatible'
      const gateway = await gatewayFor(name)
      p.next(breaksOff(dialect, 'text', 4))
      let content = ''
      const reading = (async () => {
        for await (const chunk of gateway.handle(gateway.toCall({ stream: true })))
          content += chunk.choices?.[0]?.delta?.content ?? ''
      })()
      const error = await failure(reading)
      expect(['provider_overloaded', 'upstream_error']).toContain(error.code)
      expect(content).not.toBe('')
    },
  )

  test.each(['anthropic', 'openai'] as const)(
    'never makes a truncated stream of %s pass for whole',
    async (dialect) => {
      for (const events of [1, 3, 5]) {
        const gateway = await gatewayFor(dialect === 'anthropic' ? 'anthropic' : 'compatible')
        p.next(truncates(dialect, 'text', events))
        const error = await failure(gateway.ask({ stream: true }))
        expect(['upstream_disconnected', 'upstream_empty_response']).toContain(error.code)
      }
    },
  )
})

describe('a call that is given up', () => {
  test('by the client leaves the provider', async () => {
    p.next(endless())
    const gateway = await gatewayFor('compatible')
    const leaving = new AbortController()
    const call = gateway.toCall({ stream: true }, { signal: leaving.signal })
    const error = await failure(
      (async () => {
        for await (const chunk of gateway.handle(call))
          if (chunk.choices?.[0]?.delta?.content) leaving.abort()
      })(),
    )
    expect(error.code).toBe('client_closed')
    await until('the provider is left', () => p.open === 0)
    expect(p.requests.at(-1)!.aborted).toBe(true)
  })

  test('by who reads no further leaves the provider', async () => {
    p.next(endless())
    const gateway = await gatewayFor('compatible')
    for await (const chunk of gateway.handle(gateway.toCall({ stream: true })))
      if (chunk.choices?.[0]?.delta?.content) break
    await until('the provider is left', () => p.open === 0)
  })

  test.each([true, false])('because nothing comes is a timeout (streamed: %p)', async (stream) => {
    p.next(silent())
    const timeouts = { first_byte: '40ms' }
    const gateway = await gatewayFor('anthropic', { timeouts })
    const error = await failure(gateway.ask({ stream }))
    expect(error.code).toBe('upstream_timeout')
    await until('the provider is left', () => p.open === 0)
  })
})

test('embeddings come from packages that have them, as floats or base64', async () => {
  const answer = {
    data: [
      { embedding: [0.5, -1], index: 0 },
      { embedding: [2, 3], index: 1 },
    ],
    usage: { prompt_tokens: 6 },
  }
  p.next(
    (exchange) => sendJson(exchange, 200, answer),
    (exchange) => sendJson(exchange, 200, answer),
  )
  const gateway = await gatewayFor('compatible')
  const embed = (more: object) =>
    gateway.ask({ input: ['a', 'b'], ...more } as any, { operation: 'embeddings' })
  const { whole } = await embed({ dimensions: 2 })
  expect(p.requests.at(-1)!.json).toMatchObject({ model: 'm', input: ['a', 'b'], dimensions: 2 })
  expect(whole).toMatchObject({
    object: 'list',
    data: [
      { object: 'embedding', index: 0, embedding: [0.5, -1] },
      { object: 'embedding', index: 1, embedding: [2, 3] },
    ],
    usage: { prompt_tokens: 6, total_tokens: 6 },
  })
  const packed = (await embed({ encoding_format: 'base64' })).whole as any
  const bytes = Buffer.from(packed.data[1].embedding, 'base64')
  expect([...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 8))]).toEqual(
    [2, 3],
  )
  expect((await failure(embed({ input: [[1, 2]] }))).code).toBe('invalid_request_error')
  const claude = await gatewayFor('anthropic')
  const none = claude.ask({ input: 'a' } as any, { operation: 'embeddings' })
  expect((await failure(none)).code).toBe('operation_not_supported')
})

test('tokens are counted here, and every attempt is recorded', async () => {
  const gateway = await gatewayFor('anthropic')
  const { whole } = await gateway.ask({}, { operation: 'count_tokens' })
  expect(whole).toMatchObject({ object: 'token_count', data: [{ estimated: true }] })
  p.next(replaysFixture('anthropic', 'text'))
  const { call } = await gateway.ask({ stream: true })
  expect(call.vars.get(attempts)).toMatchObject([
    { provider: 'p', model: 'm', status: 200, code: 'ok' },
  ])
})
