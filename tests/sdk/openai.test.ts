import { afterAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import OpenAI from 'openai'
import { standardFunction, standardResponseFormat } from 'openai/helpers/standard-schema'
import * as v from 'valibot'
import { embedding } from '../support/bodies.ts'
import { startLab } from '../support/lab.ts'
import * as recorded from '../support/recorded.ts'
import {
  answers,
  byPath,
  endless,
  errorBody,
  html,
  replays,
  silent,
  status,
} from '../support/scripts.ts'
import { dieAfter } from '../support/spoils.ts'
import { until } from '../support/until.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const keys = { auth: { keys: { laptop: { key: 'sk-test-laptop-0001' } } } }

const lab = await startLab({
  plugins: [keys, 'fallback'],
  routes: {
    'vendor/model-1': ['a/m'],
    limited: ['limited/m'],
    broken: ['broken/m'],
  },
  providers: ({ b, c }) => ({
    limited: { dialect: 'openai', base_url: b.url, api_key: 'sk-provider-limited' },
    broken: { dialect: 'openai', base_url: c.url, api_key: 'sk-provider-broken' },
  }),
})
afterAll(() => lab[Symbol.asyncDispose]())

beforeEach(() => {
  lab.a.always(byPath('a'))
  lab.b.always(byPath('b'))
  lab.c.always(byPath('c'))
})

const client = new OpenAI({ baseURL: lab.sluice.v1, apiKey: 'sk-test-laptop-0001' })
const messages = [{ role: 'user' as const, content: 'What is the weather in Zürich?' }]

/** What the SDK throws. */
const thrownBy = async (promise: Promise<unknown>): Promise<any> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test('a chat completion comes back whole, with its request id', async () => {
  const completion = await client.chat.completions.create({ model: 'm', messages })
  expect(completion.choices[0]?.message.content).toBe('Hello from a.')
  expect(completion.usage?.total_tokens).toBe(22)
  expect(completion._request_id).toBeString()
  const received = lab.a.requests.at(-1)!
  expect(received.json.messages).toEqual(messages)
  expect(received.json.model).toBe('m')
  expect(received.headers.authorization).toBe('Bearer sk-provider-a')
  expect(Object.keys(received.headers).filter((name) => name.startsWith('x-stainless'))).toEqual([])
})

test('a streamed completion comes in pieces and ends with its usage', async () => {
  const stream = await client.chat.completions.create({
    model: 'm',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  })
  const chunks: OpenAI.Chat.ChatCompletionChunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
    'Hello from a.',
  )
  expect(chunks.at(-1)?.choices).toEqual([])
  expect(chunks.at(-1)?.usage?.total_tokens).toBe(22)
})

test('the stream helper folds every recorded shape', async () => {
  for (const [name, recording] of Object.entries(recorded.recordings)) {
    lab.a.next(replays(recording))
    const stream = client.chat.completions.stream({ model: 'm', messages })
    const completion = await stream.finalChatCompletion()
    for (const choice of recording.whole as any[]) {
      const mine = completion.choices.find((one) => one.index === choice.index)
      expect(mine?.finish_reason, name).toBe(choice.finish_reason)
      expect(mine?.message.content ?? null, name).toBe(choice.message.content)
      expect(mine?.message.refusal ?? null, name).toBe(choice.message.refusal ?? null)
      const calls = mine?.message.tool_calls?.map(({ id, type, ...call }) => {
        const { name: tool, arguments: args } = (call as any).function
        return { id, type, function: { name: tool, arguments: args } }
      })
      expect(calls ?? [], name).toEqual(choice.message.tool_calls ?? [])
    }
    expect((await stream.totalUsage()).total_tokens, name).toBe(
      recording.usage?.total_tokens as number,
    )
  }
})

const Weather = v.object({ city: v.string(), celsius: v.number() })

