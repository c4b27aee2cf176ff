import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { bodyFor } from '../support/formats.ts'
import { startFormats, type FormatsLab } from '../support/formats-lab.ts'
import { text, toolCalls } from '../support/recorded.ts'
import { replays } from '../support/scripts.ts'
import { startSearxng, usualResults, type Searxng } from '../support/searxng.ts'
import { sse } from '../support/sse.ts'
import { until } from '../support/until.ts'
import { postJson } from '../support/post.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const answer = 'Grüße 🦊: Bun 2.0 is out ([bun.sh](https://bun.sh/blog/bun-v2)).'
const link = '[bun.sh](https://bun.sh/blog/bun-v2)'

let searxng: Searxng
let lab: FormatsLab

beforeAll(async () => {
  searxng = startSearxng()
  lab = await startFormats(
    [{ online: { engines: { searxng: { base_url: searxng.url } }, timeout: '300ms' } }, 'fallback'],
    { providers: (base_url) => ({ box: { dialect: 'openai', base_url } }) },
  )
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await searxng.stop()
})
beforeEach(() => {
  searxng.instead = undefined
  lab.provider.always(replays(text(answer)))
})

const model = 'box/m:online'

describe('the variant :online cites what it found', () => {
  test('on chat completions', async () => {
    const response = await lab.post('chat', model, bodyFor('chat', model))
    expect(response.headers.get('x-sluice-warnings')).toBeNull()
    const { choices, usage }: any = await response.json()
    const [{ type, url_citation: cited }] = choices[0].message.annotations
    expect(type).toBe('url_citation')
    expect(answer.slice(cited.start_index, cited.end_index)).toBe(link)
    expect(usage.server_tool_use.web_search_requests).toBe(1)
    expect(lab.sent().messages[0].content).toContain('URL: https://bun.sh/blog/bun-v2')
    expect(lab.sent()).not.toHaveProperty('plugins')
  })

  test('on streamed chat completions', async () => {
    const body = { ...bodyFor('chat', model), stream: true }
    const { events } = await sse(await lab.post('chat', model, body))
    const deltas = events.flatMap(({ choices }: any) => choices?.[0]?.delta ?? [])
    expect(deltas.map(({ content }: any) => content ?? '').join('')).toBe(answer)
    expect(deltas.flatMap(({ annotations }: any) => annotations ?? [])).toHaveLength(1)
  })

  test('on Messages', async () => {
    const { content }: any = await (
      await lab.post('messages', model, bodyFor('messages', model))
    ).json()
    expect(content[0]).toMatchObject({
      type: 'text',
      text: answer,
      citations: [
        { type: 'web_search_result_location', url: usualResults[0]!.url, title: 'Bun 2.0' },
      ],
    })
  })

  test('on Responses', async () => {
    const { output }: any = await (
      await lab.post('responses', model, bodyFor('responses', model))
    ).json()
    const [{ text: said, annotations }] = output.at(-1).content
    expect(said.slice(annotations[0].start_index, annotations[0].end_index)).toBe(link)
  })

  test('on Gemini', async () => {
    const { candidates }: any = await (
      await lab.post('gemini', model, bodyFor('gemini', model))
    ).json()
    const { groundingChunks, groundingSupports } = candidates[0].groundingMetadata
    expect(groundingChunks[0].web).toEqual({ uri: usualResults[0]!.url, title: 'Bun 2.0' })
    expect(groundingSupports[0].segment.text).toBe(link)
  })
})

describe('a search that is down', () => {
  test('is said in a header, and one that hangs is left after its time', async () => {
    searxng.instead = () => new Promise<Response>(() => undefined)
    const body = { ...bodyFor('chat', model), messages: [{ role: 'user', content: 'Other' }] }
    const response = await lab.post('chat', model, body)
    expect(response.headers.get('x-sluice-warnings')).toBe(
      'online: the search is down; answered without it',
    )
    expect(lab.sent().messages).toEqual(body.messages)
  })
})

test('a client that leaves while it is searched for costs no answer', async () => {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  searxng.instead = async () => {
    reached.resolve()
    await gate.promise
    return Response.json({ results: [] })
  }
  const before = lab.provider.requests.length
  const leaving = new AbortController()
  const asked = postJson(
    `${lab.sluice.v1}/chat/completions`,
    { model, messages: [{ role: 'user', content: 'I leave' }] },
    { signal: leaving.signal },
  )
  await reached.promise
  leaving.abort()
  await expect(asked).rejects.toThrow()
  await until('it was noticed', () => lab.sluice.log().some(({ status }) => status === 499))
  gate.resolve()
  searxng.instead = undefined
  await (await lab.post('chat', model, bodyFor('chat', model))).text()
  expect(lab.provider.requests).toHaveLength(before + 1)
})

test('two hundred at once search once', async () => {
  searxng.queries.length = 0
  const body = { ...bodyFor('chat', model), messages: [{ role: 'user', content: 'All of us' }] }
  const all = await Promise.all(
    Array.from({ length: 200 }, async () => (await lab.post('chat', model, body)).json()),
  )
  expect(all.every((one: any) => one.choices[0].message.annotations.length === 1)).toBe(true)
  expect(searxng.queries).toEqual(['All of us'])
})

test('Anthropic’s own tool is run here for a model of another provider', async () => {
  const called = { id: 'call_1', name: 'web_search', arguments: '{"query":"bun 2"}' }
  for (const stream of [false, true]) {
    searxng.queries.length = 0
    lab.provider.next(replays(toolCalls(called)))
    const response = await lab.post('messages', 'box/m', {
      ...bodyFor('messages', 'box/m'),
      stream,
      tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }],
    })
    expect(response.headers.get('x-sluice-warnings')).toBeNull()
    const said = await response.text()
    expect(said).toContain('web_search_result_location')
    expect(lab.sent().messages.at(-1).content).toContain('Bun 2.0 was released today.')
    if (stream) expect(said).toContain('message_stop')
  }
})
