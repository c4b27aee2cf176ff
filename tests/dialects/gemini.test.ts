import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Call, Chunk } from '../../src/chat.ts'
import { gemini } from '../../src/dialects/gemini.ts'
import { GatewayError } from '../../src/errors.ts'
import { fold } from '../../src/fold.ts'
import { keptIn } from '../../src/kept.ts'
import type { Batch } from '../../src/stream.ts'
import { fakeCall } from '../../src/testing.ts'
import { expected, fixture, scenarios, type Answer, type Scenario } from '../support/fixtures.ts'

const encoder = new TextEncoder()
const limits = { event: 1 << 20 }
const call = fakeCall({ stream: true })

async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

const decode = async (parts: readonly Uint8Array[], asked: Call = call) => {
  const batches: Batch[] = []
  const stream = decodeStream(gemini, pieces(parts), limits, asked)
  for (;;) {
    const { done, value } = await stream.next()
    if (done) return { batches, end: value }
    batches.push(value)
  }
}

const chunksOf = (batches: readonly Batch[]): Chunk[] =>
  batches.flatMap(({ chunks }) => [...chunks])

const folded = (chunks: readonly Chunk[]): Chunk => chunks.reduce(fold)

/** What a test compares: neither the time nor what only symbols say; absent is as good as null. */
const plain = ({ created: _created, object: _object, ...chunk }: Chunk): unknown =>
  JSON.parse(JSON.stringify(chunk), (_key, value) => (value === null ? undefined : value))

const answerOf = (chunk: Chunk) => {
  const [choice] = chunk.choices ?? []
  const delta: any = choice?.delta ?? {}
  return {
    content: delta.content ?? '',
    reasoning: delta.reasoning,
    reasoning_details: delta.reasoning_details,
    tool_calls: delta.tool_calls?.map((one: any) => ({
      name: one.function.name,
      arguments: JSON.parse(one.function.arguments),
    })),
    annotations: delta.annotations?.map(({ url_citation: one }: any) => ({
      url: one.url,
      title: one.title,
      span: delta.content.slice(one.start_index, one.end_index),
    })),
    images: delta.images?.map((image: any) => image.image_url.url),
    finish_reason: choice?.finish_reason,
    native_finish_reason: choice?.native_finish_reason,
    usage: chunk.usage,
    logprobs: (choice as any)?.logprobs?.content.map((one: any) => [one.token, one.logprob]),
  }
}

const expectAnswer = (chunk: Chunk, wanted: Answer) =>
  expect(answerOf(chunk)).toMatchObject({ ...wanted } as object)

describe.each(scenarios.gemini.map((name) => [name]))('%s', (name) => {
  const scenario = name as Scenario
  const { sse, json } = fixture('gemini', scenario)
  const bytes = encoder.encode(sse)

  test('folds to what it means, streamed and whole alike', async () => {
    const { batches } = await decode([bytes])
    const streamed = folded(chunksOf(batches))
    expectAnswer(streamed, expected('gemini', scenario))
    const [whole] = gemini.decodeWhole(json, fakeCall()).chunks
    expectAnswer(whole!, expected('gemini', scenario))
    expect(plain(streamed)).toEqual(plain(whole!))
  })

  test('is one chunk an event, each with its words, and the bytes of whole reads', async () => {
    const words = chunksOf((await decode([bytes])).batches).map((one) => keptIn(one, 'gemini'))
    expect(words.map((one) => `data: ${one?.text}\r\n\r\n`).join('')).toBe(sse)
    const reads = sse.match(/[^]+?\r\n\r\n/g)!.map((event) => encoder.encode(event))
    const passed = (await decode(reads)).batches.map((batch) => batch.bytes)
    expect(passed).toEqual(reads)
  })

  test('tells usage once, with the finish', async () => {
    const told = chunksOf((await decode([bytes])).batches).filter(({ usage }) => usage)
    expect(told).toHaveLength(1)
    expect(told[0]?.choices?.[0]?.finish_reason).toBeString()
  })

  test('may be cut in two at every byte, and come byte by byte', async () => {
    const uncut = plain(folded(chunksOf((await decode([bytes])).batches)))
    for (let at = 1; at < bytes.length; at++) {
      const { batches } = await decode([bytes.subarray(0, at), bytes.subarray(at)])
      if (!Bun.deepEquals(plain(folded(chunksOf(batches))), uncut)) throw new Error(`cut at ${at}`)
    }
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    expect(plain(folded(chunksOf((await decode(single)).batches)))).toEqual(uncut)
  }, 60_000)
})

const reads = (...bodies: readonly object[]) =>
  decode([encoder.encode(bodies.map((body) => `data: ${JSON.stringify(body)}\n\n`).join(''))])

const says = (parts: readonly object[], rest: object = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...rest }],
  responseId: 'r-1',
})

test('calls without ids get the same ones whenever they are read, streamed or whole', async () => {
  const parts = ['a', 'b'].map((name) => ({ functionCall: { name, args: {} } }))
  const streamed = chunksOf((await reads(says([parts[0]!]), says([parts[1]!]))).batches)
  const ids = folded(streamed).choices?.[0]?.delta?.tool_calls?.map(({ id }) => id)
  const [whole] = gemini.decodeWhole(JSON.stringify(says(parts)), call).chunks
  expect(whole!.choices?.[0]?.delta?.tool_calls?.map(({ id }) => id)).toEqual(ids)
  expect(new Set(ids).size).toBe(2)
  for (const id of ids ?? []) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/)
})

