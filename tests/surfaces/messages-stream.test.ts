import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Chunk, Delta } from '../../src/chat.ts'
import { anthropic } from '../../src/dialects/anthropic.ts'
import { openai } from '../../src/dialects/openai.ts'
import { GatewayError } from '../../src/errors.ts'
import { fold } from '../../src/fold.ts'
import { open } from '../../src/formats/envelope.ts'
import { keptOf, lastWords } from '../../src/kept.ts'
import { textBatch, type Batch } from '../../src/stream.ts'
import { messages } from '../../src/surfaces/messages.ts'
import { fakeCall } from '../../src/testing/fakes.ts'
import { mapText } from '../../src/text/answer.ts'
import { expected, fixture, scenarios, type Scenario } from '../support/fixtures.ts'
import { createRandom, type Random } from '../support/random.ts'
import { tell } from './messages-grammar.ts'

const decoder = new TextDecoder()
const wireFor = (call = fakeCall({ stream: true })) => ({
  id: 'gen-1',
  requestId: 'req_1',
  codes: 'name' as const,
  model: 'asked/for',
  call,
})

const text = (written: string | Uint8Array): string =>
  typeof written === 'string' ? written : decoder.decode(written)

const write = (batches: readonly Batch[], wire = wireFor()): string => {
  const writer = messages.events!(wire)
  return batches.map((batch) => text(writer.batch(batch))).join('') + writer.end()
}

const writeChunks = (chunks: readonly Chunk[], wire = wireFor()): string =>
  write(
    chunks.map((chunk) => ({ chunks: [chunk] })),
    wire,
  )

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const batchesOf = async (
  dialect: typeof anthropic,
  sse: string,
  size = 1 << 20,
): Promise<Batch[]> => {
  const batches: Batch[] = []
  const bytes = new TextEncoder().encode(sse)
  for await (const batch of decodeStream(
    dialect,
    pieces(bytes, size),
    { event: 1 << 20 },
    fakeCall(),
  ))
    batches.push(batch)
  return batches
}

const chunk = (delta: Delta, more: object = {}): Chunk => ({
  id: 'x',
  model: 'real-model',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
})
const usage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: {
    cached_tokens: 60,
    cache_write_tokens: 10,
    cache_write_5m_tokens: 4,
    cache_write_1h_tokens: 6,
  },
  completion_tokens_details: { reasoning_tokens: 5 },
}
const end = (finish_reason: string, delta: Delta = {}): Chunk[] => [
  chunk(delta, { finish_reason }),
  { choices: [], usage },
]

describe.each(scenarios.anthropic.map((name) => [name]))('Anthropic’s own %s', (name) => {
  const scenario = name as Scenario
  const { sse, json } = fixture('anthropic', scenario)

  test('passes byte for byte, whole reads or cut', async () => {
    for (const size of [1, 7, 64, 1 << 20])
      expect(write(await batchesOf(anthropic, sse, size))).toBe(sse)
  })

  test('becomes the events of a stream when it came whole', () => {
    const told = tell(write([anthropic.decodeWhole(json, fakeCall())]))
    expect(told.message).toEqual(JSON.parse(json))
  })

  test('keeps its meaning when a plugin copied every chunk', async () => {
    const call = fakeCall({ stream: true })
    const chunks = (await batchesOf(anthropic, sse)).flatMap((batch) => [...batch.chunks])
    const finish = chunks.findLast((one) => one.choices?.[0]?.finish_reason)
    call.vars.set(lastWords, finish && keptOf(finish))
    const told = tell(
      writeChunks(
        chunks.map((one) => ({ ...one })),
        wireFor(call),
      ),
    )
    const native = JSON.parse(json)
    expect(told.message.stop_reason).toBe(native.stop_reason)
    expect(told.message.stop_sequence).toBe(native.stop_sequence)
    expect(told.message.stop_details).toEqual(native.stop_details)
    const counts = ({ input_tokens, output_tokens, cache_read_input_tokens }: any) => ({
      input_tokens,
      output_tokens,
      cache_read_input_tokens,
    })
    expect(counts(told.message.usage)).toEqual(counts(native.usage))
    const known = native.content.filter(({ type }: any) =>
      ['thinking', 'redacted_thinking', 'tool_use'].includes(type),
    )
    const got = told.message.content.filter(({ type }: any) => type !== 'text')
    expect(got).toEqual(known.map(({ caller: _caller, ...block }: any) => block))
  })

  test('lets a plugin change its text, and passes all else', async () => {
    const call = fakeCall({ stream: true })
    const chunks = (await batchesOf(anthropic, sse, 9)).flatMap((batch) => [...batch.chunks])
    const finish = chunks.findLast((one) => one.choices?.[0]?.finish_reason)
    call.vars.set(lastWords, finish && keptOf(finish))
    const changed = chunks.map((one): Chunk => {
      const choice = one.choices?.[0]
      const said = choice?.delta?.content
      return said
        ? {
            ...one,
            choices: [{ ...choice!, delta: { ...choice!.delta, content: said.toUpperCase() } }],
          }
        : one
    })
    const told = tell(writeChunks(changed, wireFor(call)))
    const native = JSON.parse(json)
    expect(told.message.content).toEqual(
      native.content.map((block: any) =>
        block.type === 'text' ? { ...block, text: block.text.toUpperCase() } : block,
      ),
    )
    expect(told.message.usage).toMatchObject({ output_tokens: native.usage.output_tokens })
  })
})

