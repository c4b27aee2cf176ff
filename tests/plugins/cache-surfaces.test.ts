import { afterAll, beforeAll, describe, expect, test, setDefaultTimeout } from 'bun:test'
import { dialects, scenarios, type Dialect } from '../support/fixtures.ts'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { startLab, type Lab } from '../support/lab.ts'
import { postJson } from '../support/post.ts'

// each starts daemons of its own
setDefaultTimeout(60_000)

let lab: Lab
beforeAll(async () => {
  lab = await startLab({
    plugins: [{ cache: { mode: 'on' } }, 'fallback'],
    providers: ({ a }) =>
      Object.fromEntries(
        dialects.map((dialect) => [
          dialect,
          { dialect, base_url: a.url, api_key: `sk-provider-${dialect}` },
        ]),
      ),
  })
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Surface {
  /** The dialect that speaks the same. */
  readonly alike?: Dialect
  path(model: string, stream: boolean): string
  body(model: string, text: string, stream: boolean): object
}

const messages = (content: string) => [{ role: 'user', content }]

const surfaces: Readonly<Record<string, Surface>> = {
  chat: {
    alike: 'openai',
    path: () => '/v1/chat/completions',
    body: (model, text, stream) => ({
      model,
      messages: messages(text),
      ...(stream && { stream, stream_options: { include_usage: true } }),
      max_tokens: 4_000,
    }),
  },
  messages: {
    alike: 'anthropic',
    path: () => '/v1/messages',
    body: (model, text, stream) => ({
      model,
      messages: messages(text),
      max_tokens: 4_000,
      ...(stream && { stream }),
    }),
  },
  responses: {
    alike: 'responses',
    path: () => '/v1/responses',
    body: (model, input, stream) => ({
      model,
      input,
      max_output_tokens: 4_000,
      ...(stream && { stream }),
    }),
  },
  gemini: {
    alike: 'gemini',
    path: (model, stream) =>
      `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (_model, text) => ({
      contents: [{ role: 'user', parts: [{ text }] }],
      generationConfig: { maxOutputTokens: 4_000 },
    }),
  },
  ollama: {
    path: () => '/api/chat',
    body: (model, text, stream) => ({
      model,
      messages: messages(text),
      options: { num_predict: 4_000 },
      stream,
    }),
  },
}

interface Heard {
  readonly told: string | null
  readonly raw: string
}

const ask = async (surface: Surface, model: string, text: string, stream: boolean) => {
  const response = await postJson(
    `${lab.sluice.url}${surface.path(model, stream)}`,
    surface.body(model, text, stream),
  )
  const raw = await response.text()
  expect([response.status, raw]).toEqual([200, raw])
  return { told: response.headers.get('x-openrouter-cache-status'), raw } satisfies Heard
}

const jsonIn = (raw: string, stream: boolean): any[] =>
  !stream
    ? [JSON.parse(raw)]
    : raw
        .split('\n')
        .map((line) => line.replace(/^data: /, ''))
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))

const nobodys = new Set([
  'created',
  'created_at',
  'completed_at',
  'total_duration',
  'eval_duration',
  'prompt_eval_duration',
])
const counts = new Set(['usage', 'usageMetadata', 'prompt_eval_count', 'eval_count'])
/** Ids that are made here, for an answer of another format. */
const made = /^(msg|rs|fc|ctc|ig|ws|resp|gen|call)_[0-9a-f]{24,}/

/** What a client reads, without whose answer it is, when it was made and what it took. */
const meaning = (value: any, alike: boolean, depth = 0): any => {
  if (Array.isArray(value)) return value.map((item) => meaning(item, alike, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const isName = ['choices', 'output', 'content', 'candidates', 'message', 'response'].some(
    (field) => field in value,
  )
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (nobodys.has(name) || counts.has(name) || name === 'responseId') return []
      if (name === 'id' && (isName || depth === 0) && value.type !== 'message') return []
      if (name === 'id' && 'stop_reason' in value) return []
      if (!alike && typeof inner === 'string' && made.test(inner)) return [[name, 'made']]
      return [[name, meaning(inner, alike, depth + 1)]]
    }),
  )
}

const texts = new Set(['content', 'text', 'delta', 'thinking', 'reasoning', 'partial_json'])

/** The event with its text apart. */
const parted = (event: any): [string, string] => {
  let text = ''
  const shape = JSON.stringify(event, (name, value) => {
    if (name === 'sequence_number') return undefined
    if (!texts.has(name) || typeof value !== 'string') return value
    text += value
    return ''
  })
  return [shape, text]
}

/** The events, of which those that only go on with a text are one: they come as the network brings them. */
const joined = (events: readonly any[]): [string, string][] => {
  const all: [string, string][] = []
  for (const event of events) {
    const [shape, text] = parted(event)
    const last = all.at(-1)
    if (last?.[0] === shape && text !== '') last[1] += text
    else all.push([shape, text])
  }
  return all
}

const usagesIn = (value: any): any[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) =>
        ['usage', 'usageMetadata'].includes(name) ? [inner] : usagesIn(inner),
      )

const numbersIn = (value: any): number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(numbersIn)
      : []

/** Answers that say why they say nothing are not kept, as they may say something the next time. */
const unkept = ['content_filter', 'prompt_blocked', 'refusal']

let questions = 0

for (const [name, surface] of Object.entries(surfaces))
  for (const dialect of dialects)
    describe(`${name} from ${dialect}`, () => {
      const alike = surface.alike === dialect
      for (const scenario of scenarios[dialect].filter((one) => !unkept.includes(one)))
        for (const stream of [false, true])
          test(`${scenario}, ${stream ? 'streamed' : 'whole'}: given again, it says the same`, async () => {
            const model = `${dialect}/m`
            const question = `${scenario} ${++questions}`
            lab.a.next(replaysFixture(dialect, scenario))
            const miss = await ask(surface, model, question, stream)
            const hit = await ask(surface, model, question, stream)
            expect([miss.told, hit.told]).toEqual(['MISS', 'HIT'])
            const [first, second] = [miss, hit].map(({ raw }) => jsonIn(raw, stream))
            const same = (events: any) => {
              const all = meaning(events, alike)
              return alike ? all : joined(all)
            }
            expect(same(second)).toEqual(same(first))
            expect(numbersIn(usagesIn(second)).every((number) => number === 0)).toBe(true)
            const other = await ask(surface, model, question, !stream)
            expect(other.told).toBe('HIT')
          })
    })
