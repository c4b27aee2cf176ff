import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Call, Chunk, Request } from '../../src/chat.ts'
import { parseConfig, type ProviderConfig } from '../../src/config.ts'
import { openai } from '../../src/dialects/openai.ts'
import { collect } from '../../src/fold.ts'
import { readJson } from '../../src/json.ts'
import { answer } from '../../src/stream.ts'
import { fakeCall } from '../../src/testing.ts'

const limits = { max_depth: 64, max_keys: 20_000 }

const providerWith = (more: object = {}): ProviderConfig => {
  const preset = (more as any).preset
  const base = preset ? { api_key: 'k' } : { base_url: 'https://box.example/v1', api_key: 'k' }
  const yaml = JSON.stringify({ providers: { box: { ...base, ...more } } })
  const env = { AZURE_RESOURCE_NAME: 'r' }
  return parseConfig(yaml, { file: 'c', directory: '/', env }).providers.get('box')!
}

/** A call that came in Anthropic’s format; what it was in it does not matter here. */
const foreign = (request: Partial<Request>): Call => {
  const json = readJson('{"model":"m"}', limits)
  const whole = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...request }
  return fakeCall({}, { source: { format: 'anthropic', json, request: whole }, request: whole })
}

const native = (body: object): Call => {
  const json = readJson(JSON.stringify(body), limits)
  const request = json.value as Request
  return fakeCall({}, { source: { format: 'openai', json, request }, request })
}

const endpoint = (model: string) => ({ provider: 'box', model })
const encoded = (call: Call, provider = plain, model = 'real') => {
  const { body, warnings } = openai.encode(call, endpoint(model), provider)
  return { body: JSON.parse(body as string), warnings: warnings ?? [] }
}

const plain = providerWith()
const own = providerWith({ preset: 'openai' })
const openrouter = providerWith({ preset: 'openrouter' })
const mistral = providerWith({ preset: 'mistral' })
const deepseek = providerWith({ preset: 'deepseek' })
const vllm = providerWith({ preset: 'vllm' })

const cache_control = { type: 'ephemeral' }
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }

describe('a conversation from another format', () => {
  const messages = [
    {
      role: 'system',
      content: [
        { type: 'text', text: 'Rules.', cache_control },
        { type: 'text', text: 'More.' },
      ],
    },
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'See.' }, image, { type: 'thing', x: 1 }] },
    {
      role: 'assistant',
      content: null,
      reasoning: 'Hm.',
      reasoning_details: [
        {
          type: 'reasoning.text',
          text: 'Hm.',
          signature: 's',
          index: 0,
          format: 'anthropic-claude-v1',
        },
      ],
      annotations: [],
      tool_calls: [
        { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
        { index: 1, id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } },
      ],
    },
    {
      role: 'tool',
      tool_call_id: 'a',
      content: [{ type: 'text', text: 'one' }, image],
      is_error: true,
    },
    { role: 'tool', tool_call_id: 'b', content: [image] },
    { role: 'user', content: [{ type: 'text', text: 'Go on.', cache_control }] },
  ]

  test('reaches an unknown server as what everyone takes', () => {
    const { body, warnings } = encoded(foreign({ messages }))
    expect(body.messages).toEqual([
      { role: 'system', content: 'Rules.\n\nMore.' },
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'See.' }, image] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
          { id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'one' },
      { role: 'tool', tool_call_id: 'b', content: 'It follows.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'The result of tool call a:' },
          image,
          { type: 'text', text: 'The result of tool call b:' },
          image,
        ],
      },
      { role: 'user', content: 'Go on.' },
    ])
    expect(warnings).toEqual(['content of type thing is not available at this provider'])
  })

  test('reaches OpenAI with its lists and its developer, and without what it does not know', () => {
    const { body } = encoded(foreign({ messages }), own, 'gpt-5.1')
    expect(body.messages[0]).toEqual({
      role: 'system',
      content: [
        { type: 'text', text: 'Rules.' },
        { type: 'text', text: 'More.' },
      ],
    })
    expect(body.messages[1]).toEqual({ role: 'developer', content: 'Be brief.' })
    expect(JSON.stringify(body)).not.toMatch(/cache_control|reasoning|is_error|annotations/)
  })

  test('reaches OpenRouter with its signatures, breakpoints and images in results', () => {
    const { body } = encoded(foreign({ messages }), openrouter)
    expect(body.messages[0].content).toEqual(messages[0]!.content)
    expect(body.messages[3].reasoning_details).toEqual(messages[3]!.reasoning_details)
    expect(body.messages[4].content).toEqual(messages[4]!.content)
    expect(body.messages).toHaveLength(7)
  })

  test('gives DeepSeek its reasoning back', () => {
    const { body } = encoded(foreign({ messages }), deepseek)
    expect(body.messages[3].reasoning_content).toBe('Hm.')
    expect(body.messages[3].reasoning_details).toBeUndefined()
  })

  test('gives Mistral ids as it wants them, call and result alike', () => {
    const { body } = encoded(foreign({ messages }), mistral)
    const [first] = body.messages[3].tool_calls
    expect(first.id).toMatch(/^[a-zA-Z0-9]{9}$/)
    expect(body.messages[4].tool_call_id).toBe(first.id)
  })
})

