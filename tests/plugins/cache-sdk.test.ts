import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import OpenAI from 'openai'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { startLab, type Lab } from '../support/lab.ts'

setDefaultTimeout(60_000)

let lab: Lab
beforeAll(async () => {
  lab = await startLab({
    plugins: [{ cache: { mode: 'on' } }, 'fallback'],
    providers: ({ a }) => ({
      claude: { dialect: 'anthropic', base_url: a.url, api_key: 'sk-provider-claude' },
      think: { dialect: 'responses', base_url: a.url, api_key: 'sk-provider-think' },
      google: { dialect: 'gemini', base_url: a.url, api_key: 'sk-provider-google' },
    }),
  })
})
afterAll(() => lab[Symbol.asyncDispose]())

test('Anthropic’s SDK reads thoughts with their signatures out of an answer that is given again', async () => {
  const client = new Anthropic({ baseURL: lab.sluice.url, apiKey: 'any', maxRetries: 0 })
  lab.a.next(replaysFixture('anthropic', 'reasoning_tool'))
  const ask = () =>
    client.messages
      .stream({
        model: 'claude/m',
        max_tokens: 2_000,
        messages: [{ role: 'user', content: 'What is the weather?' }],
      })
      .finalMessage()
  const [first, second] = [await ask(), await ask()]
  expect(second.content).toEqual(first.content)
  expect(second.stop_reason).toBe(first.stop_reason)
  expect(second.id).not.toBe(first.id)
  expect(second.usage.input_tokens + second.usage.output_tokens).toBe(0)
  expect(lab.a.requests.filter(({ path }) => path.endsWith('/messages'))).toHaveLength(1)
})

test('OpenAI’s SDK streams Responses that are given again, and goes on from them', async () => {
  const client = new OpenAI({ baseURL: lab.sluice.v1, apiKey: 'any', maxRetries: 0 })
  lab.a.next(replaysFixture('responses', 'reasoning'))
  const ask = async () => {
    const stream = client.responses.stream({ model: 'think/m', input: 'Think.' })
    return await stream.finalResponse()
  }
  const [first, second] = [await ask(), await ask()]
  expect(second.output).toEqual(first.output)
  expect(second.id).not.toBe(first.id)
  expect(second.usage?.total_tokens).toBe(0)
  const next = await client.responses.create({
    model: 'think/m',
    input: 'And then?',
    previous_response_id: second.id,
  })
  expect(next.output_text).not.toBe('')
  const sent = lab.a.requests.at(-1)?.json
  expect(sent.previous_response_id ?? undefined).not.toBe(second.id)
  expect(JSON.stringify(sent.input)).toContain('Think.')
})

test('OpenAI’s SDK gathers tool calls out of a stream that is given again', async () => {
  const client = new OpenAI({ baseURL: lab.sluice.v1, apiKey: 'any', maxRetries: 0 })
  lab.a.next(replaysFixture('openai', 'parallel'))
  const ask = () =>
    client.chat.completions
      .stream({ model: 'solo', messages: [{ role: 'user', content: 'Weather, twice.' }] })
      .finalChatCompletion()
  const [first, second] = [await ask(), await ask()]
  expect(second.choices[0]?.message.tool_calls?.length).toBeGreaterThan(1)
  expect(second.choices).toEqual(first.choices)
  const whole = await client.chat.completions.create({
    model: 'solo',
    messages: [{ role: 'user', content: 'Weather, twice.' }],
  })
  expect(whole.choices[0]?.message.tool_calls).toEqual(
    second.choices[0]?.message.tool_calls?.map(({ id, type, function: called }: any) => ({
      id,
      type,
      function: { name: called.name, arguments: called.arguments },
    })),
  )
})

test('Google’s SDK streams an answer that is given again', async () => {
  const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: lab.sluice.url } })
  lab.a.next(replaysFixture('gemini', 'reasoning_tool'))
  const ask = async () => {
    const parts: unknown[] = []
    const stream = await client.models.generateContentStream({
      model: 'google/m',
      contents: 'Weather?',
    })
    for await (const { candidates } of stream)
      parts.push(...(candidates?.[0]?.content?.parts ?? []))
    return parts
  }
  const [first, second] = [await ask(), await ask()]
  expect(JSON.stringify(first)).toContain('thoughtSignature')
  expect(second).toEqual(first)
})
