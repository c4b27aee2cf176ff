import { describe, expect, test } from 'bun:test'
import { anthropic } from '../../src/dialects/anthropic.ts'
import { fakeCall } from '../../src/testing/fakes.ts'
import { checkAnthropic } from '../support/anthropic-rules.ts'
import { fixture } from '../support/fixtures.ts'
import { createRandom } from '../support/random.ts'

interface Sent {
  readonly body: any
  readonly warnings: readonly string[]
  readonly headers: any
}

const send = (
  request: object,
  { model = 'claude-sonnet-4-5', operation = 'chat', headers = {}, most }: any = {},
): Sent => {
  const call = fakeCall({ ...request }, { operation, headers: new Headers(headers) })
  const provider = {
    name: 'p',
    quirks: {},
    headers: {},
    max_output_tokens: { small: 100 },
  } as never
  const encoded = anthropic.encode(
    call,
    { provider: 'p', model, ...(most !== undefined && { max_completion_tokens: most }) },
    provider,
  )
  const body = JSON.parse(encoded.body as string)
  checkAnthropic(body, { ...encoded.headers, 'x-api-key': 'k' }, operation === 'count_tokens')
  return { body, warnings: encoded.warnings ?? [], headers: encoded.headers }
}

const user = (content: unknown) => ({ role: 'user', content })
const talk = (...messages: object[]) => ({ messages })
const claude = 'anthropic-claude-v1'
const [thought] = JSON.parse(fixture('anthropic', 'reasoning_tool').json).content
const detail = {
  type: 'reasoning.text',
  text: thought.thinking,
  signature: thought.signature,
  index: 0,
  format: claude,
}
const call = (id: string, name = 'f', args = '{}') => ({
  id,
  type: 'function',
  function: { name, arguments: args },
})
const tools = [
  {
    type: 'function',
    function: { name: 'f', description: 'd', parameters: { type: 'object', properties: {} } },
  },
]

test('a short chat is itself, with the model’s limit and the usual version', () => {
  const { body, headers } = send(talk(user('hi')))
  expect(body).toEqual({ model: 'claude-sonnet-4-5', max_tokens: 64_000, messages: [user('hi')] })
  expect(headers).toEqual({ 'anthropic-version': '2023-06-01' })
})

test.each([
  ['claude-3-haiku-20240307', 4_096],
  ['claude-3-5-sonnet-20241022', 8_192],
  ['claude-3-7-sonnet-20250219', 64_000],
  ['claude-opus-4-20250514', 32_000],
  ['anthropic.claude-opus-4-1-20250805-v1:0', 32_000],
  ['claude-sonnet-4@20250514', 64_000],
  ['claude-opus-4-5-20251101', 64_000],
  ['anthropic/claude-opus-4.6', 128_000],
  ['claude-fable-5-1', 128_000],
  ['claude-mythos-preview', 128_000],
  ['MiniMax-M2', 8_192],
  ['small', 100],
])('%s answers with at most %d tokens', (model, max) => {
  expect(send(talk(user('hi')), { model }).body.max_tokens).toBe(max)
})

test('what is known of the model wins over what its name says, and the YAML over both', () => {
  const limit = (model: string, more = {}) =>
    send({ ...talk(user('hi')), ...more }, { model, most: 9_000 }).body.max_tokens
  expect(limit('MiniMax-M2')).toBe(9_000)
  expect(limit('claude-sonnet-4-5')).toBe(9_000)
  expect(limit('small')).toBe(100)
  expect(limit('small', { max_tokens: 7 })).toBe(7)
})

test('max_completion_tokens is max_tokens', () => {
  expect(
    send({ ...talk(user('hi')), max_completion_tokens: 7, max_tokens: 9 }).body.max_tokens,
  ).toBe(7)
})

