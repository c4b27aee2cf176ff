import { describe, expect, test } from 'bun:test'
import type { Chunk } from '../../src/chat.ts'
import { geminiChat } from '../../src/surfaces/gemini.ts'
import { messages } from '../../src/surfaces/messages.ts'
import { ollamaChat } from '../../src/surfaces/ollama.ts'
import { responses } from '../../src/surfaces/responses.ts'
import type { Wire } from '../../src/surfaces/surface.ts'
import { fakeCall } from '../../src/testing.ts'

const odd: readonly unknown[] = [
  null,
  undefined,
  7,
  -1.5,
  true,
  '',
  'text',
  'toString',
  [],
  [null],
  [7, 'x', [], {}],
  {},
  { toString: 1, valueOf: null },
  { length: 3 },
]

const sound: any = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'real',
  choices: [
    {
      index: 0,
      delta: {
        role: 'assistant',
        content: 'Hello.',
        refusal: null,
        reasoning: 'Hm.',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Hm.', signature: 's', format: 'unknown', index: 0 },
          { type: 'reasoning.encrypted', data: 'x', id: 'c', format: 'google-gemini-v1', index: 1 },
        ],
        tool_calls: [
          { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { index: 1, id: 'd', type: 'custom', custom: { name: 'g', input: 'i' } },
        ],
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://e.com', title: 't', start_index: 0, end_index: 2 },
          },
        ],
        images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } }],
      },
      logprobs: { content: [{ token: 'a', logprob: -1, bytes: [1], top_logprobs: [] }] },
      finish_reason: 'tool_calls',
      native_finish_reason: 'tool_calls',
    },
  ],
  usage: {
    prompt_tokens: 3,
    completion_tokens: 4,
    total_tokens: 7,
    prompt_tokens_details: { cached_tokens: 1 },
    completion_tokens_details: { reasoning_tokens: 1 },
  },
}

/** Every place of a value, but for what makes a chunk one at all. */
const placesIn = (value: any, path: readonly (string | number)[] = []): (string | number)[][] =>
  typeof value === 'object' && value !== null
    ? Object.keys(value).flatMap((name) => {
        const key = Array.isArray(value) ? Number(name) : name
        return [[...path, key], ...placesIn(value[key], [...path, key])]
      })
    : []

const changed = (value: any, [first, ...rest]: readonly (string | number)[], to: unknown): any => {
  if (first === undefined) return to
  const copy = Array.isArray(value) ? [...value] : { ...value }
  copy[first] = changed(value[first], rest, to)
  return copy
}

const isChoice = (path: readonly (string | number)[]): boolean =>
  path[0] === 'choices' && path.length <= 2

const places = placesIn(sound).filter((path) => !isChoice(path))

const wireFor = (stream: boolean): Wire => ({
  id: 'gen-1',
  requestId: 'req_1',
  codes: 'name',
  model: 'asked/for',
  call: fakeCall({ stream }),
})

const decoder = new TextDecoder()
const text = (written: string | Uint8Array): string =>
  typeof written === 'string' ? written : decoder.decode(written)

describe.each([
  ['messages', messages],
  ['responses', responses],
  ['gemini', geminiChat],
  ['ollama', ollamaChat],
] as const)('%s', (_, surface) => {
  test('writes a stream whatever is odd about a chunk, wherever', () => {
    for (const place of places)
      for (const value of odd) {
        const chunk: Chunk = changed(sound, place, value)
        const writer = surface.events!(wireFor(true))
        const said = [chunk, { ...chunk, choices: [] }, sound].map((one) =>
          text(writer.batch({ chunks: [one] })),
        )
        const all = said.join('') + text(writer.end())
        expect(all).not.toContain('[object Object]')
        expect(all).not.toContain('undefined')
      }
  })

  test('writes a whole answer whatever is odd about it, wherever', () => {
    for (const place of places)
      for (const value of odd) {
        const chunk: Chunk = changed({ ...sound, object: 'chat.completion' }, place, value)
        const body = surface.whole(chunk, wireFor(false))
        expect(typeof JSON.parse(body)).toBe('object')
        expect(body).not.toContain('[object Object]')
      }
  })
})