test('a finish is what it means, with Google’s own word beside it', async () => {
  const words = {
    STOP: 'stop',
    MAX_TOKENS: 'length',
    RECITATION: 'content_filter',
    SPII: 'content_filter',
    MALFORMED_FUNCTION_CALL: 'error',
    SOMETHING_NEW: 'stop',
  }
  for (const [word, finish] of Object.entries(words)) {
    const [chunk] = chunksOf((await reads(says([{ text: 'x' }], { finishReason: word }))).batches)
    expect(chunk?.choices?.[0]).toMatchObject({ finish_reason: finish, native_finish_reason: word })
  }
})

test('what nobody else knows breaks nothing', async () => {
  const { batches } = await reads(
    says([{ executableCode: { language: 'PYTHON', code: '1' } }, { text: 'a' }]),
    says([{ codeExecutionResult: { outcome: 'OUTCOME_OK' } }, { novel: 1 }, { text: 'b' }], {
      finishReason: 'STOP',
    }),
  )
  expect(answerOf(folded(chunksOf(batches)))).toMatchObject({
    content: 'ab',
    finish_reason: 'stop',
  })
})

test('an error in a stream is thrown as what it is, after what came before it', async () => {
  const source = [
    says([{ text: 'one' }]),
    { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } },
  ]
  const stream = decodeStream(
    gemini,
    pieces([encoder.encode(source.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''))]),
    limits,
    call,
  )
  const first = await stream.next()
  expect(answerOf((first.value as Batch).chunks[0]!).content).toBe('one')
  const error = await stream.next().catch((thrown) => thrown)
  expect(error).toBeInstanceOf(GatewayError)
  expect(error.code).toBe('upstream_error')
})

test('errors that come as a whole body are thrown, in a list as well', () => {
  const error = { error: { code: 429, message: 'Quota.', status: 'RESOURCE_EXHAUSTED' } }
  for (const body of [error, [error]])
    expect(() => gemini.decodeWhole(JSON.stringify(body), call)).toThrow(GatewayError)
  expect(() => gemini.decodeWhole('{}', call)).toThrow(GatewayError)
})

test('a stream that came as a list of answers is read like one', () => {
  const { sse, json } = fixture('gemini', 'reasoning_tool')
  const list = sse
    .split('\r\n\r\n')
    .filter(Boolean)
    .map((event) => event.slice('data: '.length))
  const batch = gemini.decodeWhole(`[${list.join(',\n')}]`, call)
  const [whole] = gemini.decodeWhole(json, call).chunks
  expect(plain(folded(batch.chunks))).toEqual(plain(whole!))
})

test('tokens are counted and vectors read in OpenAI’s form', () => {
  const counting = fakeCall({}, { operation: 'count_tokens' })
  expect(gemini.decodeWhole('{"totalTokens":31}', counting).chunks[0]?.data).toEqual([
    { tokens: 31 },
  ])
  const body = JSON.stringify({ embeddings: [{ values: [0.5, -1] }, { values: [0.25, 2] }] })
  const embed = (request: object) =>
    gemini.decodeWhole(body, fakeCall(request, { operation: 'embeddings' })).chunks[0] as any
  const floats = embed({ input: ['a', 'b'] })
  expect(floats.data[1]).toEqual({ object: 'embedding', index: 1, embedding: [0.25, 2] })
  expect(floats.usage.prompt_tokens).toBeGreaterThan(0)
  const coded = embed({ input: ['a', 'b'], encoding_format: 'base64' }).data[0].embedding
  const bytes = Buffer.from(coded, 'base64')
  expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([0.5, -1])
})

test('runs of text are not parsed, whatever they count, and say the same to who looks', async () => {
  const counted = (text: string, tokens: number) => ({
    ...says([{ text }]),
    usageMetadata: {
      promptTokenCount: 9,
      candidatesTokenCount: tokens,
      totalTokenCount: 9 + tokens,
    },
    modelVersion: 'gemini-3-pro',
  })
  const texts = ['a', 'b "quoted" \\ ', 'c\n', '漢', 'd']
  const bodies = texts.map((text, at) => counted(text, 8 + at))
  const events = bodies.map((body) => `data: ${JSON.stringify(body)}\n\n`)
  const { batches } = await decode(events.map((event) => encoder.encode(event)))
  expect(batches.slice(1).map(({ plain: text }) => text)).toEqual(texts.slice(1))
  expect(chunksOf(batches).map((chunk) => keptIn(chunk, 'gemini')?.text)).toEqual(
    bodies.map((body) => JSON.stringify(body)),
  )
  expect(answerOf(folded(chunksOf(batches))).content).toBe(texts.join(''))
})

test('what is more than text is parsed, and takes up after the runs before it', async () => {
  const { batches } = await reads(
    says([{ text: 'one ' }]),
    says([{ text: 'two ' }]),
    says([{ text: 'hm', thought: true }]),
    says([{ text: 'three' }]),
    says([{ text: 'ha', thought: true }]),
    says([{ text: '', thoughtSignature: 'c2ln' }], {
      finishReason: 'STOP',
      groundingMetadata: {
        groundingChunks: [{ web: { uri: 'https://x.test', title: 'x' } }],
        groundingSupports: [
          { segment: { startIndex: 4, endIndex: 13 }, groundingChunkIndices: [0] },
        ],
      },
    }),
  )
  expect(batches.some(({ plain: text }) => text !== undefined)).toBe(true)
  expect(answerOf(folded(chunksOf(batches)))).toMatchObject({
    content: 'one two three',
    reasoning: 'hmha',
    reasoning_details: [
      { text: 'hm', index: 0 },
      { text: 'ha', index: 1 },
      { data: 'c2ln', index: 2 },
    ],
    annotations: [{ span: 'two three' }],
  })
})
