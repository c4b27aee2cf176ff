import { describe, expect, test } from 'bun:test'
import type { Operation, Request } from '../../src/chat.ts'
import { demo } from '../../src/config/provider.ts'
import { gemini } from '../../src/dialects/gemini.ts'
import { fakeCall } from '../../src/testing.ts'
import { checkGemini } from '../support/gemini-rules.ts'

const provider = { ...demo, name: 'g', base_url: 'https://g.test/v1beta' }
const vertex = { ...provider, base_url: 'https://g.test/v1/projects/p/publishers/google' }

interface Options {
  readonly model?: string
  readonly operation?: Operation
  readonly to?: typeof provider
}

const encoded = (
  request: object,
  { model = 'gemini-3-pro', operation = 'chat', to = provider }: Options = {},
) => {
  const call = fakeCall({}, { operation, request: { model: 'm', ...request } as Request })
  return gemini.encode(call, { provider: 'g', model }, to)
}

/** The body; a chat's is held to Google's rules. */
const sent = (request: object, options: Options = {}): any => {
  const body = JSON.parse(encoded(request, options).body as string)
  if ((options.operation ?? 'chat') === 'chat')
    checkGemini(body, { 'x-goog-api-key': 'k' }, '/v1beta/models/m:generateContent')
  return body
}

const user = (content: unknown) => ({ role: 'user', content })
const tool = (tool_call_id: string, content: unknown, more: object = {}) => ({
  role: 'tool',
  tool_call_id,
  content,
  ...more,
})
const calls = (...names: string[]) =>
  names.map((name) => ({
    id: `id_${name}`,
    type: 'function',
    function: { name, arguments: `{"of":"${name}"}` },
  }))

describe('messages', () => {
  test('become contents of user and model, neighbours of one role together', () => {
    expect(
      sent({
        messages: [
          { role: 'system', content: 'One.' },
          { role: 'developer', content: [{ type: 'text', text: 'Two.' }] },
          user('a'),
          user([{ type: 'text', text: 'b' }]),
          { role: 'assistant', content: 'c' },
          { role: 'assistant', content: null, refusal: 'no' },
          { role: 'system', content: 'late' },
          user(''),
          user('d'),
        ],
      }),
    ).toEqual({
      systemInstruction: { parts: [{ text: 'One.' }, { text: 'Two.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
        { role: 'model', parts: [{ text: 'c' }, { text: 'no' }] },
        { role: 'user', parts: [{ text: 'late' }, { text: 'd' }] },
      ],
    })
  })

  test('that are but an instruction are asked as one', () => {
    expect(sent({ messages: [{ role: 'system', content: 'Write.' }] })).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Write.' }] }],
    })
  })

  test('carry images, sounds, films and files as data or by address', () => {
    const { contents } = sent({
      messages: [
        user([
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
          { type: 'image_url', image_url: { url: 'https://x.test/a.webp?b=1' } },
          { type: 'image_url', image_url: { url: 'https://x.test/a' } },
          { type: 'input_audio', input_audio: { data: 'aGk=', format: 'wav' } },
          {
            type: 'file',
            file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGk=' },
          },
          { type: 'file', file: { filename: 'a.csv', file_data: 'aGk=' } },
          { type: 'file', file: { file_data: 'https://x.test/a.pdf' } },
          { type: 'video_url', video_url: { url: 'https://www.youtube.com/watch?v=1' } },
          { type: 'file', file: { file_data: 'data:text/plain,gr%C3%BC%C3%9Fe' } },
        ]),
      ],
    })
    const data = (mimeType: string, of = 'aGk=') => ({ inlineData: { mimeType, data: of } })
    expect(contents[0].parts).toEqual([
      data('image/png'),
      { fileData: { mimeType: 'image/webp', fileUri: 'https://x.test/a.webp?b=1' } },
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://x.test/a' } },
      data('audio/wav'),
      data('application/pdf'),
      data('text/csv'),
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://x.test/a.pdf' } },
      { fileData: { fileUri: 'https://www.youtube.com/watch?v=1' } },
      data('text/plain', Buffer.from('grüße').toString('base64')),
    ])
  })

  test('lose what Google cannot take, and say so without its words', () => {
    const request = {
      messages: [
        user([
          { type: 'text', text: 'a' },
          { type: 'file', file: { file_id: 'file-secret' } },
          { type: 'novel', secret: 1 },
        ]),
      ],
    }
    expect(sent(request).contents[0].parts).toEqual([{ text: 'a' }])
    const { warnings = [] } = encoded(request)
    expect(warnings).toHaveLength(2)
    expect(warnings.join()).not.toContain('secret')
  })
})

