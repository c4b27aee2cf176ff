import { describe, expect, test } from 'bun:test'
import * as v from 'valibot'
import type { Chunk } from '../../src/chat.ts'
import { collect } from '../../src/fold.ts'
import { keepText } from '../../src/kept.ts'
import { chatCompletions } from '../../src/surfaces/chat-completions.ts'
import { completions } from '../../src/surfaces/completions.ts'
import { embeddings } from '../../src/surfaces/embeddings.ts'
import { recordings, type Recording } from '../support/recorded.ts'

const wire = { id: 'gen-1', requestId: 'req_1', codes: 'name' } as const
const base = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' }

const accepts = (surface: { request: v.GenericSchema }, body: unknown): boolean =>
  v.safeParse(surface.request, body).success

describe.each(Object.entries(recordings) as [string, Recording][])('%s', (_name, recording) => {
  test('streamed by the provider, it is one whole message for the client', async () => {
    const chunks = recording.events.map((choices) => ({ ...base, choices }) as unknown as Chunk)
    const whole = await collect(
      (async function* () {
        yield* chunks
      })(),
    )
    const body = JSON.parse(chatCompletions.whole(whole!, wire))
    expect(body).toMatchObject({ ...base, object: 'chat.completion' })
    recording.whole.forEach((expected: any) => {
      const { message, finish_reason } = body.choices.find(
        (choice: any) => choice.index === expected.index,
      )
      const { annotations: _annotations, ...said } = expected.message
      expect(message).toMatchObject({ role: 'assistant', ...said })
      expect(finish_reason).toBe(expected.finish_reason)
      expect(message).not.toHaveProperty('tool_calls.0.index')
    })
  })
})

test('a whole answer that nobody changed is its own text', () => {
  const text = '{ "id":"x", "choices":[] , "new":1.0 }'
  const chunk = keepText<Chunk>({ id: 'x', choices: [] }, text, true)
  for (const surface of [chatCompletions, completions, embeddings])
    expect(surface.whole(chunk, wire)).toBe(text)
  expect(JSON.parse(chatCompletions.whole({ ...chunk, id: 'y' }, wire))).toMatchObject({ id: 'y' })
})

test('a message always has a role and a content', () => {
  const delta = { tool_calls: [{ index: 0, id: 'c', function: { name: 'f' } }] }
  const body = JSON.parse(chatCompletions.whole({ choices: [{ index: 0, delta }] }, wire))
  expect(body.choices[0].message).toEqual({
    role: 'assistant',
    content: null,
    refusal: null,
    tool_calls: [{ id: 'c', function: { name: 'f' } }],
  })
})

test('what the gateway does not read of a request may be anything', () => {
  const body = {
    model: 'm',
    messages: [{ role: 'narrator', content: [{ type: 'hologram', x: 1 }], more: {} }],
    new_field: [1, { a: null }],
    tools: [{ type: 'computer_use' }],
    response_format: { type: 'grammar' },
    stream_options: { include_usage: true, more: 1 },
    max_tokens: null,
    stop: ['a', 'b'],
  }
  expect(accepts(chatCompletions, body)).toBe(true)
})

const good = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }

test.each([
  { ...good, model: undefined },
  { ...good, model: '' },
  { ...good, model: 5 },
  { ...good, model: 'm'.repeat(513) },
  { ...good, messages: undefined },
  { ...good, messages: [] },
  { ...good, messages: 'Hi' },
  { ...good, messages: [{ content: 'Hi' }] },
  { ...good, messages: [{ role: 'user', content: 5 }] },
  { ...good, messages: [null] },
  { ...good, models: ['a', 5] },
  { ...good, models: Array.from({ length: 33 }, () => 'm') },
  { ...good, stream: 'true' },
  { ...good, n: 0 },
  { ...good, n: 129 },
  { ...good, n: 1.5 },
  { ...good, max_tokens: -1 },
  { ...good, max_completion_tokens: 'many' },
  { ...good, temperature: 'hot' },
  { ...good, tools: {} },
])('a chat request like %j is refused', (body) => {
  expect(accepts(chatCompletions, body)).toBe(false)
  expect(accepts(chatCompletions, good)).toBe(true)
})

test('prompts and inputs are texts, lists of texts, or tokens', () => {
  for (const text of ['a', ['a', 'b'], [1, 2], [[1], [2]]]) {
    expect(accepts(completions, { model: 'm', prompt: text })).toBe(true)
    expect(accepts(embeddings, { model: 'm', input: text })).toBe(true)
  }
  for (const wrong of [undefined, null, 5, {}]) {
    expect(accepts(completions, { model: 'm', prompt: wrong })).toBe(false)
    expect(accepts(embeddings, { model: 'm', input: wrong })).toBe(false)
  }
  expect(accepts(embeddings, { model: 'm', input: 'a', encoding_format: 'int8' })).toBe(false)
  expect(accepts(embeddings, { model: 'm', input: 'a', dimensions: 0 })).toBe(false)
})
