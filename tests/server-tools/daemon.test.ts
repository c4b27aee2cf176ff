import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { resolve } from 'node:path'
import { startLab } from '../support/lab.ts'
import { text, toolCalls } from '../support/recorded.ts'
import { replays, silent, status } from '../support/scripts.ts'
import { until } from '../support/until.ts'
import { postJson } from '../support/post.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const search = resolve(import.meta.dir, 'search-plugin.ts')

const lab = await startLab({
  server: { heartbeat: '50ms' },
  plugins: [{ [search]: {} }, { datetime: { timezone: 'Asia/Tokyo' } }, 'web-fetch', 'fallback'],
})
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => {
  for (const { requests } of [lab.a, lab.b, lab.c]) requests.splice(0)
})

const open = { type: 'function', function: { name: 'open', parameters: { type: 'object' } } }
const tools = [{ type: 'openrouter:web_search' }, { type: 'openrouter:datetime' }, open]

const searches = (id = 'c1') => ({ id, name: 'web_search', arguments: '{"query":"the weather"}' })
const asksTime = { id: 'c2', name: 'datetime', arguments: '{}' }

describe.each([true, false])('over HTTP, stream %p', (stream) => {
  test('several tools of several plugins are one answer', async () => {
    lab.a.next(replays(toolCalls(searches(), asksTime)), replays(text('It is sunny.')))
    const headers = { 'x-openrouter-metadata': 'enabled' }
    const answer = await lab.chat({ model: 'solo', stream, tools }, { headers })
    expect(answer.text).toBe('It is sunny.')
    const [first, second] = lab.a.requests.map(({ json }) => json)
    expect(first.tools.map((tool: any) => tool.function.name)).toEqual([
      'web_search',
      'datetime',
      'open',
    ])
    const results = second.messages.filter(({ role }: any) => role === 'tool')
    expect(results.map(({ content }: any) => content)).toEqual([
      'Found: 21 degrees.',
      expect.stringContaining('"timezone":"Asia/Tokyo"'),
    ])
    expect(answer.usage).toMatchObject({
      server_tool_use_details: { tool_calls_executed: 2, web_search_requests: 1 },
      prompt_tokens: 100,
    })
    const { openrouter_metadata } = stream ? answer.stream!.events.at(-1) : answer.json
    expect(openrouter_metadata.pipeline).toEqual([
      {
        type: 'server_tools',
        name: 'openrouter:web_search, openrouter:datetime',
        summary: 'ran 2 of 2 tool calls',
        data: { calls: 2 },
        cost_usd: 0.007,
      },
    ])
  })

  test('an error of a later turn before any word is one, with its status', async () => {
    lab.a.next(replays(toolCalls(searches())), status(400, 'no'))
    const answer = await lab.chat({ model: 'solo', stream, tools })
    expect(answer.error).toBeDefined()
    if (!stream) expect(answer.status).toBe(400)
  })

  test('a later turn goes to another endpoint where the first one fails', async () => {
    lab.a.next(replays(toolCalls(searches())), status(503, 'down'))
    lab.b.next(replays(text('From b.')))
    const answer = await lab.chat({ stream, tools })
    expect(answer.text).toBe('From b.')
    expect(lab.b.requests[0]!.json.messages.at(-1).content).toBe('Found: 21 degrees.')
  })
})

test('a stream is kept alive while a tool runs, and a client that leaves stops the tool', async () => {
  await using slow = await startLab({
    server: { heartbeat: '50ms' },
    plugins: [{ [search]: { asks: `${lab.c.url}/chat/completions` } }, 'fallback'],
  })
  lab.c.next(silent())
  slow.a.next(replays(toolCalls(searches())))
  const client = new AbortController()
  const response = await postJson(
    `${slow.sluice.v1}/chat/completions`,
    {
      model: 'solo',
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
      tools,
    },
    { signal: client.signal },
  )
  const reader = response.body!.getReader()
  let seen = ''
  while (!seen.includes('PROCESSING\n\n: SLUICE'))
    seen += new TextDecoder().decode((await reader.read()).value)
  expect(response.status).toBe(200)
  expect(lab.c.requests[0]?.aborted).toBe(false)
  client.abort()
  await until('the tool is stopped', () => lab.c.requests[0]?.aborted === true)
  expect(slow.a.requests).toHaveLength(1)
})