test('a limit is called as the provider calls it, and none is invented', () => {
  expect(encoded(foreign({ max_tokens: 9 })).body.max_tokens).toBe(9)
  expect(encoded(foreign({ max_tokens: 9 }), own).body).toMatchObject({ max_completion_tokens: 9 })
  expect(encoded(foreign({ max_tokens: 9 }), own).body.max_tokens).toBeUndefined()
  expect(encoded(foreign({ max_tokens: 9 }), mistral).body.max_tokens).toBe(9)
  expect(encoded(foreign({})).body).toEqual({
    model: 'real',
    messages: [{ role: 'user', content: 'Hi' }],
  })
})

test.each([
  ['gpt-5', { effort: 'xhigh' }, 'high'],
  ['gpt-5.4', { effort: 'xhigh' }, 'xhigh'],
  ['gpt-5.4', { effort: 'max' }, 'xhigh'],
  ['gpt-5', { effort: 'minimal' }, 'minimal'],
  ['gpt-5.1', { effort: 'minimal' }, 'low'],
  ['gpt-5', { enabled: false }, 'minimal'],
  ['gpt-5.1', { enabled: false }, 'none'],
  ['o4-mini', { enabled: false }, undefined],
  ['gpt-5.1', { enabled: true }, 'medium'],
  ['gpt-5.1', { max_tokens: 8_000 }, 'high'],
  ['gpt-5.1', { max_tokens: 1_000 }, 'low'],
  ['gpt-4o', { effort: 'high' }, undefined],
  ['gpt-5.1-chat-latest', { effort: 'high' }, undefined],
  ['my-deployment', { effort: 'high' }, 'high'],
])('of %s, reasoning %j is asked as effort %p', (model, reasoning, effort) => {
  const { body } = encoded(foreign({ reasoning, max_tokens: 10_000 }), own, model)
  expect(body.reasoning).toBeUndefined()
  expect(body.reasoning_effort).toBe(effort)
})

test('a reasoning model of OpenAI’s is not told what it refuses', () => {
  const request = { temperature: 0.5, top_p: 0.9, stop: ['x'], seed: 1 }
  expect(encoded(foreign(request), own, 'gpt-5').body).not.toContainAnyKeys([
    'temperature',
    'top_p',
    'stop',
  ])
  expect(encoded(foreign(request), own, 'gpt-4o').body).toMatchObject(request)
  expect(encoded(foreign(request), plain, 'gpt-5').body).toMatchObject(request)
})

test('sampling parameters reach those who know them', () => {
  const request = { top_k: 3, min_p: 0.1 }
  for (const knowing of [vllm, openrouter])
    expect(encoded(foreign(request), knowing).body).toMatchObject(request)
  for (const strict of [own, mistral, plain])
    expect(encoded(foreign(request), strict).body).not.toContainAnyKeys(['top_k', 'min_p'])
})

