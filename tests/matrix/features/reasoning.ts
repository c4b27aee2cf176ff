import { expected, type Scenario } from '../../support/fixtures.ts'
import { alike, type Ask, type Dialect, type Signature } from '../ask.ts'
import { opaque, type Meaning } from '../../fixtures/build/meaning.ts'
import { playsMeaning, type Bench, type Feature } from '../bench.ts'
import { anthropic } from '../dialects/anthropic.ts'
import { gemini } from '../dialects/gemini.ts'
import { responses } from '../dialects/responses.ts'
import { question } from './samples.ts'
import { answered, loop } from './tools.ts'

const thoughtful: Ask = { ...question, thinking: true, maxTokens: 16_000 }

/** What Gemini's signatures are attached to in each fixture. */
const attached: Partial<Record<Scenario, 'call' | 'text'>> = {
  reasoning_tool: 'call',
  interleaved: 'call',
  reasoning: 'text',
  redacted: 'text',
}

/** The signatures of an answer as its provider wants them back. */
const wantedSignatures = ({ name }: Dialect, scenario: Scenario): Signature[] => {
  const signatures: Signature[] = []
  let summary: string | undefined
  for (const detail of expected(name, scenario).reasoning_details ?? []) {
    if (detail.type === 'reasoning.summary') summary = detail.summary
    const signature = detail.signature ?? detail.data
    if (signature === undefined) continue
    const text = name === 'responses' ? summary : detail.text
    signatures.push({
      signature,
      ...(name !== 'gemini' && text !== undefined && { text }),
      ...(name === 'gemini' && { on: attached[scenario] }),
    })
    summary = undefined
  }
  return signatures
}

/** The second turn of a talk without tools. */
const talkOn = async ({ dialect, turn, same }: Bench, scenario: Scenario) => {
  const ask: Ask = { turns: question.turns, thinking: true, maxTokens: 16_000 }
  const { seen } = await turn(ask, scenario)
  same('text', seen.text, expected(dialect.name, scenario).content)
  const { sent } = await turn(
    {
      ...ask,
      turns: [...ask.turns, { role: 'seen', seen }, { role: 'user', text: 'And tomorrow?' }],
    },
    'text',
  )
  same('signatures', sent.signatures, wantedSignatures(dialect, scenario))
  same('text, back at the provider', sent.said.join(''), expected(dialect.name, scenario).content)
}

const thought = 'Sunny. Now the time in 東京.'

/** A second thought and a second call. */
const round = {
  parts: [
    { kind: 'thinking', pieces: ['Sunny. ', 'Now the time', ' in 東京.'], seal: opaque('round 2') },
    { kind: 'call', id: 'round 2', name: 'get_time', fragments: ['{"timezone"', ':"Asia/Tokyo"}'] },
  ],
  finish: 'tool_calls',
  usage: { prompt: 700, completion: 80, reasoning: 30 },
} as const satisfies Meaning

/** A provider of another family, whose signatures are none of this one's business. */
const stranger: Readonly<Record<Dialect['name'], Dialect>> = {
  openai: gemini,
  anthropic: gemini,
  gemini: responses,
  responses: anthropic,
}

export const reasoning: Feature = {
  name: 'reasoning round trip',
  parts: [
    {
      name: 'asked for and shown',
      async run({ dialect, turn, same }) {
        const { seen, sent } = await turn(thoughtful, 'reasoning')
        const wanted = expected(dialect.name, 'reasoning')
        same('thinking is asked for', sent.thinking, true)
        same('reasoning', seen.reasoning, wanted.reasoning)
        same('text', seen.text, wanted.content)
      },
    },
    {
      name: 'adaptive, and not to be shown',
      only: ({ name }) => name === 'messages',
      async run(bench) {
        const ask: Ask = { ...question, adaptive: true, maxTokens: 32_000 }
        const { first, second } = await loop(bench, ask, 'reasoning_tool')
        bench.same('thinking is asked for', first.sent.thinking, true)
        const wanted = wantedSignatures(bench.dialect, 'reasoning_tool')
        bench.same('signatures', second.sent.signatures, wanted)
      },
    },
    {
      name: 'signed though not asked for',
      // a client of Responses has to ask for what it gives back
      only: ({ name }) => name !== 'responses',
      async run(bench) {
        const { second } = await loop(bench, question, 'reasoning_tool')
        const wanted = wantedSignatures(bench.dialect, 'reasoning_tool')
        bench.same('signatures', second.sent.signatures, wanted)
      },
    },
    {
      name: 'two rounds of signed calls',
      async run({ dialect, turn, same }) {
        const first = await turn(thoughtful, 'reasoning_tool')
        const asked = answered(thoughtful, first.seen)
        const second = await turn(asked, playsMeaning(dialect, 'interleaved', round))
        const { sent } = await turn(answered(asked, second.seen), 'after_tool')
        const [one] = wantedSignatures(dialect, 'reasoning_tool')
        const two = { ...one, signature: round.parts[0].seal, ...(one?.text && { text: thought }) }
        same('signatures', sent.signatures, [one, two])
        same(
          'calls',
          sent.calls.map(({ name }) => name),
          ['get_weather', 'get_time'],
        )
        same(
          'results by the name of their call',
          sent.results.map(({ name, text }) => [name, text.split(':')[0]]),
          [
            ['get_weather', 'get_weather'],
            ['get_time', 'get_time'],
          ],
        )
      },
    },
    {
      name: 'a signed call',
      async run(bench) {
        const { second } = await loop(bench, thoughtful, 'reasoning_tool')
        bench.same(
          'signatures',
          second.sent.signatures,
          wantedSignatures(bench.dialect, 'reasoning_tool'),
        )
      },
    },
    {
      name: 'several signed calls',
      async run(bench) {
        const { second } = await loop(bench, thoughtful, 'interleaved')
        bench.same(
          'signatures',
          second.sent.signatures,
          wantedSignatures(bench.dialect, 'interleaved'),
        )
      },
    },
    {
      name: 'a client that forgets',
      // to its own format's provider its words go as they are
      only: (surface, dialect) => !alike(surface, dialect),
      async run({ surface, dialect, stream, turn, same }) {
        const caller = `forgetful ${surface.name} ${stream}`
        const { seen } = await turn(thoughtful, 'reasoning_tool', { caller })
        const forgotten = { ...seen, replay: surface.forget(seen.replay) }
        const { sent } = await turn(answered(thoughtful, forgotten), 'after_tool', { caller })
        same('signatures', sent.signatures, wantedSignatures(dialect, 'reasoning_tool'))
      },
    },
    { name: 'a signed text', run: (bench) => talkOn(bench, 'reasoning') },
    { name: 'a hidden thought', run: (bench) => talkOn(bench, 'redacted') },
    {
      name: 'nothing for strangers',
      async run({ dialect, turn, same, must }) {
        const { seen } = await turn(thoughtful, 'reasoning_tool')
        const other = stranger[dialect.name]
        const { sent, body } = await turn(answered(thoughtful, seen), 'after_tool', { at: other })
        same('signatures', sent.signatures, [])
        const [own] = wantedSignatures(dialect, 'reasoning_tool')
        must(!JSON.stringify(body).includes(own!.signature), 'the signature is nowhere in the body')
        same(
          'calls',
          sent.calls.map(({ name }) => name),
          ['get_weather'],
        )
      },
    },
  ],
}