const others = (['openai'] as const).flatMap((dialect) =>
  scenarios[dialect].map((name) => [dialect, name] as const),
)

describe.each(others)('%s: %s', (dialect, name) => {
  const scenario = name as Scenario
  const { sse, json } = fixture(dialect, scenario)
  const wanted = expected(dialect, scenario)

  const check = (message: any): void => {
    const texts = message.content
      .filter(({ type }: any) => type === 'text')
      .map((block: any) => block.text)
    expect(texts.join('')).toBe(wanted.content + (wanted.refusal ?? ''))
    const calls = message.content.filter(({ type }: any) => type === 'tool_use')
    if (scenario !== 'custom_tool')
      expect(calls.map((one: any) => ({ name: one.name, arguments: one.input }))).toEqual(
        (wanted.tool_calls ?? []) as any,
      )
    expect(
      message.usage.input_tokens +
        message.usage.cache_read_input_tokens +
        message.usage.cache_creation_input_tokens,
    ).toBe(wanted.usage.prompt_tokens)
    expect(message.usage.output_tokens).toBe(wanted.usage.completion_tokens)
    const reasons: any = {
      stop: 'end_turn',
      length: 'max_tokens',
      tool_calls: 'tool_use',
      content_filter: 'refusal',
    }
    expect(message.stop_reason).toBe(wanted.refusal ? 'refusal' : reasons[wanted.finish_reason])
  }

  test('is told in Anthropic’s grammar, streamed and whole alike', async () => {
    const streamed = tell(write(await batchesOf(openai, sse))).message
    check(streamed)
    const [whole] = openai.decodeWhole(json, fakeCall()).chunks
    const message = JSON.parse(messages.whole(whole!, wireFor()))
    check(message)
    const plain = (one: any) => ({
      ...one,
      id: '',
      // a whole answer does not say in which order its thoughts, texts and calls came
      content: one.content.toSorted((a: any, b: any) => a.type.localeCompare(b.type)),
    })
    expect(plain(streamed)).toEqual(plain(message))
  })
})

test('a stream of plain text is one delta a batch, without looking at chunks', () => {
  const writer = messages.events!(wireFor())
  writer.batch({ chunks: [chunk({ role: 'assistant', content: '' })] })
  writer.batch({ chunks: [chunk({ content: 'a' })] })
  const batch = textBatch('b"\n', () => {
    throw new Error('nobody may look')
  })
  expect(text(writer.batch(batch))).toBe(
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b\\"\\n"}}\n\n',
  )
})

