import { describe, expect, test } from 'bun:test'
import type { Call, Chunk, Operation } from '../../src/chat.ts'
import { parseConfig, type ProviderConfig } from '../../src/config.ts'
import { openai } from '../../src/dialects/openai.ts'
import { GatewayError } from '../../src/errors.ts'
import { readJson } from '../../src/json.ts'
import { wholeText } from '../../src/kept.ts'
import { fakeCall } from '../../src/testing.ts'
import { mapTexts } from '../../src/text/request.ts'
import { recordings } from '../support/recorded.ts'

const limits = { max_depth: 64, max_keys: 20_000 }

const providerWith = (more: object = {}): ProviderConfig => {
  const providers = { box: { base_url: 'http://127.0.0.1:1/v1', ...more } }
  const yaml = JSON.stringify({ providers })
  return parseConfig(yaml, { file: 'c', directory: '/', env: {} }).providers.get('box')!
}

/** The call that a client's body becomes. */
const callFor = (body: string, operation: Operation = 'chat'): Call => {
  const json = readJson(body, limits)
  const request = json.value as Call['request']
  return fakeCall({}, { operation, source: { format: 'openai', json, request }, request })
}

const endpoint = { provider: 'box', model: 'real-model' }
const plain = providerWith()
const sent = (call: Call, provider = plain): string =>
  openai.encode(call, endpoint, provider).body as string

/** The clients' model is "asked"; what reaches the provider is the same text with "real-model" in its place. */
const named = (body: string) => body.replace('"asked"', '"real-model"')

/** As real clients write them: OpenAI's SDKs (compact), Python (spaces), hands (indented). */
const corpus: Record<string, string> = {
  'a bare question': '{"model":"asked","messages":[{"role":"user","content":"Hi"}]}',
  'the model last, spaces as Python writes them':
    '{"messages": [{"role": "user", "content": "\\u4f60\\u597d caf\\u00e9"}], "temperature": 0.70, "model": "asked"}',
  'indented by hand': `{
    "model" : "asked",
    "messages": [
      { "role": "system", "content": "Be brief." },
      { "role": "user", "content": "Grüezi, 世界! 👋🏽" }
    ]
  }
  `,
  'tools, a call and its result':
    '{"model":"asked","messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\": \\"Z\\u00fcrich\\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"{\\"t\\": 21.0}"}],"tools":[{"type":"function","function":{"name":"get_weather","strict":true,"parameters":{"type":"object","properties":{"city":{"type":"string"}},"additionalProperties":false}}}],"tool_choice":{"type":"function","function":{"name":"get_weather"}},"parallel_tool_calls":false}',
  'images and files':
    '{"model":"asked","messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}},{"type":"file","file":{"file_id":"file-1"}}]}]}',
  'audio in and out':
    '{"model":"asked","modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"},"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}]},{"role":"assistant","audio":{"id":"audio_1"}}]}',
  'logprobs, bias, seeds and penalties':
    '{"model":"asked","messages":[{"role":"user","content":"Hi"}],"logprobs":true,"top_logprobs":5,"logit_bias":{"50256":-100},"seed":9007199254740993,"presence_penalty":0.0,"frequency_penalty":1e-1,"n":2,"stop":["\\n\\n","END"],"user":"u-1"}',
  'structured outputs':
    '{"model":"asked","messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],"additionalProperties":false}}}}',
  'cache control and thinking, as Anthropic’s layer takes them':
    '{"model":"asked","messages":[{"role":"system","content":[{"type":"text","text":"Long rules.","cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"role":"user","content":"Hi"}],"thinking":{"type":"enabled","budget_tokens":2048}}',
  'reasoning that is replayed':
    '{"model":"asked","reasoning_effort":"high","reasoning":{"effort":"high","exclude":false},"messages":[{"role":"assistant","content":"4","reasoning_details":[{"type":"reasoning.text","text":"2+2","signature":"EuYBCkQYAiJA+/=","format":"anthropic-claude-v1","index":0}]},{"role":"user","content":"Sure?"}]}',
  'fields that nobody knows yet':
    '{"model":"asked","messages":[{"role":"user","content":"Hi","new":{"deep":[1.50,{"x":null}]}}],"store":true,"metadata":{"a":"b"},"service_tier":"flex","prediction":{"type":"content","content":"x"},"web_search_options":{},"verbosity":"low","brand_new":[[],{},""," ",0.10]}',
  'nulls where SDKs send them':
    '{"model":"asked","messages":[{"role":"assistant","content":null,"function_call":null,"refusal":null}],"stop":null,"max_tokens":null,"stream":false,"tools":null}',
}

