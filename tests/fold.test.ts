import { describe, expect, test } from 'bun:test'
import type { Choice, Chunk, Delta } from '../src/chat.ts'
import { collect, fold } from '../src/fold.ts'
import { recordings, type Recording } from './support/recorded.ts'

const base: Chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' }

async function* of(...chunks: readonly Chunk[]): AsyncGenerator<Chunk> {
  yield* chunks
}

const folded = async (...deltas: readonly Delta[]): Promise<Delta | undefined> => {
  const chunks = deltas.map((delta) => ({ ...base, choices: [{ index: 0, delta }] }))
  return (await collect(of(...chunks)))?.choices?.[0]?.delta
}

const chunksOf = ({ events, usage }: Recording): Chunk[] => [
  ...events.map((choices) => ({ ...base, choices: choices as readonly unknown[] as Choice[] })),
  ...(usage ? [{ ...base, choices: [], usage: usage as Chunk['usage'] & object }] : []),
]

/** Fields that say nothing: a stream leaves them out where a whole answer says null. */
const meaningful = (message: object) =>
  Object.fromEntries(
    Object.entries(message).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    ),
  )

describe.each(Object.entries(recordings) as [string, Recording][])('%s', (_name, recording) => {
  test('folded, the stream says what the whole answer says', async () => {
    const whole = await collect(of(...chunksOf(recording)))
    const choices = whole?.choices?.toSorted((one, other) => one.index - other.index)
    expect(choices).toHaveLength(recording.whole.length)
    recording.whole.forEach((expected: any, at) => {
      const { delta, ...choice } = choices![at] as any
      const tool_calls = delta.tool_calls?.map(({ index: _index, ...call }: any) => call)
      expect(meaningful({ ...delta, ...(tool_calls && { tool_calls }) })).toEqual(
        meaningful(expected.message),
      )
      expect(choice.finish_reason).toBe(expected.finish_reason)
      expect(choice.logprobs?.content).toEqual(expected.logprobs?.content)
    })
    expect(whole?.usage).toEqual(recording.usage as any)
    expect(whole).toMatchObject(base)
  })

  test('it does not matter in what groups the pieces are folded', async () => {
    const chunks = chunksOf(recording)
    const whole = await collect(of(...chunks))
    for (let cut = 1; cut < chunks.length; cut++) {
      const [left, right] = [chunks.slice(0, cut), chunks.slice(cut)]
      const [before, after] = await Promise.all([collect(of(...left)), collect(of(...right))])
      expect(fold(before!, after!)).toEqual(whole!)
    }
  })
})

test('nothing folds to nothing, and a whole answer comes back as it is', async () => {
  expect(await collect(of())).toBeUndefined()
  expect(await collect(of(base))).toBe(base)
})

test('folding changes none of its arguments', () => {
  const piece = (content: string): Chunk => ({
    choices: [{ index: 0, delta: { content, tool_calls: [{ index: 0, id: 'c' }] } }],
  })
  const [before, after] = [piece('a'), piece('b')]
  const copies = structuredClone([before, after])
  fold(before, after)
  expect([before, after]).toEqual(copies)
})

test('parallel tool calls are told apart by their index, in whatever order their pieces come', async () => {
  const piece = (index: number, args: string, rest: object = {}): Delta => ({
    tool_calls: [{ index, ...rest, function: { arguments: args } }],
  })
  const delta = await folded(
    piece(1, '{"b"', { id: 'call_b', type: 'function' }),
    piece(0, '{"a"', { id: 'call_a', type: 'function' }),
    piece(1, ':2}'),
    piece(0, ':1}'),
  )
  expect(delta?.tool_calls).toEqual([
    { index: 1, id: 'call_b', type: 'function', function: { arguments: '{"b":2}' } },
    { index: 0, id: 'call_a', type: 'function', function: { arguments: '{"a":1}' } },
  ])
})

test('a name, an id or a type that is repeated in every piece is not repeated in the whole', async () => {
  const piece = (args: string): Delta => ({
    role: 'assistant',
    tool_calls: [
      { index: 0, id: 'call_1', type: 'function', function: { name: 'look_up', arguments: args } },
    ],
  })
  expect(await folded(piece('{'), piece('}'))).toEqual({
    role: 'assistant',
    tool_calls: [
      { index: 0, id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } },
    ],
  })
})

