import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Batch } from '../../src/stream.ts'
import { Vars } from '../../src/pipeline.ts'
import type { Call, Chunk } from '../../src/chat.ts'
import { anthropic } from '../../src/dialects/anthropic.ts'
import { fold } from '../../src/fold.ts'
import { keptIn } from '../../src/kept.ts'
import { expected, fixture, scenarios, type Answer, type Scenario } from '../support/fixtures.ts'

const encoder = new TextEncoder()

const callFor = (request: object = {}, operation: Call['operation'] = 'chat'): Call => ({
  id: 'gen-1',
  operation,
  request: { model: 'm', stream: true, ...request },
  headers: new Headers(),
  address: () => '',
  signal: new AbortController().signal,
  vars: new Vars(),
})

const call = callFor()
const limits = { event: 1 << 20 }

async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

const decode = async (parts: readonly Uint8Array[], asked = call) => {
  const batches: Batch[] = []
  const stream = decodeStream(anthropic, pieces(parts), limits, asked)
  for (;;) {
    const { done, value } = await stream.next()
    if (done) return { batches, end: value }
    batches.push(value)
  }
}

const chunksOf = (batches: readonly Batch[]): Chunk[] =>
  batches.flatMap(({ chunks }) => [...chunks])

const folded = (chunks: readonly Chunk[]): Chunk => chunks.reduce(fold)

/** What a test compares: all but the time. */
const plain = ({ created: _created, object: _object, ...chunk }: Chunk) => chunk

const answerOf = (chunk: Chunk) => {
  const choice = chunk.choices?.[0]
  const delta: any = choice?.delta ?? {}
  return {
    content: delta.content ?? '',
    reasoning: delta.reasoning,
    reasoning_details: delta.reasoning_details,
    tool_calls: delta.tool_calls?.map((one: any) => ({
      name: one.function.name,
      arguments: JSON.parse(one.function.arguments),
    })),
    refusal: delta.refusal,
    annotations: delta.annotations?.map(({ url_citation: one }: any) => ({
      url: one.url,
      title: one.title,
      span: delta.content.slice(one.start_index, one.end_index),
    })),
    finish_reason: choice?.finish_reason,
    native_finish_reason: choice?.native_finish_reason,
    usage: chunk.usage,
  }
}

const expectAnswer = (chunk: Chunk, wanted: Answer) =>
  expect(answerOf(chunk)).toMatchObject({ ...wanted } as object)

describe.each(scenarios.anthropic.map((name) => [name]))('%s', (name) => {
  const scenario = name as Scenario
  const { sse, json } = fixture('anthropic', scenario)
  const bytes = encoder.encode(sse)

  test('folds to what it means, streamed and whole', async () => {
    const { batches, end } = await decode([bytes])
    expect(end).toBe('done')
    const streamed = folded(chunksOf(batches))
    expectAnswer(streamed, expected('anthropic', scenario))
    const [whole] = anthropic.decodeWhole(json, call).chunks
    expectAnswer(whole!, expected('anthropic', scenario))
    expect(plain(streamed)).toEqual(plain(whole!))
  })

  test('is one chunk an event, each with its words, and the bytes of whole reads', async () => {
    const { batches } = await decode([bytes])
    const words = chunksOf(batches).map((chunk) => keptIn(chunk, 'anthropic'))
    expect(words.map((one) => `event: ${one?.event}\ndata: ${one?.text}\n\n`).join('')).toBe(sse)
    const reads = sse.match(/[^]+?\n\n/g)!.map((event) => encoder.encode(event))
    const passed = (await decode(reads)).batches.map((batch) => batch.bytes)
    expect(passed).toEqual(reads)
  })

  test('tells usage once', async () => {
    const { batches } = await decode([bytes])
    expect(chunksOf(batches).filter(({ usage }) => usage)).toHaveLength(1)
  })

  test('may be cut in two at every byte', async () => {
    const uncut = plain(folded(chunksOf((await decode([bytes])).batches)))
    for (let at = 1; at < bytes.length; at++) {
      const { batches, end } = await decode([bytes.subarray(0, at), bytes.subarray(at)])
      if (end !== 'done') throw new Error(`cut at ${at}: ${end}`)
      if (!Bun.deepEquals(plain(folded(chunksOf(batches))), uncut)) throw new Error(`cut at ${at}`)
    }
  }, 60_000)

  test('may come byte by byte', async () => {
    const uncut = plain(folded(chunksOf((await decode([bytes])).batches)))
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    expect(plain(folded(chunksOf((await decode(single)).batches)))).toEqual(uncut)
  })
})

