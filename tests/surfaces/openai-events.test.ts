import { describe, expect, test } from 'bun:test'
import type { Chunk } from '../../src/chat.ts'
import { openai } from '../../src/dialects/openai.ts'
import { GatewayError } from '../../src/errors.ts'
import { collect } from '../../src/fold.ts'
import { keepText } from '../../src/kept.ts'
import { openAIEvents } from '../../src/surfaces/openai-events.ts'
import type { EventWriter, Wire } from '../../src/surfaces/surface.ts'
import { fakeCall } from '../../src/testing.ts'
import { recordings, type Recording } from '../support/recorded.ts'
import { parseSse } from '../support/sse.ts'

const wire: Wire = { id: 'gen-1', requestId: 'req_1', codes: 'name' }
const base = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' }
const text = (written: string | Uint8Array) =>
  typeof written === 'string' ? written : new TextDecoder().decode(written)

const events = (writer: EventWriter, ...chunks: Chunk[]): readonly any[] =>
  parseSse(text(writer.batch({ chunks })) + writer.end()).events

test('bytes of the provider’s are written as they are', () => {
  const bytes = new TextEncoder().encode('data: { "as": "it came" }\n\n')
  expect(openAIEvents(wire).batch({ chunks: [base], bytes })).toBe(bytes)
})

test('a chunk that nobody changed is its own text, one that somebody did is written anew', () => {
  const chunk = keepText<Chunk>({ ...base, choices: [] }, '{ "kept": 1.0 }')
  expect(openAIEvents(wire).batch({ chunks: [chunk] })).toBe('data: { "kept": 1.0 }\n\n')
  expect(openAIEvents(wire).batch({ chunks: [{ ...chunk }] })).toBe(
    `data: ${JSON.stringify(chunk)}\n\n`,
  )
})

test('an empty batch writes nothing, and the end is [DONE]', () => {
  const writer = openAIEvents(wire)
  expect(writer.batch({ chunks: [] })).toBe('')
  expect(writer.end()).toBe('data: [DONE]\n\n')
})

describe.each(Object.entries(recordings) as [string, Recording][])(
  'a whole answer with %s',
  (_name, recording) => {
    const body = JSON.stringify({
      ...base,
      object: 'chat.completion',
      choices: recording.whole,
      usage: recording.usage,
    })
    const [whole] = openai.decodeWhole(body, fakeCall()).chunks
    const written = events(openAIEvents(wire), whole!)

    test('becomes role, message, finish and usage, in this order', () => {
      expect(written).toHaveLength(4)
      const [role, said, finish, usage] = written
      expect(new Set(written.map(({ object }) => object))).toEqual(new Set([base.object]))
      expect(new Set(written.map(({ id }) => id))).toEqual(new Set(['x']))
      for (const { delta, finish_reason } of role.choices) {
        expect([delta, finish_reason]).toEqual([{ role: 'assistant', content: '' }, null])
      }
      expect(said.choices.every((choice: any) => choice.finish_reason === null)).toBe(true)
      expect(finish.choices.map((choice: any) => choice.finish_reason)).toEqual(
        recording.whole.map(({ finish_reason }) => finish_reason as string),
      )
      expect(usage).toMatchObject({ choices: [], usage: recording.usage as object })
      expect(written.filter((event) => event.usage)).toHaveLength(1)
    })

    test('says, folded by the client, what the whole answer said', async () => {
      const folded = await collect(
        (async function* () {
          yield* written as Chunk[]
        })(),
      )
      folded?.choices?.forEach(({ delta }: any, at) => {
        const { message } = recording.whole[at] as any
        for (const [field, value] of Object.entries(message)) {
          if (value === null) continue
          if (field === 'tool_calls')
            expect(delta.tool_calls).toEqual(
              (value as object[]).map((call, index) => ({ index, ...call })),
            )
          else expect(delta[field]).toEqual(value)
        }
      })
    })
  },
)

