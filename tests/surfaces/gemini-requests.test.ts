import { describe, expect, test } from 'bun:test'
import type { Call, Operation, Request } from '../../src/chat.ts'
import type { ProviderConfig } from '../../src/config.ts'
import { demo } from '../../src/config/provider.ts'
import { gemini } from '../../src/dialects/gemini.ts'
import { seal } from '../../src/formats/envelope.ts'
import { readJson } from '../../src/json.ts'
import { geminiMethods } from '../../src/surfaces/gemini.ts'
import { fakeCall } from '../../src/testing.ts'
import { mapTexts } from '../../src/text/request.ts'

const provider: ProviderConfig = { ...demo, name: 'g', base_url: 'https://g.test/v1beta' }
const operations: Record<string, Operation> = {
  countTokens: 'count_tokens',
  embedContent: 'embeddings',
  batchEmbedContents: 'embeddings',
}

const memory = { get: () => undefined, set: () => {}, delete: () => false }

/** The call that a client's body becomes. */
const received = (text: string, method = 'generateContent', model = 'gemini-3-pro'): Call => {
  const json = readJson(text, { max_depth: 100, max_keys: 100_000 })
  const place = { headers: new Headers(), query: new URLSearchParams(), memory, model, method }
  const request = geminiMethods[method]!.decode!(json.value, place)
  return fakeCall(
    {},
    {
      operation: operations[method] ?? 'chat',
      request,
      source: { format: 'gemini', json, request },
    },
  )
}

const sent = (call: Call, model = 'gemini-3-pro', to = provider) =>
  gemini.encode(call, { provider: 'g', model }, to)

const bodyOf = (call: Call): any => JSON.parse(sent(call).body as string)

/** What encode makes of it when it cannot lean on the client's bytes. */
const reencoded = (call: Call): any => {
  const { source: _, ...foreign } = call
  return bodyOf(foreign)
}

const user = (...parts: object[]) => ({ role: 'user', parts })
const model = (...parts: object[]) => ({ role: 'model', parts })
const call = (name: string, args: object, more: object = {}) => ({
  functionCall: { name, args },
  ...more,
})
const answer = (name: string, response: object, id?: string) => ({
  functionResponse: { ...(id && { id }), name, response },
})
const schema = {
  $defs: { city: { type: 'string', minLength: 1 } },
  type: 'object',
  properties: {
    city: { $ref: '#/$defs/city' },
    unit: { anyOf: [{ const: 'c' }, { type: 'null' }] },
  },
  required: ['city'],
  additionalProperties: false,
}

