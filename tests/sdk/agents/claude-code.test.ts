import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { messages as surface } from '../../matrix/surfaces/messages.ts'
import { readRaw } from '../../matrix/lab.ts'
import { expected } from '../../support/fixtures.ts'
import { fails } from '../../support/fixtures-replay.ts'
import { post } from './agent.ts'
import { claudeCode, headers, system, tools } from './claude-code.ts'
import { dialectOf, kinds, startDesk, type Desk } from './desk.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

const user = (text: string) => ({ role: 'user', content: [{ type: 'text', text }] })

describe.each([...kinds])('Claude Code before a provider of the kind %s', (kind) => {
  const model = () => desk.model(kind)

  test('/context counts twenty-four things at once', async () => {
    const counts = await Promise.all(
      Array.from({ length: 24 }, async (_, at) => {
        const body = {
          model: model(),
          messages: [user(`Part ${at} ${'word '.repeat(at)}`)],
          ...(at % 3 === 0 && { tools: [tools[at % tools.length]] }),
          ...(at % 4 === 0 && { system }),
        }
        const path = '/v1/messages/count_tokens?beta=true'
        const response = await post(desk, path, headers, JSON.stringify(body))
        return { status: response.status, body: (await response.json()) as any }
      }),
    )
    for (const { status, body } of counts) {
      expect({ status, fields: Object.keys(body) }).toEqual({
        status: 200,
        fields: ['input_tokens'],
      })
      expect(body.input_tokens).toBeGreaterThan(0)
    }
  })

  test('WebSearch is a call of its own with a tool of the provider’s', async () => {
    desk.plays(
      kind,
      kind === 'anthropic' ? 'server_tool' : kind === 'openai' ? 'text' : 'reasoning',
    )
    const before = desk.providers[kind].requests.length
    const body = JSON.stringify({
      model: model(),
      messages: [user('Perform a web search for the query: Einwohner Zürich 2025')],
      system: system.slice(0, 2),
      tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }],
      tool_choice: { type: 'tool', name: 'web_search' },
      max_tokens: 32_000,
      thinking: { type: 'disabled' },
      metadata: { user_id: '{}' },
      stream: true,
    })
    const raw = await readRaw(await post(desk, claudeCode.path(model()), headers, body))
    expect(raw.status, raw.text).toBe(200)
    const seen = surface.read(raw, true)
    expect(seen.mistakes).toEqual([])
    expect(seen.error).toBeUndefined()
    const request = desk.providers[kind].requests[before]!
    if (kind === 'anthropic') {
      expect(request.body).toBe(body.replace(`"${model()}"`, `"${model().slice(10)}"`))
      expect(seen.text).toBe(expected('anthropic', 'server_tool').content)
      expect(raw.text).toContain('web_search_tool_result')
      return
    }
    // either the provider’s own search, or none and a word about it
    const searches = /web_?search|googleSearch/i.test(JSON.stringify(request.json.tools ?? []))
    if (!searches) expect(raw.headers.get('x-sluice-warnings')).toContain('web_search')
  })

  test('a stream that breaks off is asked again whole', async () => {
    const dialect = dialectOf(kind)
    desk.plays(kind, 'text')
    const body = { ...claudeCode.body(model(), claudeCode.opening), stream: false }
    const raw = await readRaw(
      await post(desk, claudeCode.path(model()), headers, JSON.stringify(body)),
    )
    expect(raw.status, raw.text).toBe(200)
    const seen = surface.read(raw, false)
    expect(seen.mistakes).toEqual([])
    expect(seen.text).toBe(expected(dialect, 'text').content)
  })

  test('what is wrong with a prompt keeps the provider’s words, for compaction goes by them', async () => {
    desk.providers[kind].next(
      fails(dialectOf(kind), 400, 'prompt is too long: 210000 tokens > 200000 maximum'),
    )
    const body = JSON.stringify(claudeCode.body(model(), claudeCode.opening))
    const raw = await readRaw(await post(desk, claudeCode.path(model()), headers, body))
    expect(raw.status).toBe(400)
    const error = JSON.parse(raw.text)
    expect(error.type).toBe('error')
    expect(error.error.type).toBe('invalid_request_error')
    expect(error.error.message).toContain('prompt is too long: 210000 tokens > 200000 maximum')
    expect(raw.headers.get('request-id')).toBeString()
  })
})

test('models are listed in Anthropic’s shape', async () => {
  const response = await fetch(`${desk.sluice.v1}/models?limit=1000`, { headers })
  const body = (await response.json()) as any
  expect(body.data.length).toBeGreaterThan(0)
  for (const model of body.data) {
    expect(model.type).toBe('model')
    expect(model.id).toBeString()
    expect(model.display_name).toBeString()
  }
  expect(body.has_more).toBe(false)
  expect(body.first_id).toBe(body.data[0].id)
  expect(body.last_id).toBe(body.data.at(-1).id)
})