describe('a tool loop', () => {
  const schema = {
    $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ type: ['string', 'null'] }] } },
    type: 'object',
    properties: { a: { $ref: '#/$defs/a' } },
    additionalProperties: false,
  }
  const functions = ['f', 'g'].map((name) => ({
    type: 'function',
    function: { name, description: name, parameters: schema, strict: true },
  }))
  const google = { format: 'google-gemini-v1' }
  const loop = (
    message: object = {},
    results: object[] = [tool('id_f', '1'), tool('id_g', '2')],
  ) => ({
    tools: functions,
    messages: [
      user('go'),
      { role: 'assistant', content: null, tool_calls: calls('f', 'g'), ...message },
      ...results,
    ],
  })

  test('keeps schemas as they are, and answers each call by its name', () => {
    const body = sent(loop())
    expect(body.tools[0].functionDeclarations[0]).toEqual({
      name: 'f',
      description: 'f',
      parametersJsonSchema: schema,
    })
    expect(body.contents[2]).toEqual({
      role: 'user',
      parts: [
        { functionResponse: { id: 'id_f', name: 'f', response: { output: '1' } } },
        { functionResponse: { id: 'id_g', name: 'g', response: { output: '2' } } },
      ],
    })
  })

  test('puts each signature where it belongs, and no other vendor’s anywhere', () => {
    const { body } = encoded(
      loop({
        content: 'said',
        reasoning: 'thought',
        reasoning_details: [
          { type: 'reasoning.text', text: 'unsigned', index: 0, ...google },
          { type: 'reasoning.encrypted', data: 'c2lnMQ==', id: 'id_g', index: 1, ...google },
          { type: 'reasoning.encrypted', data: 'c2lnMg==', id: 'id_f', index: 2, ...google },
          { type: 'reasoning.encrypted', data: 'c2lnMw==', index: 3, ...google },
          { type: 'reasoning.text', text: 'x', signature: 'bad', format: 'anthropic-claude-v1' },
          { type: 'reasoning.encrypted', data: 'bad', format: 'openai-responses-v1' },
        ],
      }),
      { model: 'gemini-2.5-pro' },
    )
    const [, turn] = JSON.parse(body as string).contents
    expect(
      turn.parts.map((part: any) => [part.functionCall?.name ?? part.text, part.thoughtSignature]),
    ).toEqual([
      ['said', 'c2lnMw=='],
      ['f', 'c2lnMg=='],
      ['g', 'c2lnMQ=='],
    ])
  })

  test('excuses each unsigned first call to version 3, whatever follows it', () => {
    const turns = (model: string, more: object[] = []) => {
      const request = loop()
      const messages = [...request.messages, ...more]
      return sent({ ...request, messages }, { model }).contents
    }
    const now = turns('gemini-3-pro')
    const [first, second] = now[1].parts
    expect(first.thoughtSignature).toBe('skip_thought_signature_validator')
    expect(second.thoughtSignature).toBeUndefined()
    const later = turns('gemini-3-pro', [{ role: 'assistant', content: 'x' }, user('more')])
    expect(later.slice(0, now.length)).toEqual(now)
    expect(JSON.stringify(turns('gemini-2.5-flash'))).not.toContain('thoughtSignature')
  })

  test('shows the images of a result inside it, or beside it to older models', () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } }
    const results = [tool('id_f', [{ type: 'text', text: 'see' }, image]), tool('id_g', '2')]
    const inline = { inlineData: { mimeType: 'image/png', data: 'aGk=' } }
    const newer = sent(loop({}, results)).contents[2].parts
    expect(newer[0].functionResponse).toMatchObject({
      response: { output: 'see' },
      parts: [inline],
    })
    const older = sent(loop({}, results), { model: 'gemini-2.5-pro' }).contents[2].parts
    expect(older[0].functionResponse.parts).toBeUndefined()
    expect(older[1]).toEqual(inline)
    expect(older[2].functionResponse.name).toBe('g')
  })

  test('keeps results to the letter: failures, schemas and numbers too large for a double', () => {
    const text = '{"$ref":"#/$defs/a","n":12345678901234567890}'
    const results = [tool('id_f', text), tool('id_g', 'broke', { is_error: true })]
    const [one, two] = sent(loop({}, results)).contents[2].parts
    expect(one.functionResponse.response).toEqual({ output: text })
    expect(two.functionResponse.response).toEqual({ error: 'broke' })
  })

  test('does not tell Google ids that it never gave', () => {
    const call = { ...calls('f')[0], id: 'callg_x_0_0' }
    const { contents } = sent(loop({ tool_calls: [call] }, [tool('callg_x_0_0', '1')]))
    expect(contents[1].parts[0].functionCall).toEqual({ name: 'f', args: { of: 'f' } })
    expect(contents[2].parts[0].functionResponse).toEqual({ name: 'f', response: { output: '1' } })
  })

  test('sends free-form tools as functions, and names tools it lacks', () => {
    const request = {
      messages: [user('go')],
      tools: [
        { type: 'custom', custom: { name: 'apply_patch', description: 'p' } },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'custom', custom: { name: 'apply_patch' } },
    }
    const body = sent(request)
    expect(body.tools).toHaveLength(1)
    expect(body.tools[0].functionDeclarations[0]).toMatchObject({
      name: 'apply_patch',
      parametersJsonSchema: { required: ['input'] },
    })
    expect(body.toolConfig.functionCallingConfig.allowedFunctionNames).toEqual(['apply_patch'])
    expect(encoded(request).warnings).toEqual([
      'tool web_search_20250305 is not available at this provider',
    ])
  })

  test.each([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [
      { type: 'function', function: { name: 'g' } },
      { mode: 'ANY', allowedFunctionNames: ['g'] },
    ],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [functions[0]] } },
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    ],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'g' }] },
      { mode: 'ANY', allowedFunctionNames: ['g'] },
    ],
  ])('is forced as asked: %j', (tool_choice, wanted) => {
    const body = sent({ messages: [user('a')], tools: functions, tool_choice })
    expect(body.toolConfig).toEqual({ functionCallingConfig: wanted })
  })
})

