import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { prompt, startLab, type Lab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { answers, sendEvents, silent } from '../support/scripts.ts'
import { dieAfter } from '../support/spoils.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(60_000)

const headers = { 'content-type': 'text/event-stream' }
const named = (event: string, rest: object): string =>
  `event: ${event}\ndata: ${JSON.stringify({ type: event, ...rest })}\n\n`

/** Anthropic's events for these pieces of a text. */
const claudeSays = (...pieces: readonly string[]): Script => {
  const usage = { input_tokens: 20, output_tokens: 1 }
  const message = {
    id: `msg_${pieces.length}`,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  }
  return sendEvents(
    [
      named('message_start', { message }),
      named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...pieces.map((text) =>
        named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
      ),
      named('content_block_stop', { index: 0 }),
      named('message_delta', {
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 9 },
      }),
      named('message_stop', {}),
    ],
    headers,
  )
}

/** Says the pieces, or dies after three of them, in the provider's format. */
const formats = {
  openai: {
    dies: dieAfter(4, answers('One two three four.')),
    says: answers(' four five.', { pieces: [' four', ' five.'] }),
  },
  anthropic: {
    dies: dieAfter(5, claudeSays('One', ' two', ' three', ' four.')),
    says: claudeSays(' four', ' five.'),
  },
}
type Format = keyof typeof formats

interface Surface {
  readonly path: string
  readonly body: object
  /** Text, how often the answer began, and how often it ended. */
  read(raw: string): readonly [text: string, begins: number, ends: number]
}

const eventsIn = (raw: string): any[] =>
  raw
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)))
const joined = (pieces: readonly unknown[]): string => pieces.map((piece) => piece ?? '').join('')
const ofType = (events: readonly any[], type: string) =>
  events.filter((event) => event.type === type)

const surfaces: Readonly<Record<string, Surface>> = {
  chat: {
    path: '/v1/chat/completions',
    body: { model: 'm', messages: prompt, stream: true },
    read(raw) {
      const events = eventsIn(raw)
      const choices = events.flatMap((event) => event.choices)
      expect(new Set(events.map(({ id }) => id)).size).toBe(1)
      return [
        joined(choices.map(({ delta }) => delta.content)),
        choices.filter(({ delta }) => delta.role).length,
        choices.filter((choice) => choice.finish_reason).length,
      ]
    },
  },
  responses: {
    path: '/v1/responses',
    body: { model: 'm', input: 'Count.', stream: true },
    read(raw) {
      const events = eventsIn(raw)
      const [completed] = ofType(events, 'response.completed')
      const text = joined(ofType(events, 'response.output_text.delta').map(({ delta }) => delta))
      expect(completed.response.output[0].content[0].text).toBe(text)
      expect(completed.response.id).toBe(ofType(events, 'response.created')[0].response.id)
      return [text, ofType(events, 'response.created').length, 1]
    },
  },
  messages: {
    path: '/v1/messages',
    body: { model: 'm', messages: prompt, max_tokens: 100, stream: true },
    read(raw) {
      const events = eventsIn(raw)
      expect(ofType(events, 'content_block_start')).toHaveLength(1)
      expect(ofType(events, 'content_block_stop')).toHaveLength(1)
      return [
        joined(ofType(events, 'content_block_delta').map(({ delta }) => delta.text)),
        ofType(events, 'message_start').length,
        ofType(events, 'message_stop').length,
      ]
    },
  },
  gemini: {
    path: '/v1beta/models/m:streamGenerateContent?alt=sse',
    body: { contents: [{ role: 'user', parts: [{ text: 'Count.' }] }] },
    read(raw) {
      const candidates = eventsIn(raw).flatMap((event) => event.candidates ?? [])
      const parts = candidates.flatMap(({ content }) => content?.parts ?? [])
      const ends = candidates.filter(({ finishReason }) => finishReason).length
      return [joined(parts.map(({ text }) => text)), 1, ends]
    },
  },
  ollama: {
    path: '/api/chat',
    body: { model: 'm', messages: prompt },
    read(raw) {
      const lines = raw
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      const ends = lines.filter(({ done }) => done).length
      return [joined(lines.map(({ message }) => message?.content)), 1, ends]
    },
  },
}

