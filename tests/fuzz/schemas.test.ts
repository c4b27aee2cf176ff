import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { dialects, type Dialect } from '../support/fixtures.ts'
import { startDesk, type Desk } from './gateway.ts'
import { schemas } from './schemas.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(60_000)

type Schema = Readonly<Record<string, unknown>>
type Fields = Readonly<Record<string, any>>

interface Asking {
  readonly path: (model: string) => string
  readonly headers: Readonly<Record<string, string>>
  /** A request with that tool, or for an answer of that form. */
  readonly tool: (schema: Schema, model: string) => object
  readonly answer?: (schema: Schema, model: string) => object
}

const bearer = { authorization: 'Bearer sk-client' }
const said = [{ role: 'user', content: 'Go.' }]

const asking: Readonly<Record<string, Asking>> = {
  chat: {
    path: () => '/v1/chat/completions',
    headers: bearer,
    tool: (parameters, model) => ({
      model,
      messages: said,
      tools: [{ type: 'function', function: { name: 'act', description: 'Acts.', parameters } }],
    }),
    answer: (schema, model) => ({
      model,
      messages: said,
      response_format: { type: 'json_schema', json_schema: { name: 'thing', schema } },
    }),
  },
  messages: {
    path: () => '/v1/messages',
    headers: { 'x-api-key': 'sk-client', 'anthropic-version': '2023-06-01' },
    tool: (input_schema, model) => ({
      model,
      max_tokens: 100,
      messages: said,
      tools: [{ name: 'act', description: 'Acts.', input_schema }],
    }),
    answer: (schema, model) => ({
      model,
      max_tokens: 100,
      messages: said,
      output_config: { format: { type: 'json_schema', schema } },
    }),
  },
  responses: {
    path: () => '/v1/responses',
    headers: bearer,
    tool: (parameters, model) => ({
      model,
      input: said,
      store: false,
      tools: [{ type: 'function', name: 'act', description: 'Acts.', parameters, strict: false }],
    }),
    answer: (schema, model) => ({
      model,
      input: said,
      store: false,
      text: { format: { type: 'json_schema', name: 'thing', schema } },
    }),
  },
  gemini: {
    path: (model) => `/v1beta/models/${model}:generateContent`,
    headers: { 'x-goog-api-key': 'sk-client' },
    tool: (parametersJsonSchema) => ({
      contents: [{ role: 'user', parts: [{ text: 'Go.' }] }],
      tools: [
        { functionDeclarations: [{ name: 'act', description: 'Acts.', parametersJsonSchema }] },
      ],
    }),
    answer: (responseJsonSchema) => ({
      contents: [{ role: 'user', parts: [{ text: 'Go.' }] }],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema },
    }),
  },
  ollama: {
    path: () => '/api/chat',
    headers: {},
    tool: (parameters, model) => ({
      model,
      stream: false,
      messages: said,
      tools: [{ type: 'function', function: { name: 'act', description: 'Acts.', parameters } }],
    }),
    answer: (format, model) => ({ model, stream: false, messages: said, format }),
  },
}

const toolAt: Readonly<Record<Dialect, (body: Fields) => unknown>> = {
  openai: ({ tools }) => tools[0].function.parameters,
  anthropic: ({ tools }) => tools[0].input_schema,
  responses: ({ tools }) => tools[0].parameters,
  gemini: ({ tools }) => tools[0].functionDeclarations[0].parametersJsonSchema,
}
const answerAt: Readonly<Record<Dialect, (body: Fields) => unknown>> = {
  openai: ({ response_format }) => response_format.json_schema.schema,
  anthropic: ({ output_config }) => output_config.format.schema,
  responses: ({ text }) => text.format.schema,
  gemini: ({ generationConfig }) => generationConfig.responseJsonSchema,
}

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
  for (const dialect of dialects) {
    desk.providers[dialect].always(replaysFixture(dialect, 'text'))
  }
})
afterAll(() => desk[Symbol.asyncDispose]())

const arrives = async (
  surface: string,
  dialect: Dialect,
  body: object,
  at: (body: Fields) => unknown,
) => {
  const { path, headers } = asking[surface]!
  const posted = await desk.post(path(`${dialect}/m`), JSON.stringify(body), headers)
  if (posted.status !== 200) throw new Error(`${posted.status} ${posted.text}`)
  const request = desk.providers[dialect].requests.at(-1)!
  try {
    return at(request.json)
  } catch {
    throw new Error(`no schema in ${request.body.slice(0, 2_000)}`)
  }
}

/** The text of the keys in order, for providers cache by it. */
const order = (value: unknown): string => JSON.stringify(value)

const pairs = Object.keys(asking).flatMap((surface) =>
  dialects.map((dialect) => [surface, dialect] as const),
)

describe.each(pairs)('from %s to %s', (surface, dialect) => {
  test.each(Object.keys(schemas))('a tool’s schema arrives as it is: %s', async (name) => {
    const schema = schemas[name]!
    const body = asking[surface]!.tool(schema, `${dialect}/m`)
    const arrived = await arrives(surface, dialect, body, toolAt[dialect])
    expect(arrived).toEqual(schema)
    expect(order(arrived)).toBe(order(schema))
  })

  test.each(Object.keys(schemas))('an answer’s schema arrives as it is: %s', async (name) => {
    const schema = schemas[name]!
    const body = asking[surface]!.answer!(schema, `${dialect}/m`)
    const arrived = await arrives(surface, dialect, body, answerAt[dialect])
    expect(arrived).toEqual(schema)
    expect(order(arrived)).toBe(order(schema))
  })
})

test('there are forty and more', () => {
  expect(Object.keys(schemas).length).toBeGreaterThanOrEqual(40)
})
