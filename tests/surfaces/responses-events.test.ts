import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Call, Chunk, Delta } from '../../src/chat.ts'
import { responses as dialect } from '../../src/dialects/responses.ts'
import { GatewayError } from '../../src/errors.ts'
import { fold } from '../../src/fold.ts'
import { seal } from '../../src/formats/envelope.ts'
import { readJson } from '../../src/json.ts'
import { keptOf, lastWords } from '../../src/kept.ts'
import { textBatch } from '../../src/stream.ts'
import { responses } from '../../src/surfaces/responses.ts'
import type { Wire } from '../../src/surfaces/surface.ts'
import { fakeCall } from '../../src/testing.ts'
import { fixture, scenarios } from '../support/fixtures.ts'
import { createRandom, type Random } from '../support/random.ts'
import { eventsIn, judge, mistakesIn } from '../support/responses-grammar.ts'

const limits = { max_depth: 64, max_keys: 20_000 }
const asked = {
  model: 'asked',
  input: 'Hi',
  stream: true,
  tools: [
    { type: 'function', name: 'get_weather', parameters: { type: 'object', properties: {} } },
    { type: 'custom', name: 'apply_patch', format: { type: 'text' } },
    {
      type: 'namespace',
      name: 'mcp__files',
      description: 'Files.',
      tools: [{ type: 'function', name: 'read', parameters: { type: 'object' } }],
    },
  ],
}

const wireFor = (body: object = asked, more: Partial<Wire> = {}): Wire & { call: Call } => {
  const json = readJson(JSON.stringify(body), limits)
  const place: any = { headers: new Headers(), query: new URLSearchParams(), memory: new Map() }
  const request = responses.decode!(json.value, { ...place, memory: { get: () => undefined } })
  const call = fakeCall({}, { request, source: { format: 'responses', json, request } })
  return { id: 'gen-1', requestId: 'req_1', codes: 'name', model: 'asked', call, ...more }
}

const textOf = (written: string | Uint8Array): string =>
  typeof written === 'string' ? written : new TextDecoder().decode(written)

/** What a client gets for these chunks, each in a batch of its own. */
const written = (chunks: readonly Chunk[], wire: Wire = wireFor()): string => {
  const writer = responses.events!(wire)
  return chunks.map((chunk) => textOf(writer.batch({ chunks: [chunk] }))).join('') + writer.end()
}

const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'real' }
const piece = (delta: Delta, finish_reason: string | null = null): Chunk => ({
  ...base,
  choices: [{ index: 0, delta, finish_reason }],
})
const usage = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 1 },
  completion_tokens_details: { reasoning_tokens: 2 },
}
const counted: Chunk = { ...base, choices: [], usage }

const flawless = (raw: string): any[] => {
  const events = eventsIn(raw)
  expect(mistakesIn(events)).toEqual([])
  return events
}

const typesOf = (events: readonly any[]): string[] =>
  events.map(({ type }) => type.replace('response.', ''))