test('usage is Anthropic’s: what was cached is not input', () => {
  const { message } = tell(writeChunks([chunk({ content: 'a' }), ...end('stop')]))
  expect(message.usage).toMatchObject({
    input_tokens: 30,
    cache_read_input_tokens: 60,
    cache_creation_input_tokens: 10,
    output_tokens: 20,
    output_tokens_details: { thinking_tokens: 5 },
  })
  const whole: Chunk = { ...chunk({ content: 'a' }, { finish_reason: 'stop' }), usage }
  expect(JSON.parse(messages.whole(whole, wireFor())).usage).toMatchObject({
    input_tokens: 30,
    cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 6 },
  })
})

test('the model is the answer’s, or what was asked for', () => {
  expect(tell(writeChunks([chunk({ content: 'a' }), ...end('stop')])).message.model).toBe(
    'real-model',
  )
  const nameless: Chunk = {
    choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }],
    usage,
  }
  expect(tell(writeChunks([nameless])).message.model).toBe('asked/for')
})

test('foreign thoughts are sealed beside their text', () => {
  const details = (piece: object): Chunk => chunk({ reasoning_details: [piece] })
  const { message } = tell(
    writeChunks([
      details({
        type: 'reasoning.summary',
        summary: 'I ',
        index: 0,
        format: 'openai-responses-v1',
      }),
      details({
        type: 'reasoning.summary',
        summary: 'think',
        index: 0,
        format: 'openai-responses-v1',
      }),
      details({
        type: 'reasoning.encrypted',
        data: 'gAAA',
        id: 'rs_1',
        index: 1,
        format: 'openai-responses-v1',
      }),
      chunk({ content: 'so' }),
      ...end('stop'),
    ]),
  )
  const [thinking, said] = message.content
  expect(thinking).toMatchObject({ type: 'thinking', thinking: 'I think' })
  expect(said).toEqual({ type: 'text', text: 'so' })
  expect(open(thinking.signature)).toEqual([
    { type: 'reasoning.summary', index: 0, format: 'openai-responses-v1' },
    {
      type: 'reasoning.encrypted',
      data: 'gAAA',
      id: 'rs_1',
      index: 1,
      format: 'openai-responses-v1',
    },
  ])
  const back = messages.decode!(
    { model: 'm', messages: [{ role: 'assistant', content: message.content }] },
    { headers: new Headers() } as never,
  )
  expect(back.messages![0]).toMatchObject({
    reasoning: 'I think',
    content: [{ type: 'text', text: 'so' }],
    reasoning_details: [
      { type: 'reasoning.summary', summary: 'I think', index: 0, format: 'openai-responses-v1' },
      {
        type: 'reasoning.encrypted',
        data: 'gAAA',
        id: 'rs_1',
        index: 1,
        format: 'openai-responses-v1',
      },
    ],
  })
})

test('a signature that belongs to a call is sealed before it', () => {
  const { message } = tell(
    writeChunks([
      chunk({
        reasoning_details: [
          { type: 'reasoning.encrypted', data: 'sig', id: 'call_1', format: 'google-gemini-v1' },
        ],
        tool_calls: [
          {
            index: 0,
            id: 'call_1',
            type: 'function',
            function: { name: 'f', arguments: '{"a":1}' },
          },
        ],
      }),
      ...end('tool_calls'),
    ]),
  )
  expect(message.content.map(({ type }: any) => type)).toEqual(['redacted_thinking', 'tool_use'])
  expect(open(message.content[0].data)).toEqual([
    { type: 'reasoning.encrypted', data: 'sig', id: 'call_1', format: 'google-gemini-v1' },
  ])
})

test('calls that come interleaved are told one after the other', () => {
  const call = (index: number, args: string, more: object = {}) =>
    chunk({
      tool_calls: [
        {
          index,
          ...more,
          function: { arguments: args, ...(Object.keys(more).length > 0 && { name: `f${index}` }) },
        },
      ],
    })
  const { message } = tell(
    writeChunks([
      call(0, '{"a"', { id: 't0', type: 'function' }),
      call(1, '{"b":', { id: 't1', type: 'function' }),
      call(0, ':1'),
      chunk({ content: 'between' }),
      call(1, '2}'),
      call(0, '}'),
      ...end('tool_calls'),
    ]),
  )
  expect(message.content).toEqual([
    { type: 'tool_use', id: 't0', name: 'f0', input: { a: 1 } },
    { type: 'tool_use', id: 't1', name: 'f1', input: { b: 2 } },
    { type: 'text', text: 'between' },
  ])
})

