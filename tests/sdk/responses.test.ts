import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { OpenRouter } from '@openrouter/sdk'
import OpenAI from 'openai'
import { checkAnthropic } from '../support/anthropic-rules.ts'
import { strictAnthropic } from '../support/anthropic-strict.ts'
import { strictOpenAI, strictOpenRouter } from '../support/fixtures-openai-strict.ts'
import { checkOpenAI } from '../support/fixtures-openai-rules.ts'
import { replaysFixture, sendStream } from '../support/fixtures-replay.ts'
import { fixture } from '../support/fixtures.ts'
import { strictGemini } from '../support/gemini-strict.ts'
import { startLab } from '../support/lab.ts'
import type { Provider } from '../support/provider.ts'
import { codexBody } from '../support/responses-bodies.ts'
import { eventsIn, judge, mistakesIn } from '../support/responses-grammar.ts'
import { strictResponses } from '../support/responses-strict.ts'
import { answers, endless, status } from '../support/scripts.ts'
import { dieAfter } from '../support/spoils.ts'
import { until } from '../support/until.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const key = 'sk-test-laptop-0001'
const lab = await startLab({
  plugins: [
    {
      auth: {
        keys: {
          laptop: { key },
          other: { key: 'sk-other' },
          narrow: { key: 'sk-narrow', models: ['chat'] },
        },
      },
    },
    'fallback',
  ],
  routes: {
    native: ['native/gpt-5.2'],
    chat: ['a/gpt'],
    router: ['router/claude'],
    claude: ['claude/claude-sonnet-4-5'],
    gemini: ['gem/gemini-3-pro'],
  },
  providers: ({ a, b, c }) => ({
    native: { dialect: 'responses', base_url: b.url, api_key: 'sk-provider-n' },
    router: { preset: 'openrouter', dialect: 'openai', base_url: c.url, api_key: 'sk-provider-r' },
    claude: { dialect: 'anthropic', base_url: a.url, api_key: 'sk-provider-c' },
    gem: { dialect: 'gemini', base_url: a.url, api_key: 'sk-provider-g' },
  }),
})
afterAll(() => lab[Symbol.asyncDispose]())

const strict: Readonly<Record<string, readonly [Provider, Parameters<Provider['always']>[0]]>> = {
  native: [lab.b, strictResponses()],
  chat: [lab.a, strictOpenAI()],
  router: [lab.c, strictOpenRouter()],
  claude: [lab.a, strictAnthropic()],
  gemini: [lab.a, strictGemini()],
}
const models = Object.keys(strict)

beforeEach(() => {
  for (const model of models) {
    const [provider, script] = strict[model]!
    provider.always(script)
  }
  lab.a.always(strictOpenAI())
})

/** Sets up the model's provider, and comes back with its requests so far and later. */
const serve = (model: string): Provider => {
  const [provider, script] = strict[model]!
  provider.always(script)
  return provider
}

const client = new OpenAI({ baseURL: lab.sluice.v1, apiKey: key, maxRetries: 0 })
const tools = [
  {
    type: 'function' as const,
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: ['string', 'null'] } },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
    strict: true,
  },
]
const input = 'What is the weather in Zürich?'

const thrownBy = async (promise: Promise<unknown>): Promise<any> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const callsOf = (response: any): any[] =>
  response.output.filter(({ type }: any) => type === 'function_call')

