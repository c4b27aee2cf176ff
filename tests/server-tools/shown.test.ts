import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { resolve } from 'node:path'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import { OpenRouter } from '@openrouter/sdk'
import { generateText, streamText } from 'ai'
import { startLab } from '../support/lab.ts'
import { text, toolCalls } from '../support/recorded.ts'
import { eventsIn, judge, mistakesIn } from '../support/responses-grammar.ts'
import { replays } from '../support/scripts.ts'
import { tell } from '../surfaces/messages-grammar.ts'
import { postJson } from '../support/post.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const lab = await startLab({
  plugins: [{ [resolve(import.meta.dir, 'search-plugin.ts')]: {} }, 'datetime', 'fallback'],
})
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => void lab.a.requests.splice(0))

const post = async (path: string, body: object): Promise<string> => {
  const response = await postJson(`${lab.sluice.v1}${path}`, {
    model: 'solo',
    max_tokens: 500,
    ...body,
  })
  expect(response.status).toBe(200)
  return response.text()
}

const search = { id: 'call_1', name: 'web_search', arguments: '{"query":"the weather"}' }
const time = { id: 'call_2', name: 'datetime', arguments: '{}' }
const broken = { id: 'call_3', name: 'web_search', arguments: '{"query":' }
const open = { id: 'call_4', name: 'open', arguments: '{"door":1}' }

const user = (content: unknown) => ({ role: 'user', content })
const said = () => lab.a.requests.at(-1)!.json.messages

describe.each([true, false])('Messages, stream %p', (stream) => {
  const tools = [
    { type: 'web_search_20250305', name: 'web_search' },
    { type: 'openrouter:datetime' },
    { name: 'open', input_schema: { type: 'object' } },
  ]
  const ask = async (messages: unknown[]): Promise<any> => {
    const raw = await post('/messages', { stream, tools, messages })
    return stream ? tell(raw).message : JSON.parse(raw)
  }

  test('show what they know, seal the rest, and tell of what failed', async () => {
    lab.a.next(replays(toolCalls(search, time, broken)), replays(text('Sunny.')))
    const { content } = await ask([user('Hi')])
    const types = content.map(({ type }: any) => type)
    expect(types.toSorted()).toEqual([
      'redacted_thinking',
      'server_tool_use',
      'server_tool_use',
      'text',
      'web_search_tool_result',
      'web_search_tool_result',
    ])
    const [found, failed] = content.filter(({ type }: any) => type === 'web_search_tool_result')
    expect(found.content).toHaveLength(2)
    expect(failed.content).toEqual({
      type: 'web_search_tool_result_error',
      error_code: 'unavailable',
    })
    const use = content.find(({ type }: any) => type === 'server_tool_use')
    expect(use.input).toEqual({ query: 'the weather' })

    await ask([user('Hi'), { role: 'assistant', content }, user('And?')])
    const [, assistant, ...results] = said()
    expect(assistant.tool_calls.map(({ function: { name } }: any) => name).toSorted()).toEqual([
      'datetime',
      'web_search',
      'web_search',
    ])
    expect(results.map(({ role }: any) => role)).toEqual([
      'tool',
      'tool',
      'tool',
      'assistant',
      'user',
    ])
    const texts = JSON.stringify(results)
    expect(texts).toContain('Found: 21 degrees.')
    expect(texts).toContain('weekday')
  })

  test('stop for the client’s tool, and go on with what both kinds found', async () => {
    lab.a.next(replays(toolCalls(search, open)))
    const { content, stop_reason } = await ask([user('Hi')])
    expect(stop_reason).toBe('tool_use')
    const { id } = content.find(({ type }: any) => type === 'tool_use')
    const result = { type: 'tool_result', tool_use_id: id, content: 'It is open.' }
    lab.a.next(replays(text('Sunny, and open.')))
    await ask([user('Hi'), { role: 'assistant', content }, user([result])])
    const [, assistant, ...results] = said()
    expect(assistant.tool_calls).toHaveLength(2)
    expect(results.map(({ content }: any) => content)).toEqual([
      'Found: 21 degrees.',
      'It is open.',
    ])
  })
})