/** Bodies of which everything is understood. */
const corpus: Record<string, object> = {
  simple: { contents: [user({ text: 'Hi' })] },
  'parts of all kinds': {
    systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
    contents: [
      user(
        { text: 'See' },
        { inlineData: { mimeType: 'image/png', data: 'aGk=' } },
        { inlineData: { mimeType: 'audio/mpeg', data: 'aGk=' } },
        { inlineData: { mimeType: 'application/pdf', data: 'aGk=' } },
        { inlineData: { mimeType: 'text/plain', data: 'aGk=' } },
        { fileData: { mimeType: 'video/mp4', fileUri: 'https://x.test/v1beta/files/a' } },
        { fileData: { fileUri: 'https://www.youtube.com/watch?v=1' } },
        { fileData: { mimeType: 'image/webp', fileUri: 'gs://bucket/b' } },
        { text: 'and say' },
      ),
      model(
        { text: 'I see' },
        { inlineData: { mimeType: 'image/png', data: 'aGk=' } },
        { text: '.' },
      ),
      user({ text: '' }),
    ],
  },
  'a tool loop with thoughts and signatures': {
    contents: [
      user({ text: 'Weather?' }),
      model(
        { text: 'Let me think', thought: true },
        { text: 'Looking' },
        call('get_weather', { city: 'Zürich', n: 1.5 }, { thoughtSignature: 'c2ln' }),
        call('get_time', {}),
      ),
      user(
        answer('get_weather', { output: '21' }),
        answer('get_time', { hour: 3, list: [1, null] }),
      ),
      model(
        { text: 'Now', thoughtSignature: 'YQ==' },
        {
          functionCall: { id: 'abc', name: 'get_time', args: { tz: 'x' } },
          thoughtSignature: 'Yg==',
        },
      ),
      user(answer('get_time', { error: 'none' }, 'abc'), { text: 'and?' }),
      model({ text: 'Done.' }, { text: '', thoughtSignature: 'Yw==' }),
      user({ text: 'Thanks' }),
    ],
    tools: [
      {
        functionDeclarations: [
          { name: 'get_weather', description: 'W', parametersJsonSchema: schema },
          {
            name: 'get_time',
            parameters: {
              type: 'OBJECT',
              properties: { tz: { type: 'STRING', nullable: true, format: 'enum', enum: ['x'] } },
              propertyOrdering: ['tz'],
            },
          },
        ],
      },
      { googleSearch: {} },
      { urlContext: {}, codeExecution: {} },
      { functionDeclarations: [{ name: 'last' }] },
    ],
    toolConfig: {
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['get_weather', 'last'] },
    },
  },
  'a stream’s pieces as the SDK keeps them': {
    contents: [
      user({ text: 'Say it' }),
      model({ text: 'Thin', thought: true }),
      model({ text: 'king', thought: true }),
      model({ text: 'It' }),
      model({ text: ' is' }),
      model({ text: ' so' }, call('f', { a: 1 }, { thoughtSignature: 'ZA==' })),
      model({ text: '' }),
      user(answer('f', { result: 'x' })),
    ],
  },
  'code that ran': {
    contents: [
      user({ text: 'Count' }),
      model(
        { executableCode: { language: 'PYTHON', code: 'print(1)' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
        { text: 'One.' },
        { novelPart: { of: 'tomorrow' } },
      ),
      user({ text: 'Thanks' }, { novelPart: 2 }),
    ],
  },
  'everything that is asked of the answer': {
    contents: [user({ text: 'Hi' })],
    generationConfig: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      candidateCount: 2,
      maxOutputTokens: 100,
      stopSequences: ['a', 'b'],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: -0.1,
      responseLogprobs: true,
      logprobs: 3,
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
      responseModalities: ['TEXT', 'IMAGE'],
      thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
    },
    serviceTier: 'flex',
    toolConfig: undefined,
  },
  'Google’s own schema': {
    contents: [user({ text: 'Hi' })],
    generationConfig: {
      responseMimeType: 'application/json',
      responseSchema: { type: 'ARRAY', items: { type: 'STRING' }, maxItems: '3' },
      thinkingConfig: { thinkingBudget: -1 },
    },
  },
  'no thinking': {
    contents: [user({ text: 'Hi' })],
    generationConfig: { thinkingConfig: { thinkingBudget: 0 } },
  },
}

describe.each(Object.keys(corpus).map((name) => [name]))('%s', (name) => {
  const body = JSON.parse(JSON.stringify(corpus[name]))
  const text = JSON.stringify(body, null, 1)

  test('encode(decode(body)) is the body', () => {
    expect(reencoded(received(text))).toEqual(body)
  })

  test('goes on as its own bytes', () => {
    const { body: out, path } = sent(received(text))
    expect(out).toBe(text)
    expect(path).toBe('/models/gemini-3-pro:generateContent')
  })

  test('with any one text changed, only that one differs', () => {
    const asked = received(text)
    const { request } = asked
    let texts = 0
    mapTexts(request, (one) => (texts++, one))
    for (let at = 0; at < texts; at++) {
      let nth = 0
      let from = ''
      let to = ''
      const changed = mapTexts(request, (one) => {
        if (nth++ !== at) return one
        from = one
        const json = /^[{[]/.test(one)
        to = json ? one.replace(/"(\w+)"(?=[,}\]])/, '"€$1"') : `${one} €`
        return to
      })
      if (from === to) continue
      const out = sent({ ...asked, request: changed }).body as string
      expect(out.includes('€')).toBe(true)
      const back = out.replaceAll(/ ?€/g, '')
      expect(back).toBe(text)
    }
    expect(texts).toBeGreaterThan(0)
  })

  test('with a message more in front, all others keep their bytes', () => {
    const asked = received(text)
    const { messages = [] } = asked.request
    const more = { role: 'user', content: 'More.' }
    const request: Request = { ...asked.request, messages: [...messages, more] }
    const out = sent({ ...asked, request }).body as string
    const contents = body.contents as unknown[]
    expect(JSON.parse(out).contents.slice(0, contents.length)).toEqual(contents)
  })
})