test('text that a plugin held back until the end gets a block of its own, after the provider’s', async () => {
  const call = fakeCall({ stream: true })
  const chunks = (await batchesOf(anthropic, fixture('anthropic', 'text').sse)).flatMap((batch) => [
    ...batch.chunks,
  ])
  const finish = chunks.findLast((one) => one.choices?.[0]?.finish_reason)!
  call.vars.set(lastWords, keptOf(finish))
  const held = chunks.map((one): Chunk =>
    one === finish
      ? { ...one, choices: [{ ...one.choices![0]!, delta: { content: 'held back' } }] }
      : one,
  )
  const { message, events } = tell(writeChunks(held, wireFor(call)))
  expect(message.content.at(-1)).toEqual({ type: 'text', text: 'held back' })
  expect(events.filter(({ name }) => name === 'message_stop')).toHaveLength(1)
})

test('what a plugin holds back of a call comes within its block, also when the next has begun', async () => {
  const chunks = (await batchesOf(anthropic, fixture('anthropic', 'interleaved').sse)).flatMap(
    (batch) => [...batch.chunks],
  )
  const native = JSON.parse(fixture('anthropic', 'interleaved').json)
  const mapped = mapText(
    (async function* all() {
      yield* chunks
    })(),
    () => {
      let held = ''
      return {
        push(said) {
          const known = held + said
          held = known.slice(-3)
          return known.slice(0, -3)
        },
        end: () => held,
      }
    },
  )
  const call = fakeCall({ stream: true })
  call.vars.set(lastWords, keptOf(chunks.findLast((one) => one.choices?.[0]?.finish_reason)!))
  const told: Chunk[] = []
  for await (const one of mapped) told.push(one)
  const { message, events } = tell(writeChunks(told, wireFor(call)))
  const calls = (content: any) =>
    content
      .filter(({ type }: any) => type === 'tool_use')
      .map(({ name, input }: any) => [name, input])
  expect(calls(message.content)).toEqual(calls(native.content))
  const signatures = (content: any) => content.map(({ signature }: any) => signature)
  expect(signatures(message.content).filter(Boolean)).toEqual(
    signatures(native.content).filter(Boolean),
  )
  expect(events.at(-1)!.name).toBe('message_stop')
})

test('nothing follows message_stop, not even an error', async () => {
  const writer = messages.events!(wireFor())
  const batches = await batchesOf(anthropic, fixture('anthropic', 'text').sse)
  const all = batches.map((batch) => text(writer.batch(batch))).join('')
  expect(all).toContain('message_stop')
  expect(writer.error(new GatewayError('provider_overloaded')) + writer.end()).toBe('')
})

test('what a plugin says first moves the provider’s blocks', async () => {
  const chunks = (await batchesOf(anthropic, fixture('anthropic', 'interleaved').sse)).flatMap(
    (batch) => [...batch.chunks],
  )
  const { message } = tell(writeChunks([chunk({ content: 'Note: ' }), ...chunks]))
  expect(message.content).toEqual([
    { type: 'text', text: 'Note: ' },
    ...JSON.parse(fixture('anthropic', 'interleaved').json).content,
  ])
})

test('what a plugin says in the middle waits for the provider’s call, and interrupts nothing else', async () => {
  const chunks = (await batchesOf(anthropic, fixture('anthropic', 'interleaved').sse)).flatMap(
    (batch) => [...batch.chunks],
  )
  const native = JSON.parse(fixture('anthropic', 'interleaved').json)
  for (let at = 1; at < chunks.length - 2; at++) {
    const { message } = tell(
      writeChunks([...chunks.slice(0, at), chunk({ content: '[x]' }), ...chunks.slice(at)]),
    )
    const texts = message.content
      .filter(({ type }: any) => type === 'text')
      .map((block: any) => block.text)
    expect(texts.join('').replace('[x]', '')).toBe('First the weather.')
    expect(texts.join('')).toContain('[x]')
    const calls = (content: any) =>
      content
        .filter(({ type }: any) => type === 'tool_use')
        .map(({ name, input }: any) => [name, input])
    expect(calls(message.content)).toEqual(calls(native.content))
    const thoughts = (content: any) =>
      content
        .filter(({ type }: any) => type === 'thinking')
        .map(({ thinking }: any) => thinking)
        .join('')
    expect(thoughts(message.content)).toBe(thoughts(native.content))
  }
})