test('the events of a search are OpenAI’s', async () => {
  lab.a.next(replays(toolCalls(search, broken)), replays(text('Sunny.')))
  const tools = [{ type: 'web_search' }]
  const events = eventsIn(await post('/responses', { stream: true, tools, input: 'Hi' }))
  expect(mistakesIn(events)).toEqual([])
  const { response } = events.at(-1)
  expect(judge('Response')(response)).toBeUndefined()
  const searches = response.output.filter(({ type }: any) => type === 'web_search_call')
  expect(searches.map(({ status }: any) => status).toSorted()).toEqual(['completed', 'failed'])
  expect(searches.map(({ action }: any) => action.query)).toContain('the weather')
})

test('Gemini hears what was searched for', async () => {
  lab.a.next(replays(toolCalls(search)), replays(text('Sunny.')))
  const response = await postJson(
    `${lab.sluice.v1.replace('/v1', '/v1beta')}/models/solo:generateContent`,
    {
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      tools: [{ googleSearch: {} }],
    },
  )
  const { candidates }: any = await response.json()
  expect(candidates[0].groundingMetadata.webSearchQueries).toEqual(['the weather'])
})

describe('bounds hold in every format', () => {
  const stop = { stop_server_tools_when: [{ type: 'step_count_is', step_count: 1 }] }
  const input = { input: 'Hi', tools: [{ type: 'web_search' }] }
  const messages = {
    messages: [user('Hi')],
    tools: [{ type: 'web_search_20250305', name: 'web_search' }],
  }
  test.each([
    ['/responses', { ...input, max_tool_calls: 1 }],
    ['/responses', { ...input, ...stop }],
    ['/messages', { ...messages, ...stop }],
    [
      '/chat/completions',
      { messages: [user('Hi')], tools: [{ type: 'openrouter:web_search' }], ...stop },
    ],
  ])('%s %p', async (path, body) => {
    lab.a.next(replays(toolCalls(search)), replays(text('Sunny.')))
    await post(path, body)
    const [, last] = lab.a.requests.map(({ json }) => json)
    expect(last.tool_choice).toBe('none')
    expect(last.max_tool_calls).toBeUndefined()
    expect(last.stop_server_tools_when).toBeUndefined()
  })
})

describe('OpenRouter’s own clients', () => {
  const turns = () => lab.a.next(replays(toolCalls(search, time)), replays(text('Sunny.')))
  const client = new OpenRouter({ apiKey: 'k', serverURL: `${lab.sluice.url}/api/v1` })
  const request = {
    model: 'solo',
    messages: [{ role: 'user', content: 'Hi' }],
    tools: [{ type: 'openrouter:web_search' }, { type: 'openrouter:datetime' }],
  } as any

  test.each([true, false])('read what tools did, stream %p', async (stream) => {
    turns()
    const result: any = await client.chat.send({ chatRequest: { ...request, stream } })
    const pieces: any[] = stream ? await Array.fromAsync(result) : [result]
    const said = pieces.map(({ choices: [first] }) => first?.delta ?? first?.message ?? {})
    const details = said.flatMap(({ reasoningDetails }) => reasoningDetails ?? [])
    expect(details.map(({ toolName }) => toolName)).toEqual([
      'openrouter:web_search',
      'openrouter:datetime',
    ])
    const { serverToolUseDetails } = pieces.findLast(({ usage }) => usage).usage
    expect(serverToolUseDetails).toMatchObject({ toolCallsExecuted: 2, webSearchRequests: 1 })
  })

  test('for the AI SDK as well', async () => {
    const openrouter = createOpenRouter({ apiKey: 'k', baseURL: `${lab.sluice.url}/api/v1` })
    const model = openrouter('solo', { extraBody: { tools: request.tools } })
    turns()
    const whole = await generateText({ model, prompt: 'Hi' })
    expect(whole.text).toBe('Sunny.')
    expect(whole.sources.map((source: any) => source.url)).toHaveLength(2)
    turns()
    const streamed = streamText({ model, prompt: 'Hi' })
    expect(await streamed.text).toBe('Sunny.')
    expect(await streamed.finishReason).toBe('stop')
  })
})