describe('the events of a response', () => {
  test('tell a text from its beginning to its end', () => {
    const events = flawless(
      written([
        piece({ role: 'assistant', content: '' }),
        piece({ content: 'Hel' }),
        piece({ content: 'lo' }),
        piece({}, 'stop'),
        counted,
      ]),
    )
    expect(typesOf(events)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ])
    const { response } = events.at(-1)
    expect(response).toMatchObject({ status: 'completed', model: 'real', error: null })
    expect(response.usage).toEqual({
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 3, cache_write_tokens: 1 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 15,
    })
    expect(response.completed_at).toBeNumber()
  })

  test('end with [DONE] only where OpenRouter’s clients ask', () => {
    const chunks = [piece({ content: 'Hi' }, 'stop'), counted]
    expect(written(chunks)).not.toContain('[DONE]')
    expect(written(chunks, wireFor(asked, { codes: 'status' }))).toEndWith('data: [DONE]\n\n')
  })

  test('tell reasoning, text and calls as items of their own', () => {
    const events = flawless(
      written([
        piece({
          reasoning: 'Let me',
          reasoning_details: [
            { type: 'reasoning.text', text: 'Let me', index: 0, format: 'anthropic-claude-v1' },
          ],
        }),
        piece({
          reasoning: ' see.',
          reasoning_details: [
            { type: 'reasoning.text', text: ' see.', index: 0, format: 'anthropic-claude-v1' },
          ],
        }),
        piece({
          reasoning_details: [
            { type: 'reasoning.text', signature: 'SIG=', index: 0, format: 'anthropic-claude-v1' },
          ],
        }),
        piece({ content: 'Looking.' }),
        piece({
          tool_calls: [
            {
              index: 0,
              id: 'call_a',
              type: 'function',
              function: { name: 'get_weather', arguments: '' },
            },
          ],
        }),
        piece({
          tool_calls: [
            { index: 1, id: 'call_b', type: 'custom', custom: { name: 'apply_patch', input: '' } },
          ],
        }),
        piece({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
        piece({ tool_calls: [{ index: 1, custom: { input: '*** Begin' } }] }),
        piece({ tool_calls: [{ index: 0, function: { arguments: '"Zürich"}' } }] }),
        piece({
          tool_calls: [
            {
              index: 2,
              id: 'call_c',
              type: 'function',
              function: { name: 'mcp__files__read', arguments: '{}' },
            },
          ],
        }),
        piece({}, 'tool_calls'),
        counted,
      ]),
    )
    const { output } = events.at(-1).response
    const sealed = seal([
      {
        type: 'reasoning.text',
        text: 'Let me see.',
        index: 0,
        format: 'anthropic-claude-v1',
        signature: 'SIG=',
      },
    ])
    expect(output.map(({ id: _id, ...item }: any) => item)).toEqual([
      {
        type: 'reasoning',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'Let me see.' }],
        encrypted_content: sealed,
      },
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Looking.', annotations: [], logprobs: [] }],
      },
      {
        type: 'function_call',
        status: 'completed',
        call_id: 'call_a',
        name: 'get_weather',
        arguments: '{"city":"Zürich"}',
      },
      { type: 'custom_tool_call', call_id: 'call_b', name: 'apply_patch', input: '*** Begin' },
      {
        type: 'function_call',
        status: 'completed',
        call_id: 'call_c',
        namespace: 'mcp__files',
        name: 'read',
        arguments: '{}',
      },
    ])
  })

  test('show foreign reasoning as a summary to who asked for summaries', () => {
    const events = flawless(
      written(
        [piece({ reasoning_content: 'Hm.' }), piece({ content: 'Yes.' }, 'stop'), counted],
        wireFor({ ...asked, reasoning: { effort: 'low', summary: 'auto' } }),
      ),
    )
    expect(events.at(-1).response.output[0]).toMatchObject({
      summary: [{ type: 'summary_text', text: 'Hm.' }],
    })
  })

  test('end incomplete for a length and a filter', () => {
    for (const [finish, reason] of [
      ['length', 'max_output_tokens'],
      ['content_filter', 'content_filter'],
    ]) {
      const events = flawless(written([piece({ content: 'Once' }), piece({}, finish!), counted]))
      const last = events.at(-1)
      expect(last.type).toBe('response.incomplete')
      expect(last.response).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason },
        completed_at: null,
        output: [{ status: 'incomplete' }],
      })
    }
  })

  test('tell annotations, log probabilities, refusals and images', () => {
    const events = flawless(
      written([
        {
          ...base,
          choices: [
            {
              index: 0,
              delta: { content: 'See here.' },
              logprobs: {
                content: [{ token: 'See', logprob: -0.1, bytes: null, top_logprobs: [] }],
              },
              finish_reason: null,
            },
          ],
        },
        piece({
          annotations: [
            {
              type: 'url_citation',
              url_citation: { url: 'https://a.b', title: 'A', start_index: 4, end_index: 8 },
            },
          ],
        }),
        piece({ refusal: 'No more.' }),
        piece({
          images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } }],
        }),
        piece({}, 'stop'),
        counted,
      ]),
    )
    const [message, image] = events.at(-1).response.output
    expect(message.content).toEqual([
      {
        type: 'output_text',
        text: 'See here.',
        annotations: [
          { type: 'url_citation', url: 'https://a.b', title: 'A', start_index: 4, end_index: 8 },
        ],
        logprobs: [{ token: 'See', logprob: -0.1, bytes: [], top_logprobs: [] }],
      },
      { type: 'refusal', refusal: 'No more.' },
    ])
    expect(image).toMatchObject({ type: 'image_generation_call', result: 'QUJD' })
  })

  test('tell a failure once and last, with what was said before', () => {
    for (const [code, known] of [
      ['upstream_disconnected', 'server_error'],
      ['rate_limit_exceeded', 'rate_limit_exceeded'],
      ['content_policy_violation', 'invalid_prompt'],
    ] as const) {
      const writer = responses.events!(wireFor())
      const raw =
        textOf(writer.batch({ chunks: [piece({ content: 'Once' })] })) +
        writer.error(new GatewayError(code))
      const last = flawless(raw).at(-1)
      expect(last.type).toBe('response.failed')
      expect(last.response).toMatchObject({ status: 'failed', error: { code: known } })
      expect(last.response.error_type).toBeString()
    }
    flawless(responses.events!(wireFor()).error(new GatewayError('upstream_error')))
  })

  test.each([undefined, null, {}, 'done', 'in_progress'])(
    'end in a word that clients wait for, though the provider’s own is %j',
    async (status) => {
      const { sse } = fixture('responses', 'text')
      const events = eventsIn(sse)
      const last = events.at(-1)
      const odd = [...events.slice(0, -1), { ...last, response: { ...last.response, status } }]
      const lines = odd.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      const wire = wireFor()
      const writer = responses.events!(wire)
      const copies = (await batchesOf(lines.join(''), 100_000, wire)).flatMap(({ chunks }) =>
        chunks.map((chunk) => ({ ...chunk })),
      )
      const raw = copies.map((chunk) => textOf(writer.batch({ chunks: [chunk] }))).join('')
      const end = eventsIn(raw + writer.end()).at(-1)
      expect([end.type, end.response.status]).toEqual(['response.completed', 'completed'])
    },
  )

  test('echo the request in full', () => {
    const body = {
      ...asked,
      instructions: 'Be brief.',
      temperature: 0.5,
      metadata: { a: 'b' },
      max_output_tokens: 99,
      tool_choice: { type: 'function', name: 'get_weather' },
      parallel_tool_calls: false,
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      reasoning: { effort: 'low' },
      truncation: 'auto',
      store: false,
    }
    const { response } = flawless(written([piece({ content: '{}' }, 'stop')], wireFor(body))).at(-1)
    expect(response).toMatchObject({
      instructions: 'Be brief.',
      temperature: 0.5,
      metadata: { a: 'b' },
      max_output_tokens: 99,
      tool_choice: { type: 'function', name: 'get_weather' },
      parallel_tool_calls: false,
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      reasoning: { effort: 'low', summary: null },
      truncation: 'auto',
      store: false,
      background: false,
      top_p: 1,
      top_logprobs: 0,
      previous_response_id: null,
    })
    expect(response.tools[0]).toMatchObject({ strict: null, description: null })
  })
})