test('what nobody understands stays where it is, changed text or not', () => {
  const text = `{ "novel": [1.0, 1e3], "safetySettings": [{"category":"X","threshold":"OFF"}],
 "cachedContent" : "cachedContents/1", "labels": {"a": "b"},
 "contents": [{"role":"user","parts":[{"text":"secret", "partMetadata": {"a": 1.0}, "mediaResolution": {}}], "novel": 2}],
 "generationConfig": {"speechConfig": {"x": 1.50}, "temperature": 1.0, "mediaResolution": "LOW"},
 "tools": [{"functionDeclarations":[{"name":"f","behavior":"BLOCKING","response":{"type":"STRING"}}]}],
 "toolConfig": {"retrievalConfig": {}} }`
  const asked = received(text)
  expect(sent(asked).body).toBe(text)
  const request = mapTexts(asked.request, (one) => one.replace('secret', '***'))
  expect(sent({ ...asked, request }).body).toBe(text.replace('secret', '***'))
})

test('the model is set wherever it stands, and what speaks to the router goes', () => {
  const text =
    '{"model":"models/x","contents":[{"parts":[{"text":"hi"}]}],"models":["y"],"provider":{"order":["a"]}}'
  const asked = received(text, 'generateContent', 'x')
  expect(asked.request).toMatchObject({ model: 'x', models: ['y'], provider: { order: ['a'] } })
  expect(sent(asked, 'gemini-2.5-flash').body).toBe(
    '{"model":"models/gemini-2.5-flash","contents":[{"parts":[{"text":"hi"}]}]}',
  )
})

test('names with underscores are Google’s too', () => {
  const text = JSON.stringify({
    system_instruction: { parts: [{ text: 'Be brief.' }] },
    contents: [user({ inline_data: { mime_type: 'image/png', data: 'aGk=' } }, { text: 'see' })],
    tools: [
      {
        function_declarations: [
          { name: 'f', parameters: { type: 'OBJECT', properties: { a_b: { type: 'STRING' } } } },
        ],
      },
    ],
    tool_config: { function_calling_config: { mode: 'ANY' } },
    generation_config: { max_output_tokens: 5, thinking_config: { include_thoughts: true } },
  })
  const asked = received(text)
  expect(asked.request).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'image_url' }, { type: 'text', text: 'see' }] },
    ],
    max_tokens: 5,
    tool_choice: 'required',
    tools: [{ function: { name: 'f', parameters: { properties: { a_b: { type: 'string' } } } } }],
  })
  expect(sent(asked).body).toBe(text)
  const request = mapTexts(asked.request, (one) => one.replace('see', 'look'))
  const out = JSON.parse(sent({ ...asked, request }).body as string)
  expect(out.contents[0].parts[1].text).toBe('look')
  expect(out.system_instruction).toBeUndefined()
  expect(out.systemInstruction.parts[0].text).toBe('Be brief.')
})

