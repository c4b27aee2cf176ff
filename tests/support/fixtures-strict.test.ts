import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { strictAnthropic } from './anthropic-strict.ts'
import { strictOpenAI, strictOpenRouter } from './fixtures-openai-strict.ts'
import { breaksOff, cutAt, eventsOf, fails, replaysFixture, truncates } from './fixtures-replay.ts'
import { dialects, expected, fixture, scenarios, type Dialect, type Scenario } from './fixtures.ts'
import { strictGemini } from './gemini-strict.ts'
import { startProvider, type Provider } from './provider.ts'
import { strictResponses } from './responses-strict.ts'

let provider: Provider
let root = ''
beforeAll(async () => {
  provider = await startProvider()
  root = provider.url.replace(/\/v1$/, '')
})
afterAll(() => provider.stop())

const anthropic = () => new Anthropic({ apiKey: 'k', baseURL: root, maxRetries: 0 })
const openai = () => new OpenAI({ apiKey: 'k', baseURL: provider.url, maxRetries: 0 })
const google = () => new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: root } })

const schema = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, unit: { type: 'string' } },
  required: ['city'],
}
const result = '21 °C, sunny'
const final = expected('anthropic', 'after_tool').content
const looping: readonly Scenario[] = ['tool', 'parallel', 'reasoning_tool', 'interleaved']

describe('a tool loop through the official SDKs', () => {
  test.each(looping)('Anthropic’s: %s', async (first) => {
    provider.always(strictAnthropic({ first }))
    const tools = ['get_weather', 'get_time'].map((name) => ({ name, input_schema: schema }))
    const thinking = { type: 'enabled' as const, budget_tokens: 1024 }
    const base = {
      model: 'm',
      max_tokens: 4096,
      tools,
      ...(first.includes('tool') && first !== 'tool' ? { thinking } : {}),
    }
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'The weather?' }]
    const called = await anthropic()
      .messages.stream({ ...base, messages })
      .finalMessage()
    const results = called.content.flatMap((block) =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: result }]
        : [],
    )
    const answer = await anthropic().messages.create({
      ...base,
      messages: [
        ...messages,
        { role: 'assistant', content: called.content as Anthropic.ContentBlockParam[] },
        { role: 'user', content: results },
      ],
    })
    expect(answer.content).toMatchObject([{ type: 'text', text: final }])
  })

  test.each(looping)('OpenAI’s responses: %s', async (first) => {
    provider.always(strictResponses({ first }))
    const base = {
      model: 'm',
      store: false,
      include: ['reasoning.encrypted_content' as const],
      tools: ['get_weather', 'get_time'].map((name) => ({
        type: 'function' as const,
        name,
        parameters: schema,
        strict: false,
      })),
    }
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'The weather?' }]
    const called = await openai()
      .responses.stream({ ...base, input })
      .finalResponse()
    const outputs = called.output.flatMap((item) =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: result }]
        : [],
    )
    const items = called.output as OpenAI.Responses.ResponseInputItem[]
    const answer = await openai().responses.create({
      ...base,
      input: [...input, ...items, ...outputs],
    })
    expect(answer.output_text).toBe(final)
  })

  test.each(looping)('Google’s: %s', async (first) => {
    provider.always(strictGemini({ first }))
    const functionDeclarations = ['get_weather', 'get_time'].map((name) => ({
      name,
      parametersJsonSchema: { ...schema, additionalProperties: false },
    }))
    const chat = google().chats.create({
      model: 'm',
      config: { tools: [{ functionDeclarations }], thinkingConfig: { includeThoughts: true } },
    })
    const called = await chat.sendMessage({ message: 'The weather?' })
    const message = (called.functionCalls ?? []).map(({ id, name }) => ({
      functionResponse: { ...(id && { id }), name: name!, response: { output: result } },
    }))
    expect((await chat.sendMessage({ message })).text).toBe(final)
  })

  test.each(looping)('a router’s chat completions: %s', async (first) => {
    provider.always(strictOpenRouter({ first }))
    await chatLoop()
  })

  test.each(['tool', 'parallel', 'text_and_tool', 'empty_tool_args'] as const)(
    'OpenAI’s chat completions: %s',
    async (first) => {
      provider.always(strictOpenAI({ first }))
      await chatLoop()
    },
  )

  const chatLoop = async (): Promise<void> => {
    const base = {
      model: 'm',
      tools: ['get_weather', 'get_time'].map((name) => ({
        type: 'function' as const,
        function: { name, parameters: schema },
      })),
    }
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Weather?' }]
    const called = (await openai().chat.completions.create({ ...base, messages })).choices[0]!
    const results = called.message.tool_calls!.map(({ id }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: result,
    }))
    const answer = await openai().chat.completions.create({
      ...base,
      messages: [...messages, called.message, ...results],
    })
    expect(answer.choices[0]!.message.content).toBe(final)
  }
})

