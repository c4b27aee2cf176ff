import { afterAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, Type, type Content } from '@google/genai'
import OpenAI from 'openai'
import { strictAnthropic } from '../support/anthropic-strict.ts'
import { strictOpenAI, strictOpenRouter } from '../support/fixtures-openai-strict.ts'
import { breaksOff, replaysFixture, sendWhole } from '../support/fixtures-replay.ts'
import { errorOf, retryInfo } from '../support/fixtures-errors.ts'
import { fixture } from '../support/fixtures.ts'
import { strictGemini } from '../support/gemini-strict.ts'
import { startLab } from '../support/lab.ts'
import { byPath } from '../support/scripts.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const key = 'sk-test-laptop-0001'
const lab = await startLab({
  plugins: [{ auth: { keys: { laptop: { key } } } }, 'fallback'],
  routes: {
    native: ['google/gemini-3-pro'],
    'vendor/open:x': ['b/m'],
    claude: ['claude/claude-sonnet-4-5'],
    embed: ['google/gemini-embedding-001'],
    router: ['router/m'],
    limited: ['limited/gemini-3-pro'],
  },
  providers: ({ a, b, c }) => ({
    google: {
      dialect: 'gemini',
      base_url: a.url.replace('/v1', '/v1beta'),
      api_key: 'sk-provider-google',
    },
    limited: { dialect: 'gemini', base_url: a.url, api_key: 'sk-provider-limited' },
    router: {
      dialect: 'openai',
      base_url: b.url,
      api_key: 'sk-provider-router',
      quirks: { reasoning_field: 'reasoning' },
    },
    claude: { dialect: 'anthropic', base_url: c.url, api_key: 'sk-provider-claude' },
  }),
})
afterAll(() => lab[Symbol.asyncDispose]())

beforeEach(() => {
  lab.a.always(strictGemini())
  lab.b.always(byPath('b'))
  lab.c.always(strictAnthropic())
})

const root = lab.sluice.v1.replace(/\/v1$/, '')
const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: root } })
/** Older versions, as in Gemini CLI, say v1beta. */
const older = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: root, apiVersion: 'v1beta' } })
const openai = new OpenAI({ baseURL: lab.sluice.v1, apiKey: key })

const thrownBy = async (promise: Promise<unknown>): Promise<any> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, unit: { $ref: '#/$defs/unit' } },
  $defs: { unit: { anyOf: [{ enum: ['celsius'] }, { type: 'null' }] } },
  additionalProperties: false,
}
const declarations = ['get_weather', 'get_time'].map((name) => ({
  name,
  description: `Call ${name}`,
  parametersJsonSchema: schema,
}))
const tools = [{ functionDeclarations: declarations }]

test.each([
  ['v1', client],
  ['v1beta', older],
])('content is generated whole and streamed below /%s', async (_, sdk) => {
  for (const [model, dialect, provider] of [
    ['native', 'gemini', lab.a],
    ['vendor/open:x', 'openai', lab.b],
    ['claude', 'anthropic', lab.c],
  ] as const) {
    provider.next(replaysFixture(dialect, 'text'), replaysFixture(dialect, 'text'))
    const whole = await sdk.models.generateContent({ model, contents: 'Say hello.' })
    expect(whole.text).toStartWith('Grüße aus 東京!')
    expect(whole.usageMetadata).toMatchObject({ promptTokenCount: 25, totalTokenCount: 67 })
    const stream = await sdk.models.generateContentStream({ model, contents: 'Say hello.' })
    let text = ''
    let last: any
    for await (const chunk of stream) {
      text += chunk.text ?? ''
      last = chunk
    }
    expect(text).toBe(whole.text!)
    expect(last.candidates[0].finishReason).toBe('STOP')
    expect(last.usageMetadata.totalTokenCount).toBe(67)
  }
})

test('a request goes to Google as its own bytes, with the provider’s key and no other', async () => {
  const body = `{ "contents": [{"role":"user","parts":[{"text":"Grüße"}]}],  "safetySettings": [] }`
  lab.a.next(replaysFixture('gemini', 'text'))
  const response = await fetch(
    `${root}/v1beta/models/native:streamGenerateContent?alt=sse&key=${key}`,
    {
      method: 'POST',
      body,
    },
  )
  const lines = (text: string) => text.replaceAll('\r', '')
  expect(lines(await response.text())).toBe(lines(fixture('gemini', 'text').sse))
  const received = lab.a.requests.at(-1)!
  expect(received.body).toBe(body)
  expect(received.path).toBe('/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse')
  expect(received.headers['x-goog-api-key']).toBe('sk-provider-google')
  expect(JSON.stringify(received.headers)).not.toContain(key)
  expect(lab.sluice.stderr() + lab.sluice.stdout()).not.toContain(key)
})