test('a whole legacy answer becomes its text, then its usage', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  const choices = [{ index: 0, text: 'a', finish_reason: 'stop' }]
  const chunk: Chunk = { ...base, object: 'text_completion', choices, usage }
  const [said, counted, ...more] = events(openAIEvents(wire), chunk)
  expect(more).toEqual([])
  expect(said).toEqual({ ...base, object: 'text_completion', choices })
  expect(counted).toMatchObject({ object: 'text_completion', choices: [], usage })
})

describe('an error after the head', () => {
  const error = new GatewayError('upstream_timeout', { provider: 'box' })

  test('is a finishing chunk of the same answer, then [DONE]', () => {
    const writer = openAIEvents(wire)
    writer.batch({ chunks: [{ ...base, choices: [] }] })
    const { events } = parseSse(writer.error(error))
    expect(events).toEqual([
      {
        ...base,
        choices: [{ index: 0, delta: { role: 'assistant' }, finish_reason: 'error' }],
        error: {
          message: error.message,
          type: 'upstream_error',
          param: null,
          code: 'upstream_timeout',
          metadata: { error_type: 'timeout', provider: 'box', request_id: 'req_1' },
        },
      },
    ])
  })

  test('has an id of ours when nothing was said before', () => {
    const [event] = parseSse(openAIEvents(wire).error(error)).events
    expect(event).toMatchObject({ id: 'gen-1', object: 'chat.completion.chunk', model: '' })
    expect(event.created).toBeInteger()
  })

  test('keeps the format of legacy completions', () => {
    const writer = openAIEvents(wire)
    writer.batch({ chunks: [{ ...base, object: 'text_completion' }] })
    expect(parseSse(writer.error(error)).events[0].object).toBe('text_completion')
  })
})

test('what a plugin answers by itself is a complete chunk all the same', () => {
  // Chunk's id, object, created and model are optional, but every client's schema demands them
  const answer: Chunk = { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] }
  for (const event of events(openAIEvents(wire), answer))
    expect(event).toMatchObject({
      id: expect.any(String),
      object: 'chat.completion.chunk',
      created: expect.any(Number),
      model: expect.any(String),
    })
})

test('pieces of another format share one id, one time and one model, and say that they go on', () => {
  const writer = openAIEvents({ id: 'gen-1', requestId: 'req_1', codes: 'name', model: 'asked' })
  const first: Chunk = {
    id: 'msg_1',
    model: 'claude',
    choices: [{ index: 0, delta: { role: 'assistant' } }],
  }
  const text = [
    writer.batch({ chunks: [first], format: 'anthropic' }),
    writer.batch({ plain: 'Hello', chunks: [], format: 'anthropic' }),
    writer.batch({ chunks: [{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }] }),
    writer.end(),
  ].join('')
  const events = parseSse(text).events
  expect(
    new Set(events.map(({ id, created, model }: any) => `${id} ${created} ${model}`)).size,
  ).toBe(1)
  expect(
    events.map(({ choices }: any) => [choices[0].delta.content, choices[0].finish_reason]),
  ).toEqual([
    [undefined, null],
    ['Hello', null],
    [undefined, 'stop'],
  ])
})

test('under /api/v1 a field is absent until it says something, and nobody’s words are touched', () => {
  const words = 'He said ,"usage":null and "system_fingerprint": null, twice.'
  const body = {
    system_fingerprint: null,
    choices: [{ index: 0, delta: { content: words } }],
    usage: null,
  }
  const { system_fingerprint: _none, usage: _null, ...rest } = body
  for (const text of [JSON.stringify(body), JSON.stringify(body, null, 1).replaceAll('\n', ' ')]) {
    const chunk = keepText(JSON.parse(text) as Chunk, text)
    for (const batch of [
      { chunks: [chunk] },
      { chunks: [chunk], bytes: new TextEncoder().encode(`data: ${text}\n\n`) },
    ]) {
      const strict = openAIEvents({ id: 'gen-1', requestId: 'req_1', codes: 'status' }).batch(batch)
      expect(JSON.parse(String(strict).slice('data: '.length))).toEqual(rest)
      const plain = openAIEvents({ id: 'gen-1', requestId: 'req_1', codes: 'name' }).batch(batch)
      expect(new Response(plain as any).text()).resolves.toBe(`data: ${text}\n\n`)
    }
  }
})