const random = (seed: number): Random => createRandom(seed)

/** Any sequence of canonical chunks, sensible or not. */
const anything = (dice: Random): Chunk[] => {
  const words = ['a', '"b"', ' 漢', '👩🏽‍🚀', '\n', '\\', '{']
  const delta = (): Delta => {
    const made: Record<string, unknown> = {}
    if (dice() < 0.3) made.content = dice.pick([...words, '', null as never])
    if (dice() < 0.2) made.reasoning = dice.pick(words)
    if (dice() < 0.2)
      made.reasoning_details = [
        {
          type: dice.pick(['reasoning.text', 'reasoning.summary', 'reasoning.encrypted']),
          ...dice.pick([{ text: 'T' }, { summary: 'S' }, { data: 'D' }, { signature: 'G' }]),
          ...dice.pick([{}, { id: 'rs_x' }, { id: 'rs_y' }]),
          format: dice.pick(['anthropic-claude-v1', 'openai-responses-v1', 'unknown']),
          index: dice.pick([0, 1, 2]),
        },
      ]
    if (dice() < 0.1) made.refusal = dice.pick(words)
    if (dice() < 0.1) made.annotations = [{ type: 'url_citation', url_citation: { url: 'u' } }]
    if (dice() < 0.05)
      made.images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } }]
    if (dice() < 0.35)
      made.tool_calls = [0, 1].slice(0, dice.pick([1, 2])).map(() => ({
        ...dice.pick([{}, { index: 0 }, { index: 1 }, { index: 2 }]),
        ...dice.pick([{}, { id: `call_${Math.floor(dice() * 9)}` }]),
        ...dice.pick([
          { type: 'function', function: { name: 'get_weather', arguments: '' } },
          { function: { arguments: dice.pick(words) } },
          { type: 'custom', custom: { name: 'apply_patch', input: 'x' } },
          { custom: { input: dice.pick(words) } },
        ]),
      }))
    if (dice() < 0.1) made.role = 'assistant'
    return made
  }
  const count = Math.floor(dice() * 20)
  return Array.from({ length: count }, (): Chunk => {
    const kind = dice()
    if (kind < 0.05) return counted
    if (kind < 0.1) return { ...base, choices: [] }
    return {
      ...base,
      ...(dice() < 0.05 && { object: 'chat.completion' }),
      choices: [
        {
          index: 0,
          delta: delta(),
          finish_reason: dice() < 0.05 ? dice.pick(['stop', 'length', 'tool_calls']) : null,
        },
      ],
      ...(dice() < 0.05 && { usage }),
    }
  })
}