test.each([
  ['gemini-3-pro', { effort: 'high' }, { includeThoughts: true, thinkingLevel: 'high' }],
  ['gemini-3-pro', { effort: 'minimal' }, { includeThoughts: true, thinkingLevel: 'low' }],
  ['gemini-3-flash', { effort: 'minimal' }, { includeThoughts: true, thinkingLevel: 'minimal' }],
  ['gemini-3-flash', { effort: 'xhigh' }, { includeThoughts: true, thinkingLevel: 'high' }],
  ['gemini-3.1-pro', { effort: 'medium' }, { includeThoughts: true, thinkingLevel: 'medium' }],
  ['gemini-3-flash', { enabled: false }, { includeThoughts: false, thinkingLevel: 'minimal' }],
  ['gemini-3-flash', { max_tokens: 99 }, { includeThoughts: true, thinkingBudget: 99 }],
  ['gemini-3-flash', { enabled: true }, { includeThoughts: true }],
  ['models/gemini-2.5-flash', { effort: 'low' }, { includeThoughts: true, thinkingBudget: 200 }],
  ['gemini-2.5-flash', { effort: 'none' }, { includeThoughts: false, thinkingBudget: 0 }],
  ['gemini-2.5-pro', { effort: 'none' }, { includeThoughts: false, thinkingBudget: 128 }],
  ['gemini-2.5-pro', { max_tokens: 99_999 }, { includeThoughts: true, thinkingBudget: 32_768 }],
  [
    'gemini-2.5-pro',
    { enabled: true, exclude: true },
    { includeThoughts: false, thinkingBudget: -1 },
  ],
  ['gemini-2.0-flash', { effort: 'high' }, undefined],
])('%s thinks as asked: %j', (model, reasoning, wanted) => {
  const body = sent({ messages: [user('a')], reasoning, max_tokens: 1000 }, { model })
  expect(body.generationConfig.thinkingConfig).toEqual(wanted)
})

