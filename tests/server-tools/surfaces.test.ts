import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { resolve } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { strictAnthropic } from '../support/anthropic-strict.ts'
import { strictOpenAI } from '../support/fixtures-openai-strict.ts'
import { strictGemini } from '../support/gemini-strict.ts'
import { strictResponses } from '../support/responses-strict.ts'
import { startLab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const lab = await startLab({
  plugins: [
    { [resolve(import.meta.dir, 'search-plugin.ts')]: { name: 'get_weather' } },
    'fallback',
  ],
  routes: {
    openai: ['a/gpt'],
    anthropic: ['claude/claude-sonnet-4-5'],
    gemini: ['gem/gemini-3-pro'],
    responses: ['native/gpt-5.2'],
  },
  providers: ({ a }) => ({
    claude: { dialect: 'anthropic', base_url: a.url, api_key: 'sk-provider-c' },
    gem: { dialect: 'gemini', base_url: a.url, api_key: 'sk-provider-g' },
    native: { dialect: 'responses', base_url: a.url, api_key: 'sk-provider-n' },
  }),
})
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => void lab.a.requests.splice(0))

const strict: Readonly<Record<string, (loop?: { first: 'after_tool' }) => Script>> = {
  openai: strictOpenAI,
  anthropic: strictAnthropic,
  gemini: strictGemini,
  responses: strictResponses,
}
const dialects = Object.keys(strict)

const { v1 } = lab.sluice
const openai = new OpenAI({ baseURL: v1, apiKey: 'k', maxRetries: 0 })
const anthropic = new Anthropic({ baseURL: v1.replace('/v1', ''), apiKey: 'k', maxRetries: 0 })
const google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: v1.replace('/v1', '') } })

const question = 'What is the weather in Zürich?'
const said = 'It is 21 °C and sunny in Zürich ☀️.'
const found = 'Found: 21 degrees.'
const sources = ['https://one.example/a', 'https://two.example/b']

/** From now on the model calls nothing. */
const silence = (model: string) => lab.a.always(strict[model]!({ first: 'after_tool' }))

/** A later turn tells the model what was found before, in its provider's own words only. */
const expectRemembered = (): void => {
  const [, , later] = lab.a.requests
  expect(later?.body).toContain(found)
  expect(later?.body).toContain('And tomorrow?')
  expect(later?.body).not.toContain('SluiceSealV1')
  expect(later?.body).not.toContain('srvtoolu_')
  expect(later?.body).not.toContain('server_tool_call')
  expect(later?.body).not.toContain('web_search_call')
}

