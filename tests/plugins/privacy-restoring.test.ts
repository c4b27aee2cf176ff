import { describe, expect, test } from 'bun:test'
import { privateAnswer } from '../../plugins/privacy/private-answer.ts'
import { createPlaceholder } from '../../plugins/privacy/placeholder.ts'
import type { Secret } from '../../plugins/privacy/vault.ts'
import type { Chunk, Delta } from '../../src/chat.ts'
import { collect } from '../../src/fold.ts'
import { fakeCall } from '../../src/testing.ts'
import { expected, dialects, scenarios, type Dialect, type Scenario } from '../support/fixtures.ts'

const placeholder = createPlaceholder('secret', 'conversation')

/** Every word of an answer as if the client had sent it. */
const secretsIn = (answer: string): Map<string, Secret> => {
  const words = new Set(answer.match(/[\p{L}]{3,}/gu))
  const kinds = ['name', 'email', 'secret']
  return new Map(
    [...words].map((value, at) => {
      const kind = kinds[at % kinds.length]!
      const shown =
        kind === 'email' ? `${at}@a.org` : kind === 'secret' ? `sk-${'aB3'.repeat(6)}${at}` : value
      return [placeholder(kind, shown, at), { kind, value }] as const
    }),
  )
}

const masked = (text: string, secrets: ReadonlyMap<string, Secret>): string => {
  const words = new Map([...secrets].map(([word, { value }]) => [value, word]))
  return text.replace(/[\p{L}]{3,}/gu, (word) => words.get(word) ?? word)
}

/** One run of text of an answer. */
interface Run {
  readonly text: string
  readonly delta: (piece: string) => Delta
}

const runsOf = (dialect: Dialect, scenario: Scenario): Run[] => {
  const { content, refusal, reasoning_details = [], tool_calls = [] } = expected(dialect, scenario)
  const runs: Run[] = []
  reasoning_details.forEach(({ text, summary, signature: _s, data: _d, ...detail }, index) => {
    const field = text === undefined ? 'summary' : 'text'
    runs.push({
      text: text ?? summary ?? '',
      delta: (piece) => ({
        reasoning: piece,
        reasoning_details: [{ ...detail, index, [field]: piece }],
      }),
    })
  })
  runs.push({ text: content ?? '', delta: (piece) => ({ content: piece }) })
  runs.push({ text: refusal ?? '', delta: (piece) => ({ refusal: piece }) })
  tool_calls.forEach((call, index) =>
    runs.push({
      text: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
      delta: (piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }),
    }),
  )
  return runs.filter(({ text }) => text !== '')
}

const chunksOf = (runs: readonly Run[], cut: (text: string) => readonly string[]): Chunk[] =>
  runs
    .flatMap(({ text, delta }) => cut(text).map(delta))
    .map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] }))

const foldOf = async (chunks: readonly Chunk[], secrets?: ReadonlyMap<string, Secret>) => {
  const source = (async function* source() {
    yield* chunks
    yield { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] } satisfies Chunk
  })()
  return collect(secrets ? privateAnswer(source, fakeCall(), secrets) : source)
}

const inPieces = (size: number) => (text: string) =>
  text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []

describe.each(dialects)('what %s says', (dialect) => {
  test.each(scenarios[dialect])('%s comes back exactly, wherever it is cut', async (scenario) => {
    if (scenario === ('prompt_blocked' as Scenario)) return
    const runs = runsOf(dialect, scenario)
    const all = runs.map(({ text }) => text).join(' ')
    const secrets = secretsIn(all)
    const said = runs.map((run) => ({ ...run, text: masked(run.text, secrets) }))
    const wanted = await foldOf(chunksOf(runs, inPieces(1_000_000)))
    const sizes = Array.from({ length: 40 }, (_, at) => at + 1)
    for (const size of [...sizes, 1_000_000])
      expect(await foldOf(chunksOf(said, inPieces(size)), secrets)).toEqual(wanted)
    const longest = Math.max(0, ...said.map(({ text }) => text.length))
    for (let at = 1; at < longest; at++) {
      const cut = (text: string) => [text.slice(0, at), text.slice(at)].filter(Boolean)
      expect(await foldOf(chunksOf(said, cut), secrets)).toEqual(wanted)
    }
  })
})

test('values are escaped in the arguments of tools, and plain elsewhere', async () => {
  const value = 'C:\\temp "x"\n€'
  const secrets = new Map([['Lurebota', { kind: 'name', value }]])
  for (const size of [1, 2, 3, 8, 100]) {
    const runs: Run[] = [
      { text: 'Is Lurebota it?', delta: (content) => ({ content }) },
      {
        text: '{"path":"Lurebota"}',
        delta: (piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] }),
      },
      {
        text: 'cat Lurebota',
        delta: (piece) => ({ tool_calls: [{ index: 1, custom: { input: piece } }] }),
      },
      {
        text: '{"path":"Lurebota"}',
        delta: (piece) => ({ function_call: { arguments: piece } }),
      },
      { text: 'Say Lurebota', delta: (piece) => ({ audio: { transcript: piece } }) },
    ]
    const whole = await foldOf(chunksOf(runs, inPieces(size)), secrets)
    const [call, custom] = whole!.choices![0]!.delta!.tool_calls!
    expect(whole!.choices![0]!.delta!.content).toBe(`Is ${value} it?`)
    expect(JSON.parse(call!.function!.arguments!)).toEqual({ path: value })
    expect(custom!.custom!.input).toBe(`cat ${value}`)
    const { function_call: legacy, audio } = whole!.choices![0]!.delta as any
    expect(JSON.parse(legacy.arguments)).toEqual({ path: value })
    expect(audio.transcript).toBe(`Say ${value}`)
  }
})

test('no more is held back than may become a placeholder', async () => {
  const secrets = new Map([['Lurebota', { kind: 'name', value: 'Ada' }]])
  const pieces = ['a', 'L', 'u', 'x', 'Lureb', 'ota', '!']
  const source = (async function* source() {
    for (const content of pieces) yield { choices: [{ index: 0, delta: { content } }] } as Chunk
  })()
  const out: unknown[] = []
  for await (const chunk of privateAnswer(source, fakeCall(), secrets))
    out.push(chunk.choices?.[0]?.delta?.content)
  expect(out).toEqual(['a', '', '', 'Lux', '', 'Ada', '!'])
})

test('sources of a text are the client’s own again, in their names and addresses', async () => {
  const secrets = new Map([['lure.bota@example.com', { kind: 'email', value: 'ada@a.org' }]])
  const annotations = [
    {
      type: 'url_citation',
      url_citation: {
        url: 'https://a.b/?q=lure.bota@example.com',
        title: 'Of lure.bota@example.com',
      },
    },
  ]
  const source = (async function* source() {
    yield { choices: [{ index: 0, delta: { annotations } }] } as Chunk
  })()
  const whole = await collect(privateAnswer(source, fakeCall(), secrets))
  expect(whole?.choices?.[0]?.delta?.annotations).toEqual([
    {
      type: 'url_citation',
      url_citation: { url: 'https://a.b/?q=ada@a.org', title: 'Of ada@a.org' },
    },
  ])
})