test('whatever the chunks are, the grammar holds and every event is one of OpenAI’s', () => {
  for (let seed = 1; seed <= 1_500; seed++) {
    const chunks = anything(random(seed))
    const mistakes = mistakesIn(eventsIn(written(chunks)), { schema: seed % 5 === 0 })
    if (mistakes.length > 0) throw new Error(`seed ${seed}: ${mistakes.join('\n')}`)
  }
})

test('whatever the chunks are, a failure after them keeps the grammar', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const writer = responses.events!(wireFor())
    const said = anything(random(seed)).map((chunk) => textOf(writer.batch({ chunks: [chunk] })))
    const raw = said.join('') + writer.error(new GatewayError('upstream_disconnected'))
    expect(mistakesIn(eventsIn(raw), { schema: seed % 5 === 0 })).toEqual([])
  }
})

test('text that nobody parsed is written as text', () => {
  const writer = responses.events!(wireFor())
  const batch = textBatch('Hello', () => {
    throw new Error('parsed')
  })
  const raw = textOf(writer.batch(batch)) + writer.end()
  expect(flawless(raw).at(-1).response.output[0].content[0].text).toBe('Hello')
})

/** Without what is made anew each time. */
const bare = (response: any): any =>
  JSON.parse(
    JSON.stringify(response, (key, value) =>
      ['id', 'created_at', 'completed_at', 'item_id'].includes(key) ? undefined : value,
    ),
  )

test('a whole answer is the response that the stream’s end has', () => {
  const chunks = [
    piece({ role: 'assistant', content: '' }),
    piece({
      reasoning: 'Hm.',
      reasoning_details: [
        {
          type: 'reasoning.text',
          text: 'Hm.',
          signature: 'S',
          index: 0,
          format: 'anthropic-claude-v1',
        },
      ],
    }),
    piece({ content: 'Let me ' }),
    piece({ content: 'look.' }),
    piece({
      tool_calls: [
        {
          index: 0,
          id: 'call_1',
          type: 'function',
          function: { name: 'get_weather', arguments: '{}' },
        },
      ],
    }),
    piece({}, 'tool_calls'),
    counted,
  ]
  const streamed = flawless(written(chunks)).at(-1).response
  const body = responses.whole(chunks.reduce(fold), wireFor())
  expect(judge('Response')(JSON.parse(body))).toBeUndefined()
  expect(bare(JSON.parse(body))).toEqual(bare(streamed))
})

