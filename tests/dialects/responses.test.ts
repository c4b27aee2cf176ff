import { describe, expect, test } from 'bun:test'
import type { Call, Request } from '../../src/chat.ts'
import { parseConfig, type ProviderConfig } from '../../src/config.ts'
import { responses as dialect } from '../../src/dialects/responses.ts'
import { asWritten } from '../../src/dialects/responses/body.ts'
import { seal } from '../../src/formats/envelope.ts'
import { readJson } from '../../src/json.ts'
import { responses as surface } from '../../src/surfaces/responses.ts'
import { fakeCall } from '../../src/testing.ts'
import { mapTexts } from '../../src/text/request.ts'
import { bodies, codexBody } from '../support/responses-bodies.ts'

const limits = { max_depth: 64, max_keys: 20_000 }
const providerWith = (more: object = {}): ProviderConfig => {
  const providers = {
    box: { base_url: 'http://127.0.0.1:1/v1', dialect: 'responses', api_key: 'k', ...more },
  }
  const yaml = JSON.stringify({ providers })
  return parseConfig(yaml, { file: 'c', directory: '/', env: {} }).providers.get('box')!
}
const box = providerWith()
const endpoint = { provider: 'box', model: 'real-model' }

const emptyPlace: any = {
  headers: new Headers(),
  query: new URLSearchParams(),
  memory: { get: () => undefined },
}

const callFor = (text: string, change: (request: Request) => Request = (same) => same): Call => {
  const json = readJson(text, limits)
  const request = surface.decode!(json.value, emptyPlace)
  return fakeCall({}, { request: change(request), source: { format: 'responses', json, request } })
}

const sent = (call: Call, provider = box): string =>
  dialect.encode(call, endpoint, provider).body as string
const named = (text: string) => text.replace('"asked"', '"real-model"')
const spaced = (body: object) => JSON.stringify(body, undefined, 2)

describe.each(Object.entries(bodies))('%s', (_name, body) => {
  test('is said again as it was understood', () => {
    const call = callFor(JSON.stringify(body))
    const again = asWritten(call.request) as any
    for (const [field, value] of Object.entries(again))
      expect([field, value]).toEqual([field, (body as any)[field]])
  })

  test('reaches a provider of its format as it was written, but for the model', () => {
    for (const text of [JSON.stringify(body), spaced(body)])
      expect(sent(callFor(text))).toBe(named(text))
  })

  test('keeps every other byte when a plugin only looked and copied', () => {
    for (const text of [JSON.stringify(body), spaced(body)]) {
      const copied = callFor(text, (request) => ({
        ...request,
        messages: request.messages!.map((message) => ({
          ...message,
          content: Array.isArray(message.content)
            ? message.content.map((part) => ({ ...part }))
            : message.content!,
        })),
      }))
      expect(sent(copied)).toBe(named(text))
    }
  })

  test('with one text changed, differs in that text only', () => {
    const text = spaced(body)
    const words = ['Hi', 'Rename grüße.txt 漢.', 'What?', 'See here.', 'Say more.']
    const word = words.find((one) => text.includes(JSON.stringify(one)))!
    const changed = callFor(text, (request) =>
      mapTexts(request, (said) => (said === word ? 'Changed.' : said)),
    )
    expect(sent(changed)).toBe(named(text).replaceAll(JSON.stringify(word), '"Changed."'))
  })
})

describe('what Codex sends, changed by a plugin,', () => {
  const text = spaced(codexBody)
  const changedBy = (change: (request: Request) => Request) =>
    JSON.parse(sent(callFor(text, change)))

  test('keeps all else when a message is put in', () => {
    const body = changedBy((request) => ({
      ...request,
      messages: [...request.messages!, { role: 'user', content: 'And be quick.' }],
    }))
    expect(body).toEqual({
      ...codexBody,
      model: 'real-model',
      input: [...codexBody.input, { type: 'message', role: 'user', content: 'And be quick.' }],
    })
  })

  test('keeps all else when one is taken out', () => {
    const body = changedBy((request) => ({
      ...request,
      messages: request.messages!.filter(({ role }) => role !== 'developer'),
    }))
    expect(body).toEqual({
      ...codexBody,
      model: 'real-model',
      input: codexBody.input.filter(({ role }: any) => role !== 'developer'),
    })
  })

  test('has its tools, calls and results changed in their own shapes', () => {
    const body = changedBy((request) => mapTexts(request, (said) => said.replace('ls -la', 'ls')))
    expect(body.input[4].arguments).toBe('{"cmd":"ls"}')
    const described: any = changedBy((request) => ({
      ...request,
      tools: (request.tools as any[]).map((tool) =>
        tool.function ? { ...tool, function: { ...tool.function, description: 'D' } } : tool,
      ),
    }))
    expect(described.tools.map(({ type }: any) => type)).toEqual([
      'function',
      'custom',
      'namespace',
      'web_search',
    ])
    expect(
      described.tools[2].tools.map(({ name, description }: any) => [name, description]),
    ).toEqual([
      ['read', 'D'],
      ['write', 'D'],
    ])
  })

  test('loses its reasoning when the plugin took that away', () => {
    const body = changedBy((request) => ({
      ...request,
      messages: request.messages!.map(
        ({ reasoning: _r, reasoning_details: _d, ...message }) => message,
      ),
    }))
    expect(body.input.some(({ type }: any) => type === 'reasoning')).toBe(false)
  })
})