describe.each(models)('openai’s SDK over %s', (model) => {
  test('gets an answer whole', async () => {
    serve(model)
    const response = await client.responses.create({ model, input, store: false })
    expect(response).toMatchObject({ object: 'response', status: 'completed', error: null })
    expect(response.output_text).not.toBe('')
    expect(response.usage!.total_tokens).toBeGreaterThan(0)
    if (model !== 'native') expect(judge('Response')({ ...response })).toBeUndefined()
  })

  test('plays a tool loop, the whole output sent back each time', async () => {
    const provider = serve(model)
    const first = await client.responses.create({
      model,
      input,
      tools,
      store: false,
      include: ['reasoning.encrypted_content'],
    })
    const [call] = callsOf(first)
    expect(JSON.parse(call.arguments)).toMatchObject({ city: 'Zürich' })
    const second = await client.responses.create({
      model,
      input: [
        { role: 'user', content: input },
        ...(first.output as any[]),
        { type: 'function_call_output', call_id: call.call_id, output: '21 °C' },
      ],
      tools,
      store: false,
      include: ['reasoning.encrypted_content'],
    })
    expect(second.output_text).toContain('21 °C')
    expect(provider.requests.length).toBeGreaterThan(0)
  })

  test('plays it streamed, by previous_response_id', async () => {
    serve(model)
    const first = await client.responses
      .stream({ model, input, tools, include: ['reasoning.encrypted_content'] })
      .finalResponse()
    const [call] = callsOf(first)
    expect(JSON.parse(call.arguments)).toMatchObject({ city: 'Zürich' })
    const stream = client.responses.stream({
      model,
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: call.call_id, output: '21 °C' }],
      tools,
      include: ['reasoning.encrypted_content'],
    })
    let text = ''
    for await (const event of stream)
      if (event.type === 'response.output_text.delta') text += event.delta
    const second = await stream.finalResponse()
    expect(text).toContain('21 °C')
    expect(second.output_text).toBe(text)
    if (model !== 'native') expect(second.previous_response_id).toBe(first.id)
  })

  test('streams a flawless grammar', async () => {
    serve(model)
    const response = await fetch(`${lab.sluice.v1}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, input, tools, stream: true }),
    })
    expect(response.headers.get('content-type')).toStartWith('text/event-stream')
    const raw = await response.text()
    expect(mistakesIn(eventsIn(raw))).toEqual([])
    expect(raw).not.toContain('[DONE]')
  })

  test('plays what Codex sends to response.completed', async () => {
    const provider = serve(model)
    // a Codex that asks anew: its history would have to be one that this provider gave
    const body = { ...codexBody, model, input: codexBody.input.slice(0, 2) }
    const sent = JSON.stringify(body)
    const response = await fetch(`${lab.sluice.v1}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: sent,
    })
    const raw = await response.text()
    expect([response.status, raw.slice(0, 200)]).toEqual([
      200,
      expect.stringContaining('event: response.created'),
    ])
    const events = eventsIn(raw)
    expect(mistakesIn(events)).toEqual([])
    expect(events.at(-1).type).toBe('response.completed')
    const last = provider.requests.at(-1)!
    if (model === 'native') {
      expect(last.body).toBe(sent.replace('"model":"native"', '"model":"gpt-5.2"'))
      expect(raw).toBe(fixture('responses', 'reasoning_tool').sse)
    } else {
      // OpenRouter searches by itself
      if (model !== 'router')
        expect(response.headers.get('x-sluice-warnings')).toContain('web_search')
      expect(JSON.stringify(last.json)).toContain('mcp__files__read')
    }
  })
})