test('structured outputs are parsed, whole and streamed', async () => {
  const response_format = standardResponseFormat(toStandardJsonSchema(Weather), 'weather')
  lab.a.next(answers('{"city":"Zürich","celsius":-3}'), answers('{"city":"Zürich","celsius":4}'))
  const completion = await client.chat.completions.parse({ model: 'm', messages, response_format })
  expect(completion.choices[0]?.message.parsed).toEqual({ city: 'Zürich', celsius: -3 })
  const { json_schema } = lab.a.requests.at(-1)!.json.response_format
  expect(json_schema).toMatchObject({ name: 'weather', strict: true, schema: { type: 'object' } })
  const stream = client.chat.completions.stream({ model: 'm', messages, response_format })
  const final = await stream.finalChatCompletion()
  expect(final.choices[0]?.message.parsed).toEqual({ city: 'Zürich', celsius: 4 })
})

test('the tool runner calls the tools and sends their results, whole and streamed', async () => {
  for (const stream of [false, true] as const) {
    const asked: string[] = []
    const weather = standardFunction({
      name: 'get_weather',
      parameters: toStandardJsonSchema(v.object({ city: v.string() })),
      function: ({ city }) => {
        asked.push(city)
        return `${city}: sunny`
      },
    })
    lab.a.next(replays(recorded.parallelToolCalls), answers('Sunny in both.'))
    const request = { model: 'm', messages, tools: [weather] }
    const runner = stream
      ? client.chat.completions.runTools({ ...request, stream })
      : client.chat.completions.runTools(request)
    expect(await runner.finalContent()).toBe('Sunny in both.')
    expect(asked).toEqual(['Zürich', 'São Paulo'])
    const second = lab.a.requests.at(-1)!.json.messages
    expect(second.slice(-2).map((message: any) => message.content)).toEqual([
      'Zürich: sunny',
      'São Paulo: sunny',
    ])
  }
})

test('embeddings arrive as numbers though the SDK asks for base64', async () => {
  const whole = await client.embeddings.create({ model: 'm', input: ['one', 'two'] })
  expect(lab.a.requests.at(-1)!.json.encoding_format).toBe('base64')
  expect(whole.data.map((one) => [...one.embedding])).toEqual([[...embedding], [...embedding]])
  const floats = await client.embeddings.create({
    model: 'm',
    input: 'one',
    encoding_format: 'float',
  })
  expect(floats.data[0]?.embedding).toEqual([...embedding])
  expect(floats.usage.prompt_tokens).toBe(8)
})

test('models are listed, and one whose id has a slash can be retrieved', async () => {
  const ids: string[] = []
  for await (const model of client.models.list()) ids.push(model.id)
  expect(ids).toContain('m')
  expect(ids).toContain('vendor/model-1')
  const model = await client.models.retrieve('vendor/model-1')
  expect(model).toMatchObject({ id: 'vendor/model-1', object: 'model' })
  const plain = await fetch(`${lab.sluice.v1}/models/vendor/model-1`, {
    headers: { authorization: 'Bearer sk-test-laptop-0001' },
  })
  expect(await plain.json()).toMatchObject({ id: 'vendor/model-1' })
  const missing = await thrownBy(client.models.retrieve('vendor/no-such'))
  expect(missing).toBeInstanceOf(OpenAI.NotFoundError)
})

test('legacy completions work, whole and streamed', async () => {
  const completion = await client.completions.create({ model: 'm', prompt: 'Say hello.' })
  expect(completion.object).toBe('text_completion')
  expect(completion.choices[0]?.text).toBe('Hello from a.')
  const stream = await client.completions.create({ model: 'm', prompt: 'Say hello.', stream: true })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? ''
  expect(text).toBe('Hello from a.')
  expect(lab.a.requests.at(-1)!.path).toBe('/v1/completions')
})

const ask = (model: string, from: OpenAI = client): Promise<unknown> =>
  from.chat.completions.create({ model, messages })