test('runs of text are not parsed, and say the same to who looks', async () => {
  const { sse } = fixture('anthropic', 'text')
  const { batches } = await decode([encoder.encode(sse)])
  const runs = batches.filter(({ plain: text }) => text !== undefined)
  expect(runs.length).toBeGreaterThan(0)
  for (const run of runs) {
    expect(run.format).toBe('anthropic')
    expect(run.chunks.map((chunk) => chunk.choices?.[0]?.delta?.content).join('')).toBe(run.plain!)
  }
})

test('an event that only looks like text is parsed', async () => {
  const delta = (inside: string) =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",${inside}}}\n\n`
  const start =
    'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"m","content":[]}}\n\n' +
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
  const sse =
    start + delta('"text":"a"') + delta('"text":"b","novel":"c"') + delta('"text":"\\u00e4\\n\\"d"')
  const { batches, end } = await decode([encoder.encode(sse)])
  expect(end).toBe('eof')
  expect(folded(chunksOf(batches)).choices?.[0]?.delta?.content).toBe('abä\n"d')
})

const head =
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"m","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}\n\n'

test('an error event throws what it means, after what came before it', async () => {
  const sse = `${head}event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n`
  const stream = decodeStream(anthropic, pieces([encoder.encode(sse)]), limits, call)
  expect((await stream.next()).value).toMatchObject({ chunks: [{ id: 'msg_1' }] })
  expect(stream.next()).rejects.toMatchObject({ code: 'provider_overloaded' })
})

test.each([
  ['{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}', 'rate_limit_exceeded'],
  ['{"type":"message"}', 'upstream_invalid_response'],
  ['[]', 'upstream_invalid_response'],
  ['nonsense', 'upstream_invalid_response'],
])('a whole body %s is an error', (text, code) => {
  expect(() => anthropic.decodeWhole(text, call)).toThrow(expect.objectContaining({ code }))
})

test('a count of tokens is one chunk', () => {
  const counting = callFor({}, 'count_tokens')
  const [chunk] = anthropic.decodeWhole('{"input_tokens":42,"novel":1}', counting).chunks
  expect(chunk).toEqual({ object: 'token_count', data: [{ tokens: 42 }] })
  expect(keptIn(chunk!, 'anthropic')?.text).toBe('{"input_tokens":42,"novel":1}')
})

test('a message that stops without a reason has stopped', async () => {
  const sse = `${head}event: message_stop\ndata: {"type":"message_stop"}\n\n`
  const { batches, end } = await decode([encoder.encode(sse)])
  expect(end).toBe('done')
  expect(folded(chunksOf(batches)).choices?.[0]?.finish_reason).toBe('stop')
})

test('an input that came in the block’s start is not lost', async () => {
  const sse = `${head}event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":1}}}\n\nevent: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n`
  const { batches } = await decode([encoder.encode(sse)])
  expect(folded(chunksOf(batches)).choices?.[0]?.delta?.tool_calls?.[0]?.function?.arguments).toBe(
    '{"a":1}',
  )
})

test('events without names are known by their type, and never passed as they are', async () => {
  const sse = fixture('anthropic', 'tool').sse.replace(/^event: .*\n/gm, '')
  const { batches, end } = await decode([encoder.encode(sse)])
  expect(end).toBe('done')
  expectAnswer(folded(chunksOf(batches)), expected('anthropic', 'tool'))
  expect(batches.every((batch) => batch.bytes === undefined)).toBe(true)
})

test('a custom tool’s call comes back as one', async () => {
  const tools = [{ type: 'custom', custom: { name: 'get_weather' } }]
  const { batches } = await decode(
    [encoder.encode(fixture('anthropic', 'tool').sse)],
    callFor({ tools }),
  )
  const [called] = folded(chunksOf(batches)).choices?.[0]?.delta?.tool_calls ?? []
  expect(called).toMatchObject({ type: 'custom', custom: { name: 'get_weather' } })
})