test('an error ends the answer without message_stop', async () => {
  const writer = messages.events!(wireFor())
  const begun = text(writer.batch({ chunks: [chunk({ content: 'a' })] }))
  const said = writer.error(new GatewayError('provider_overloaded'))
  const { error } = tell(begun + said)
  expect(error).toMatchObject({
    type: 'error',
    error: { type: 'overloaded_error' },
    request_id: 'req_1',
  })
  expect(text(writer.batch({ chunks: [chunk({ content: 'b' })] })) + writer.end()).toBe('')
})

test('silence is a ping', () => {
  expect(messages.events!(wireFor()).silence!()).toBe('event: ping\ndata: {"type": "ping"}\n\n')
})

test('an answer that a plugin changed keeps what only Anthropic knows', async () => {
  const json = JSON.stringify(
    { ...JSON.parse(fixture('anthropic', 'text_and_tool').json), novel: { a: [1] } },
    null,
    3,
  )
  const call = fakeCall()
  const [whole] = anthropic.decodeWhole(json, call).chunks
  call.vars.set(lastWords, keptOf(whole!))
  const choice = whole!.choices![0]!
  const next: Chunk = {
    ...whole!,
    choices: [{ ...choice, delta: { ...choice.delta, content: 'CHANGED' } }],
  }
  const said = choice.delta!.content!
  expect(messages.whole(next, wireFor(call))).toBe(json.replace(JSON.stringify(said), '"CHANGED"'))
  expect(messages.whole(whole!, wireFor(call))).toBe(json)
})

test.each(['citations', 'server_tool', 'interleaved', 'unknown', 'parallel'] as const)(
  'a plugin that changed a word of %s changes that word',
  (scenario) => {
    const { json } = fixture('anthropic', scenario)
    const call = fakeCall()
    const [whole] = anthropic.decodeWhole(json, call).chunks
    call.vars.set(lastWords, keptOf(whole!))
    const choice = whole!.choices![0]!
    for (const [word, next] of [
      ['Zürich', 'ZURIGO!'],
      ['weather', 'sky'],
      ['known', 'k'],
      ['Tokyo', 'Edo'],
    ] as const) {
      const texts = (choice.delta!.content ?? '').includes(word)
      const calls = choice.delta!.tool_calls?.map((one) => ({
        ...one,
        function: { ...one.function, arguments: one.function!.arguments!.replaceAll(word, next) },
      }))
      const changed: Chunk = {
        ...whole!,
        choices: [
          {
            ...choice,
            delta: {
              ...choice.delta,
              content: choice.delta!.content?.replaceAll(word, next) ?? null,
              ...(calls && { tool_calls: calls }),
            },
          },
        ],
      }
      const wanted = JSON.parse(json, (key, value) =>
        ['text', 'city', 'timezone'].includes(key) ? value.replaceAll(word, next) : value,
      )
      expect(JSON.parse(messages.whole(changed, wireFor(call)))).toEqual(wanted)
      if (!texts && !calls) expect(messages.whole(changed, wireFor(call))).toBe(json)
    }
  },
)

const jsons = ['{}', '{"a":1}', '{"text":"} \\" {"}', '{"deep":{"list":[1,{"b":null}]}}', '']
const cut = (random: Random, whole: string): string[] => {
  const parts: string[] = []
  for (let at = 0; at < whole.length;) {
    const size = 1 + Math.floor(random() * 6)
    parts.push(whole.slice(at, at + size))
    at += size
  }
  return parts.length > 0 ? parts : ['']
}

interface Script {
  readonly chunks: Chunk[]
  readonly content: string
  readonly calls: readonly { name: string; input: unknown }[]
}