describe.each(Object.entries(corpus))('%s', (_name, body) => {
  test('reaches the provider as it was written, but for the model', () => {
    expect(sent(callFor(body))).toBe(named(body))
  })

  test('streamed, it is asked for usage and nothing else', () => {
    const streamed = body
      .replace(/,"stream":false|"stream":false,/, '')
      .replace(/\}\s*$/, ',"stream":true}')
    const asked = named(streamed).replace(/\}$/, ',"stream_options":{"include_usage":true}}')
    expect(sent(callFor(streamed))).toBe(asked)
  })

  test('means the same when a plugin made it anew', () => {
    const { source: _source, ...call } = callFor(body)
    expect(JSON.parse(sent(call))).toEqual(JSON.parse(named(body)))
  })

  test('when a plugin changed one message, everything beside the messages keeps its bytes', () => {
    const call = callFor(body)
    const messages = call.request.messages!.map((message, at) =>
      at === 0 ? { ...message, content: 'changed' } : message,
    )
    const out = sent({ ...call, request: { ...call.request, messages } })
    expect(JSON.parse(out)).toEqual({ ...JSON.parse(named(body)), messages })
    const [source, result] = [readJson(named(body), limits), readJson(out, limits)]
    for (const member of source.members!) {
      if (member.key === 'messages') continue
      const kept = result.members!.find(({ key }) => key === member.key)!
      expect(out.slice(kept.start, kept.end)).toBe(named(body).slice(member.start, member.end))
    }
  })

  test('when a plugin read every text and changed none, not a byte changes', () => {
    const call = callFor(body)
    const request = mapTexts(
      call.request,
      (text) => text.trimEnd() + text.slice(text.trimEnd().length),
    )
    expect(sent({ ...call, request })).toBe(named(body))
  })
})

test('each operation has its path', () => {
  const pathOf = (operation: Operation) =>
    openai.encode(callFor('{"model":"m"}', operation), endpoint, plain).path
  expect(pathOf('chat')).toBe('/chat/completions')
  expect(pathOf('completions')).toBe('/completions')
  expect(pathOf('embeddings')).toBe('/embeddings')
})

const routed =
  '{"model":"asked","models":["a","b"],"route":"fallback","provider":{"order":["x"]},"plugins":[{"id":"web"}],"preset":"p","transforms":[],"session_id":"s","trace":{},"debug":{},"user":"u","messages":[{"role":"user","content":"Hi"}]}'

test('what speaks to the router stays here', () => {
  expect(sent(callFor(routed))).toBe(
    '{"model":"real-model","user":"u","messages":[{"role":"user","content":"Hi"}]}',
  )
})

test('OpenRouter as a provider gets its own fields, but the fallbacks are ours', () => {
  const openrouter = providerWith({ preset: 'openrouter', api_key: 'k' })
  expect(sent(callFor(routed), openrouter)).toBe(
    named(routed).replace('"models":["a","b"],"route":"fallback",', ''),
  )
})

test.each([
  ['{"model":"m","stream":true}', { include_usage: true }],
  ['{"model":"m","stream":true,"stream_options":null}', { include_usage: true }],
  ['{"model":"m","stream":true,"stream_options":{"include_usage":false}}', { include_usage: true }],
  [
    '{"model":"m","stream":true,"stream_options":{"include_obfuscation":false}}',
    { include_obfuscation: false, include_usage: true },
  ],
  ['{"model":"m","stream":false}', undefined],
  ['{"model":"m"}', undefined],
])('of %s usage is asked for in a stream, whatever the client said', (body, stream_options) => {
  expect(JSON.parse(sent(callFor(body))).stream_options).toEqual(stream_options)
})

test('who asks for usage already is not rewritten', () => {
  const body = '{"model":"asked","stream":true,"stream_options": { "include_usage" : true }}'
  expect(sent(callFor(body))).toBe(named(body))
})

const quirky = (quirks: object) => providerWith({ quirks })

test('quirks: a parameter is sent under the provider’s name for it', () => {
  const provider = quirky({ rename: { max_completion_tokens: 'max_tokens' } })
  expect(sent(callFor('{"model":"m","max_completion_tokens":50,"top_p":1.0}'), provider)).toBe(
    '{"model":"real-model","top_p":1.0,"max_tokens":50}',
  )
  expect(sent(callFor('{"model":"m","max_tokens":50}'), provider)).toBe(
    '{"model":"real-model","max_tokens":50}',
  )
})

test('quirks: what the provider refuses is dropped, what it needs is forced', () => {
  const provider = quirky({ drop: ['store', 'metadata'], force: { temperature: 1, safe: true } })
  expect(
    sent(callFor('{"store":true,"model":"m","temperature":0.20,"metadata":{"a":1}}'), provider),
  ).toBe('{"model":"real-model","temperature":1,"safe":true}')
})

test('quirks: numbers are kept within bounds, and untouched when they are', () => {
  const provider = quirky({ clamp: { top_p: [0, 0.99], temperature: [0.01, 1] } })
  expect(sent(callFor('{"model":"m","top_p":1.0,"temperature":0}'), provider)).toBe(
    '{"model":"real-model","top_p":0.99,"temperature":0.01}',
  )
  const within = '{"model":"asked","top_p":0.50,"temperature":null}'
  expect(sent(callFor(within), provider)).toBe(named(within))
})

