import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Chunk } from '../../src/chat.ts'
import { openai } from '../../src/dialects/openai.ts'
import { GatewayError } from '../../src/errors.ts'
import { fakeCall } from '../../src/testing.ts'
import { eventText } from '../../src/kept.ts'
import { type Batch } from '../../src/stream.ts'
import { openAIEvents } from '../../src/surfaces/openai-events.ts'
import type { Exchange } from '../support/provider.ts'
import { createRandom } from '../support/random.ts'
import { recordings } from '../support/recorded.ts'
import { eventLines } from '../support/scripts.ts'

const limit = 1024 * 1024
const encode = (text: string) => new TextEncoder().encode(text)

interface Decoded {
  readonly batches: readonly Batch[]
  readonly chunks: readonly Chunk[]
  readonly end: string | undefined
  readonly error?: GatewayError
}

const decode = async (reads: readonly (string | Uint8Array)[], event = limit): Promise<Decoded> => {
  const source = (async function* () {
    for (const read of reads) yield typeof read === 'string' ? encode(read) : read
  })()
  const stream = decodeStream(openai, source, { event }, fakeCall())
  const batches: Batch[] = []
  const chunks = () => batches.flatMap((batch) => batch.chunks)
  try {
    for (;;) {
      const { done, value } = await stream.next()
      if (done) return { batches, chunks: chunks(), end: value }
      batches.push(value)
    }
  } catch (error) {
    return { batches, chunks: chunks(), end: undefined, error: error as GatewayError }
  }
}

/** What a client of the same format gets to read. */
const forwarded = ({ batches }: Decoded): string => {
  const writer = openAIEvents({ id: 'gen-1', requestId: 'req_1', codes: 'name' })
  return batches
    .map((batch) => writer.batch(batch))
    .map((out) => (typeof out === 'string' ? out : new TextDecoder().decode(out)))
    .join('')
}

const linesOf = (recording: (typeof recordings)[keyof typeof recordings]): string[] => {
  const json = { model: 'm', stream: true, stream_options: { include_usage: true } }
  const request = { path: '/v1/chat/completions', json }
  return eventLines({ request } as Exchange, recording)
}

const event = (content: string): string =>
  `data: {"id":"x","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}}}]}\n\n`
const done = 'data: [DONE]\n\n'
const said = ({ chunks }: Decoded): string =>
  chunks.map(({ choices }) => choices?.[0]?.delta?.content).join('')

describe.each(Object.entries(recordings))('%s', (_name, recording) => {
  const lines = linesOf(recording)
  const text = lines.join('')
  const bytes = encode(text)
  const events = lines.slice(0, -1)
  const expected = events.map((line) => JSON.parse(line.slice('data: '.length)))

  test('comes out the same wherever the network cuts it in two', async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoded = await decode([bytes.subarray(0, cut), bytes.subarray(cut)])
      expect(decoded.end).toBe('done')
      expect(decoded.chunks).toEqual(expected)
      expect(forwarded(decoded)).toBe(events.join(''))
    }
  })

  test('comes out the same byte by byte, and in reads of any size', async () => {
    const random = createRandom(3)
    for (let turn = 0; turn < 20; turn++) {
      const reads: Uint8Array[] = []
      for (let at = 0; at < bytes.length;) {
        const size = turn === 0 ? 1 : 1 + Math.floor(random() * random() * 600)
        reads.push(bytes.subarray(at, at + size))
        at += size
      }
      const decoded = await decode(reads)
      expect(decoded.chunks).toEqual(expected)
      expect(forwarded(decoded)).toBe(events.join(''))
    }
  })

  test('reads that are whole events are handed on as the same bytes', async () => {
    const reads = lines.map(encode)
    const { batches } = await decode(reads)
    expect(batches).toHaveLength(events.length)
    batches.forEach((batch, at) => expect(batch.bytes).toBe(reads[at]!))

    const pairs = [encode(lines.slice(0, 2).join('')), encode(lines.slice(2).join(''))]
    const [first, second] = (await decode(pairs)).batches
    expect(first?.bytes).toBe(pairs[0]!)
    // [DONE] is ours to say, after the usage
    expect(second?.bytes).toBeUndefined()
  })

  test('each chunk keeps the very text of its event', async () => {
    const { chunks } = await decode([text])
    expect(chunks.map((chunk) => eventText(chunk))).toEqual(events.map((line) => line.slice(6, -2)))
  })

  test.each([
    ['CRLF', (line: string) => line.replaceAll('\n', '\r\n')],
    ['CR', (line: string) => line.replaceAll('\n', '\r')],
    ['no space after the colon', (line: string) => line.replace('data: ', 'data:')],
    ['comments', (line: string) => `: keep-alive\n\n${line}:\n`],
    ['ids and retries', (line: string) => `id: 7\nretry: 100\n${line}`],
    ['unknown fields', (line: string) => `new: x\nnonsense\n${line}`],
    ['named messages', (line: string) => `event: message\n${line}`],
    ['blank lines', (line: string) => `\n\n${line}\n`],
  ])('comes out the same with %s', async (_what, spoil) => {
    const spoiled = encode(lines.map(spoil).join(''))
    for (const cut of [0, 1, 7, 41, 200, spoiled.length - 1]) {
      const decoded = await decode([spoiled.subarray(0, cut), spoiled.subarray(cut)])
      expect(decoded.chunks).toEqual(expected)
      expect(decoded.end).toBe('done')
    }
  })

  test('comes out the same after a byte order mark, cut or not', async () => {
    const marked = encode(`\uFEFF${text}`)
    for (const cut of [0, 1, 2, 3, 4, 9]) {
      const decoded = await decode([marked.subarray(0, cut), marked.subarray(cut)])
      expect(decoded.chunks).toEqual(expected)
    }
  })
})

