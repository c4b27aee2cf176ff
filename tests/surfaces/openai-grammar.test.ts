import { describe, expect, test } from 'bun:test'
import type { Choice, Chunk, Delta } from '../../src/chat.ts'
import { GatewayError } from '../../src/errors.ts'
import { keepText } from '../../src/kept.ts'
import { openAIEvents } from '../../src/surfaces/openai-events.ts'
import type { Wire } from '../../src/surfaces/surface.ts'
import { createRandom, type Random } from '../support/random.ts'
import { parseSse } from '../support/sse.ts'

const wire: Wire = { id: 'gen-1', requestId: 'req_1', codes: 'name', model: 'asked' }

const piecesFor = (random: Random): object[] =>
  Array.from({ length: 1 + Math.floor(random() * 2) }, () => {
    const custom = random() < 0.2
    const name = random.pick([{ name: 'f' }, { name: 'g' }, {}, { name: '' }])
    return {
      ...random.pick([{ index: 0 }, { index: 1 }, { index: 7 }, {}]),
      ...random.pick([{ id: 'a' }, { id: 'b' }, {}, { id: '' }]),
      ...(custom
        ? { type: 'custom', custom: { ...name, input: 'x' } }
        : { function: { ...name, arguments: random.pick(['{', '}', '']) } }),
    }
  })

const choiceFor = (random: Random): Choice => ({
  index: random() < 0.2 ? 1 : 0,
  delta: {
    ...(random() < 0.3 && { role: 'assistant' }),
    ...(random() < 0.6 && { content: random.pick(['a', 'b', '', null]) }),
    ...(random() < 0.2 && { reasoning: 'r' }),
    ...(random() < 0.3 && { tool_calls: piecesFor(random) as any }),
  },
  ...(random() < 0.2 && { finish_reason: random.pick(['stop', 'tool_calls', 'length']) }),
})

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }

/** Anything that a plugin or another format could bring. */
const chunkFor = (random: Random): Chunk => ({
  ...(random() < 0.4 && { id: random.pick(['x', 'y', '']) }),
  ...(random() < 0.4 && { model: random.pick(['m', 'n', '']) }),
  ...(random() < 0.3 && { created: random.pick([1, 2]) }),
  ...(random() < 0.1 && { object: 'chat.completion' }),
  ...(random() < 0.9 && {
    choices: Array.from({ length: Math.floor(random() * 3) }, () => choiceFor(random)),
  }),
  ...(random() < 0.2 && { usage: random.pick([usage, null]) }),
})

/** What is wrong with a stream, choice by choice. */
const mistakesIn = (events: readonly any[]): string[] => {
  const mistakes: string[] = []
  const must = (right: boolean, rule: string) => void (right || mistakes.push(rule))
  const names = events.map(({ id, object, created, model }) => [id, object, created, model])
  must(new Set(names.map(String)).size <= 1, `one id, time and model: ${JSON.stringify(names)}`)
  must(
    events.every(({ choices }) => Array.isArray(choices)),
    'choices are a list',
  )
  const choices = events.flatMap((event) => event.choices ?? [])
  for (const index of new Set(choices.map((choice) => choice.index))) {
    const own = choices.filter((choice) => choice.index === index)
    must(own[0].delta.role === 'assistant', 'the first delta has the role')
    must(
      own.slice(1).every(({ delta }) => !('role' in delta)),
      'the role comes once',
    )
    must(own.filter(({ finish_reason }) => finish_reason).length === 1, 'one finish')
    must(own.at(-1).finish_reason !== null, 'nothing after the finish')
    must(
      own.slice(0, -1).every(({ finish_reason }) => finish_reason === null),
      'null until then',
    )
    const known: any[] = []
    for (const piece of own.flatMap(({ delta }) => delta.tool_calls ?? [])) {
      const begun = known[piece.index]
      if (begun) {
        must(!('id' in piece) && !('type' in piece), 'later pieces have no id and type')
        must(piece[begun.type] && !('name' in piece[begun.type]), 'later pieces have no name')
        continue
      }
      must(piece.index === known.length, 'calls begin in the order of their indices')
      must(Boolean(piece.id && piece[piece.type]?.name), 'the first piece has id, type and name')
      known[piece.index] = piece
    }
  }
  const usages = events.filter((event) => event.usage)
  must(usages.length <= 1, 'one usage')
  must(usages.length === 0 || events.at(-1).usage, 'the usage comes last')
  return mistakes
}

