import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Chunk } from '../../src/chat.ts'
import { responses } from '../../src/dialects/responses.ts'
import { GatewayError } from '../../src/errors.ts'
import { fold } from '../../src/fold.ts'
import { keptIn } from '../../src/kept.ts'
import { fakeCall } from '../../src/testing.ts'
import { expected, fixture, scenarios } from '../support/fixtures.ts'

const limits = { event: 1_000_000 }

async function* reads(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The chunks of a stream that arrives in these pieces, and how it ended. */
const streamed = async (...parts: readonly Uint8Array[]) => {
  const chunks: Chunk[] = []
  let came = ''
  const batches = decodeStream(responses, reads(...parts), limits, fakeCall({ stream: true }))
  for (;;) {
    const { done, value } = await batches.next()
    if (done) return { chunks, came, end: value }
    chunks.push(...value.chunks)
    came += value.bytes ? new TextDecoder().decode(value.bytes) : (value.framed ?? '')
  }
}

const wholeOf = (json: string): Chunk => responses.decodeWhole(json, fakeCall()).chunks[0]!

/** What an answer means, in the words of the expectations. */
const meaningOf = (chunk: Chunk): any => {
  const {
    delta = {},
    finish_reason,
    native_finish_reason,
    logprobs,
  }: any = chunk.choices?.[0] ?? {}
  return {
    content: delta.content ?? '',
    reasoning: delta.reasoning || undefined,
    details: (delta.reasoning_details ?? []).map(
      ({ index: _i, id: _id, ...detail }: any) => detail,
    ),
    calls: (delta.tool_calls ?? []).map((call: any) =>
      call.type === 'custom'
        ? { name: call.custom.name, arguments: call.custom.input }
        : { name: call.function.name, arguments: JSON.parse(call.function.arguments) },
    ),
    refusal: delta.refusal || undefined,
    citations: (delta.annotations ?? []).map(({ url_citation: cited }: any) => ({
      url: cited.url,
      title: cited.title,
      span: (delta.content ?? '').slice(cited.start_index, cited.end_index),
    })),
    finish_reason,
    native_finish_reason,
    logprobs: logprobs?.content?.map(({ token, logprob }: any) => [token, logprob]),
    usage: chunk.usage,
  }
}

describe.each(scenarios.responses.map((scenario) => [scenario] as const))('%s', (scenario) => {
  const { sse, json } = fixture('responses', scenario)
  const known = expected('responses', scenario)

  const hold = (chunk: Chunk) => {
    const { details, citations, calls, usage, ...meaning } = meaningOf(chunk)
    expect(meaning).toEqual({
      content: known.content,
      reasoning: known.reasoning,
      refusal: known.refusal,
      finish_reason: known.finish_reason,
      native_finish_reason: known.native_finish_reason,
      logprobs: known.logprobs,
    } as any)
    expect(details).toEqual((known.reasoning_details ?? []) as any)
    expect(citations).toEqual((known.annotations ?? []) as any)
    expect(calls).toEqual((known.tool_calls ?? []) as any)
    expect(structuredClone(usage)).toMatchObject(structuredClone(known.usage) as any)
  }

  test('whole, means what it says', () => hold(wholeOf(json)))

  test('streamed, means the same', async () => {
    const { chunks, end } = await streamed(bytesOf(sse))
    expect(end).toBe('done')
    hold(chunks.reduce(fold))
  })

  test('streamed and whole fold to the same chunk', async () => {
    const { chunks } = await streamed(bytesOf(sse))
    const folded: any = chunks.reduce(fold)
    const whole: any = wholeOf(json)
    const bare = ({ object: _object, ...rest }: any) => rest
    folded.choices[0].delta.content ||= null
    expect(bare(folded)).toEqual(bare(whole))
  })

  test('cut at any byte, is the same chunks with the same words', async () => {
    const bytes = bytesOf(sse)
    const { chunks: uncut } = await streamed(bytes)
    const words = (chunks: readonly Chunk[]) =>
      chunks.map((chunk) => keptIn(chunk, 'responses')?.text)
    for (let at = 1; at < bytes.length; at++) {
      const { chunks } = await streamed(bytes.slice(0, at), bytes.slice(at))
      expect(chunks).toEqual(uncut)
      expect(words(chunks)).toEqual(words(uncut))
    }
  })

  test('arriving whole, stays as it came', async () => {
    const { came } = await streamed(bytesOf(sse))
    expect(came).toBe(sse)
  })

  test('says in every event what it said', async () => {
    const { chunks } = await streamed(bytesOf(sse))
    const data = sse.split('\n').flatMap((line) => (line.startsWith('data: ') ? line.slice(6) : []))
    expect(chunks.map((chunk) => keptIn(chunk, 'responses')?.text)).toEqual(data)
  })

  test('broken off, never ends well', async () => {
    const lines = sse.split('\n\n')
    for (let at = 1; at < lines.length - 2; at++) {
      const { end } = await streamed(bytesOf(`${lines.slice(0, at).join('\n\n')}\n\n`))
      expect(end).toBe('eof')
    }
  })
})

const event = (body: object): string =>
  `event: ${(body as any).type}\ndata: ${JSON.stringify(body)}\n\n`

const failing = async (...events: readonly object[]): Promise<GatewayError> => {
  try {
    await streamed(bytesOf(events.map(event).join('')))
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown
    throw thrown
  }
  throw new Error('did not fail')
}

describe('a failure in a stream', () => {
  const failed = (code: string) => ({
    type: 'response.failed',
    response: { status: 'failed', error: { code, message: 'No.' }, output: [] },
  })

  test.each([
    ['server_error', 'upstream_error'],
    ['rate_limit_exceeded', 'rate_limit_exceeded'],
    ['insufficient_quota', 'provider_quota_exhausted'],
    ['context_length_exceeded', 'context_length_exceeded'],
    ['invalid_prompt', 'invalid_request_error'],
    ['invalid_image', 'invalid_request_error'],
  ] as const)('%s is known', async (code, known) => {
    expect((await failing(failed(code))).code).toBe(known)
    expect((await failing({ type: 'error', code, message: 'No.', param: null })).code).toBe(known)
    expect((await failing({ type: 'error', error: { code, message: 'No.' } })).code).toBe(known)
    const body = JSON.stringify({ ...failed(code).response, object: 'response' })
    expect(() => wholeOf(body)).toThrow(expect.objectContaining({ code: known }) as any)
  })

  test('comes after what was said before it', async () => {
    const { sse } = fixture('responses', 'text')
    const begun = sse.split('\n\n').slice(0, 6).join('\n\n')
    const chunks: Chunk[] = []
    const stream = decodeStream(
      responses,
      reads(bytesOf(`${begun}\n\n${event(failed('server_error'))}`)),
      limits,
      fakeCall(),
    )
    const reading = (async () => {
      for await (const batch of stream) chunks.push(...batch.chunks)
    })()
    await expect(reading).rejects.toThrow('failed')
    expect(chunks).toHaveLength(6)
  })
})

test('an answer that only its end tells is told', async () => {
  for (const scenario of ['text', 'reasoning_tool', 'custom_tool'] as const) {
    const { json } = fixture('responses', scenario)
    const response = JSON.parse(json)
    const { chunks } = await streamed(
      bytesOf(event({ type: 'response.completed', sequence_number: 0, response })),
    )
    expect(meaningOf(chunks.reduce(fold))).toEqual(meaningOf(wholeOf(json)))
  }
})

test('items that only come whole are told whole', async () => {
  for (const scenario of ['text', 'reasoning_tool', 'custom_tool', 'refusal'] as const) {
    const { json, sse } = fixture('responses', scenario)
    const sparse = sse
      .split('\n\n')
      .filter(
        (text) =>
          !/^event: response\.[a-z_]+\.(delta|done)|part\.(added|done)/.test(text) ||
          /output_item/.test(text),
      )
      .join('\n\n')
    const { chunks } = await streamed(bytesOf(sparse))
    expect(meaningOf(chunks.reduce(fold))).toEqual(meaningOf(wholeOf(json)))
  }
})

test('a made image is one', async () => {
  const item = { id: 'ig_1', type: 'image_generation_call', status: 'completed', result: 'QUJD' }
  const response = { id: 'resp_1', object: 'response', status: 'completed', output: [item] }
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } }
  expect(wholeOf(JSON.stringify(response)).choices?.[0]?.delta?.images).toEqual([image])
  const { chunks } = await streamed(
    bytesOf(
      [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        { type: 'response.output_item.added', output_index: 0, item: { ...item, result: null } },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response },
      ]
        .map(event)
        .join(''),
    ),
  )
  expect(chunks.reduce(fold).choices?.[0]?.delta?.images).toEqual([image])
})

test('a count of tokens is one', () => {
  const { chunks } = responses.decodeWhole(
    '{"object":"response.input_tokens","input_tokens":42}',
    fakeCall({}, { operation: 'count_tokens' }),
  )
  expect(chunks[0]).toEqual({ object: 'token_count', data: [{ tokens: 42 }] })
})