/** A second turn in each format, right in everything. */
const secondTurn = (dialect: Dialect): any => {
  const body = JSON.parse(fixture(dialect, 'reasoning_tool').json)
  if (dialect === 'anthropic') {
    const use = body.content[1]
    return {
      model: 'm',
      max_tokens: 4096,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tools: [{ name: 'get_weather', input_schema: schema }],
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: body.content },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: use.id, content: result }],
        },
      ],
    }
  }
  if (dialect === 'gemini') {
    const { content } = body.candidates[0]
    const response = { name: 'get_weather', response: { output: result } }
    return {
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        content,
        { role: 'user', parts: [{ functionResponse: response }] },
      ],
      tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: schema }] }],
    }
  }
  if (dialect === 'responses') {
    const { call_id } = body.output[1]
    return {
      model: 'm',
      store: false,
      input: [
        { role: 'user', content: 'Weather?' },
        ...body.output,
        { type: 'function_call_output', call_id, output: result },
      ],
      tools: [{ type: 'function', name: 'get_weather', parameters: schema }],
    }
  }
  const { message } = body.choices[0]
  return {
    model: 'm',
    messages: [
      { role: 'user', content: 'Weather?' },
      message,
      { role: 'tool', tool_call_id: message.tool_calls[0].id, content: result },
    ],
    tools: [{ type: 'function', function: { name: 'get_weather', parameters: schema } }],
  }
}

const paths: Readonly<Record<Dialect, string>> = {
  anthropic: '/v1/messages',
  gemini: '/v1beta/models/m:generateContent',
  responses: '/v1/responses',
  openai: '/v1/chat/completions',
}

const strict = {
  anthropic: strictAnthropic,
  gemini: strictGemini,
  responses: strictResponses,
  openai: strictOpenRouter,
} as const

const post = async (dialect: Dialect, body: unknown, headers: Record<string, string> = {}) => {
  provider.next(strict[dialect]())
  const response = await fetch(`${root}${paths[dialect]}`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer k',
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-goog-api-key': 'k',
      ...headers,
    },
    body: JSON.stringify(body),
  })
  return { status: response.status, json: (await response.json()) as any }
}