const readsOf = async function* (text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

const batchesOf = async (sse: string, size: number, wire: { call: Call }) => {
  const batches = []
  for await (const batch of decodeStream(dialect, readsOf(sse, size), { event: 1e6 }, wire.call)) {
    for (const chunk of batch.chunks)
      if (chunk.choices?.some(({ finish_reason }) => finish_reason))
        wire.call.vars.set(lastWords, keptOf(chunk))
    batches.push(batch)
  }
  return batches
}

describe.each(scenarios.responses.map((scenario) => [scenario] as const))(
  'a provider’s own %s',
  (scenario) => {
    const { sse, json } = fixture('responses', scenario)

    test('passes byte for byte, however it is cut', async () => {
      for (const size of [1, 7, 100, 1_000, sse.length * 2]) {
        const wire = wireFor()
        const writer = responses.events!(wire)
        const all = (await batchesOf(sse, size, wire)).map((batch) => textOf(writer.batch(batch)))
        expect(all.join('') + writer.end()).toBe(sse)
      }
    })

    test('goes on in our own words from any event on that was changed', async () => {
      const { response } = eventsIn(sse).at(-1)
      const chunks = (await batchesOf(sse, 100_000, wireFor())).flatMap((batch) => batch.chunks)
      for (let from = 0; from <= chunks.length; from++) {
        const wire = wireFor()
        await batchesOf(sse, 100_000, wire)
        const writer = responses.events!(wire)
        const raw = chunks
          .map((chunk, at) =>
            textOf(
              writer.batch({ chunks: [at === from ? { ...chunk } : chunk], format: 'responses' }),
            ),
          )
          .join('')
        const events = eventsIn(raw + writer.end())
        expect(mistakesIn(events, { schema: false })).toEqual([])
        const last = events.at(-1).response
        const said = (output: any[]) =>
          output.map(
            ({
              type,
              content,
              arguments: args,
              input,
              encrypted_content,
              summary,
              note,
              action,
            }) => ({
              type,
              content: content?.map(({ logprobs: _l, ...part }: any) => part),
              args,
              input,
              encrypted_content,
              summary,
              note,
              // what only an event's copy said that was changed away
              ...(from === chunks.length && { action }),
            }),
          )
        if (from === chunks.length || !isHosted(chunks[from]))
          expect(said(last.output)).toEqual(said(response.output))
        expect({ ...last, output: [] }).toEqual({ ...response, output: [] })
      }
    })

    test('whole passes byte for byte, and with a changed text only that differs', () => {
      const wire = wireFor({ ...asked, stream: false })
      const [chunk] = dialect.decodeWhole(json, wire.call).chunks
      wire.call.vars.set(lastWords, keptOf(chunk!))
      expect(responses.whole(chunk!, wire)).toBe(json)
      expect(responses.whole({ ...chunk! }, wire)).toBe(json)
      const [choice] = chunk!.choices!
      const content = choice!.delta!.content
      if (!content) return
      const changed = {
        ...chunk!,
        choices: [{ ...choice!, delta: { ...choice!.delta, content: `${content}!` } }],
      }
      const inJson = (text: string) => JSON.stringify(text).slice(1, -1)
      expect(responses.whole(changed, wire)).toBe(
        json
          .replace(`"text":"${inJson(content)}"`, () => `"text":"${inJson(`${content}!`)}"`)
          .replace(`"text": "${inJson(content)}"`, () => `"text": "${inJson(`${content}!`)}"`),
      )
    })
  },
)

const isHosted = (chunk: Chunk | undefined): boolean => chunk?.choices?.length === 0

test('a text that a plugin changed is changed in the events that repeat it', async () => {
  const { sse } = fixture('responses', 'text')
  const wire = wireFor()
  const batches = await batchesOf(sse, 100_000, wire)
  const writer = responses.events!(wire)
  const raw = batches
    .flatMap(({ chunks }) => chunks)
    .map((chunk) => {
      const content = chunk.choices?.[0]?.delta?.content
      return content
        ? {
            ...chunk,
            choices: [{ ...chunk.choices![0]!, delta: { content: content.toUpperCase() } }],
          }
        : chunk
    })
    .map((chunk) => textOf(writer.batch({ chunks: [chunk] })))
    .join('')
  const events = flawless(raw + writer.end())
  const before = eventsIn(sse).at(-1).response
  const { response } = events.at(-1)
  expect(response.output[0].content[0].text).toBe(before.output[0].content[0].text.toUpperCase())
  expect(response.id).toBe(before.id)
})

test('a provider’s text that nobody parsed passes as bytes, and is in what we write after it', async () => {
  const { sse } = fixture('responses', 'text')
  const wire = wireFor()
  const [begun, ended] = [
    sse.indexOf('event: response.output_text.delta'),
    sse.indexOf('event: response.output_text.done'),
  ]
  const before = await batchesOf(sse.slice(0, begun), 1e6, wire)
  const middle = sse.slice(begun, ended)
  const events = eventsIn(middle)
  const plain = events.map(({ delta }) => delta).join('')
  const writer = responses.events!(wire)
  const head = before.map((batch) => textOf(writer.batch(batch))).join('')
  const parsed = () => {
    throw new Error('parsed')
  }
  const batch = textBatch(plain, parsed, {
    bytes: new TextEncoder().encode(middle),
    format: 'responses',
  })
  const raw =
    head +
    textOf(writer.batch(batch)) +
    textOf(writer.batch({ chunks: [piece({ content: '!' }), piece({}, 'stop')] }))
  const all = eventsIn(raw + writer.end())
  expect(mistakesIn(all, { schema: false })).toEqual([])
  expect(all.at(-1).response.output[0].content[0].text).toBe(`${plain}!`)
})