test('what is asked of the answer is said in Google’s words, and nothing is invented', () => {
  expect(sent({ messages: [user('a')] })).toEqual({
    contents: [{ role: 'user', parts: [{ text: 'a' }] }],
  })
  const { generationConfig } = sent({
    messages: [user('a')],
    temperature: 0,
    top_p: 0.5,
    top_k: 3,
    n: 2,
    max_completion_tokens: 5,
    stop: 'x',
    seed: 1,
    presence_penalty: 1,
    frequency_penalty: 2,
    logprobs: true,
    top_logprobs: 4,
    modalities: ['image', 'text'],
    image_config: { aspect_ratio: '1:1' },
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'a', strict: true, schema: { $ref: '#' } },
    },
    min_p: 0.1,
    logit_bias: { 1: 2 },
    user: 'u',
  })
  expect(generationConfig).toEqual({
    temperature: 0,
    topP: 0.5,
    topK: 3,
    candidateCount: 2,
    maxOutputTokens: 5,
    stopSequences: ['x'],
    seed: 1,
    presencePenalty: 1,
    frequencyPenalty: 2,
    responseLogprobs: true,
    logprobs: 4,
    responseModalities: ['IMAGE', 'TEXT'],
    imageConfig: { aspectRatio: '1:1' },
    responseMimeType: 'application/json',
    responseJsonSchema: { $ref: '#' },
  })
})

test('the model stands in the path, whatever its name is', () => {
  const path = (model: string, more: object = {}) =>
    encoded({ messages: [user('a')], ...more }, { model }).path
  expect(path('models/gemini-3-pro')).toBe('/models/gemini-3-pro:generateContent')
  expect(path('a/b:c?d#e/../f', { stream: true })).toBe(
    '/models/a%2Fb%3Ac%3Fd%23e%2F..%2Ff:streamGenerateContent?alt=sse',
  )
  expect(path('tunedModels/mine')).toBe('/tunedModels/mine:generateContent')
})

test('tokens are counted with instruction and tools, where they can be', () => {
  const counting = { operation: 'count_tokens' } as const
  const plain = { messages: [user('a')], temperature: 1 }
  const contents = [{ role: 'user', parts: [{ text: 'a' }] }]
  expect(sent(plain, counting)).toEqual({ contents })
  const more = { messages: [{ role: 'system', content: 's' }, user('a')] }
  const systemInstruction = { parts: [{ text: 's' }] }
  expect(sent(more, counting)).toEqual({
    generateContentRequest: { model: 'models/gemini-3-pro', systemInstruction, contents },
  })
  expect(sent(more, { ...counting, to: vertex })).toEqual({ systemInstruction, contents })
})

test('vectors are asked for in a batch, at Vertex its own way', () => {
  const embedding = { operation: 'embeddings', model: 'e' } as const
  const request = { input: ['a', 'b'], dimensions: 4, encoding_format: 'base64' }
  expect(encoded(request, embedding).path).toBe('/models/e:batchEmbedContents')
  expect(sent(request, embedding).requests[1]).toEqual({
    model: 'models/e',
    content: { parts: [{ text: 'b' }] },
    outputDimensionality: 4,
  })
  const other = encoded(request, { ...embedding, to: vertex })
  expect(other.path).toBe('/models/e:predict')
  expect(() => encoded({ input: [[1, 2]] }, embedding)).toThrow('takes texts')
})