test('a CRLF that is cut in the middle is one line end', async () => {
  const text = (event('a') + event('b') + done).replaceAll('\n', '\r\n')
  for (let cut = 0; cut <= text.length; cut++)
    expect(said(await decode([text.slice(0, cut), text.slice(cut)]))).toBe('ab')
})

test('data over several lines is one event', async () => {
  const text = 'data: {"choices":\ndata: [{"index":0,"delta":{"content":"a"}}]}\n\n'
  const decoded = await decode([text + done])
  expect(said(decoded)).toBe('a')
  expect(decoded.batches[0]?.bytes).toBeUndefined()
})

test('what is forwarded of data over several lines is one event that means the same', async () => {
  // the kept text has the line break in it, so that the client's second line has no `data:`
  const text = 'data: {"choices":\ndata: [{"index":0,"delta":{"content":"a"}}]}\n\n'
  const [again] = (await decode([forwarded(await decode([text])), done])).chunks
  expect(again?.choices?.[0]?.delta?.content).toBe('a')
})

test('events of other names are not the answer’s', async () => {
  const ping = 'event: ping\ndata: {"type":"ping"}\n\n'
  const decoded = await decode([ping + event('a'), ping, event('b') + ping, done])
  expect(said(decoded)).toBe('ab')
  expect(forwarded(decoded)).toBe(event('a') + event('b'))
})

test('the first [DONE] ends the answer, whatever comes after it', async () => {
  for (const rest of [done, event('late'), 'data: {broken', '']) {
    const decoded = await decode([event('a') + done + rest, event('later')])
    expect([said(decoded), decoded.end, decoded.error]).toEqual(['a', 'done', undefined])
  }
})

test('after [DONE] the connection is let go', async () => {
  let stopped = false
  const reads = (async function* () {
    try {
      yield encode(event('a') + done)
      yield encode('never asked for')
    } finally {
      stopped = true
    }
  })()
  for await (const _ of decodeStream(openai, reads, { event: limit }, fakeCall()));
  expect(stopped).toBe(true)
})

test('who stops reading lets the connection go', async () => {
  let stopped = false
  const reads = (async function* () {
    try {
      for (;;) yield encode(event('a'))
    } finally {
      stopped = true
    }
  })()
  for await (const _ of decodeStream(openai, reads, { event: limit }, fakeCall())) break
  expect(stopped).toBe(true)
})

test('an end without [DONE] is told apart', async () => {
  expect((await decode([event('a')])).end).toBe('eof')
  expect((await decode([])).end).toBe('eof')
})

test('a last event without its blank line counts when it is whole', async () => {
  for (const cut of [1, 2]) {
    const decoded = await decode([event('a'), event('b').slice(0, -cut)])
    expect([said(decoded), decoded.end]).toEqual(['ab', 'eof'])
    expect((await decode([event('a'), done.slice(0, -cut)])).end).toBe('done')
  }
})

test('a last event that was cut off is none', async () => {
  const last = event('b')
  for (let cut = 0; cut < last.length - 2; cut++) {
    const decoded = await decode([event('a'), last.slice(0, cut)])
    expect([said(decoded), decoded.end, decoded.error]).toEqual(['a', 'eof', undefined])
  }
})

test('an error event is thrown after what came before it, in one read or in two', async () => {
  const error = 'data: {"error":{"message":"No.","type":"overloaded_error"}}\n\n'
  for (const reads of [[event('a') + error + event('b')], [event('a'), error]]) {
    const decoded = await decode(reads)
    expect(said(decoded)).toBe('a')
    expect(decoded.error?.code).toBe('provider_overloaded')
  }
})

test('an error that is named so, or comes in the last event, is thrown too', async () => {
  const error = '{"error":{"message":"No.","code":429}}'
  for (const reads of [[`event: error\ndata: ${error}\n\n`], [event('a'), `data: ${error}`]])
    expect((await decode(reads)).error?.code).toBe('rate_limit_exceeded')
})

test('an event named error is an error whatever its data looks like', async () => {
  // {"message": …} without "error" passes as a chunk of the answer
  const decoded = await decode([
    'event: error\ndata: {"message":"Overloaded","code":529}\n\n',
    done,
  ])
  expect(decoded.error).toBeInstanceOf(GatewayError)
})

test('what is not JSON is never skipped', async () => {
  for (const data of ['{"choices":[', 'null', '12', '[]', 'Internal Server Error']) {
    const decoded = await decode([event('a'), `data: ${data}\n\n`, event('b')])
    expect([said(decoded), decoded.error?.code]).toEqual(['a', 'upstream_invalid_response'])
  }
})

test('an event above the limit is refused, in one read or in many, with line ends or without', async () => {
  const large = event('x'.repeat(600))
  const streams = [
    [large],
    [large.slice(0, 300), large.slice(300)],
    [...large],
    ['data: ', ...'x'.repeat(600)],
    [`data: ${'x'.repeat(300)}\ndata: ${'x'.repeat(300)}\n\n`],
  ]
  for (const reads of streams) {
    const { error } = await decode([event('a'), ...reads], 500)
    expect(error?.code).toBe('upstream_response_too_large')
  }
})

test('many events within the limit are fine in one read', async () => {
  const reads = [event('a').repeat(100) + done]
  expect(said(await decode(reads, 500))).toBe('a'.repeat(100))
})