describe('what another model left under seal', () => {
  const details = [
    {
      type: 'reasoning.text',
      text: 'Hm.',
      signature: 'c2ln',
      format: 'anthropic-claude-v1',
      index: 0,
    },
  ]
  const turns = [
    user({ text: 'Weather?' }),
    model(
      { text: 'Hm.', thought: true },
      { functionCall: { id: 'toolu_1', name: 'f', args: {} }, thoughtSignature: seal(details) },
    ),
    user(answer('f', { output: 'x' }, 'toolu_1')),
    model({ text: 'Done.' }, { text: '', thoughtSignature: seal(details) }),
    user({ text: 'Again?' }),
  ]
  const text = JSON.stringify({ contents: turns })

  test('comes back as it was', () => {
    const [, turn, result] = received(text).request.messages!
    expect(turn).toMatchObject({
      role: 'assistant',
      reasoning: 'Hm.',
      reasoning_details: details,
      tool_calls: [{ id: 'toolu_1', function: { name: 'f', arguments: '{}' } }],
    })
    expect(turn!.reasoning_details).toHaveLength(1)
    expect(result).toMatchObject({ role: 'tool', tool_call_id: 'toolu_1', content: 'x' })
  })

  test('never reaches Google, changed or not', () => {
    const asked = received(text)
    const request = mapTexts(asked.request, (one) => one.replace('Again', 'Still'))
    for (const one of [asked, { ...asked, request }]) {
      const out = sent(one).body as string
      expect(out).not.toContain('SluiceSealV1')
      expect(out).not.toContain('Hm.')
      const [, turn, , last] = JSON.parse(out).contents
      expect(turn.parts[0].thoughtSignature).toBe('skip_thought_signature_validator')
      expect(last.parts).toEqual([{ text: 'Done.' }])
    }
  })
})

test('a sealed turn in the pieces of a stream leaves no thoughts of its own to Google', () => {
  const details = [{ type: 'reasoning.text', text: 'Hm.', format: 'unknown', index: 0 }]
  const text = JSON.stringify({
    contents: [
      user({ text: 'Weather?' }),
      model({ text: 'H', thought: true }),
      model({ text: 'm.', thought: true }),
      model(call('f', {}, { thoughtSignature: seal(details) })),
      user(answer('f', { output: 'x' })),
    ],
  })
  const asked = received(text)
  expect(asked.request.messages).toHaveLength(3)
  const request = mapTexts(asked.request, (one) => one.replace('Weather', 'Time'))
  for (const [one, said] of [
    [asked, 'Weather?'],
    [{ ...asked, request }, 'Time?'],
  ] as const)
    expect(JSON.parse(sent(one).body as string).contents).toEqual([
      user({ text: said }),
      model(call('f', {}, { thoughtSignature: 'skip_thought_signature_validator' })),
      user(answer('f', { output: 'x' })),
    ])
})

test('tokens are counted of the conversation or of a whole request, with the model that is asked', () => {
  const flat = '{"contents":[{"parts":[{"text":"hi"}]}]}'
  const counted = sent(received(flat, 'countTokens'))
  expect(counted).toMatchObject({ path: '/models/gemini-3-pro:countTokens', body: flat })
  const nested = JSON.stringify({
    generateContentRequest: { model: 'models/route', contents: [user({ text: 'hi' })], novel: 1 },
  })
  const asked = received(nested, 'countTokens', 'route')
  expect(sent(asked, 'gemini-2.5-pro').body).toBe(
    nested.replace('models/route', 'models/gemini-2.5-pro'),
  )
  const request = mapTexts(asked.request, () => 'ho')
  expect(sent({ ...asked, request }).body).toBe(
    nested.replace('models/route', 'models/gemini-3-pro').replace('"hi"', '"ho"'),
  )
})

test('vectors are asked for alone or in a batch', () => {
  const one = JSON.stringify({
    content: { parts: [{ text: 'a' }] },
    taskType: 'X',
    outputDimensionality: 8,
  })
  const alone = received(one, 'embedContent', 'e')
  expect(alone.request).toEqual({ model: 'e', input: 'a', dimensions: 8 })
  expect(sent(alone, 'e')).toMatchObject({ path: '/models/e:embedContent', body: one })
  const many = JSON.stringify({
    requests: ['a', 'b'].map((text) => ({
      model: 'models/r',
      content: { parts: [{ text }] },
      taskType: 'X',
    })),
  })
  const batch = received(many, 'batchEmbedContents', 'r')
  expect(batch.request).toEqual({ model: 'r', input: ['a', 'b'] })
  expect(sent(batch, 'e').body).toBe(many.replaceAll('models/r', 'models/e'))
  const request = mapTexts(batch.request, (text) => text.replace('a', 'z'))
  expect(sent({ ...batch, request }, 'e').body).toBe(
    many.replaceAll('models/r', 'models/e').replace('"a"', '"z"'),
  )
})