describe('an answer that is kept', () => {
  test('can be fetched, asked for its input, and deleted', async () => {
    lab.a.always(answers('Kept.'))
    const made = await client.responses.create({ model: 'chat', input: 'Keep this.' })
    const fetched = await client.responses.retrieve(made.id)
    expect(fetched.output_text).toBe('Kept.')
    expect(fetched.id).toBe(made.id)
    expect(await thrownBy(client.responses.retrieve(made.id, { stream: true }))).toMatchObject({
      status: 400,
      param: 'stream',
    })
    const { data } = await client.responses.inputItems.list(made.id)
    expect(data).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: 'Keep this.' }] },
    ])
    await client.responses.delete(made.id)
    expect(await thrownBy(client.responses.retrieve(made.id))).toMatchObject({ status: 404 })
    expect(await thrownBy(client.responses.delete(made.id))).toMatchObject({ status: 404 })
  })

  test('is nobody else’s', async () => {
    lab.a.always(answers('Mine.'))
    const made = await client.responses.create({ model: 'chat', input: 'Hi' })
    const other = new OpenAI({ baseURL: lab.sluice.v1, apiKey: 'sk-other', maxRetries: 0 })
    expect(await thrownBy(other.responses.retrieve(made.id))).toMatchObject({ status: 404 })
    const refused = await thrownBy(
      other.responses.create({ model: 'chat', input: 'Go on', previous_response_id: made.id }),
    )
    expect(refused).toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    })
    const nobody = new OpenAI({ baseURL: lab.sluice.v1, apiKey: 'sk-wrong', maxRetries: 0 })
    expect(await thrownBy(nobody.responses.retrieve(made.id))).toMatchObject({ status: 401 })
    expect(await thrownBy(nobody.responses.delete(made.id))).toMatchObject({ status: 401 })
    expect((await client.responses.retrieve(made.id)).id).toBe(made.id)
  })

  test('can be read with a key for few models', async () => {
    lab.a.always(answers('Narrow.'))
    const narrow = new OpenAI({ baseURL: lab.sluice.v1, apiKey: 'sk-narrow', maxRetries: 0 })
    const made = await narrow.responses.create({ model: 'chat', input: 'Hi' })
    expect((await narrow.responses.retrieve(made.id)).output_text).toBe('Narrow.')
  })

  test('is not kept when the client says so, nor when it failed', async () => {
    lab.a.always(answers('Gone.'))
    const made = await client.responses.create({ model: 'chat', input: 'Hi', store: false })
    expect(await thrownBy(client.responses.retrieve(made.id))).toMatchObject({ status: 404 })
    lab.a.next(dieAfter(3, answers('Once upon a time there was a fox who')))
    let id = ''
    let last: any
    for await (const event of await client.responses.create({
      model: 'chat',
      input: 'Hi',
      stream: true,
    })) {
      if (event.type === 'response.created') id = event.response.id
      last = event
    }
    expect(last.type).toBe('response.failed')
    expect(id).toStartWith('resp_')
    expect(await thrownBy(client.responses.retrieve(id))).toMatchObject({ status: 404 })
  })

  test('is what the next goes on from, and the next from that', async () => {
    lab.a.always(answers('Yes.'))
    const first = await client.responses.create({
      model: 'chat',
      input: 'One',
      instructions: 'Be brief.',
    })
    const second = await client.responses.create({
      model: 'chat',
      input: 'Two',
      previous_response_id: first.id,
    })
    await client.responses.create({
      model: 'chat',
      input: 'Three',
      previous_response_id: second.id,
    })
    const { messages } = lab.a.requests.at(-1)!.json
    expect(messages.map(({ role, content }: any) => [role, content])).toEqual([
      ['user', 'One'],
      ['assistant', expect.anything()],
      ['user', 'Two'],
      ['assistant', expect.anything()],
      ['user', 'Three'],
    ])
    expect(JSON.stringify(messages[1].content)).toContain('Yes.')
  })

  test('lends its items to references', async () => {
    lab.a.always(answers('Sunny.'))
    const first = await client.responses.create({ model: 'chat', input: 'Weather?' })
    await client.responses.create({
      model: 'chat',
      input: [
        { role: 'user', content: 'Weather?' },
        { type: 'item_reference', id: first.output[0]!.id! },
        { role: 'user', content: 'Sure?' },
      ],
    })
    expect(JSON.stringify(lab.a.requests.at(-1)!.json.messages[1])).toContain('Sunny.')
  })

  test('of a provider that keeps its own is asked for there', async () => {
    serve('native')
    lab.b.always(replaysFixture('responses', 'text'))
    await client.responses.create({
      model: 'native',
      input: 'Go on',
      previous_response_id: 'resp_theirs',
    })
    expect(lab.b.requests.at(-1)!.json.previous_response_id).toBe('resp_theirs')
    const refused = await thrownBy(
      client.responses.create({
        model: 'chat',
        input: 'Go on',
        previous_response_id: 'resp_theirs',
      }),
    )
    expect(refused).toMatchObject({ status: 400, code: 'previous_response_not_found' })
    const prompt = await thrownBy(
      client.responses.create({ model: 'chat', prompt: { id: 'pmpt_1' } }),
    )
    expect(prompt).toMatchObject({ status: 400, param: 'prompt' })
  })
})

