import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { opaque, type Meaning } from '../fixtures/build/meaning.ts'
import { parsed, type Ask, type Dialect, type Surface } from '../matrix/ask.ts'
import { createBench, playsMeaning } from '../matrix/bench.ts'
import { modes, surfaces } from '../matrix/cells.ts'
import { dialects, startMatrixLab, type Lab } from '../matrix/lab.ts'
import { weather } from '../matrix/features/samples.ts'
import type { Script } from '../support/provider.ts'

setDefaultTimeout(60_000)

const mail = 'ada.lovelace@analytical-engines.co.uk'
const phone = '+41 44 668 18 00'
const key = 'sk-proj-T4v9QmZ2xLr8Kd3WbN7yHs5PfJc1GuEa6RtXo0Vq'
const hook = 'Project "Blaue\\Wolke"'
const seeds = [mail, phone, key, hook, 'Blaue']

const tool = {
  name: 'send_mail',
  description: `Sends a mail. Owner: ${mail}`,
  schema: {
    type: 'object',
    properties: { to: { type: 'string', description: `Such as ${mail}` } },
  },
}

const ask: Ask = {
  system: `You work for ${mail}. The key is ${key}`,
  turns: [{ role: 'user', text: `MAIL ${mail} PHONE ${phone}; KEY ${key}\nCODE ${hook} END` }],
  tools: [tool],
  thinking: true,
  maxTokens: 16_000,
}

/** Conversations are told apart by their callers. */
const caller = 'ada'

/** What the model reads in the place of each value. */
const readIn = (body: string) => {
  const text = JSON.stringify(JSON.parse(body)).replaceAll('\\n', ' ')
  const [, read, call, secret, code] =
    /MAIL (\S+) PHONE ([^;]+); KEY (\S+) CODE (.+?) END/.exec(text) ?? []
  return { mail: read!, phone: call!, key: secret!, code: code! }
}

const cut = (text: string, size: number): string[] => {
  const points = [...text]
  return Array.from({ length: Math.ceil(points.length / size) }, (_, at) =>
    points.slice(at * size, (at + 1) * size).join(''),
  )
}

/** What a model says that repeats all that it read, in pieces of so many letters. */
const repeats = (read: ReturnType<typeof readIn>, size: number): Meaning => ({
  parts: [
    {
      kind: 'thinking',
      pieces: cut(`They are ${read.mail} (${read.phone}), not invented@elsewhere.org.`, size),
      seal: opaque('privacy', 132),
    },
    { kind: 'text', pieces: cut(`Write to ${read.mail}, call ${read.phone}: ${read.code}`, size) },
    {
      kind: 'call',
      id: 'mail',
      name: 'send_mail',
      fragments: cut(JSON.stringify({ to: read.mail, body: `${read.code}\n${read.key}` }), size),
    },
  ],
  finish: 'tool_calls',
  usage: { prompt: 100, completion: 40, reasoning: 10 },
})

const answers =
  (dialect: Dialect, size: number): Script =>
  (exchange) =>
    playsMeaning(dialect, 'reasoning_tool', repeats(readIn(exchange.request.body), size))(exchange)

/** What a provider's prompt cache would see of a body. */
const begins = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.every((piece, at) => JSON.stringify(piece) === JSON.stringify(other[at]))

describe('on every surface and dialect', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startMatrixLab(undefined, [
      { privacy: { words: { project: ['Project "Blaue\\Wolke"'] } } },
    ])
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  const run = async (surface: Surface, dialect: Dialect, stream: boolean, size: number) => {
    const bench = createBench(lab, surface, dialect, stream)
    const { seen, body } = await bench.turn(ask, answers(dialect, size), { caller })
    bench.same('text', seen.text, `Write to ${mail}, call ${phone}: ${hook}`)
    if (seen.reasoning !== '')
      bench.same(
        'reasoning',
        seen.reasoning,
        `They are ${mail} (${phone}), not invented@elsewhere.org.`,
      )
    bench.same(
      'call',
      seen.calls.map(({ args }) => parsed(args)),
      [{ to: mail, body: `${hook}\n${key}` }],
    )
    const [called] = seen.calls
    const turns = [
      ...ask.turns,
      { role: 'seen', seen } as const,
      {
        role: 'results',
        results: [{ call: called!, text: `{"sent":"${mail}\\n${key}"}` }],
      } as const,
    ]
    const again = await bench.turn({ ...ask, turns }, 'text', { caller })
    const prefix = dialect.prefix(body)
    bench.must(begins(prefix, dialect.prefix(again.body)), 'the second turn begins as the first')
    const sent = JSON.stringify([body, again.body])
    for (const seed of seeds) bench.must(!sent.includes(seed), `${seed} stays here`)
    for (const request of lab.providers[dialect.name].requests.slice(-2))
      for (const seed of seeds) bench.must(!request.body.includes(seed), `${seed} stays here`)
    return bench.failures.map(
      (failure) =>
        `${surface.name} → ${dialect.name}, ${stream ? `pieces of ${size}` : 'whole'}: ${failure}`,
    )
  }

  for (const surface of surfaces)
    for (const dialect of dialects)
      test(`${surface.name} → ${dialect.name}: no secret reaches the provider, and all come back`, async () => {
        const failures: string[] = []
        for (const mode of modes)
          for (const size of mode === 'streamed' ? [1, 2, 3, 5, 8, 13, 100] : [100])
            failures.push(...(await run(surface, dialect, mode === 'streamed', size)))
        expect(failures).toEqual([])
      })

  test('what the model thought comes back to Anthropic as it signed it', async () => {
    const anthropic = dialects.find(({ name }) => name === 'anthropic')!
    const messages = surfaces.find(({ name }) => name === 'messages')!
    for (const stream of [true, false]) {
      const bench = createBench(lab, messages, anthropic, stream)
      const { seen, body } = await bench.turn(ask, answers(anthropic, 4), { caller })
      const results = [{ call: seen.calls[0]!, text: 'done' }]
      const turns = [
        ...ask.turns,
        { role: 'seen', seen } as const,
        { role: 'results', results } as const,
      ]
      const again = await bench.turn({ ...ask, turns }, 'text', { caller })
      const read = readIn(JSON.stringify(body))
      expect(again.body.messages[1].content[0]).toEqual({
        type: 'thinking',
        thinking: `They are ${read.mail} (${read.phone}), not invented@elsewhere.org.`,
        signature: opaque('privacy', 132),
      })
      expect(bench.failures).toEqual([])
    }
  })

  test('a thought tells nothing of what has left the conversation since', async () => {
    const anthropic = dialects.find(({ name }) => name === 'anthropic')!
    const messages = surfaces.find(({ name }) => name === 'messages')!
    for (const stream of [true, false]) {
      const bench = createBench(lab, messages, anthropic, stream)
      const { seen } = await bench.turn(ask, answers(anthropic, 4), { caller })
      const results = [{ call: seen.calls[0]!, text: 'done' }]
      const turns = [
        { role: 'user', text: 'Go on.' } as const,
        { role: 'seen', seen } as const,
        { role: 'results', results } as const,
      ]
      const again = await bench.turn({ turns, tools: [weather], maxTokens: 16_000 }, 'text')
      const [thought] = again.body.messages[1].content
      for (const seed of seeds) expect(JSON.stringify(again.body)).not.toContain(seed)
      expect(thought.thinking).toContain('not invented@elsewhere.org')
    }
  })
})
