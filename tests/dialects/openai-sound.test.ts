import { describe, expect, test } from 'bun:test'
import type { Chunk, Format } from '../../src/chat.ts'
import { openai } from '../../src/dialects/openai.ts'
import { toSound } from '../../src/dialects/openai/sound.ts'
import { readJson } from '../../src/json.ts'
import { keptIn } from '../../src/kept.ts'
import { fakeCall } from '../../src/testing.ts'
import { mutated } from '../fuzz/mutate.ts'
import { decodeStream } from '../support/decode.ts'
import { fixture, scenarios } from '../support/fixtures.ts'
import { createRandom } from '../support/random.ts'

const head = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' }
const chunkOf = (delta: unknown, more: object = {}) =>
  ({ ...head, choices: [{ index: 0, delta, finish_reason: null }], ...more }) as any
const deltaOf = (delta: unknown) => toSound(chunkOf(delta)).choices?.[0]?.delta

const callFrom = (format: Format, tools: readonly object[] = []) => {
  const body = { model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }], tools }
  const json = readJson(JSON.stringify(body), { max_depth: 64, max_keys: 1_000 })
  return fakeCall({}, { request: body, source: { format, json, request: body } })
}

const decoded = async (events: readonly object[], call = callFrom('openai')): Promise<Chunk[]> => {
  const sse = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
  const reads = (async function* () {
    yield new TextEncoder().encode(`${sse}data: [DONE]\n\n`)
  })()
  const chunks: Chunk[] = []
  for await (const batch of decodeStream(openai, reads, { event: 1 << 20 }, call))
    chunks.push(...batch.chunks)
  return chunks
}

test('a chunk that keeps to the format is the same object', () => {
  for (const delta of [
    { role: 'assistant', content: '' },
    { content: null, refusal: null, reasoning_details: [], annotations: null },
    { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f' } }] },
    { tool_calls: [{ index: 0, function: { name: null, arguments: '{' } }] },
    { images: [{ type: 'image_url', image_url: { url: 'data:' } }], audio: { id: 'a' } },
  ]) {
    const chunk = chunkOf(delta, { system_fingerprint: null, usage: null })
    expect(toSound(chunk)).toBe(chunk)
  }
})

test('names of another type are left out', () => {
  const body = { id: 5, object: {}, created: 1.5, model: null, provider: [], choices: [], more: 1 }
  expect(toSound(body)).toEqual({ created: 1, choices: [], more: 1 })
  expect(toSound({ created: '5' })).toEqual({ choices: [] })
  expect(toSound({ choices: null })).toEqual({ choices: [] })
})

test.each([{}, 'text', 5, [null], [5], [[]]].map((choices) => [choices]))(
  'choices like %j are an invalid answer, streamed or whole',
  async (choices) => {
    expect(() => toSound({ choices })).toThrow(
      expect.objectContaining({ code: 'upstream_invalid_response' }),
    )
    const text = JSON.stringify({ ...head, choices })
    for (const decode of [
      () => decoded([{ ...head, choices }]),
      async () => openai.decodeWhole(text, callFrom('openai')),
    ])
      expect(decode()).rejects.toMatchObject({ code: 'upstream_invalid_response' })
  },
)

test.each([
  [null, {}],
  ['text', {}],
  [{ content: 5, role: {}, more: 1 }, { more: 1 }],
  [{ content: 'a', reasoning: [] }, { content: 'a' }],
  [{ tool_calls: {} }, { tool_calls: [] }],
  [
    { tool_calls: [null, { index: -1, id: 7, function: { name: 'f', arguments: { a: 1 } } }] },
    { tool_calls: [{ id: '7', function: { name: 'f', arguments: '{"a":1}' } }] },
  ],
  [{ tool_calls: [{ function: null }] }, { tool_calls: [{}] }],
  [
    { annotations: [5, { type: 'url_citation' }, { type: 'file' }] },
    { annotations: [{ type: 'file' }] },
  ],
  [
    { images: [{}], reasoning_details: ['a', { type: 'x' }] },
    { images: [], reasoning_details: [{ type: 'x' }] },
  ],
])('a delta like %j is read as %j', (delta, read) => {
  expect(deltaOf(delta) as unknown).toEqual(read)
})

test('content in parts is its text, and what was thought', () => {
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }
  expect(deltaOf({ content: [thinking, { type: 'text', text: 'a' }] })).toEqual({
    content: 'a',
    reasoning: 'hm',
  })
  expect(deltaOf({ content: [{ type: 'text', text: 'a' }, 'b'] })).toEqual({ content: 'ab' })
})

describe('an event that was mended', () => {
  test('keeps its words', async () => {
    const event = chunkOf({ content: 'a', tool_calls: [{ function: { arguments: {} } }] })
    const [chunk] = await decoded([event])
    expect(keptIn(chunk!, 'openai')?.text).toBe(JSON.stringify(event))
    expect(chunk?.choices?.[0]?.delta?.tool_calls).toEqual([
      { index: 0, function: { name: '', arguments: '{}' } },
    ])
  })

  test('has calls that can be told apart', async () => {
    const call = (id: string) => ({ index: 0, id, function: { name: 'f', arguments: '{}' } })
    const chunks = await decoded([
      chunkOf({ tool_calls: [call('a'), call('b')] }),
      chunkOf({ tool_calls: [call('c')] }),
    ])
    const calls = chunks.flatMap(({ choices }) => choices?.[0]?.delta?.tool_calls ?? [])
    expect(calls.map(({ index, id }) => [index, id])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ])
  })
})

test('details of a usage are counts', async () => {
  const usage = {
    prompt_tokens: 5,
    total_tokens: 5,
    prompt_tokens_details: { cached_tokens: 2, audio_tokens: 'many' },
    completion_tokens_details: 'none',
  }
  const [counted, told] = await decoded([
    chunkOf({ content: 'a' }, { usage }),
    chunkOf({}, { usage: 'none' }),
  ])
  expect(counted?.usage as unknown).toEqual({
    ...usage,
    prompt_tokens_details: { cached_tokens: 2 },
    completion_tokens_details: {},
  })
  expect(told?.usage).toBeNull()
})

/** Whether what everyone reads is of its type. */
const isSound = ({ id, model, choices }: Chunk): boolean =>
  [id, model].every((name) => name === undefined || typeof name === 'string') &&
  Array.isArray(choices) &&
  choices.every(
    ({ index, delta, finish_reason }) =>
      Number.isInteger(index) &&
      (finish_reason === null ||
        finish_reason === undefined ||
        typeof finish_reason === 'string') &&
      (delta === undefined || toSound(chunkOf(delta)).choices?.[0]?.delta === delta),
  )

test('whatever a provider sends is sound, or an invalid answer', () => {
  for (let seed = 0; seed < 3_000; seed++) {
    const random = createRandom(seed)
    let value: any = JSON.parse(fixture('openai', random.pick(scenarios.openai)).json)
    for (let time = 0; time < 4; time++) value = mutated(value, random)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    const choices = Array.isArray(value.choices)
      ? value.choices.map((choice: any) =>
          choice?.message === undefined ? choice : { ...choice, delta: choice.message },
        )
      : value.choices
    try {
      const sound = toSound({ ...value, choices })
      expect(isSound(sound), `${seed}`).toBe(true)
      expect(toSound(sound as any)).toBe(sound)
    } catch (error) {
      expect(error).toMatchObject({ code: 'upstream_invalid_response' })
    }
  }
})