describe('what cannot be served', () => {
  test('is refused with its name', async () => {
    for (const [param, value] of [
      ['background', true],
      ['conversation', 'conv_1'],
    ] as const)
      expect(
        await thrownBy(
          client.responses.create({ model: 'chat', input: 'Hi', [param]: value } as any),
        ),
      ).toMatchObject({ status: 400, param, code: 'unsupported_parameter' })
  })

  test('keeps the provider’s status and words, with the error’s name on top', async () => {
    serve('native')
    lab.b.always(
      status(400, {
        error: { message: 'Bad tool.', type: 'invalid_request_error', param: 'tools', code: 'x' },
      }),
    )
    const response = await fetch(`${lab.sluice.v1}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'native', input: 'Hi', stream: true }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: { message: 'Bad tool.', param: 'tools', code: 'x' },
      error_type: 'invalid_request',
    })
  })
})

test('a client that leaves stops the provider', async () => {
  lab.a.always(endless())
  const stream = await client.responses.create({ model: 'chat', input: 'Hi', stream: true })
  for await (const event of stream) if (event.type === 'response.output_text.delta') break
  stream.controller.abort()
  await until('the provider is left', () => lab.a.requests.at(-1)!.aborted)
})

test('parse gives the structured output', async () => {
  serve('chat')
  lab.a.always(replaysFixture('openai', 'structured'))
  const response = await client.responses.parse({
    model: 'chat',
    input: 'Zürich?',
    text: {
      format: {
        type: 'json_schema',
        name: 'city',
        schema: { type: 'object', properties: {}, additionalProperties: true },
      },
    },
  })
  expect(JSON.parse(response.output_text)).toMatchObject({ name: 'Zürich' })
  expect(lab.a.requests.at(-1)!.json.response_format).toMatchObject({
    type: 'json_schema',
    json_schema: { name: 'city' },
  })
})

test('tokens are counted, by the provider or by us', async () => {
  const counted = await client.responses.inputTokens.count({
    model: 'chat',
    input: 'Hello there, how are you?',
  })
  expect(counted).toMatchObject({ object: 'response.input_tokens' })
  expect(counted.input_tokens).toBeGreaterThan(0)
})

describe('@openrouter/sdk', () => {
  const router = new OpenRouter({
    apiKey: key,
    serverURL: `${lab.sluice.url}/api/v1`,
    retryConfig: { strategy: 'none' },
  })

  test.each(models)('gets an answer from %s, whole and streamed', async (model) => {
    serve(model)
    const whole: any = await router.responses.send({ responsesRequest: { model, input } } as any)
    expect(whole.status).toBe('completed')
    expect(whole.output.length).toBeGreaterThan(0)
    const types: string[] = []
    const stream: any = await router.responses.send({
      responsesRequest: { model, input, stream: true },
    } as any)
    for await (const event of stream) types.push(event.type)
    expect(types[0]).toBe('response.created')
    expect(types.at(-1)).toBe('response.completed')
  })
})

describe('a coding agent’s session', () => {
  const patch = '*** Begin Patch\n*** Update File: "grüße".txt\n+漢 👩🏽‍🚀\n*** End Patch'
  const streamOf = async (model: string, body: object = codexBody): Promise<any[]> => {
    const response = await fetch(`${lab.sluice.v1}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, model }),
    })
    const raw = await response.text()
    expect([response.status, raw.slice(0, 300)]).toEqual([200, expect.any(String)])
    const events = eventsIn(raw)
    expect(mistakesIn(events)).toEqual([])
    expect(events.at(-1).type).toBe('response.completed')
    return events
  }
  const cut = (text: string): string[] => text.match(/[^]{1,3}/g) ?? []
  const json = JSON.stringify({ input: patch })

  const anthropicCalls = sendStream('anthropic', [
    anthropicEvent({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-5',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 10, output_tokens: 1 },
      },
    }),
    anthropicEvent({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'apply_patch', input: {} },
    }),
    ...cut(json).map((partial_json) =>
      anthropicEvent({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'input_json_delta', partial_json },
      }),
    ),
    anthropicEvent({ type: 'content_block_stop', index: 0 }),
    anthropicEvent({
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 'toolu_2', name: 'mcp__files__read', input: {} },
    }),
    anthropicEvent({
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'input_json_delta', partial_json: '{"path":"a"}' },
    }),
    anthropicEvent({ type: 'content_block_stop', index: 1 }),
    anthropicEvent({
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 90 },
    }),
    anthropicEvent({ type: 'message_stop' }),
  ])

  const geminiCalls = sendStream('gemini', [
    `data: ${JSON.stringify({
      candidates: [
        {
          index: 0,
          content: {
            role: 'model',
            parts: [
              { functionCall: { name: 'apply_patch', args: { input: patch } } },
              { functionCall: { name: 'mcp__files__read', args: { path: 'a' } } },
            ],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 90, totalTokenCount: 100 },
      modelVersion: 'gemini-3-pro',
      responseId: 'r1',
    })}\r\n\r\n`,
  ])

  const chatChunk = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'gpt',
      choices: [{ index: 0, delta, finish_reason }],
    })}\n\n`
  const chatCalls = sendStream('openai', [
    chatChunk({ role: 'assistant', content: null }),
    chatChunk({
      tool_calls: [
        { index: 0, id: 'call_1', type: 'custom', custom: { name: 'apply_patch', input: '' } },
      ],
    }),
    ...cut(patch).map((input) => chatChunk({ tool_calls: [{ index: 0, custom: { input } }] })),
    chatChunk({
      tool_calls: [
        {
          index: 1,
          id: 'call_2',
          type: 'function',
          function: { name: 'mcp__files__read', arguments: '' },
        },
      ],
    }),
    chatChunk({ tool_calls: [{ index: 1, function: { arguments: '{"path":"a"}' } }] }),
    chatChunk({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ])

  test.each([
    ['chat', chatCalls],
    ['claude', anthropicCalls],
    ['gemini', geminiCalls],
  ] as const)('over %s gets its custom tool and its namespace back', async (model, script) => {
    strict[model]![0].always(script)
    const { output } = (await streamOf(model)).at(-1).response
    expect(output).toMatchObject([
      { type: 'custom_tool_call', name: 'apply_patch', input: patch },
      { type: 'function_call', namespace: 'mcp__files', name: 'read', arguments: '{"path":"a"}' },
    ])
  })

  test('over chat sends what OpenAI’s own rules allow', async () => {
    lab.a.always(answers('Done.'))
    await streamOf('chat')
    const { json: sent } = lab.a.requests.at(-1)!
    expect(() => checkOpenAI(sent, lab.a.requests.at(-1)!.headers, false)).not.toThrow()
    const calls = sent.messages.flatMap(({ tool_calls = [] }: any) => tool_calls)
    expect(calls.map(({ id }: any) => id)).toEqual(['call_04', 'call_05', 'call_09'])
    expect(sent.tools.map((tool: any) => tool[tool.type].name)).toEqual([
      'exec_command',
      'apply_patch',
      'mcp__files__read',
      'mcp__files__write',
    ])
  })

  test('over Anthropic sends what its rules allow', async () => {
    lab.a.always(anthropicCalls)
    await streamOf('claude')
    const { json: sent, headers } = lab.a.requests.at(-1)!
    expect(() => checkAnthropic(sent, headers, false)).not.toThrow()
    expect(JSON.stringify(sent)).toContain('apply_patch')
    expect(JSON.stringify(sent)).not.toContain('gAAAAABo')
  })
})

function anthropicEvent(body: {
  readonly type: string
  readonly [field: string]: unknown
}): string {
  return `event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`
}