test('without alt=sse a stream is one list', async () => {
  for (const [model, dialect, provider] of [
    ['native', 'gemini', lab.a],
    ['vendor%2Fopen%3Ax', 'openai', lab.b],
  ] as const) {
    provider.next(replaysFixture(dialect, 'text'))
    const response = await fetch(`${root}/v1beta/models/${model}:streamGenerateContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': key },
      body: JSON.stringify({ contents: [{ parts: [{ text: 'hi' }] }] }),
    })
    expect(response.headers.get('content-type')).toStartWith('application/json')
    const list = (await response.json()) as any[]
    expect(list.at(-1).candidates[0].finishReason).toBe('STOP')
    expect(list.length).toBeGreaterThan(2)
  }
})

/** A tool loop as an application writes it: what the model said goes back as it came. */
const toolLoop = async (model: string, streamed: boolean): Promise<string> => {
  const contents: Content[] = [{ role: 'user', parts: [{ text: 'Weather in Zürich?' }] }]
  const config = { tools, thinkingConfig: { includeThoughts: true }, systemInstruction: 'Be kind.' }
  for (let turn = 0; turn < 4; turn++) {
    const answers = streamed
      ? await Array.fromAsync(
          await client.models.generateContentStream({ model, contents, config }),
        )
      : [await client.models.generateContent({ model, contents, config })]
    const parts = answers.flatMap((one) => one.candidates?.[0]?.content?.parts ?? [])
    contents.push({ role: 'model', parts })
    const calls = answers.flatMap((one) => one.functionCalls ?? [])
    if (calls.length === 0) return answers.map((one) => one.text ?? '').join('')
    const results = calls.map(({ id, name }) => ({
      functionResponse: { ...(id && { id }), name: name!, response: { output: '21 °C, sunny' } },
    }))
    contents.push({ role: 'user', parts: results })
  }
  throw new Error('the loop never ends')
}

test.each([[false], [true]])(
  'a tool loop keeps its signatures over every provider (streamed: %p)',
  async (streamed) => {
    for (const first of ['reasoning_tool', 'parallel', 'tool', 'interleaved'] as const) {
      lab.a.always(strictGemini({ first }))
      expect(await toolLoop('native', streamed)).toContain('21 °C')
    }
    for (const first of ['tool', 'parallel'] as const) {
      lab.b.always(strictOpenAI({ first }))
      expect(await toolLoop('vendor/open:x', streamed)).toContain('21 °C')
    }
    expect(await toolLoop('claude', streamed)).toContain('21 °C')
    lab.c.always(strictAnthropic({ first: 'interleaved' }))
    expect(await toolLoop('claude', streamed)).toContain('21 °C')
  },
)

test('the SDK’s own chat keeps the thread', async () => {
  for (const [model, streamed] of [
    ['native', false],
    ['claude', false],
    ['claude', true],
  ] as const) {
    const chat = client.chats.create({ model, config: { tools } })
    const ask = async (message: any): Promise<any[]> =>
      streamed
        ? Array.fromAsync(await chat.sendMessageStream({ message }))
        : [await chat.sendMessage({ message })]
    const answers = await ask('Weather in Zürich?')
    const [call] = answers.flatMap((one) => one.functionCalls ?? [])
    const functionResponse = { id: call.id, name: call.name, response: { output: '21 °C' } }
    const last = await ask([{ functionResponse }])
    expect(last.map((one) => one.text ?? '').join('')).toContain('21 °C')
    expect(chat.getHistory(true).length).toBeGreaterThan(3)
  }
})

/** A tool loop of an OpenAI client. */
const openaiLoop = async (model: string, streamed: boolean, replays = true): Promise<string> => {
  const messages: any[] = [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'Weather in Zürich?' },
  ]
  const functions = declarations.map(({ name, description, parametersJsonSchema: parameters }) => ({
    type: 'function' as const,
    function: { name, description, parameters },
  }))
  for (let turn = 0; turn < 4; turn++) {
    const request = { model, messages, tools: functions, reasoning: { effort: 'low' } }
    const completion: any = streamed
      ? await openai.chat.completions.stream(request as any).finalChatCompletion()
      : await openai.chat.completions.create(request as any)
    const { message } = completion.choices[0]
    if (!message.tool_calls?.length) return message.content
    const { reasoning: _, reasoning_details, ...rest } = message
    messages.push({ ...rest, ...(replays && { reasoning_details }) })
    for (const { id } of message.tool_calls)
      messages.push({ role: 'tool', tool_call_id: id, content: '21 °C, sunny' })
  }
  throw new Error('the loop never ends')
}

test('OpenAI’s SDK loops over Gemini, its reasoning details in their places', async () => {
  // the fixtures’ parallel calls have the ids of other answers, whose reasoning the daemon remembers
  for (const first of ['reasoning_tool', 'tool', 'interleaved'] as const) {
    lab.a.always(strictGemini({ first }))
    expect(await openaiLoop('native', false)).toContain('21 °C')
  }
  const { json } = lab.a.requests.at(-1)!
  expect(json.generationConfig.thinkingConfig).toEqual({
    includeThoughts: true,
    thinkingLevel: 'low',
  })
  expect(json.systemInstruction).toEqual({ parts: [{ text: 'Be kind.' }] })
  expect(json.tools[0].functionDeclarations[0].parametersJsonSchema).toEqual(schema)
})

test('a client that loses the signature of a call is excused with Google’s own word', async () => {
  lab.a.always(strictGemini({ first: 'tool' }))
  expect(await openaiLoop('native', false, false)).toContain('21 °C')
  const sent = lab.a.requests.at(-1)!.json.contents.at(-2).parts[0]
  expect(sent.thoughtSignature).toBe('skip_thought_signature_validator')
})

test('a session like Gemini CLI’s runs on Google and on others', async () => {
  const declare = (name: string) => ({
    name,
    description: `The ${name} tool`,
    parametersJsonSchema: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string' } },
      required: ['city'],
    },
  })
  const config = {
    temperature: 1,
    topP: 0.95,
    topK: 64,
    thinkingConfig: { includeThoughts: true, thinkingBudget: 8192 },
    systemInstruction: 'You are an interactive CLI agent.',
    tools: [
      { functionDeclarations: ['get_weather', 'read_file', 'run_shell_command'].map(declare) },
    ],
  }
  lab.b.always(strictOpenRouter())
  for (const model of ['native', 'router', 'claude']) {
    const contents: Content[] = [
      { role: 'user', parts: [{ text: 'This is the Gemini CLI. Today is…' }, { text: 'ls' }] },
      { role: 'model', parts: [{ text: 'Got it.' }] },
      { role: 'user', parts: [{ text: 'What is the weather in Zürich?' }] },
    ]
    await older.models.countTokens({ model, contents })
    const ask = async () =>
      Array.fromAsync(await older.models.generateContentStream({ model, contents, config }))
    const first = await ask()
    const parts = first.flatMap((one) => one.candidates?.[0]?.content?.parts ?? [])
    // it keeps no thoughts in its history
    contents.push({
      role: 'model',
      parts: parts.filter((part) => !part.thought && part.text !== ''),
    })
    const [call] = parts.flatMap(({ functionCall }) => functionCall ?? [])
    contents.push({
      role: 'user',
      parts: [
        { functionResponse: { id: call!.id, name: call!.name!, response: { output: '21' } } },
      ],
    })
    const last = await ask()
    expect(last.map((one) => one.text ?? '').join('')).toContain('21 °C')
  }
})

test('structured output, forced tools and stop words reach other providers', async () => {
  lab.b.next(replaysFixture('openai', 'structured'))
  const answer = await client.models.generateContent({
    model: 'vendor/open:x',
    contents: 'A city',
    config: {
      responseMimeType: 'application/json',
      responseSchema: { type: Type.OBJECT, properties: { name: { type: Type.STRING } } },
      stopSequences: ['END'],
      maxOutputTokens: 99,
      tools,
      toolConfig: {
        functionCallingConfig: {
          mode: FunctionCallingConfigMode.ANY,
          allowedFunctionNames: ['get_time'],
        },
      },
    },
  })
  expect(JSON.parse(answer.text!)).toMatchObject({ name: 'Zürich' })
  expect(lab.b.requests.at(-1)!.json).toMatchObject({
    response_format: {
      json_schema: { schema: { type: 'object', properties: { name: { type: 'string' } } } },
    },
    stop: ['END'],
    tool_choice: { type: 'function', function: { name: 'get_time' } },
    tools: [{ function: { name: 'get_weather', parameters: schema } }, {}],
  })
})

test('tokens are counted by Google, or by the daemon where nobody counts', async () => {
  const contents = 'How many tokens?'
  expect((await client.models.countTokens({ model: 'native', contents })).totalTokens).toBe(31)
  const estimated = await client.models.countTokens({ model: 'vendor/open:x', contents })
  expect(estimated.totalTokens).toBeGreaterThan(1)
})

test('vectors come from Google and from others, for both SDKs', async () => {
  for (const model of ['embed', 'vendor/open:x']) {
    const { embeddings } = await client.models.embedContent({ model, contents: ['a', 'b'] })
    expect(embeddings).toHaveLength(2)
    expect(embeddings![0]!.values!.length).toBeGreaterThan(2)
  }
  const { data } = await openai.embeddings.create({
    model: 'embed',
    input: ['a', 'b'],
    dimensions: 8,
  })
  expect(data).toHaveLength(2)
  expect(data[0]!.embedding.every((value) => Number.isFinite(value))).toBe(true)
  const [first] = lab.a.requests.at(-1)!.json.requests
  expect(first).toMatchObject({ model: 'models/gemini-embedding-001', outputDimensionality: 8 })
})

test('the models are listed', async () => {
  const ids: string[] = []
  for await (const model of await client.models.list()) ids.push(model.name!)
  for await (const model of await older.models.list()) expect(ids).toContain(model.name!)
  expect(ids).toContain('models/native')
  expect(ids).toContain('models/vendor/open:x')
  expect(await older.models.get({ model: 'vendor/open:x' })).toMatchObject({
    name: 'models/vendor/open:x',
  })
  expect((await thrownBy(older.models.get({ model: 'nope' }))).status).toBe(404)
})

test('errors have Google’s shape and their true status', async () => {
  const ask = (model: string, sdk = client) =>
    thrownBy(sdk.models.generateContent({ model, contents: 'hi' }))
  const wrong = new GoogleGenAI({ apiKey: 'sk-test-wrong', httpOptions: { baseUrl: root } })
  const refused = await ask('native', wrong)
  expect(refused).toBeInstanceOf(ApiError)
  expect(refused.status).toBe(401)
  expect(JSON.parse(refused.message).error.status).toBe('UNAUTHENTICATED')
  expect((await ask('no/such-model')).status).toBe(404)

  lab.a.next(
    sendWhole('gemini', errorOf('gemini', 400, 'Unknown name "x": Cannot find field.'), 400),
  )
  const invalid = await ask('native')
  expect(invalid.status).toBe(400)
  expect(JSON.parse(invalid.message).error).toMatchObject({
    status: 'INVALID_ARGUMENT',
    message: 'Unknown name "x": Cannot find field.',
  })
  const slow = {
    error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED', details: retryInfo(7) },
  }
  lab.a.next(sendWhole('gemini', slow, 429))
  const response = await fetch(`${root}/v1beta/models/limited:generateContent`, {
    method: 'POST',
    headers: { 'x-goog-api-key': key },
    body: JSON.stringify({ contents: [{ parts: [{ text: 'hi' }] }] }),
  })
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe('7')
  const { error } = (await response.json()) as any
  expect(error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' })
  expect(error.details.at(-1).retryDelay).toBe('7s')

  const method = await fetch(`${root}/v1beta/models/native:predict`, { method: 'POST' })
  expect(method.status).toBe(404)
  expect(((await method.json()) as any).error.status).toBe('NOT_FOUND')
})

test('a stream that breaks off is an error, natively and not', async () => {
  for (const [model, dialect, provider] of [
    ['native', 'gemini', lab.a],
    ['vendor/open:x', 'openai', lab.b],
  ] as const) {
    provider.next(breaksOff(dialect, 'text', 4))
    const stream = await client.models.generateContentStream({ model, contents: 'hi' })
    let text = ''
    const error = await thrownBy(
      (async () => {
        for await (const chunk of stream) text += chunk.text ?? ''
      })(),
    )
    expect(text.length).toBeGreaterThan(0)
    expect(error).toBeInstanceOf(ApiError)
  }
})