describe('tools', () => {
  const fn = (name: string) => ({
    type: 'function',
    function: { name, parameters: { type: 'object' } },
  })
  const custom = { type: 'custom', custom: { name: 'patch', description: 'Patches.' } }
  const hosted = { type: 'web_search_20250305', name: 'web_search' }

  test('that only their vendor hosts are left out, with a warning', () => {
    const { body, warnings } = encoded(
      foreign({ tools: [{ ...fn('f'), cache_control }, hosted] as any }),
    )
    expect(body.tools).toEqual([fn('f')])
    expect(warnings).toEqual(['tool web_search_20250305 is not available at this provider'])
  })

  test('of which none is left leave no choice behind', () => {
    const { body } = encoded(
      foreign({ tools: [hosted], tool_choice: 'auto', parallel_tool_calls: true }),
    )
    expect(body).not.toContainAnyKeys(['tools', 'tool_choice', 'parallel_tool_calls'])
  })

  test('with free text are native where they are known, and functions elsewhere', () => {
    const asked = { tools: [custom], tool_choice: { type: 'custom', custom: { name: 'patch' } } }
    expect(encoded(foreign(asked), own).body).toMatchObject(asked)
    const { body } = encoded(foreign(asked))
    expect(body.tools[0]).toMatchObject({ type: 'function', function: { name: 'patch' } })
    expect(body.tool_choice).toEqual({ type: 'function', function: { name: 'patch' } })
  })

  test('that are allowed are the only ones where nobody knows of allowing', () => {
    const tool_choice = {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'g' } }] },
    }
    const request = { tools: [fn('f'), fn('g')], tool_choice }
    expect(encoded(foreign(request), own).body.tool_choice).toEqual(tool_choice)
    expect(encoded(foreign(request)).body).toMatchObject({
      tools: [fn('g')],
      tool_choice: 'required',
    })
  })
})

describe('an OpenAI client’s request with OpenRouter’s fields', () => {
  const body = {
    model: 'real',
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Rules.', cache_control }] },
      { role: 'assistant', content: 'Hi', reasoning: 'x', reasoning_details: [], annotations: [] },
      { role: 'user', content: 'Hi', new_field: 1 },
    ],
    tools: [{ type: 'function', function: { name: 'f' }, cache_control }],
    reasoning: { effort: 'high' },
    top_k: 4,
    brand_new: true,
  }

  test('goes to OpenRouter and to unknown servers as it came', () => {
    for (const provider of [openrouter, plain, vllm])
      expect(openai.encode(native(body), endpoint('real'), provider).body).toBe(
        JSON.stringify(body),
      )
  })

  test.each(['openai', 'azure', 'mistral'])(
    'goes to %s without them, all else as it came',
    (preset) => {
      const sent = openai.encode(native(body), endpoint('real'), providerWith({ preset })).body
      expect(sent).toBe(
        JSON.stringify({
          model: 'real',
          messages: [
            { role: 'system', content: [{ type: 'text', text: 'Rules.' }] },
            { role: 'assistant', content: 'Hi' },
            { role: 'user', content: 'Hi', new_field: 1 },
          ],
          tools: [{ type: 'function', function: { name: 'f' } }],
          brand_new: true,
          reasoning_effort: 'high',
        }),
      )
    },
  )
})

const encoder = new TextEncoder()
const sse = (events: readonly object[]) =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + 'data: [DONE]\n\n'

async function* cut(text: string, at: number) {
  yield encoder.encode(text.slice(0, at))
  yield encoder.encode(text.slice(at))
}

const folded = async (text: string, call: Call, provider: ProviderConfig, at = text.length) => {
  const batches = decodeStream(openai, cut(text, at), { event: 1e6 }, call, provider)
  const all = answer(batches as AsyncIterator<any>)
  return (await collect(all))!
}

const event = (delta: object, finish_reason: string | null = null) => ({
  id: 'x',
  choices: [{ index: 0, delta, finish_reason }],
})

