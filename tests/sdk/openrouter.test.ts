import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { OpenRouter } from '@openrouter/sdk'
import * as errors from '@openrouter/sdk/models/errors'
import { expected, scenarios, type Scenario } from '../support/fixtures.ts'
import { breaksOff, fails, replaysFixture } from '../support/fixtures-replay.ts'
import { byPath } from '../support/scripts.ts'
import { lenient } from '../fuzz/healthy.ts'
import { dialectOf, kinds, startDesk, type Desk, type Kind } from './agents/desk.ts'
import { sealsIn, sealsOf } from './agents/seals.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const key = 'sk-test-laptop-0001'

let desk: Desk
let client: OpenRouter
beforeAll(async () => {
  desk = await startDesk([{ auth: { keys: { laptop: { key } } } }])
  client = new OpenRouter({
    apiKey: key,
    serverURL: `${desk.sluice.url}/api/v1`,
    // by itself it tries again for up to an hour
    retryConfig: { strategy: 'none' },
  })
})
afterAll(() => desk[Symbol.asyncDispose]())

let marks: Record<Kind, number>
beforeEach(() => {
  marks = Object.fromEntries(
    kinds.map((kind) => [kind, desk.providers[kind].requests.length]),
  ) as Record<Kind, number>
})
const sent = (kind: Kind) => desk.since(kind, marks[kind])

/** What the SDK throws. */
const thrownBy = async (promise: Promise<unknown>): Promise<any> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const plays = (kind: Kind, scenario: Scenario) =>
  desk.providers[kind].next(replaysFixture(dialectOf(kind), scenario))

const messages = [{ role: 'user' as const, content: 'What is the weather in Zürich?' }]
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
}

const whole = async (kind: Kind, more: object = {}): Promise<any> =>
  client.chat.send({ chatRequest: { model: desk.model(kind), messages, stream: false, ...more } })