describe('the system prompt', () => {
  test('is what system and developer messages say in front', () => {
    const { body } = send(
      talk(
        { role: 'system', content: 'a' },
        {
          role: 'developer',
          content: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral' } }],
        },
        user('hi'),
      ),
    )
    expect(body.system).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } },
    ])
    expect(send(talk({ role: 'system', content: 'only' }, user('hi'))).body.system).toBe('only')
    expect(send(talk({ role: 'system', content: '' }, user('hi'))).body.system).toBeUndefined()
  })

  test('stays where it is in the middle, as a user’s text', () => {
    const { body } = send(
      talk(
        user('hi'),
        { role: 'assistant', content: 'yes?' },
        { role: 'developer', content: 'Be kind.' },
        user('go'),
      ),
    )
    expect(body.system).toBeUndefined()
    expect(body.messages[2]).toEqual(user('<system>\nBe kind.\n</system>'))
  })
})

describe('content', () => {
  test('pictures by address and inline, files and texts', () => {
    const text = Buffer.from('grüße').toString('base64')
    const { body, warnings } = send(
      talk(
        user([
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'https://e.com/a.png', detail: 'low' } },
          {
            type: 'image_url',
            image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' },
            cache_control: { type: 'ephemeral' },
          },
          {
            type: 'file',
            file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
          },
          { type: 'file', file: { file_data: 'https://e.com/b.pdf' } },
          {
            type: 'file',
            file: { filename: 't.txt', file_data: `data:text/plain;base64,${text}` },
          },
          { type: 'file', file: { file_id: 'file_1' } },
          { type: 'input_audio', input_audio: { data: 'AAA', format: 'wav' } },
          { type: 'video_url', video_url: { url: 'https://e.com/v.mp4' } },
        ]),
      ),
    )
    expect(body.messages[0].content).toEqual([
      { type: 'text', text: 'look' },
      { type: 'image', source: { type: 'url', url: 'https://e.com/a.png' } },
      {
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
        cache_control: { type: 'ephemeral' },
      },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
        title: 'a.pdf',
      },
      { type: 'document', source: { type: 'url', url: 'https://e.com/b.pdf' } },
      {
        type: 'document',
        source: { type: 'text', media_type: 'text/plain', data: 'grüße' },
        title: 't.txt',
      },
      { type: 'document', source: { type: 'file', file_id: 'file_1' } },
    ])
    expect(warnings).toEqual(['input_audio content was left out', 'video_url content was left out'])
  })

  test('nothing empty is sent, and a prefill has no white space at its end', () => {
    const { body } = send(
      talk(
        user([
          { type: 'text', text: '' },
          { type: 'text', text: 'a' },
        ]),
        { role: 'assistant', content: '' },
        user('b'),
        { role: 'assistant', content: 'so: \n' },
      ),
    )
    expect(body.messages).toEqual([
      user([{ type: 'text', text: 'a' }]),
      user('b'),
      { role: 'assistant', content: 'so:' },
    ])
  })

  test('a refusal is what the assistant said', () => {
    const { body } = send(
      talk(user('a'), { role: 'assistant', content: null, refusal: 'No.' }, user('b')),
    )
    expect(body.messages[1]).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: 'No.' }],
    })
  })
})

