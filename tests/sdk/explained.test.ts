import Anthropic from '@anthropic-ai/sdk'
import { OpenRouter } from '@openrouter/sdk'
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import OpenAI from 'openai'
import { kinds, startDesk, type Desk } from './agents/desk.ts'

setDefaultTimeout(30_000)

let desk: Desk
let router: OpenRouter
let openai: OpenAI
let anthropic: Anthropic
beforeAll(async () => {
  desk = await startDesk(['fallback'])
  router = new OpenRouter({
    apiKey: 'any',
    serverURL: `${desk.sluice.url}/api/v1`,
    retryConfig: { strategy: 'none' },
  })
  const why = { 'x-sluice-trace': '1' }
  openai = new OpenAI({
    apiKey: 'any',
    baseURL: desk.sluice.v1,
    defaultHeaders: why,
    maxRetries: 0,
  })
  anthropic = new Anthropic({
    apiKey: 'any',
    baseURL: desk.sluice.url,
    defaultHeaders: why,
    maxRetries: 0,
  })
})
afterAll(() => desk[Symbol.asyncDispose]())

const messages = [{ role: 'user' as const, content: 'What is the weather in Zürich?' }]

describe.each([...kinds])('an explained answer of a provider of the kind %s', (kind) => {
  const model = () => desk.model(kind)
  const told = () => ({
    requested: model(),
    strategy: 'direct',
    region: null,
    attempt: 1,
    isByok: true,
    summary: expect.stringContaining(`selected=${kind}/`),
    generationTime: expect.any(Number),
    endpoints: {
      total: 1,
      available: [{ provider: kind, model: expect.any(String), selected: true }],
    },
  })

  test('is valid for OpenRouter’s SDK, whole', async () => {
    const result: any = await router.chat.send({
      xOpenRouterMetadata: 'enabled',
      chatRequest: { model: model(), messages, stream: false },
    })
    expect(result.openrouterMetadata).toMatchObject(told())
    expect(result.choices[0].message.content).toBeString()
  })

  test('is valid for OpenRouter’s SDK, streamed: the last chunk has it', async () => {
    const stream: any = await router.chat.send({
      xOpenRouterMetadata: 'enabled',
      chatRequest: { model: model(), messages, stream: true },
    })
    const chunks: any[] = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.at(-1).openrouterMetadata).toMatchObject(told())
    expect(chunks.at(-1).usage).toBeDefined()
    expect(chunks.filter(({ openrouterMetadata }) => openrouterMetadata)).toHaveLength(1)
  })

  test('is valid for OpenRouter’s SDK as a response', async () => {
    const result: any = await router.beta.responses.send({
      xOpenRouterMetadata: 'enabled',
      responsesRequest: { model: model(), input: 'Say hello.', stream: false },
    })
    expect(result.openrouterMetadata).toMatchObject(told())
  })

  test('does not disturb OpenAI’s SDK', async () => {
    const chat: any = await openai.chat.completions.create({ model: model(), messages })
    expect(chat.openrouter_metadata.attempt).toBe(1)
    const final = await openai.chat.completions
      .stream({ model: model(), messages, stream_options: { include_usage: true } })
      .finalChatCompletion()
    expect(final.choices[0]!.message.content).toBe(chat.choices[0].message.content)
    const response: any = await openai.responses
      .stream({ model: model(), input: 'Say hello.' })
      .finalResponse()
    expect(response.openrouter_metadata.requested).toBe(model())
    expect(response.output_text).toBeString()
  })

  test('does not disturb Anthropic’s SDK', async () => {
    const question = { model: model(), messages, max_tokens: 500 }
    const whole: any = await anthropic.messages.create(question)
    expect(whole.openrouter_metadata.attempt).toBe(1)
    const final = await anthropic.messages.stream(question).finalMessage()
    const textOf = (content: any[]) => content.find(({ type }) => type === 'text').text
    expect(textOf(final.content)).toBe(textOf(whole.content))
    expect(final.stop_reason).toBe(whole.stop_reason)
  })
})
