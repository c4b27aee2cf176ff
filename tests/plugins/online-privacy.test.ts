import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { bodyFor } from '../support/formats.ts'
import { startFormats, type FormatsLab } from '../support/formats-lab.ts'
import { toolCalls } from '../support/recorded.ts'
import { replays } from '../support/scripts.ts'
import { startSearxng, type Searxng } from '../support/searxng.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const secret = 'ada.lovelace@analytical-engines.co.uk'

let searxng: Searxng
beforeAll(() => {
  searxng = startSearxng()
})
afterAll(() => searxng.stop())

const online = () => ({
  online: {
    engine: 'searxng',
    engines: { searxng: { base_url: searxng.url } },
    fetch: { pages: 1, allow: [searxng.host] },
  },
})

describe.each([
  ['before', (): unknown[] => [online(), 'privacy', 'fallback']],
  ['after', (): unknown[] => ['privacy', online(), 'fallback']],
])('standing %s privacy', (_, plugins) => {
  let lab: FormatsLab
  beforeAll(async () => {
    lab = await startFormats(plugins())
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  const leftOut = (): string =>
    JSON.stringify([searxng.queries, searxng.read, lab.provider.requests.map(({ body }) => body)])

  test('a query leaves without what is private', async () => {
    searxng.queries.length = 0
    searxng.read.length = 0
    const messages = [{ role: 'user', content: `Who is ${secret}?` }]
    const more = { messages, plugins: [{ id: 'web' }] }
    const response = await lab.post('chat', 'openai/m', { ...bodyFor('chat', 'openai/m'), ...more })
    expect(response.status).toBe(200)
    await response.text()
    expect(searxng.queries).toHaveLength(1)
    expect(leftOut()).toContain('Who is ')
    expect(leftOut()).not.toContain(secret)
  })

  test('nor does one that the model writes, whatever it was told the name is', async () => {
    searxng.queries.length = 0
    lab.provider.next(async (exchange) => {
      const asked = String(exchange.request.json.messages.at(-1).content)
      const name = /about (\S+)/.exec(asked)![1]!
      const called = { id: 'c1', name: 'web_search', arguments: JSON.stringify({ query: name }) }
      await replays(toolCalls(called))(exchange)
    })
    const messages = [{ role: 'user', content: `Look up about ${secret} please` }]
    const tools = [{ type: 'openrouter:web_search' }]
    const response = await lab.post('chat', 'openai/m', {
      ...bodyFor('chat', 'openai/m'),
      messages,
      tools,
    })
    expect(response.status).toBe(200)
    await response.text()
    expect(searxng.queries).toHaveLength(1)
    expect(leftOut()).not.toContain(secret)
  })
})