test('an id that comes empty after the first piece stays', async () => {
  const delta = await folded(
    { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f' } }] },
    { tool_calls: [{ index: 0, id: '', type: '', function: { name: '', arguments: '{}' } }] },
  )
  expect(delta?.tool_calls?.[0]).toMatchObject({ id: 'call_1', type: 'function' })
  expect(delta?.tool_calls?.[0]?.function).toEqual({ name: 'f', arguments: '{}' })
})

test('tool calls without an index are whole calls of their own', async () => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })
  const delta = await folded({ tool_calls: [call('a')] }, { tool_calls: [call('b')] })
  expect(delta?.tool_calls).toEqual([call('a'), call('b')])
})

test('reasoning details join by index, and keep their signature and their order', async () => {
  const delta = await folded(
    { reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'Two ', format: 'x' }] },
    { reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'and two', format: 'x' }] },
    { reasoning_details: [{ type: 'reasoning.text', index: 0, signature: 'sig==', format: 'x' }] },
    { reasoning_details: [{ type: 'reasoning.encrypted', index: 1, data: 'AAAA' }] },
  )
  expect(delta?.reasoning_details).toEqual([
    { type: 'reasoning.text', index: 0, text: 'Two and two', format: 'x', signature: 'sig==' },
    { type: 'reasoning.encrypted', index: 1, data: 'AAAA' },
  ])
})

test('reasoning details of different types are never one', async () => {
  // OpenRouter numbers a summary and the encrypted block after it both 0; merged, the replay is refused
  const details = [
    { type: 'reasoning.summary', index: 0, summary: 'Adding.', format: 'openai-responses-v1' },
    {
      type: 'reasoning.encrypted',
      index: 0,
      data: 'AAAA',
      id: 'rs_1',
      format: 'openai-responses-v1',
    },
  ]
  const delta = await folded(...details.map((detail) => ({ reasoning_details: [detail] })))
  expect(delta?.reasoning_details).toEqual(details)
})

test('annotations follow each other, and so do images', async () => {
  const cite = (url: string) => ({ type: 'url_citation', url_citation: { url } })
  const delta = await folded(
    { content: 'a', annotations: [cite('https://a.example')] },
    { content: 'b', annotations: [cite('https://b.example')], images: [{ type: 'image_url' }] },
    { images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] },
  )
  expect(delta?.annotations).toEqual([cite('https://a.example'), cite('https://b.example')])
  expect(delta?.images).toHaveLength(2)
})

test('null never takes anything back', async () => {
  expect(await folded({ content: 'a', refusal: null }, { content: null, refusal: null })).toEqual({
    content: 'a',
    refusal: null,
  })
})

test('the last finish, the last usage and the last of what names the answer win', async () => {
  const usage = (total_tokens: number) => ({ prompt_tokens: 1, completion_tokens: 1, total_tokens })
  const whole = await collect(
    of(
      {
        ...base,
        choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }],
        usage: usage(2),
      },
      { ...base, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: usage(3) },
      { ...base, choices: [{ index: 0, delta: {}, finish_reason: null }], usage: null },
      { ...base, model: 'm-2026', choices: [], usage: usage(4) },
    ),
  )
  expect(whole?.usage).toEqual(usage(4))
  expect(whole?.choices?.[0]?.finish_reason).toBe('stop')
  expect(whole?.model).toBe('m-2026')
})

test('a finish that a provider tells twice in its own words is told once', async () => {
  // every repeated string of a choice that is not a known name is appended: "stopstop"
  const piece = { ...base, choices: [{ index: 0, delta: {}, native_finish_reason: 'stop' }] }
  const whole = await collect(of(piece, piece))
  expect(whole?.choices?.[0]?.native_finish_reason).toBe('stop')
})

test('the text of legacy completions is joined choice by choice', async () => {
  const piece = (index: number, text: string, finish_reason: string | null = null): Chunk => ({
    object: 'text_completion',
    choices: [{ index, text, finish_reason, logprobs: null }],
  })
  const whole = await collect(of(piece(0, 'a'), piece(1, 'x'), piece(0, 'b', 'stop'), piece(1, '')))
  expect(whole).toEqual({
    object: 'text_completion',
    choices: [
      { index: 0, text: 'ab', finish_reason: 'stop', logprobs: null },
      { index: 1, text: 'x', finish_reason: null, logprobs: null },
    ],
  })
})

test('an answer without choices is left alone', async () => {
  const list: Chunk = { object: 'list', data: [{ embedding: [1, 2] }] }
  expect(await collect(of(list))).toBe(list)
})

test('an error while reading is thrown', async () => {
  const broken = (async function* () {
    yield base
    throw new Error('broken')
  })()
  await expect(collect(broken)).rejects.toThrow('broken')
})