test('is understood as chat: turns, namespaced and custom tools, reasoning', () => {
  const { request } = callFor(JSON.stringify(codexBody))
  expect(JSON.parse(JSON.stringify(request))).toEqual({
    model: 'asked',
    stream: true,
    messages: [
      { role: 'system', content: 'You are a coding agent.' },
      {
        role: 'developer',
        content: [{ type: 'text', text: '<permissions>workspace-write</permissions>' }],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: '<environment_context>zsh</environment_context>' },
          { type: 'text', text: 'Rename grüße.txt 漢.' },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'I look first.' }],
        reasoning: '**Looking**',
        reasoning_details: [
          {
            type: 'reasoning.summary',
            summary: '**Looking**',
            id: 'rs_0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607182',
            format: 'openai-responses-v1',
            index: 0,
          },
          {
            type: 'reasoning.encrypted',
            data: 'gAAAAABo/+=',
            id: 'rs_0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607182',
            format: 'openai-responses-v1',
            index: 1,
          },
        ],
        tool_calls: [
          {
            id: 'call_04',
            type: 'function',
            function: { name: 'exec_command', arguments: '{"cmd":"ls -la"}' },
          },
          {
            id: 'call_05',
            type: 'function',
            function: { name: 'mcp__files__read', arguments: '{}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_04', content: 'grüße.txt\n' },
      {
        role: 'tool',
        tool_call_id: 'call_05',
        content: [
          { type: 'text', text: 'See:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD', detail: 'high' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_09',
            type: 'custom',
            custom: { name: 'apply_patch', input: '*** Begin Patch\n*** End Patch' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_09', content: 'Done.' },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'exec_command',
          description: 'Runs a command.',
          parameters: {
            type: 'object',
            properties: { cmd: { type: 'string' } },
            required: ['cmd'],
          },
          strict: false,
        },
      },
      {
        type: 'custom',
        custom: {
          name: 'apply_patch',
          description: 'Applies a patch.',
          format: {
            type: 'grammar',
            grammar: { syntax: 'lark', definition: 'start: "*** Begin Patch"' },
          },
        },
      },
      {
        type: 'function',
        function: { name: 'mcp__files__read', parameters: { type: 'object', properties: {} } },
      },
      { type: 'function', function: { name: 'mcp__files__write', parameters: { type: 'object' } } },
      { type: 'web_search', external_web_access: false },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'medium', summary: 'auto' },
    prompt_cache_key: 'b6f0',
    verbosity: 'low',
  })
})

describe('reasoning of another vendor', () => {
  const details = [
    {
      type: 'reasoning.text',
      text: 'Hm.',
      signature: 'SIG=',
      format: 'anthropic-claude-v1',
      index: 0,
    },
    { type: 'reasoning.encrypted', data: 'RED=', format: 'anthropic-claude-v1', index: 1 },
  ]
  const item = {
    type: 'reasoning',
    id: `rs_${'0'.repeat(32)}`,
    summary: [{ type: 'summary_text', text: 'Hm.' }],
    encrypted_content: seal(details),
  }
  const unsigned = {
    type: 'reasoning',
    id: `rs_${'1'.repeat(32)}`,
    summary: [],
    content: [{ type: 'reasoning_text', text: 'So.' }],
  }
  const body = {
    model: 'asked',
    input: [
      { role: 'user', content: 'Hi' },
      item,
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'ok' },
      unsigned,
      { role: 'assistant', content: 'Yes.' },
      { role: 'user', content: 'More' },
    ],
  }

  test('comes out of its envelope as it went in', () => {
    const { messages } = callFor(JSON.stringify(body)).request
    expect(messages![1]!.reasoning_details).toEqual(details)
    expect(messages![3]!.reasoning_details).toEqual([
      { type: 'reasoning.text', text: 'So.', id: unsigned.id, format: 'unknown', index: 0 },
    ])
  })

  test('never reaches a provider that would refuse it', () => {
    const expected = body.input.filter((one) => one !== item && one !== unsigned)
    expect(JSON.parse(sent(callFor(JSON.stringify(body)))).input).toEqual(expected)
    const changed = callFor(JSON.stringify(body), (request) =>
      mapTexts(request, (text) => (text === 'More' ? 'Less' : text)),
    )
    expect(JSON.parse(sent(changed)).input).toEqual([
      ...expected.slice(0, -1),
      { role: 'user', content: 'Less' },
    ])
  })
})

/** A chat client's request in this format. */
const translated = (request: Partial<Request>, provider = box, model = 'gpt-5.6') => {
  const call = fakeCall(request)
  const { body, warnings, path } = dialect.encode(call, { provider: 'box', model }, provider)
  return { body: JSON.parse(body as string), warnings, path }
}

describe('a chat client’s request', () => {
  test('becomes items, flat tools and options of this format', () => {
    const { body, path, warnings } = translated({
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What?', cache_control: { type: 'ephemeral' } },
            { type: 'image_url', image_url: { url: 'https://a.b/c.png' } },
            {
              type: 'file',
              file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,QQ==' },
            },
            { type: 'file', file: { file_data: 'https://a.b/c.pdf' } },
            { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
          ],
        },
        {
          role: 'assistant',
          content: 'Let me see.',
          reasoning: 'Hm.',
          reasoning_details: [
            {
              type: 'reasoning.summary',
              summary: 'Hm.',
              id: 'rs_1',
              index: 0,
              format: 'openai-responses-v1',
            },
            {
              type: 'reasoning.encrypted',
              data: 'ENC=',
              id: 'rs_1',
              index: 1,
              format: 'openai-responses-v1',
            },
            {
              type: 'reasoning.text',
              text: 'No.',
              signature: 'S',
              index: 2,
              format: 'anthropic-claude-v1',
            },
          ],
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
            { id: 'call_2', type: 'custom', custom: { name: 'p', input: 'x' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'one' },
        { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'two' }] },
      ],
      tools: [
        { type: 'function', function: { name: 'f', parameters: { type: 'object' } } },
        {
          type: 'custom',
          custom: {
            name: 'p',
            format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'x' } },
          },
        },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
      },
      verbosity: 'low',
      reasoning: { effort: 'high' },
      max_tokens: 4,
      stream: true,
      temperature: 0.5,
      seed: 7,
      stop: ['x'],
      user: 'u',
    })
    expect(path).toBe('/responses')
    expect(warnings).toEqual(['tool web_search_20250305 is not available at this provider'])
    expect(body).toEqual({
      model: 'gpt-5.6',
      instructions: 'Be brief.',
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'What?', prompt_cache_breakpoint: { mode: 'explicit' } },
            { type: 'input_image', image_url: 'https://a.b/c.png', detail: 'auto' },
            {
              type: 'input_file',
              filename: 'a.pdf',
              file_data: 'data:application/pdf;base64,QQ==',
            },
            { type: 'input_file', file_url: 'https://a.b/c.pdf' },
            { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
          ],
        },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 'Hm.' }],
          encrypted_content: 'ENC=',
        },
        {
          type: 'message',
          role: 'assistant',
          content: 'Let me see.',
        },
        { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{"a":1}' },
        { type: 'custom_tool_call', call_id: 'call_2', name: 'p', input: 'x' },
        { type: 'function_call_output', call_id: 'call_1', output: 'one' },
        {
          type: 'custom_tool_call_output',
          call_id: 'call_2',
          output: [{ type: 'input_text', text: 'two' }],
        },
      ],
      tools: [
        { type: 'function', name: 'f', parameters: { type: 'object' }, strict: false },
        {
          type: 'custom',
          name: 'p',
          format: { type: 'grammar', syntax: 'regex', definition: 'x' },
        },
      ],
      tool_choice: { type: 'function', name: 'f' },
      text: {
        format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
        verbosity: 'low',
      },
      reasoning: { effort: 'high', summary: 'auto' },
      max_output_tokens: 16,
      temperature: 0.5,
      user: 'u',
      stream: true,
      include: ['reasoning.encrypted_content'],
      store: false,
    })
  })

  test('asks for reasoning as it was asked to', () => {
    const asked = (request: Partial<Request>) => translated(request).body.reasoning
    expect(asked({ reasoning_effort: 'low' })).toEqual({ effort: 'low' })
    expect(asked({ reasoning: { enabled: true } })).toEqual({ effort: 'medium', summary: 'auto' })
    expect(asked({ reasoning: { enabled: false } })).toEqual({ effort: 'none' })
    expect(asked({ reasoning: { max_tokens: 8_000 }, max_tokens: 10_000 })).toEqual({
      effort: 'high',
      summary: 'auto',
    })
    expect(asked({ reasoning: { effort: 'low', exclude: true } })).toEqual({ effort: 'low' })
    expect(asked({})).toBeUndefined()
  })

  test('asks no model for reasoning that has none', () => {
    expect(translated({}, box, 'gpt-4o-mini').body.include).toBeUndefined()
    expect(translated({}, box, 'openai/gpt-4.1').body.include).toBeUndefined()
    expect(translated({}, box, 'o3').body.include).toEqual(['reasoning.encrypted_content'])
  })

  test('counted, holds what counts', () => {
    const call = fakeCall({ max_tokens: 5 }, { operation: 'count_tokens' })
    const { path, body } = dialect.encode(call, endpoint, box)
    expect(path).toBe('/responses/input_tokens')
    expect(JSON.parse(body as string)).toEqual({
      model: 'real-model',
      input: [{ type: 'message', role: 'user', content: 'Hello!' }],
    })
  })

  test('names content that the format lacks', () => {
    const { warnings } = translated({
      messages: [{ role: 'user', content: [{ type: 'video_url', video_url: { url: 'x' } }] }],
    })
    expect(warnings).toEqual(['video_url content is not available at this provider'])
  })
})