test('quirks: lists of text become one string, lists with images stay', () => {
  const provider = quirky({ flatten_content: true })
  const text = (words: string) => ({ type: 'text', text: words })
  const image = { type: 'image_url', image_url: { url: 'https://a.example/x.png' } }
  const messages = [
    { role: 'system', content: 'plain' },
    { role: 'user', content: [text('a'), text('b')] },
    { role: 'user', content: [text('a'), image] },
    { role: 'assistant', content: null },
  ]
  const body = JSON.stringify({ model: 'm', messages })
  expect(JSON.parse(sent(callFor(body), provider)).messages).toEqual([
    messages[0],
    { role: 'user', content: 'ab' },
    messages[2],
    messages[3],
  ])
})

test('quirks: lists are not flattened where there are no messages', () => {
  const body = '{"model":"asked","input":["a","b"]}'
  expect(sent(callFor(body, 'embeddings'), quirky({ flatten_content: true }))).toBe(named(body))
})

test('quirks: a provider that refuses stream_options is not asked for usage', () => {
  const body = '{"model":"asked","stream":true}'
  expect(sent(callFor(body), quirky({ stream_options: false }))).toBe(named(body))
})

test('quirks: a provider that refuses stream_options does not get the client’s either', () => {
  // every SDK with usage on sends it, and the provider answers 400
  const body = '{"model":"m","stream":true,"stream_options":{"include_usage":true}}'
  expect(sent(callFor(body), quirky({ stream_options: false }))).toBe(
    '{"model":"real-model","stream":true}',
  )
})

test('quirks change nothing of the call', () => {
  const call = callFor('{"model":"m","store":true,"messages":[{"role":"user","content":[]}]}')
  const before = structuredClone(call.request)
  sent(call, quirky({ drop: ['store'], flatten_content: true, force: { a: 1 } }))
  expect(call.request).toEqual(before)
})

const whole = (body: unknown, operation: Operation = 'chat') =>
  openai.decodeWhole(
    typeof body === 'string' ? body : JSON.stringify(body),
    fakeCall({}, { operation }),
  )

test('a whole answer is one chunk whose deltas are the messages, and keeps its text', () => {
  for (const { whole: choices, usage } of Object.values(recordings)) {
    const text = JSON.stringify(
      { id: 'x', object: 'chat.completion', choices, usage, extra: 1 },
      null,
      1,
    )
    const { chunks, bytes } = whole(text)
    const [chunk] = chunks
    expect(bytes).toBeUndefined()
    expect(chunks).toHaveLength(1)
    expect(chunk?.choices?.map(({ delta }) => delta)).toEqual(
      choices.map((choice: any) => choice.message),
    )
    expect(chunk).toMatchObject({ id: 'x', extra: 1 })
    expect(wholeText(chunk!)).toBe(text)
  }
})

test('choices without an index are numbered', () => {
  const { chunks } = whole({
    choices: [{ message: { content: 'a' } }, { message: { content: 'b' } }],
  })
  expect(chunks[0]?.choices?.map(({ index }) => index)).toEqual([0, 1])
})

test('embeddings are one chunk without choices', () => {
  const body = {
    object: 'list',
    data: [{ embedding: [0.5] }],
    usage: { prompt_tokens: 1, total_tokens: 1 },
  }
  expect(whole(body, 'embeddings').chunks).toEqual([body as Chunk])
})

const failure = (run: () => unknown): GatewayError => {
  try {
    run()
  } catch (error) {
    return error as GatewayError
  }
  throw new Error('it was accepted')
}

test.each([
  '',
  '{',
  '[]',
  'null',
  '"text"',
  '{}',
  '{"choices":{}}',
  '{"object":"list","data":[]}',
  '<html></html>',
])('%j is no answer', (text) => {
  expect(failure(() => whole(text)).code).toBe('upstream_invalid_response')
})

test('an answer without data is no embedding', () => {
  expect(failure(() => whole({ choices: [] }, 'embeddings')).code).toBe('upstream_invalid_response')
})

test('an error that comes as a success is an error, by its own name', () => {
  const error = (code: unknown, type = 'x') => ({ error: { message: 'No.', type, code } })
  expect(failure(() => whole(error(429))).code).toBe('rate_limit_exceeded')
  expect(failure(() => whole(error('rate_limit_exceeded'))).code).toBe('rate_limit_exceeded')
  expect(failure(() => whole(error(null, 'overloaded_error'))).code).toBe('provider_overloaded')
  expect(failure(() => whole({ error: 'busy' })).code).toBe('upstream_error')
  expect(failure(() => whole({ ...error(500), choices: [] })).code).toBe('upstream_error')
})