describe('tools', () => {
  test('results and what the user adds are one turn, after the calls', () => {
    const { body } = send({
      tools,
      ...talk(
        user('go'),
        { role: 'assistant', content: 'ok', tool_calls: [call('a', 'f', '{"x":1}'), call('b')] },
        { role: 'tool', tool_call_id: 'a', content: 'one' },
        {
          role: 'tool',
          tool_call_id: 'b',
          content: [
            { type: 'text', text: 'two' },
            { type: 'image_url', image_url: { url: 'https://e.com/i.png' } },
          ],
          is_error: true,
        },
        user('and?'),
        user('well?'),
      ),
    })
    expect(body.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'ok' },
          { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'f', input: {} },
        ],
      },
      user([
        { type: 'tool_result', tool_use_id: 'a', content: 'one' },
        {
          type: 'tool_result',
          tool_use_id: 'b',
          content: [
            { type: 'text', text: 'two' },
            { type: 'image', source: { type: 'url', url: 'https://e.com/i.png' } },
          ],
          is_error: true,
        },
        { type: 'text', text: 'and?' },
      ]),
      user('well?'),
    ])
  })

  test('ids that the API refuses are spelled otherwise, on both sides', () => {
    const { body } = send({
      tools,
      ...talk(
        user('go'),
        { role: 'assistant', content: null, tool_calls: [call('functions.f:0')] },
        { role: 'tool', tool_call_id: 'functions.f:0', content: 'x' },
      ),
    })
    expect(body.messages[1].content[0].id).toBe('functions_f_0')
    expect(body.messages[2].content[0].tool_use_id).toBe('functions_f_0')
  })

  test('arguments that are no object are kept under a name', () => {
    const inputs = ['', 'nonsense', '[1]', '{"a":1}'].map(
      (args) =>
        send({
          tools,
          ...talk(
            user('go'),
            { role: 'assistant', content: null, tool_calls: [call('a', 'f', args)] },
            { role: 'tool', tool_call_id: 'a', content: 'x' },
          ),
        }).body.messages[1].content[0].input,
    )
    expect(inputs).toEqual([{}, { input: 'nonsense' }, { input: '[1]' }, { a: 1 }])
  })

  test('schemas, strictness and caching pass; alternatives at the top become one object', () => {
    const { body } = send({
      ...talk(user('go')),
      tools: [
        {
          type: 'function',
          function: {
            name: 'a',
            parameters: {
              type: 'object',
              properties: { x: { $ref: '#/$defs/x' } },
              $defs: { x: { anyOf: [{ type: 'null' }] } },
            },
            strict: true,
          },
          cache_control: { type: 'ephemeral', ttl: '1h' },
        },
        { type: 'function', function: { name: 'b' } },
        {
          type: 'function',
          function: {
            name: 'c',
            parameters: {
              anyOf: [
                { $ref: '#/$defs/p' },
                { properties: { k: {}, r: {} }, required: ['k', 'r'] },
              ],
              $defs: { p: { properties: { k: {}, q: {} }, required: ['k'] } },
            },
          },
        },
        { type: 'custom', custom: { name: 'patch', description: 'writes' } },
      ],
    })
    expect(body.tools[0]).toMatchObject({
      strict: true,
      cache_control: { type: 'ephemeral', ttl: '1h' },
      input_schema: { $defs: { x: { anyOf: [{ type: 'null' }] } } },
    })
    expect(body.tools[1]).toEqual({ name: 'b', input_schema: { type: 'object' } })
    expect(body.tools[2].input_schema).toMatchObject({
      type: 'object',
      properties: { k: {}, q: {}, r: {} },
      required: ['k'],
    })
    expect(body.tools[3]).toMatchObject({ name: 'patch', input_schema: { required: ['input'] } })
  })

  test('hosted tools of others are left out with a warning, Anthropic’s own pass', () => {
    const own = { type: 'web_search_20250305', name: 'web_search' }
    const { body, warnings } = send({
      ...talk(user('go')),
      tools: [{ type: 'web_search' }, { type: 'file_search', vector_store_ids: [] }, own],
    })
    expect(body.tools).toEqual([own])
    expect(warnings).toEqual([
      'tool web_search is not available at this provider',
      'tool file_search is not available at this provider',
    ])
  })

  test.each([
    ['auto', undefined, { type: 'auto' }],
    ['required', undefined, { type: 'any' }],
    ['none', false, { type: 'none' }],
    [
      { type: 'function', function: { name: 'f' } },
      false,
      { type: 'tool', name: 'f', disable_parallel_tool_use: true },
    ],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    [undefined, true, undefined],
    [
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
      undefined,
      { type: 'any' },
    ],
  ])('the choice %j, parallel %j', (tool_choice, parallel_tool_calls, wanted) => {
    const more = { type: 'function', function: { name: 'g' } }
    const { body } = send({
      ...talk(user('go')),
      tools: [...tools, more],
      tool_choice,
      parallel_tool_calls,
    })
    expect(body.tool_choice).toEqual(wanted)
    if ((tool_choice as any)?.type === 'allowed_tools') expect(body.tools).toHaveLength(1)
  })

  test('a choice of a tool that was left out is none', () => {
    const tool_choice = { type: 'function', function: { name: 'web_search' } }
    const request = { ...talk(user('go')), tools: [...tools, { type: 'web_search' }], tool_choice }
    expect(send(request).body).not.toHaveProperty('tool_choice')
  })

  test('a choice without tools is none', () => {
    expect(send({ ...talk(user('go')), tool_choice: 'auto', tools: [] }).body).not.toHaveProperty(
      'tool_choice',
    )
  })
})