const labFor = (from: Format, to: Format, options: object = {}): Promise<Lab> =>
  startLab({
    plugins: ['resume', 'fallback'],
    providers: ({ a, b }) => ({
      a: { dialect: from, base_url: a.url, api_key: 'sk-provider-a', timeouts: { stall: '400ms' } },
      b: {
        dialect: to,
        base_url: b.url,
        api_key: 'sk-provider-b',
        quirks: { prefill: 'plain' },
      },
    }),
    ...options,
  })

const ask = (lab: Lab, surface: Surface, init: RequestInit = {}) =>
  fetch(`${lab.sluice.url}${surface.path}`, {
    method: 'POST',
    body: JSON.stringify(surface.body),
    ...init,
    headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
  })

describe.each([
  ['openai', 'openai'],
  ['openai', 'anthropic'],
  ['anthropic', 'openai'],
  ['anthropic', 'anthropic'],
] as const)(
  'an answer that broke off at a provider of %s, gone on with at one of %s',
  (from, to) => {
    test('is one stream in every client’s format', async () => {
      await using lab = await labFor(from, to)
      for (const [name, surface] of Object.entries(surfaces)) {
        lab.a.next(formats[from].dies)
        lab.b.next(formats[to].says)
        const raw = await (await ask(lab, surface)).text()
        expect([name, ...surface.read(raw)]).toEqual([name, 'One two three four five.', 1, 1])
        expect(raw).not.toMatch(/"error":\s*\{|response\.failed|event: error/)
        const sent = JSON.stringify(lab.b.requests.at(-1)?.json.messages.at(-1))
        expect(sent).toContain('One two three"')
      }
      expect(lab.b.requests).toHaveLength(Object.keys(surfaces).length)
    })
  },
)

test('the seam and the sum of both usages are told', async () => {
  await using lab = await labFor('openai', 'openai')
  lab.a.next(formats.openai.dies)
  lab.b.next(formats.openai.says)
  const answer = await lab.chat({ stream: true }, { headers: { 'x-sluice-trace': '1' } })
  expect(answer.raw).toContain('"resumed":[{"from":"a/m","to":"b/m","at":13}]')
  expect(answer.usage.completion_tokens).toBeGreaterThan(2)
  expect(answer.usage.prompt_tokens).toBeGreaterThan(19)
  expect(answer.usage.total_tokens).toBe(
    answer.usage.prompt_tokens + answer.usage.completion_tokens,
  )
  expect(answer.stream?.events.filter((event) => event.usage)).toHaveLength(1)
})

test('a stall is gone on with, and the one that stalls let go', async () => {
  await using lab = await labFor('openai', 'openai')
  lab.a.next(dieAfter(4, answers('One two three four.'), 'stall'))
  lab.b.next(formats.openai.says)
  expect((await lab.chat({ stream: true })).text).toBe('One two three four five.')
  await until('the first sees its request aborted', () => lab.a.requests[0]!.aborted)
})

test('who cannot be told to go on is not asked, and the error comes as before', async () => {
  await using lab = await startLab({ plugins: ['resume', 'fallback'] })
  lab.a.next(formats.openai.dies)
  const answer = await lab.chat({ stream: true })
  expect([answer.text, answer.error.code]).toEqual(['One two three', 'upstream_disconnected'])
  expect(lab.b.requests.length + lab.c.requests.length).toBe(0)
})

test.each([
  [
    'prefix',
    { messages: [...prompt, { role: 'assistant', content: 'One two three', prefix: true }] },
  ],
  ['vllm', { continue_final_message: true, add_generation_prompt: false }],
] as const)('hosts that want it are told in their own way: %s', async (prefill, told) => {
  await using lab = await startLab({
    plugins: ['resume', 'fallback'],
    providers: ({ b }) => ({ b: { base_url: b.url, auth: 'none', quirks: { prefill } } }),
  })
  lab.a.next(formats.openai.dies)
  lab.b.next(formats.openai.says)
  expect((await lab.chat({ stream: true })).text).toBe('One two three four five.')
  expect(lab.b.requests[0]?.json).toMatchObject(structuredClone(told))
})

test('a client that leaves while it is gone on with leaves nobody open', async () => {
  await using lab = await labFor('openai', 'openai')
  lab.a.next(formats.openai.dies)
  lab.b.next(silent())
  const controller = new AbortController()
  const asking = ask(lab, surfaces.chat!, { signal: controller.signal }).then((got) => got.text())
  asking.catch(() => undefined)
  await until('the second is asked', () => lab.b.requests.length === 1)
  controller.abort()
  await expect(asking).rejects.toThrow()
  await until('both are let go', () => lab.a.open + lab.b.open === 0)
})
