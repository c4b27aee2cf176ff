import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { OpenRouter } from '@openrouter/sdk'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { startFormats, type FormatsLab } from '../support/formats-lab.ts'
import { text } from '../support/recorded.ts'
import { replays } from '../support/scripts.ts'
import { startSearxng, type Searxng } from '../support/searxng.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const answer = 'Bun 2.0 is out: [bun.sh](https://bun.sh/blog/bun-v2).'
const url = 'https://bun.sh/blog/bun-v2'
const model = 'box/m:online'
const question = 'Which Bun is out?'

let searxng: Searxng
let lab: FormatsLab
beforeAll(async () => {
  searxng = startSearxng()
  lab = await startFormats(
    [{ online: { engines: { searxng: { base_url: searxng.url } } } }, 'fallback'],
    { providers: (base_url) => ({ box: { dialect: 'openai', base_url } }) },
  )
  lab.provider.always(replays(text(answer)))
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await searxng.stop()
})

const messages = [{ role: 'user' as const, content: question }]

describe('a search before the call, as clients see it:', () => {
  test('@openrouter/sdk', async () => {
    const client = new OpenRouter({ apiKey: 'k', serverURL: lab.sluice.v1 })
    const chatRequest = {
      model: 'box/m',
      messages,
      stream: false as const,
      plugins: [{ id: 'web' as const, maxResults: 1 }],
    }
    // it knows no annotations, and must not stumble over them
    const { choices }: any = await client.chat.send({ chatRequest })
    expect(choices[0]?.message.content).toBe(answer)
    expect(lab.sent().messages[0].content).not.toContain('## 2.')
  })

  test('@openrouter/ai-sdk-provider', async () => {
    const openrouter = createOpenRouter({ apiKey: 'k', baseURL: lab.sluice.v1 })
    const whole = await generateText({
      model: openrouter('box/m', { plugins: [{ id: 'web' }] }),
      prompt: question,
    })
    expect(whole.sources).toMatchObject([{ sourceType: 'url', url, title: 'Bun 2.0' }])
    const streamed = streamText({ model: openrouter(model), prompt: question })
    expect(await streamed.text).toBe(answer)
    expect(await streamed.sources).toMatchObject([{ sourceType: 'url', url, title: 'Bun 2.0' }])
  })

  test('openai, in both of its formats', async () => {
    const client = new OpenAI({ apiKey: 'k', baseURL: lab.sluice.v1 })
    const chat = await client.chat.completions.create({
      model: 'box/m',
      messages,
      web_search_options: {},
    })
    expect(chat.choices[0]?.message.annotations?.[0]?.url_citation).toMatchObject({ url })
    const response = await client.responses.create({ model, input: question })
    const [message] = response.output.filter((item) => item.type === 'message')
    const [part] = message!.content
    expect(part).toMatchObject({
      type: 'output_text',
      annotations: [{ type: 'url_citation', url }],
    })
  })

  test('@anthropic-ai/sdk', async () => {
    const client = new Anthropic({ apiKey: 'k', baseURL: lab.sluice.url })
    const stream = client.messages.stream({ model, max_tokens: 100, messages })
    const [block] = (await stream.finalMessage()).content
    expect(block).toMatchObject({
      type: 'text',
      text: answer,
      citations: [{ type: 'web_search_result_location', url, title: 'Bun 2.0' }],
    })
  })

  test('@google/genai', async () => {
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: lab.sluice.url } })
    const said = await client.models.generateContent({ model, contents: question })
    expect(said.candidates?.[0]?.groundingMetadata?.groundingChunks?.[0]?.web?.uri).toBe(url)
  })
})