describe('thinking', () => {
  const budget = (reasoning: object, max_tokens = 10_000, model = 'claude-sonnet-4-5') =>
    send({ ...talk(user('hi')), reasoning, max_tokens }, { model }).body

  test.each([
    [{ effort: 'high' }, 10_000, 8_000],
    [{ effort: 'xhigh' }, 10_000, 9_500],
    [{ effort: 'medium' }, 10_000, 5_000],
    [{ effort: 'low' }, 10_000, 2_000],
    [{ effort: 'minimal' }, 10_000, 1_024],
    [{ enabled: true }, 10_000, 5_000],
    [{ max_tokens: 3_000 }, 10_000, 3_000],
    [{ max_tokens: 30_000 }, 10_000, 9_999],
    [{ max_tokens: 10 }, 10_000, 1_024],
    [{ effort: 'high' }, 1_025, 1_024],
    [{ effort: 'high' }, 1_024, undefined],
    [{ effort: 'high' }, 400_000, 128_000],
  ])('%j of %d tokens', (reasoning, max, tokens) => {
    expect(budget(reasoning, max).thinking?.budget_tokens).toBe(tokens)
  })

  test('newer models think adaptively, with an effort', () => {
    expect(budget({ effort: 'xhigh' }, 9_000, 'claude-opus-5-5')).toMatchObject({
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'xhigh' },
    })
    expect(budget({ effort: 'xhigh' }, 9_000, 'claude-opus-4-6').output_config).toEqual({
      effort: 'high',
    })
    expect(budget({ max_tokens: 8_000 }, 9_000, 'claude-opus-4-7')).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    })
    expect(budget({ max_tokens: 8_000 }, 9_000, 'claude-sonnet-4-6').thinking).toEqual({
      type: 'enabled',
      budget_tokens: 8_000,
    })
    expect(budget({ enabled: true, exclude: true }, 9_000, 'claude-opus-5-5').thinking).toEqual({
      type: 'adaptive',
      display: 'omitted',
    })
  })

  test('is off where it is said to be', () => {
    for (const reasoning of [{ effort: 'none' }, { enabled: false }, { max_tokens: 0 }]) {
      expect(budget(reasoning).thinking).toBeUndefined()
      expect(budget(reasoning, 9_000, 'MiniMax-M2').thinking).toEqual({ type: 'disabled' })
    }
  })

  test('reasoning_effort and verbosity are told too', () => {
    expect(
      send({ ...talk(user('hi')), reasoning_effort: 'low', max_tokens: 9_000 }).body.thinking,
    ).toEqual({ type: 'enabled', budget_tokens: 1_800 })
    expect(
      send({ ...talk(user('hi')), verbosity: 'low' }, { model: 'claude-opus-5-5' }).body
        .output_config,
    ).toEqual({ effort: 'low' })
    expect(send({ ...talk(user('hi')), verbosity: 'low' }).body.output_config).toBeUndefined()
  })

  test('takes no sampling; a forced tool takes no thought', () => {
    const sampling = { temperature: 1.7, top_p: 0.5, top_k: 3 }
    const thinking = send({
      ...talk(user('hi')),
      ...sampling,
      reasoning: { effort: 'low' },
      max_tokens: 9_000,
    }).body
    expect(Object.keys(thinking).filter((field) => field in sampling)).toEqual([])
    const forced = send({
      ...talk(user('hi')),
      tools,
      tool_choice: 'required',
      reasoning: { effort: 'low' },
      max_tokens: 9_000,
    }).body
    expect(forced.thinking).toBeUndefined()
    expect(forced.tool_choice).toEqual({ type: 'any' })
    expect(send({ ...talk(user('hi')), ...sampling }).body).toMatchObject({
      temperature: 1,
      top_k: 3,
    })
    expect(
      send({ ...talk(user('hi')), ...sampling }, { model: 'claude-opus-5-5' }).body,
    ).not.toHaveProperty('temperature')
  })

  const loop = (details: object[], more: object = {}) =>
    send({
      tools,
      reasoning: { max_tokens: 2_000 },
      max_tokens: 9_000,
      ...talk(
        user('go'),
        {
          role: 'assistant',
          content: 'ok',
          reasoning: 'x',
          reasoning_details: details,
          tool_calls: [call('a')],
          ...more,
        },
        { role: 'tool', tool_call_id: 'a', content: 'x' },
      ),
    }).body

  test('thoughts go back signed, first and in order; pieces are put together', () => {
    const { thinking } = thought
    const pieces = [
      { type: 'reasoning.text', text: thinking.slice(0, 9), index: 0, format: claude },
      { type: 'reasoning.text', text: thinking.slice(9), index: 0, format: claude },
      { type: 'reasoning.text', signature: thought.signature, index: 0, format: claude },
    ]
    const redacted = JSON.parse(fixture('anthropic', 'redacted').json).content[0]
    const sealed = { type: 'reasoning.encrypted', data: redacted.data, index: 1, format: claude }
    for (const details of [
      [detail, sealed],
      [...pieces, sealed],
    ])
      expect(loop(details).messages[1].content.slice(0, 3)).toEqual([
        thought,
        redacted,
        { type: 'text', text: 'ok' },
      ])
  })

  test('what is not Claude’s or not signed is dropped, and then there is no budget to think with', () => {
    const foreign = [
      { type: 'reasoning.text', text: 'unsigned', index: 0, format: claude },
      { type: 'reasoning.encrypted', data: 'gAAA', index: 1, format: 'openai-responses-v1' },
      { type: 'reasoning.text', text: 't', signature: 's', index: 2, format: 'google-gemini-v1' },
      { type: 'reasoning.summary', summary: 's', index: 3, format: claude },
    ]
    const body = loop(foreign)
    expect(body.messages[1].content.map(({ type }: any) => type)).toEqual(['text', 'tool_use'])
    expect(body.thinking).toBeUndefined()
  })
})