/** Any order of anything: what no provider does, but a plugin may. */
const anyChunks = (random: Random): Script => {
  const deltas: Delta[] = []
  let content = ''
  const calls: { name: string; input: unknown }[] = []
  const streams: Delta[][] = []
  for (let lane = 0; lane < 1 + Math.floor(random() * 5); lane++) {
    const kind = random.pick(['text', 'thought', 'own', 'call', 'call', 'plain', 'cite'])
    if (kind === 'call') {
      const json = random.pick(jsons)
      const index = calls.length
      calls.push({ name: `f${index}`, input: json === '' ? {} : JSON.parse(json) })
      streams.push(
        cut(random, json).map((piece, at) => ({
          tool_calls: [
            {
              index,
              ...(at === 0 && { id: `t${index}`, type: 'function' }),
              function: { ...(at === 0 && { name: `f${index}` }), arguments: piece },
            },
          ],
        })),
      )
    } else if (kind === 'thought') {
      streams.push([
        ...cut(random, 'foreign thoughts').map((piece) => ({
          reasoning_details: [
            { type: 'reasoning.text', text: piece, index: lane, format: 'google-gemini-v1' },
          ],
        })),
        {
          reasoning_details: [
            {
              type: 'reasoning.encrypted',
              data: `d${lane}`,
              index: lane,
              format: 'google-gemini-v1',
            },
          ],
        },
      ])
    } else if (kind === 'own') {
      streams.push([
        ...cut(random, 'own thoughts').map((piece) => ({
          reasoning: piece,
          reasoning_details: [
            { type: 'reasoning.text', text: piece, index: lane, format: 'anthropic-claude-v1' },
          ],
        })),
        {
          reasoning_details: [
            {
              type: 'reasoning.text',
              signature: `s${lane}`,
              index: lane,
              format: 'anthropic-claude-v1',
            },
          ],
        },
      ])
    } else if (kind === 'plain')
      streams.push(cut(random, 'unsigned').map((reasoning) => ({ reasoning })))
    else if (kind === 'cite')
      streams.push([
        {
          annotations: [
            { type: 'url_citation', url_citation: { url: 'https://e.com', title: 'E' } },
          ],
        },
      ])
    else {
      const said = random.pick(['hello', 'ä漢👩🏽‍🚀', '"quoted"\n'])
      streams.push(cut(random, said).map((piece) => ({ content: piece })))
    }
  }
  const mixed = random() < 0.5
  while (streams.some((lane) => lane.length > 0)) {
    const live = streams.filter((lane) => lane.length > 0)
    const lane = mixed ? random.pick(live) : live[0]!
    const delta: any = lane.shift()!
    content += delta.content ?? ''
    deltas.push(delta)
  }
  const joined =
    random() < 0.2
      ? [deltas.map((delta) => chunk(delta)).reduce<Chunk>(fold, chunk({}))]
      : deltas.map((delta) => chunk(delta))
  const finish = calls.length > 0 ? 'tool_calls' : 'stop'
  const ends = random.pick([
    end(finish),
    [{ ...chunk({}, { finish_reason: finish }), usage }],
    [chunk({}, { finish_reason: finish })],
    [],
  ])
  const role = random() < 0.5 ? [chunk({ role: 'assistant', content: '' })] : []
  return { chunks: [...role, ...joined, ...ends], content, calls }
}

test('any sequence of chunks is told in the grammar, and nothing of it is lost', () => {
  for (let seed = 1; seed <= 3_000; seed++) {
    const { chunks, content, calls } = anyChunks(createRandom(seed))
    try {
      const { message } = tell(writeChunks(chunks))
      const texts = message.content
        .filter(({ type }: any) => type === 'text')
        .map((block: any) => block.text)
      expect([...texts.join('')].sort()).toEqual([...content].sort())
      const called = message.content.filter(({ type }: any) => type === 'tool_use')
      expect(
        called
          .map(({ name, input }: any) => ({ name, input }))
          .sort((a: any, b: any) => a.name.localeCompare(b.name)),
      ).toEqual(calls as any)
      for (const block of message.content)
        if (block.type === 'thinking') expect(block.signature).not.toBe('')
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}`, { cause: error })
    }
  }
})
