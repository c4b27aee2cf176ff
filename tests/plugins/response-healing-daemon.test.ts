import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { answers, endless } from '../support/scripts.ts'
import { until } from '../support/until.ts'
import { late } from '../support/spoils.ts'
import { startLab, type Lab } from '../support/lab.ts'
import { postJson } from '../support/post.ts'

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
}
const said = 'Sure:\n```json\n{city: "Bern", degrees: 7,}\n```'
const right = { city: 'Bern', degrees: 7 }
const response_format = {
  type: 'json_schema' as const,
  json_schema: { name: 'weather', schema },
}

let lab: Lab
beforeAll(async () => {
  lab = await startLab({
    plugins: ['response-healing', 'fallback'],
    server: { heartbeat: '100ms' },
  })
})
afterAll(() => lab[Symbol.asyncDispose]())

const hello = [{ role: 'user', content: 'How is it in Bern?' }]

/** How each format asks for JSON, and where its whole answer has it. */
const ways: Record<string, readonly [path: string, body: object, text: (body: any) => string]> = {
  chat: [
    '/v1/chat/completions',
    { model: 'solo', messages: hello, response_format },
    (body) => body.choices[0].message.content,
  ],
  responses: [
    '/v1/responses',
    {
      model: 'solo',
      input: 'How is it?',
      text: { format: { type: 'json_schema', name: 'weather', schema } },
    },
    (body) => body.output.find((item: any) => item.type === 'message').content[0].text,
  ],
  messages: [
    '/v1/messages',
    {
      model: 'solo',
      max_tokens: 100,
      messages: hello,
      output_config: { format: { type: 'json_schema', schema } },
    },
    (body) => body.content.find((block: any) => block.type === 'text').text,
  ],
  gemini: [
    '/v1beta/models/solo:generateContent',
    {
      contents: [{ role: 'user', parts: [{ text: 'How is it?' }] }],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema },
    },
    (body) => body.candidates[0].content.parts[0].text,
  ],
  ollama: [
    '/api/chat',
    { model: 'solo', messages: hello, stream: false, format: schema },
    (body) => body.message.content,
  ],
}

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  postJson(lab.sluice.url + path, body, { headers })

test.each(Object.entries(ways))(
  '%s: what was to be JSON is JSON',
  async (_, [path, body, text]) => {
    lab.a.always(answers(said))
    const answer = await post(path, body)
    expect(answer.status).toBe(200)
    expect(JSON.parse(text(await answer.json()))).toEqual(right)
  },
)

describe('OpenAI’s own client', () => {
  const client = () => new OpenAI({ baseURL: lab.sluice.v1, apiKey: 'none', maxRetries: 0 })
  const asked = { model: 'solo', messages: [{ role: 'user' as const, content: 'Bern?' }] }

  test('parses a stream that was broken', async () => {
    lab.a.always(answers(said))
    const stream = client().chat.completions.stream({ ...asked, response_format })
    const { content } = (await stream.finalChatCompletion()).choices[0]!.message
    expect(JSON.parse(content ?? '')).toEqual(right)
  })

  test('parses the events of Responses too', async () => {
    lab.a.always(answers(said))
    const [, body] = ways.responses!
    const stream = client().responses.stream(body as any)
    expect(JSON.parse((await stream.finalResponse()).output_text)).toEqual(right)
  })

  test('hears of what was done', async () => {
    lab.a.always(answers(said))
    const answer = await lab.chat(
      { model: 'solo', response_format },
      { headers: { 'x-openrouter-metadata': 'enabled' } },
    )
    expect(answer.json.openrouter_metadata.pipeline).toMatchObject([
      { type: 'response_healing', data: { valid: true } },
    ])
  })
})

test('Anthropic’s own client parses a stream that was broken', async () => {
  lab.a.always(answers(said))
  const client = new Anthropic({ baseURL: lab.sluice.url, apiKey: 'none', maxRetries: 0 })
  const [, body] = ways.messages!
  const message = await client.messages.stream(body as any).finalMessage()
  expect(JSON.parse((message.content[0] as any).text)).toEqual(right)
})

test('a sound answer comes byte for byte as it was sent', async () => {
  lab.a.always(answers(JSON.stringify(right)))
  const plain = await lab.chat({ model: 'solo', stream: true })
  const held = await lab.chat({ model: 'solo', stream: true, response_format })
  expect(held.raw).toBe(plain.raw)
})

test('the client hears that something is done while the text is held back', async () => {
  lab.a.always(late(400, answers(said)))
  const answer = await lab.chat({ model: 'solo', stream: true, response_format })
  expect(answer.raw).toContain(': SLUICE PROCESSING')
  expect(JSON.parse(answer.text)).toEqual(right)
})

test('a client that leaves while the text is held back leaves nothing open', async () => {
  lab.a.always(endless())
  const controller = new AbortController()
  const asking = lab.chat(
    { model: 'solo', stream: true, response_format },
    { signal: controller.signal },
  )
  asking.catch(() => undefined)
  await until('the provider is asked', () => lab.a.open === 1)
  controller.abort()
  await expect(asking).rejects.toThrow()
  await until('it is let go', () => lab.a.open === 0)
})

test('inside of fallback, who cannot give the JSON makes place for who can', async () => {
  await using other = await startLab({
    plugins: ['fallback', { 'response-healing': { invalid: 'fail' } }],
  })
  other.a.always(answers('I would rather not.'))
  other.b.always(answers(said))
  for (const stream of [true, false]) {
    const answer = await other.chat({ stream, response_format })
    expect(JSON.parse(answer.text)).toEqual(right)
    expect(answer.headers.get('x-sluice-provider')).toBe('b')
  }
})