test('a wrong key is an AuthenticationError and is not tried again', async () => {
  const stranger = client.withOptions({ apiKey: 'sk-test-wrong-0001' })
  const error = await thrownBy(ask('m', stranger))
  expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
  expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: expect.any(String) })
  expect(error.requestID).toBeString()
})

test('an unknown model is a NotFoundError', async () => {
  const error = await thrownBy(ask('no/such-model'))
  expect(error).toBeInstanceOf(OpenAI.NotFoundError)
  expect(error.code).toBe('model_not_found')
})

test('a bad request is a BadRequestError with the provider’s words', async () => {
  lab.a.always(status(400, errorBody('temperature must be at most 2', 'invalid_value')))
  const before = lab.a.requests.length
  const error = await thrownBy(ask('m'))
  expect(error).toBeInstanceOf(OpenAI.BadRequestError)
  expect(error.message).toContain('temperature must be at most 2')
  expect(lab.a.requests.length - before).toBe(1)
  const invalid = await thrownBy(
    client.chat.completions.create({ model: 'm', messages: 'hi' as any }),
  )
  expect(invalid).toBeInstanceOf(OpenAI.BadRequestError)
  expect(invalid.param).toBe('messages')
})

test('a rate limit is a RateLimitError after the retries it allows', async () => {
  lab.b.always(status(429, errorBody('slow down'), { 'retry-after': '1' }))
  const error = await thrownBy(ask('limited', client.withOptions({ maxRetries: 1 })))
  expect(error).toBeInstanceOf(OpenAI.RateLimitError)
  expect(error.code).toBe('rate_limit_exceeded')
  expect(error.headers.get('retry-after')).toBe('1')
})

test('the SDK tries again when the daemon says so, and not when it says no', async () => {
  lab.c.always(status(500))
  const retried = await thrownBy(ask('broken'))
  expect(retried).toBeInstanceOf(OpenAI.InternalServerError)
  expect(retried.code).toBe('all_providers_failed')
  expect(lab.c.requests).toHaveLength(3)

  lab.c.always(byPath('c'))
  await ask('broken')
  lab.c.always(html(524))
  const before = lab.c.requests.length
  const final = await thrownBy(ask('broken'))
  expect(final).toBeInstanceOf(OpenAI.InternalServerError)
  expect(final.code).toBe('upstream_timeout')
  expect(lab.c.requests.length - before).toBe(1)
})

test('a provider that fails once is not even noticed', async () => {
  lab.a.next(status(500))
  const completion = await client.chat.completions.create({ model: 'm', messages })
  expect(completion.choices[0]?.message.content).toBe('Hello from b.')
})

test('an error in mid-stream is thrown by the iterator', async () => {
  lab.a.next(dieAfter(3, answers('One two three four.')))
  const stream = await client.chat.completions.create({
    model: 'vendor/model-1',
    messages,
    stream: true,
  })
  let text = ''
  const error = await thrownBy(
    (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    })(),
  )
  expect(text).toBe('One two')
  expect(error).toBeInstanceOf(OpenAI.APIError)
  expect(error.code).toBe('upstream_disconnected')
})

test('an abort reaches the provider, in a stream and before an answer', async () => {
  lab.a.next(endless())
  const stream = await client.chat.completions.create({
    model: 'vendor/model-1',
    messages,
    stream: true,
  })
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
  const streaming = lab.a.requests.at(-1)!
  await until('the stream is aborted upstream', () => streaming.aborted)

  lab.a.next(silent())
  const before = lab.a.requests.length
  const leaving = new AbortController()
  const asking = client.chat.completions.create(
    { model: 'vendor/model-1', messages },
    { signal: leaving.signal },
  )
  const thrown = thrownBy(asking)
  await until('the provider has the request', () => lab.a.requests.length > before)
  leaving.abort()
  expect(await thrown).toBeInstanceOf(OpenAI.APIUserAbortError)
  await until('the request is aborted upstream', () => lab.a.requests[before]!.aborted)
})
