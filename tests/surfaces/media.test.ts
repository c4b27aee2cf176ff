import { describe, expect, test } from 'bun:test'
import type { Chunk, Request } from '../../src/chat.ts'
import { GatewayError } from '../../src/errors.ts'
import { keep, keepText } from '../../src/kept.ts'
import { images } from '../../src/surfaces/images.ts'
import { moderations } from '../../src/surfaces/moderations.ts'
import { rerank } from '../../src/surfaces/rerank.ts'
import type { Form, Wire } from '../../src/surfaces/surface.ts'
import { transcriptions } from '../../src/surfaces/transcriptions.ts'
import { fakeCall } from '../../src/testing.ts'
import { mapTexts, textsOf } from '../../src/text/request.ts'

const wire = (request: Partial<Request> = {}): Wire => ({
  id: 'gen-1',
  requestId: 'req_1',
  codes: 'name',
  model: 'm',
  call: fakeCall({}, { request: { model: 'm', ...request } }),
})

const file = { name: 'a.MP3', type: 'audio/mpeg', bytes: new TextEncoder().encode('ID3') }
const form = (fields: Record<string, (string | typeof file)[]>): Form =>
  new Map(Object.entries(fields))

describe('a form', () => {
  test('becomes a request that is all values', () => {
    const request = transcriptions.decodeForm!(
      form({
        model: ['demo/demo'],
        file: [file],
        'timestamp_granularities[]': ['word', 'segment'],
        stream: ['true'],
        temperature: ['0.2'],
        language: ['de'],
      }),
    )
    expect(request).toEqual({
      model: 'demo/demo',
      timestamp_granularities: ['word', 'segment'],
      stream: true,
      temperature: '0.2',
      language: 'de',
      input_audio: { data: 'SUQz', format: 'mp3', filename: 'a.MP3', content_type: 'audio/mpeg' },
    })
    expect(JSON.parse(JSON.stringify(request))).toEqual(request)
  })

  test.each([
    [{ model: ['m'] }, 'file'],
    [{ model: ['m'], file: ['text'] }, 'file'],
    [{ file: [file] }, 'model'],
    [{ file: [file], model: ['a\nb'] }, 'model'],
  ])('%j is refused by the name of what is wrong', (fields, param) => {
    let error: unknown
    try {
      transcriptions.decodeForm!(form(fields))
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(GatewayError)
    expect((error as GatewayError).details.param).toBe(param)
  })
})

test('every text of these operations is shown to plugins, and nothing else', () => {
  const texts = (request: object) => textsOf({ model: 'm', ...request })
  expect(texts({ query: 'q', documents: ['a', { text: 'b', image: 'data:x' }] })).toEqual([
    'q',
    'a',
    'b',
  ])
  expect(texts({ prompt: 'a cat', size: 'auto' })).toEqual(['a cat'])
  expect(texts({ input: 'say', instructions: 'softly', voice: 'alloy' })).toEqual(['say', 'softly'])
  expect(
    texts({
      input: [
        { type: 'text', text: 'a' },
        { type: 'image_url', image_url: { url: 'x' } },
      ],
    }),
  ).toEqual(['a'])
  expect(texts({ input: [{ content: [{ type: 'text', text: 'a' }] }] })).toEqual(['a'])
  expect(texts({ input: [[1, 2]] })).toEqual([])
  expect(texts({ input_audio: { data: 'UklG', format: 'wav' }, prompt: 'names' })).toEqual([
    'names',
  ])
  const request = { model: 'm', query: 'q', documents: ['a', { text: 'b' }] }
  expect(mapTexts(request, (text) => text)).toBe(request)
})

describe('a ranking', () => {
  const documents = ['a', { text: 'b', image: 'x' }]
  const ranked = (results: unknown, more: object = {}) =>
    JSON.parse(rerank.whole({ results, ...more } as Chunk, wire({ documents })))

  test('shows the documents that the provider left out', () => {
    expect(
      ranked([
        { index: 1, relevance_score: 1 },
        { index: 0, relevance_score: 0 },
      ]).results,
    ).toEqual([
      { index: 1, relevance_score: 1, document: documents[1] },
      { index: 0, relevance_score: 0, document: { text: 'a' } },
    ])
  })

  test('keeps what the provider says', () => {
    const result = { index: 0, relevance_score: 1, document: { text: 'theirs' }, more: 1 }
    expect(ranked([result], { id: 'theirs', meta: {} })).toMatchObject({
      id: 'theirs',
      meta: {},
      results: [result],
    })
    expect(ranked([{ index: 0, document: 'plain' }]).results[0].document).toEqual({ text: 'plain' })
    expect(ranked([{ index: 9 }]).results[0].document).toEqual({ text: '' })
  })
})

test('a moderation without a model asks for OpenAI’s usual one', () => {
  expect(moderations.decode!({ input: 'a' }, {} as any).model).toBe('omni-moderation-latest')
  expect(moderations.decode!({ input: 'a', model: 'm' }, {} as any).model).toBe('m')
})

test('events of a provider keep their bytes, their words and their names', () => {
  const writer = images.events!(wire())
  const bytes = new TextEncoder().encode('event: x\ndata: {}\n\n')
  expect(writer.batch({ chunks: [{ type: 'x' }], bytes })).toBe(bytes)
  const text = '{"type":"image_generation.partial_image", "b64_json":"aa"}'
  const chunk = keep(JSON.parse(text) as Chunk, {
    format: 'openai',
    text,
    whole: false,
    event: 'image_generation.partial_image',
  })
  expect(writer.batch({ chunks: [chunk] })).toBe(
    `event: image_generation.partial_image\ndata: ${text}\n\n`,
  )
  expect(writer.batch({ chunks: [{ ...chunk, b64_json: 'bb' }] })).toBe(
    'event: image_generation.partial_image\ndata: {"type":"image_generation.partial_image","b64_json":"bb"}\n\n',
  )
  const error = writer.error(new GatewayError('upstream_disconnected'))
  expect(error).toStartWith('event: error\ndata: {"type":"error","error":{')
  expect(error).toEndWith('data: [DONE]\n\n')
})

test('a transcript is text where that was asked for, and its own JSON elsewhere', () => {
  const text = '{"text": "Hi", "words": []}'
  const chunk = keepText({ text: 'Hi' } as Chunk, text, true)
  expect(transcriptions.whole(chunk, wire())).toBe(text)
  expect(transcriptions.headers!(wire())).toEqual({})
  for (const response_format of ['text', 'srt', 'vtt']) {
    expect(transcriptions.whole(chunk, wire({ response_format }))).toBe('Hi')
    expect(transcriptions.headers!(wire({ response_format }))['content-type']).toStartWith(
      'text/plain',
    )
  }
})