type Change = (body: any) => unknown
const broken: Readonly<Record<Dialect, Readonly<Record<string, Change>>>> = {
  anthropic: {
    'no max_tokens': (body) => delete body.max_tokens,
    'an unknown field': (body) => (body.foo = 1),
    'a beta field without the beta': (body) => (body.context_management = { edits: [] }),
    'an unknown role': (body) => (body.messages[0].role = 'tool'),
    'an unknown block': (body) => (body.messages[0].content = [{ type: 'input_text', text: 'x' }]),
    'an unknown field of a block': (body) => (body.messages[2].content[0].name = 'x'),
    'an empty text': (body) => (body.messages[0].content = [{ type: 'text', text: '' }]),
    'a thought left out': (body) => body.messages[1].content.shift(),
    'a thought without signature': (body) => delete body.messages[1].content[0].signature,
    'a forged signature': (body) => (body.messages[1].content[0].signature = 'AAAA'),
    'a changed thought': (body) => (body.messages[1].content[0].thinking += ' '),
    'a result left out': (body) =>
      (body.messages[2].content = [{ type: 'text', text: 'never mind' }]),
    'a text before the result': (body) =>
      body.messages[2].content.unshift({ type: 'text', text: 'here' }),
    'a result of no call': (body) => (body.messages[2].content[0].tool_use_id = 'toolu_x'),
    'input as a string': (body) => (body.messages[1].content[1].input = '{}'),
    'a budget beyond max_tokens': (body) => (body.max_tokens = 1024),
    'a forced tool beside thinking': (body) => (body.tool_choice = { type: 'any' }),
    'five cache marks': (body) =>
      (body.system = Array.from({ length: 5 }, () => ({
        type: 'text',
        text: 'x',
        cache_control: { type: 'ephemeral' },
      }))),
    'a long cache mark after a short one': (body) =>
      (body.system = ['5m', '1h'].map((ttl) => ({
        type: 'text',
        text: 'x',
        cache_control: { type: 'ephemeral', ttl },
      }))),
    'a tool without schema': (body) => delete body.tools[0].input_schema,
  },
  gemini: {
    'an unknown field': (body) => (body.foo = 1),
    'an unknown field within': (body) => (body.contents[0].parts[0].type = 'text'),
    'a foreign role': (body) => (body.contents[1].role = 'assistant'),
    'a missing role': (body) => delete body.contents[0].role,
    'an empty part': (body) => body.contents[0].parts.push({}),
    'a signature left out': (body) => delete body.contents[1].parts[1].thoughtSignature,
    'a forged signature': (body) => (body.contents[1].parts[1].thoughtSignature = 'AAAA'),
    'a response of another name': (body) =>
      (body.contents[2].parts[0].functionResponse.name = 'other'),
    'a response left out': (body) => (body.contents[2].parts = [{ text: 'never mind' }]),
    'a response that is a string': (body) =>
      (body.contents[2].parts[0].functionResponse.response = 'x'),
    'JSON Schema words in an OpenAPI schema': (body) => {
      const [declaration] = body.tools[0].functionDeclarations
      declaration.parameters = { ...schema, additionalProperties: false }
      delete declaration.parametersJsonSchema
    },
    'a budget and a level': (body) =>
      (body.generationConfig = { thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'low' } }),
    'a schema without JSON': (body) => (body.generationConfig = { responseJsonSchema: schema }),
  },
  responses: {
    'an unknown parameter': (body) => (body.foo = 1),
    'chat’s messages': (body) => (body.messages = []),
    'an unknown item': (body) => (body.input[0] = { type: 'text', text: 'x' }),
    'an unknown field of an item': (body) => (body.input[0].foo = 1),
    'chat’s parts': (body) => (body.input[0].content = [{ type: 'text', text: 'x' }]),
    'a call left out': (body) => body.input.splice(2, 1),
    'an output left out': (body) => body.input.pop(),
    'reasoning left out': (body) => body.input.splice(1, 1),
    'reasoning without its encrypted part': (body) => delete body.input[1].encrypted_content,
    'forged reasoning': (body) => (body.input[1].encrypted_content = 'AAAA'),
    'an id of another kind': (body) => (body.input[2].id = 'msg_1'),
    'chat’s tools': (body) => (body.tools = [{ type: 'function', function: { name: 'x' } }]),
    'a small limit': (body) => (body.max_output_tokens = 5),
  },
  openai: {
    'an unknown parameter': (body) => (body.foo = 1),
    'an unknown field of a message': (body) => (body.messages[0].foo = 1),
    'a foreign part': (body) => (body.messages[0].content = [{ type: 'input_text', text: 'x' }]),
    'a tool message without call': (body) => body.messages.splice(1, 1),
    'a call without tool message': (body) => body.messages.pop(),
    'a message between': (body) => body.messages.splice(2, 0, { role: 'user', content: 'x' }),
    'another id': (body) => (body.messages[2].tool_call_id = 'call_x'),
    'reasoning left out': (body) => delete body.messages[1].reasoning_details,
    'a forged signature': (body) => (body.messages[1].reasoning_details[0].signature = 'AAAA'),
    'arguments as an object': (body) => (body.messages[1].tool_calls[0].function.arguments = {}),
    'stream options without a stream': (body) => (body.stream_options = { include_usage: true }),
    'a choice without tools': (body) => {
      body.messages = [body.messages[0]]
      delete body.tools
      body.tool_choice = 'auto'
    },
  },
}