describe('answers for clients of other formats', () => {
  test('have their reasoning under its canonical names, however they are cut', async () => {
    const text = sse([
      event({ role: 'assistant', reasoning_content: 'Let me ' }),
      event({ reasoning_content: 'see.', content: null }),
      event({ content: 'Four' }),
      event({ content: '.' }),
      event({}, 'stop'),
    ])
    for (let at = 0; at <= text.length; at++) {
      const { choices } = await folded(text, foreign({}), deepseek, at)
      expect(choices?.[0]?.delta).toEqual({
        role: 'assistant',
        content: 'Four.',
        reasoning: 'Let me see.',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Let me see.', index: 0, format: 'unknown' },
        ],
      })
    }
  })

  test('have their thoughts out of the tags, however they are cut', async () => {
    const provider = providerWith({ quirks: { think_tags: true } })
    const words = ['<th', 'ink>Let me', ' see.</thi', 'nk>\n\nFour', ' <think> five', '.']
    const text = sse([...words.map((content) => event({ content })), event({}, 'stop')])
    for (let at = 0; at <= text.length; at += 3) {
      const { choices } = await folded(text, foreign({}), provider, at)
      expect(choices?.[0]?.delta?.content).toBe('Four <think> five.')
      expect(choices?.[0]?.delta?.reasoning).toBe('Let me see.')
    }
  })

  test('have their custom calls back', async () => {
    const tools = [{ type: 'custom', custom: { name: 'patch' } }]
    const call = (more: object) => ({ tool_calls: [{ index: 0, ...more }] })
    const text = sse([
      event(call({ id: 'c', type: 'function', function: { name: 'patch', arguments: '{"inp' } })),
      event(call({ function: { arguments: 'ut":"a\\nb' } })),
      event(call({ function: { arguments: 'c"}' } })),
      event({}, 'tool_calls'),
    ])
    const { choices } = await folded(text, foreign({ tools }), plain)
    expect(choices?.[0]?.delta?.tool_calls).toMatchObject([
      { id: 'c', type: 'custom', custom: { name: 'patch', input: 'a\nbc' } },
    ])
  })

  test('whole ones mean the same', () => {
    const usage = {
      prompt_tokens: 9,
      completion_tokens: 1,
      total_tokens: 10,
      prompt_cache_hit_tokens: 4,
    }
    const message = { role: 'assistant', content: 'Four.', reasoning_content: 'Hm.' }
    const body = { id: 'x', object: 'chat.completion', choices: [{ index: 0, message }], usage }
    const [chunk] = openai.decodeWhole(JSON.stringify(body), foreign({}), deepseek).chunks
    expect(chunk?.choices?.[0]?.delta).toMatchObject({ reasoning: 'Hm.', content: 'Four.' })
    expect(chunk?.choices?.[0]?.delta).not.toContainKey('reasoning_content')
    expect((chunk as Chunk).usage).toEqual({
      ...usage,
      prompt_tokens_details: { cached_tokens: 4 },
    })
  })
})

test('usage is found where a provider has it', async () => {
  const groq = providerWith({ preset: 'groq' })
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
  const text = sse([event({ content: 'Hi' }), { ...event({}, 'stop'), x_groq: { usage } }])
  expect((await folded(text, foreign({}), groq)).usage).toEqual(usage)
  expect((await folded(text, native({ model: 'm' }), groq)).usage).toEqual(usage)
})

test('an OpenAI client gets its provider’s events as they came', async () => {
  const text = sse([
    event({ reasoning_content: 'Hm.' }),
    event({ content: '<think>a</think>' }),
    event({}, 'stop'),
  ])
  const batches = decodeStream(
    openai,
    cut(text, 40),
    { event: 1e6 },
    native({ model: 'm' }),
    providerWith({ quirks: { think_tags: true } }),
  )
  const { choices } = (await collect(answer(batches as AsyncIterator<any>)))!
  expect(choices?.[0]?.delta).toEqual({ reasoning_content: 'Hm.', content: '<think>a</think>' })
})