const streamed = async (kind: Kind, more: object = {}): Promise<any[]> => {
  const stream: any = await client.chat.send({
    chatRequest: { model: desk.model(kind), messages, stream: true, ...more },
  })
  const chunks: any[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

const joined = (chunks: readonly any[], field: string): string =>
  chunks.map((chunk) => chunk.choices[0]?.delta[field] ?? '').join('')

describe.each([...kinds])('@openrouter/sdk before a provider of the kind %s', (kind) => {
  const dialect = dialectOf(kind)
  const said = (scenario: Scenario) => expected(dialect, scenario)

  test('a chat comes whole', async () => {
    plays(kind, 'text')
    const result = await whole(kind)
    expect(result.choices[0].message.content).toBe(said('text').content)
    expect(result.choices[0].finishReason).toBe('stop')
    expect(result.usage.promptTokens).toBe(said('text').usage.prompt_tokens)
    expect(sent(kind)[0]!.body).toContain('Zürich')
  })

  test('a chat comes streamed, with its usage', async () => {
    plays(kind, 'text')
    const chunks = await streamed(kind)
    expect(joined(chunks, 'content')).toBe(said('text').content)
    expect(chunks.filter(({ usage }) => usage)).toHaveLength(1)
    expect(chunks.at(-1).usage.completionTokens).toBe(said('text').usage.completion_tokens)
  })

  test('parallel tool calls come whole and streamed', async () => {
    plays(kind, 'parallel')
    const result = await whole(kind, { tools: [weather] })
    expect(result.choices[0].finishReason).toBe('tool_calls')
    const calls = result.choices[0].message.toolCalls
    expect(calls.map((call: any) => JSON.parse(call.function.arguments))).toEqual(
      said('parallel').tool_calls!.map((call) => call.arguments),
    )
    plays(kind, 'parallel')
    const pieces = (await streamed(kind, { tools: [weather] })).flatMap(
      (chunk) => chunk.choices[0]?.delta.toolCalls ?? [],
    )
    for (const [at, call] of said('parallel').tool_calls!.entries()) {
      const own = pieces.filter(({ index }) => index === at)
      expect(own[0].function.name).toBe(call.name)
      expect(JSON.parse(own.map((one) => one.function?.arguments ?? '').join(''))).toEqual(
        call.arguments,
      )
    }
  })

  test('a tool loop brings the signatures of its first turn back', async () => {
    const first = kind === 'openai' ? 'tool' : 'reasoning_tool'
    desk.plays(kind, first, 'after_tool')
    const { message } = (await whole(kind, { tools: [weather], reasoning: { effort: 'medium' } }))
      .choices[0]
    if (first === 'reasoning_tool') {
      expect(message.reasoning).toBe(said('reasoning_tool').reasoning)
      expect(message.reasoningDetails).not.toBeEmpty()
    }
    const next = [
      ...messages,
      message,
      { role: 'tool' as const, toolCallId: message.toolCalls[0].id, content: '21 °C' },
    ]
    const result = await whole(kind, {
      messages: next,
      tools: [weather],
      reasoning: { effort: 'medium' },
    })
    expect(result.choices[0].message.content).toBe(said('after_tool').content)
    expect(sealsIn(kind, sent(kind)[1]!.json)).toEqual(sealsOf(kind, first))
    expect(sent(kind)[1]!.body).toContain('21 °C')
  })

  test('every recorded answer passes the SDK’s checks, whole and streamed', async () => {
    for (const scenario of scenarios[dialect]) {
      // the SDK knows functions only
      if (scenario === 'custom_tool') continue
      plays(kind, scenario)
      const result = await whole(kind, { tools: [weather] }).catch((error) => {
        throw new Error(`${scenario}: ${error.message} ${error.cause ?? ''} ${error.body ?? ''}`)
      })
      expect(result.choices[0].message.content ?? '', scenario).toBe(said(scenario).content)
      plays(kind, scenario)
      const chunks = await streamed(kind, { tools: [weather] }).catch((error) => {
        throw new Error(`${scenario}: ${error.message} ${error.cause ?? ''}`)
      })
      expect(joined(chunks, 'content'), scenario).toBe(said(scenario).content)
      const finish = chunks.map((chunk) => chunk.choices[0]?.finishReason).filter(Boolean)
      expect(finish, scenario).toEqual([said(scenario).finish_reason])
    }
  })

  test('an error in mid-stream is a chunk like others, with an error', async () => {
    // a response begins with four events that say nothing
    desk.providers[kind].next(breaksOff(dialect, 'text', dialect === 'responses' ? 7 : 4))
    const chunks = await streamed(kind)
    const last = chunks.findLast((chunk) => chunk.error)
    expect(last.error.code).toBeInteger()
    expect(last.error.message).not.toBeEmpty()
    expect(last.choices[0].finishReason).toBe('error')
    expect(joined(chunks, 'content')).not.toBeEmpty()
  })

  test('a response comes whole and streamed', async () => {
    plays(kind, 'text')
    const result: any = await client.responses.send({
      responsesRequest: { model: desk.model(kind), input: 'Say hello.', stream: false },
    })
    expect(result.status).toBe('completed')
    expect(result.output[0].content[0].text).toBe(said('text').content)
    expect(result.usage.outputTokens).toBe(said('text').usage.completion_tokens)
    plays(kind, 'text')
    const stream: any = await client.responses.send({
      responsesRequest: { model: desk.model(kind), input: 'Say hello.', stream: true },
    })
    const events: any[] = []
    for await (const event of stream) events.push(event)
    expect(events[0].type).toBe('response.created')
    expect(events.at(-1).type).toBe('response.completed')
    expect(
      events
        .filter(({ type }) => type === 'response.output_text.delta')
        .map(({ delta }) => delta)
        .join(''),
    ).toBe(said('text').content)
  })
})

test('embeddings', async () => {
  desk.providers.openai.next(byPath('openai'))
  const result: any = await client.embeddings.generate({
    requestBody: { model: 'openai/text-embedding-3-small', input: ['One.', 'Two.'] },
  })
  expect(result.data).toHaveLength(2)
  expect(result.data[0].embedding.length).toBeGreaterThan(0)
})

test('a ranking', async () => {
  desk.providers.router.next(lenient('openai', () => 0))
  const result: any = await client.rerank.rerank({
    requestBody: { model: 'router/cohere/rerank-4', query: 'q', documents: ['One.', 'Two.'] },
  })
  expect(result.results[0].document).toEqual({ text: 'One.' })
  expect(result.results[0].relevanceScore).toBe(0.9)
})

test('the list of models', async () => {
  const pages: any[] = []
  for await (const page of await client.models.list()) pages.push(page)
  const ids = pages.flatMap((page) => (page.result ?? page).data.map(({ id }: any) => id))
  expect(ids.length).toBeGreaterThan(0)
  expect(new Set(ids).size).toBe(ids.length)
})

describe('errors', () => {
  const model = () => desk.model('openai')
  const failing = (status: number) =>
    desk.providers.openai.next(fails('openai', status, `scripted ${status}`))

  test.each([
    [400, errors.BadRequestResponseError],
    [413, errors.PayloadTooLargeResponseError],
    [429, errors.TooManyRequestsResponseError],
  ] as const)('a provider’s %d has its class', async (status, type) => {
    failing(status)
    const error = await thrownBy(whole('openai'))
    expect(error).toBeInstanceOf(type)
    expect(error.error.code).toBe(status)
    expect(error.error.message).not.toBeEmpty()
  })

  test.each([500, 502, 503, 529])(
    'a provider’s %d is one of the classes for servers',
    async (status) => {
      failing(status)
      const error = await thrownBy(whole('openai'))
      expect(error).toBeInstanceOf(errors.OpenRouterError)
      expect(error).not.toBeInstanceOf(errors.OpenRouterDefaultError)
      expect(error).not.toBeInstanceOf(errors.ResponseValidationError)
      expect(error.statusCode).toBeGreaterThanOrEqual(500)
      expect(error.error.code).toBe(error.statusCode)
    },
  )

  test('a wrong key', async () => {
    const stranger = new OpenRouter({
      apiKey: 'sk-wrong',
      serverURL: `${desk.sluice.url}/api/v1`,
      retryConfig: { strategy: 'none' },
    })
    const error = await thrownBy(
      stranger.chat.send({ chatRequest: { model: model(), messages, stream: true } }),
    )
    expect(error).toBeInstanceOf(errors.UnauthorizedResponseError)
    expect(error.error.code).toBe(401)
  })

  test('a model that nobody has', async () => {
    const error = await thrownBy(
      client.chat.send({ chatRequest: { model: 'nobody', messages, stream: false } }),
    )
    expect(error).toBeInstanceOf(errors.NotFoundResponseError)
    expect(error.error.code).toBe(404)
  })

  test('a response fails with the same classes', async () => {
    failing(429)
    const error = await thrownBy(
      client.responses.send({ responsesRequest: { model: model(), input: 'q', stream: false } }),
    )
    expect(error).toBeInstanceOf(errors.TooManyRequestsResponseError)
  })

  test('its own retries come to an answer once the provider is well again', async () => {
    failing(503)
    const patient = new OpenRouter({
      apiKey: key,
      serverURL: `${desk.sluice.url}/api/v1`,
      retryConfig: {
        strategy: 'backoff',
        backoff: { initialInterval: 10, maxInterval: 20, exponent: 1, maxElapsedTime: 5_000 },
      },
    })
    const before = desk.providers.openai.requests.length
    const result: any = await patient.chat.send({
      chatRequest: { model: model(), messages, stream: false },
    })
    expect(result.choices[0].message.content).toBe(expected('openai', 'text').content)
    expect(desk.providers.openai.requests.length).toBe(before + 2)
  })
})