describe.each(dialects)('a model of the dialect %s', (model) => {
  beforeEach(() => lab.a.always(strict[model]!()))

  test.each([true, false])('searches for a client of chat, stream %p', async (stream) => {
    const asked = {
      model,
      stream,
      messages: [{ role: 'user', content: question }] as unknown[],
      tools: [{ type: 'openrouter:web_search' }],
      ...(model !== 'openai' && { reasoning: { max_tokens: 2000 } }),
      max_tokens: 8000,
    }
    const answer = await lab.chat(asked)
    expect(answer.error).toBeUndefined()
    expect(lab.a.requests).toHaveLength(2)
    expect(answer.text).toBe(said)
    const counted = { web_search_requests: 1, tool_calls_requested: 1, tool_calls_executed: 1 }
    expect(answer.usage.server_tool_use).toEqual(counted)
    expect(answer.usage.server_tool_use_details).toEqual(counted)
    expect(answer.usage.prompt_tokens).toBeGreaterThan(1_000)
    const deltas: any[] = stream
      ? answer.stream!.events.map((event) => event.choices[0]?.delta ?? {})
      : [answer.json.choices[0].message]
    const details = deltas.flatMap((delta) => delta.reasoning_details ?? [])
    expect(details.find(({ type }) => type === 'reasoning.server_tool_call')).toMatchObject({
      tool_name: 'openrouter:web_search',
      arguments: '{"city":"Zürich","unit":"celsius"}',
      result: found,
    })
    const urls = deltas.flatMap((delta) => delta.annotations ?? [])
    expect(urls.map(({ url_citation: { url } }) => url)).toEqual(sources)
    expect(deltas.flatMap((delta) => delta.tool_calls ?? [])).toEqual([])

    const message = { role: 'assistant', content: said, reasoning_details: details }
    silence(model)
    const messages = [...asked.messages, message, { role: 'user', content: 'And tomorrow?' }]
    expect((await lab.chat({ ...asked, messages })).error).toBeUndefined()
    expectRemembered()
  })

  test.each([true, false])('searches for a client of Messages, stream %p', async (stream) => {
    const asked = {
      model,
      max_tokens: 8000,
      ...(model !== 'openai' && { thinking: { type: 'enabled', budget_tokens: 2000 } }),
      messages: [{ role: 'user', content: question }],
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
    } as any
    const ask = (body: any) =>
      stream ? anthropic.messages.stream(body).finalMessage() : anthropic.messages.create(body)
    const message: Anthropic.Message = await ask(asked)
    expect(lab.a.requests).toHaveLength(2)
    const blocks: any[] = message.content.filter(({ type }) => !type.includes('thinking'))
    expect(blocks.map(({ type }) => type)).toEqual([
      'server_tool_use',
      'web_search_tool_result',
      'text',
    ])
    const [use, result, text] = blocks
    expect(use).toMatchObject({ name: 'web_search', input: { city: 'Zürich' } })
    expect(result.tool_use_id).toBe(use.id)
    expect(result.content.map(({ url }: any) => url)).toEqual(sources)
    expect(text.text).toBe(said)
    expect(text.citations.map(({ url }: any) => url)).toEqual(sources)
    expect(message.stop_reason).toBe('end_turn')
    expect(message.usage.server_tool_use?.web_search_requests).toBe(1)

    silence(model)
    const { content } = message
    const more = [
      { role: 'assistant', content },
      { role: 'user', content: 'And tomorrow?' },
    ]
    await ask({ ...asked, messages: [...asked.messages, ...more] })
    expectRemembered()
  })

  test.each([true, false])('searches for a client of Responses, stream %p', async (stream) => {
    const asked = {
      model,
      input: [{ role: 'user', content: question }],
      tools: [{ type: 'web_search' }],
    } as any
    const events: any[] = []
    const ask = async (body: any): Promise<OpenAI.Responses.Response> => {
      if (!stream) return openai.responses.create(body)
      const runner = openai.responses.stream(body)
      for await (const event of runner) events.push(event)
      return runner.finalResponse()
    }
    const response = await ask(asked)
    expect(lab.a.requests).toHaveLength(2)
    const steps = events.filter(({ type }) => type.includes('web_search_call'))
    expect(steps.map(({ type }) => type.split('.').at(-1))).toEqual(
      stream ? ['in_progress', 'searching', 'completed'] : [],
    )
    const output: any[] = response.output.filter(({ type }) => type !== 'reasoning')
    expect(output.map(({ type }) => type)).toEqual(['web_search_call', 'message'])
    const action = { type: 'search', sources: sources.map((url) => ({ type: 'url', url })) }
    expect(output[0]).toMatchObject({ status: 'completed', action })
    expect(response.output_text).toBe(said)
    const cited = output[1].content[0].annotations
    expect(cited.map(({ url }: any) => url)).toEqual(sources)
    if (stream)
      expect(events.filter(({ type }) => type.endsWith('annotation.added'))).toHaveLength(2)
    expect(response.usage!.input_tokens).toBeGreaterThan(1_000)

    silence(model)
    const input = [...asked.input, ...response.output, { role: 'user', content: 'And tomorrow?' }]
    await ask({ ...asked, input })
    expectRemembered()
  })

  test.each([true, false])('searches for a client of Gemini, stream %p', async (stream) => {
    const user = (text: string) => ({ role: 'user', parts: [{ text }] })
    const asked = { model, contents: [user(question)], config: { tools: [{ googleSearch: {} }] } }
    const ask = async (body: any): Promise<any[]> => {
      if (!stream) return [await google.models.generateContent(body)]
      return Array.fromAsync(await google.models.generateContentStream(body))
    }
    const answers = await ask(asked)
    expect(lab.a.requests).toHaveLength(2)
    const candidates = answers.map(({ candidates: [candidate] }) => candidate)
    const parts = candidates.flatMap(({ content }) => content?.parts ?? [])
    const text = parts.filter(({ thought }) => !thought).map((part) => part.text ?? '')
    expect(text.join('')).toBe(said)
    const { groundingMetadata, finishReason } = candidates.at(-1)
    expect(finishReason).toBe('STOP')
    expect(groundingMetadata.groundingChunks.map(({ web }: any) => web.uri)).toEqual(sources)
    expect(groundingMetadata.groundingSupports).toHaveLength(2)
    expect(answers.at(-1).usageMetadata.promptTokenCount).toBeGreaterThan(1_000)

    silence(model)
    const contents = [...asked.contents, { role: 'model', parts }, user('And tomorrow?')]
    await ask({ ...asked, contents })
    expectRemembered()
  })
})