describe('the strict providers', () => {
  for (const dialect of dialects) {
    test(`${dialect} takes a second turn that is right in everything`, async () => {
      const { status, json } = await post(dialect, secondTurn(dialect))
      expect(json).toEqual(JSON.parse(fixture(dialect, 'after_tool').json))
      expect(status).toBe(200)
    })

    test.each(Object.keys(broken[dialect]))(`${dialect} refuses %s`, async (name) => {
      const body = secondTurn(dialect)
      broken[dialect][name]!(body)
      const { status, json } = await post(dialect, body)
      expect(status).toBeOneOf([400, 404])
      expect(json.error.message).toBeString()
      if (dialect === 'anthropic') expect(json).toMatchObject({ type: 'error' })
      if (dialect === 'gemini') expect(json.error).toMatchObject({ code: status })
    })
  }

  test.each(['temperature', 'top_p', 'top_k'])(
    'Anthropic’s newest version refuses %s',
    async (field) => {
      const body = { ...secondTurn('anthropic'), [field]: 1 }
      delete body.thinking
      expect((await post('anthropic', body)).status).toBe(200)
      const newest = { 'anthropic-version': '2026-10-21' }
      expect((await post('anthropic', body, newest)).status).toBe(400)
    },
  )

  test('Anthropic takes system messages in its newest version only', async () => {
    const body = secondTurn('anthropic')
    body.messages.push({ role: 'system', content: 'Be brief.' })
    expect((await post('anthropic', body)).status).toBe(400)
    const newest = { 'anthropic-version': '2026-10-21' }
    expect((await post('anthropic', body, newest)).status).toBe(200)
  })

  test('OpenAI itself takes no reasoning', async () => {
    provider.next(strictOpenAI({ first: 'reasoning_tool' }))
    const body = secondTurn('openai')
    const create = async () => await openai().chat.completions.create(body)
    await expect(create()).rejects.toThrow("Unknown parameter: 'messages[1].reasoning'.")
  })

  test('Responses tells encrypted reasoning only to those who ask', async () => {
    provider.next(strictResponses())
    const tools = secondTurn('responses').tools
    const { output } = await openai().responses.create({ model: 'm', input: 'x', tools })
    expect(output[0]).toMatchObject({ type: 'reasoning', encrypted_content: null })
  })
})

const ask = (dialect: Dialect, stream: boolean): Promise<Response> => {
  const path =
    dialect === 'gemini' && stream
      ? '/v1beta/models/m:streamGenerateContent?alt=sse'
      : paths[dialect]
  const body = { stream, stream_options: { include_usage: true } }
  return fetch(`${root}${path}`, { method: 'POST', body: JSON.stringify(body) })
}

describe('replays', () => {
  for (const dialect of dialects) {
    test(`${dialect} gives every fixture byte for byte, streamed, whole and cut`, async () => {
      for (const scenario of scenarios[dialect]) {
        const { sse, json } = fixture(dialect, scenario)
        const replay = replaysFixture(dialect, scenario)
        provider.next(replay, replay, cutAt([1, 40, 41], replay))
        expect(await (await ask(dialect, true)).text()).toBe(sse)
        expect(await (await ask(dialect, false)).text()).toBe(json)
        expect(await (await ask(dialect, true)).text()).toBe(sse)
      }
    })

    test(`${dialect} breaks off, ends early and fails in its own form`, async () => {
      const { sse } = fixture(dialect, 'text')
      const start = eventsOf(sse).slice(0, 3).join('')
      provider.next(breaksOff(dialect, 'text', 3), truncates(dialect, 'text', 3))
      const broke = await (await ask(dialect, true)).text()
      expect(broke).toStartWith(start)
      expect(broke.slice(start.length)).toContain('"error":')
      expect(await (await ask(dialect, true)).text()).toBe(start)
      provider.next(fails(dialect, 429, 'slow down', { headers: { 'retry-after': '3' } }))
      const failed = await ask(dialect, false)
      expect(failed.status).toBe(429)
      expect(failed.headers.get('retry-after')).toBe('3')
      expect(((await failed.json()) as any).error.message).toBe('slow down')
    })
  }

  test('Google without alt=sse streams one array', async () => {
    provider.next(replaysFixture('gemini', 'text'))
    const url = `${root}/v1beta/models/m:streamGenerateContent`
    const all = (await (await fetch(url, { method: 'POST', body: '{}' })).json()) as any[]
    expect(all).toHaveLength(eventsOf(fixture('gemini', 'text').sse).length)
  })

  test('a provider lists models and counts tokens in every format', async () => {
    const own = await startProvider()
    try {
      const base = own.url.replace(/\/v1$/, '')
      const client = new Anthropic({ apiKey: 'k', baseURL: base })
      const ids = (await Array.fromAsync(client.models.list())).map(({ id }) => id)
      expect(ids).toEqual(['m', 'llama-3.3-70b'])
      const messages = [{ role: 'user' as const, content: 'x' }]
      expect(await client.messages.countTokens({ model: 'm', messages })).toEqual({
        input_tokens: 2095,
      } as Anthropic.MessageTokensCount)
      const gemini = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: base } })
      const names = (await Array.fromAsync(await gemini.models.list())).map(({ name }) => name)
      expect(names).toEqual(['models/m', 'models/llama-3.3-70b'])
      const counted = await gemini.models.countTokens({ model: 'm', contents: 'x' })
      expect(counted.totalTokens).toBe(31)
      const embedded = await gemini.models.embedContent({ model: 'm', contents: ['a', 'b'] })
      expect(embedded.embeddings).toHaveLength(2)
    } finally {
      await own.stop()
    }
  })
})