const writtenBy = (chunks: readonly Chunk[], error?: GatewayError): readonly any[] => {
  const writer = openAIEvents(wire)
  const text = chunks.map((chunk) => String(writer.batch({ chunks: [chunk] }))).join('')
  const end = error ? writer.error(error) : writer.end()
  expect(end.endsWith('data: [DONE]\n\n')).toBe(true)
  return parseSse(text + end).events
}

const contentIn = (events: readonly Chunk[], index: number): string =>
  events
    .flatMap(({ choices = [] }) => choices)
    .filter((choice) => choice.index === index)
    .map(({ delta }) => delta?.content ?? '')
    .join('')

describe('whatever chunks are written', () => {
  const cases = Array.from({ length: 2_000 }, (_, seed) => {
    const random = createRandom(seed)
    return Array.from({ length: Math.floor(random() * 8) }, () => chunkFor(random))
  })

  test('they become a stream that keeps to the format, and no text is lost', () => {
    for (const [seed, chunks] of cases.entries()) {
      const events = writtenBy(chunks)
      expect(mistakesIn(events), `${seed}`).toEqual([])
      for (const index of [0, 1])
        expect(contentIn(events, index), `${seed}`).toBe(contentIn(chunks, index))
    }
  })

  test('an error ends them without another finish of the same choice', () => {
    for (const [seed, chunks] of cases.entries()) {
      const events = writtenBy(chunks, new GatewayError('upstream_timeout'))
      const finishes = events
        .flatMap(({ choices }) => choices)
        .filter(({ finish_reason }) => finish_reason)
      expect(finishes, `${seed}`).toMatchObject([{ index: 0, finish_reason: 'error' }])
      expect(events.at(-1).error.code).toBe('upstream_timeout')
    }
  })

  test('those that are the provider’s own are written as they came, whatever stands between them', () => {
    for (const [seed, chunks] of cases.entries()) {
      const random = createRandom(seed)
      const kept = chunks.map((chunk, at) =>
        chunk.object === undefined && random() < 0.5
          ? keepText({ ...chunk }, ` ${JSON.stringify({ ...chunk, at })}`)
          : chunk,
      )
      const writer = openAIEvents(wire)
      const text = kept.map((chunk) => String(writer.batch({ chunks: [chunk] }))).join('')
      for (const [at, chunk] of chunks.entries())
        if (kept[at] !== chunk)
          expect(text).toContain(`data:  ${JSON.stringify({ ...chunk, at })}\n\n`)
    }
  })
})

const choice = (delta: Delta, finish_reason: string | null = null): Chunk => ({
  choices: [{ index: 0, delta, finish_reason }],
})

test('what comes after the finish stands before it', () => {
  const events = writtenBy([choice({ content: 'a' }, 'stop'), choice({ content: 'b' })])
  expect(contentIn(events, 0)).toBe('ab')
  expect(events.map(({ choices }) => choices[0].finish_reason)).toEqual([null, null, 'stop'])
})

test('a call waits for its name, and loses nothing by it', () => {
  const piece = (more: object) => choice({ tool_calls: [{ index: 0, ...more }] })
  const events = writtenBy([
    piece({ id: 'c', function: { arguments: '{"a"' } }),
    piece({ function: { arguments: ':1' } }),
    piece({ function: { name: 'f', arguments: '}' } }),
  ])
  expect(events.flatMap(({ choices }) => choices[0].delta.tool_calls ?? [])).toEqual([
    { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
  ])
  expect(events.at(-1).choices[0].finish_reason).toBe('tool_calls')
})

test('fields of a piece that the format does not know stay', () => {
  const extra_content = { google: { thought_signature: 's' } }
  const events = writtenBy([
    choice({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f' }, extra_content }] }),
    choice({}, 'tool_calls'),
  ])
  expect(events[0].choices[0].delta.tool_calls[0]).toMatchObject({ id: 'c', extra_content })
})