describe('caching', () => {
  const mark = { cache_control: { type: 'ephemeral' } }
  test('at most four breakpoints; the oldest of the conversation go first', () => {
    const part = (text: string) => ({ type: 'text', text, ...mark })
    const { body } = send({
      tools: [{ ...tools[0], ...mark }],
      ...talk(
        { role: 'system', content: [part('s')] },
        user([part('1')]),
        { role: 'assistant', content: [part('2')] },
        user([part('3'), part('4')]),
      ),
    })
    const kept = (list: any[]) =>
      list.flatMap((block) => (block.cache_control ? [block.text ?? block.name] : []))
    expect(kept(body.tools)).toEqual(['f'])
    expect(kept(body.system)).toEqual(['s'])
    expect(body.messages.flatMap(({ content }: any) => kept(content))).toEqual(['3', '4'])
  })

  test('at the top, on strings and in OpenAI’s words', () => {
    expect(
      send({ ...talk(user('a')), cache_control: { type: 'ephemeral' } }).body.cache_control,
    ).toEqual({ type: 'ephemeral' })
    expect(send(talk({ role: 'system', content: 'a', ...mark }, user('b'))).body.system).toEqual([
      { type: 'text', text: 'a', ...mark },
    ])
    expect(
      send(talk(user([{ type: 'text', text: 'a', prompt_cache_breakpoint: true }]))).body
        .messages[0].content[0],
    ).toEqual({ type: 'text', text: 'a', ...mark })
  })
})

test('structured output, stops, the user, tiers', () => {
  const schema = { type: 'object', properties: {}, additionalProperties: false }
  const { body } = send({
    ...talk(user('a')),
    response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema } },
    stop: ['a', ' ', ''],
    user: 'u',
    service_tier: 'default',
    seed: 1,
    frequency_penalty: 1,
    logit_bias: {},
    n: 1,
    stream_options: {},
    models: ['x'],
    provider: {},
  })
  expect(body).toMatchObject({
    output_config: { format: { type: 'json_schema', schema } },
    stop_sequences: ['a'],
    metadata: { user_id: 'u' },
    service_tier: 'standard_only',
  })
  expect(
    send({ ...talk(user('a')), response_format: { type: 'json_object' } }).warnings,
  ).toHaveLength(1)
  expect(
    send({ ...talk(user('a')), stop: 'x', metadata: { user_id: 'm', k: 'v' } }).body,
  ).toMatchObject({ stop_sequences: ['x'], metadata: { user_id: 'm' } })
})

test('counting sends what is counted', () => {
  const { body } = send(
    {
      ...talk({ role: 'system', content: 's' }, user('a')),
      tools,
      max_tokens: 5,
      temperature: 1,
      stream: true,
    },
    { operation: 'count_tokens' },
  )
  expect(Object.keys(body).toSorted()).toEqual(['messages', 'model', 'system', 'tools'])
})

test('whatever a client of OpenAI’s says, the API’s rules are kept', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = createRandom(seed)
    const maybe = <T>(value: T): T | undefined => (random() < 0.4 ? value : undefined)
    const messages: object[] = []
    if (random() < 0.5)
      messages.push({
        role: random.pick(['system', 'developer']),
        content: random.pick(['', 's', [{ type: 'text', text: 't' }]]),
      })
    messages.push(user('begin'))
    for (let turn = 0; turn < random() * 5; turn++) {
      const calls = Array.from({ length: Math.floor(random() * 3) }, (_, at) =>
        call(`t.${turn}:${at}`, 'f', random.pick(['{}', '', '{"a":[1]}', 'x'])),
      )
      messages.push({
        role: 'assistant',
        content: random.pick([null, '', 'said', [{ type: 'text', text: 'p' }]]),
        ...(calls.length > 0 && { tool_calls: calls }),
        ...(random() < 0.3 && {
          reasoning_details: random.pick([[detail], [{ ...detail, format: 'unknown' }], []]),
        }),
      })
      for (const { id } of calls)
        messages.push({
          role: 'tool',
          tool_call_id: id,
          content: random.pick(['', 'r', [{ type: 'text', text: '' }]]),
        })
      messages.push(
        random.pick([
          user('more'),
          user([{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }]),
          { role: 'developer', content: 'd' },
        ]),
      )
    }
    const request = {
      messages,
      tools: maybe(tools),
      tool_choice: maybe(random.pick(['auto', 'required', 'none'])),
      parallel_tool_calls: maybe(random() < 0.5),
      reasoning: maybe(
        random.pick([
          { effort: 'high' },
          { max_tokens: 5_000 },
          { enabled: true },
          { enabled: false },
        ]),
      ),
      max_tokens: maybe(random.pick([1, 1_500, 50_000])),
      temperature: maybe(random() * 2),
      top_p: maybe(random()),
      top_k: maybe(5),
      cache_control: maybe({ type: 'ephemeral' }),
    }
    try {
      send(request, {
        model: random.pick(['claude-sonnet-4-5', 'claude-opus-5-5', 'claude-sonnet-4-6', 'other']),
      })
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}\n${JSON.stringify(request)}`, { cause: error })
    }
  }
})
