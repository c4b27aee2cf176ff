import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { describeWhere } from '../support/where-present.ts'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startSluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(60_000)

const root = resolve(import.meta.dir, '../..')
const contract = join(root, '../shared/reference/openai-openapi.json')
const binary = join(root, `node_modules/@stdy/cli-${process.platform}-${process.arch}/bin/steady`)
const here = existsSync(contract) && existsSync(binary)

/** OpenAI’s own document as an upstream, on a port that was free a moment ago. */
const startSteady = async () => {
  const probe = Bun.serve({ port: 0, fetch: () => new Response() })
  const { port } = probe
  await probe.stop(true)
  const child = Bun.spawn(
    [
      binary,
      '--port',
      String(port),
      '--no-color',
      '--log=false',
      '--reject-on-sdk-error',
      '--validator-form-array-format=brackets',
      contract,
    ],
    { stdout: 'ignore', stderr: 'ignore' },
  )
  const url = `http://127.0.0.1:${port}`
  await until('the contract is served', () =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  )
  return { url, stop: async () => (child.kill(), await child.exited) }
}

interface Verdict {
  readonly path: string
  readonly status: number
  readonly body: any
  readonly words: string
}

const chunk = (delta: object, finish_reason: string | null) =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`

const message = { role: 'assistant', content: 'Hello.' }
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
const answers: Record<string, unknown> = {
  '/embeddings': {
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: [1] }],
    model: 'm',
    usage,
  },
  '/moderations': { id: 'x', model: 'm', results: [] },
  '/images/generations': { created: 1, data: [{ b64_json: '' }] },
  '/audio/transcriptions': { text: 'Hello.' },
  '/completions': {
    id: 'x',
    object: 'text_completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, text: 'Hello.', finish_reason: 'stop', logprobs: null }],
    usage,
  },
}

const answerFor = (path: string, body: any): Response => {
  if (path === '/audio/speech')
    return new Response('ID3', { headers: { 'content-type': 'audio/mpeg' } })
  if (answers[path]) return Response.json(answers[path])
  if (body?.stream)
    return new Response(chunk(message, null) + chunk({}, 'stop') + 'data: [DONE]\n\n', {
      headers: { 'content-type': 'text/event-stream' },
    })
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  return Response.json({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices,
    usage,
  })
}

const steady = here ? await startSteady() : undefined
const verdicts: Verdict[] = []
/** Asks the contract about each request, and answers what it accepts. */
const judge = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url)
    const path = pathname.replace('/v1', '')
    if (!steady || request.method === 'GET') return Response.json({ data: [] })
    const type = request.headers.get('content-type') ?? ''
    const bytes = await request.arrayBuffer()
    const response = await fetch(steady.url + path, {
      method: 'POST',
      headers: { 'content-type': type, authorization: 'Bearer x' },
      body: bytes,
    })
    const body = type.includes('json') ? JSON.parse(new TextDecoder().decode(bytes)) : undefined
    const words = await response.text()
    verdicts.push({ path, status: response.status, body, words: response.ok ? '' : words })
    return response.ok
      ? answerFor(path, body)
      : Response.json({ error: { message: 'no' } }, { status: 400 })
  },
})
const sluice = here
  ? await startSluice({
      config: JSON.stringify({
        server: { discover: false, drain: '1s' },
        providers: {
          openai: {
            api_key: 'sk-x',
            dialect: 'openai',
            base_url: `http://127.0.0.1:${judge.port}/v1`,
          },
        },
        plugins: ['fallback'],
      }),
      env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' },
    })
  : undefined
afterAll(async () => {
  await sluice?.stop()
  await judge.stop(true)
  await steady?.stop()
})

const schemas: any = here ? (await Bun.file(contract).json()).components.schemas : {}

/** Every field that a schema names, whichever of its forms has it. */
const fieldsOf = (schema: any): Set<string> => {
  if (schema?.$ref) return fieldsOf(schemas[schema.$ref.split('/').at(-1)])
  const parts = [...(schema?.allOf ?? []), ...(schema?.anyOf ?? []), ...(schema?.oneOf ?? [])]
  return new Set([
    ...Object.keys(schema?.properties ?? {}),
    ...parts.flatMap((part: any) => [...fieldsOf(part)]),
  ])
}

const messageSchemas: Record<string, string> = {
  system: 'ChatCompletionRequestSystemMessage',
  developer: 'ChatCompletionRequestDeveloperMessage',
  user: 'ChatCompletionRequestUserMessage',
  assistant: 'ChatCompletionRequestAssistantMessage',
  tool: 'ChatCompletionRequestToolMessage',
}

/** What OpenAI refuses although its document leaves it open: fields that it does not name. */
const strangers = (body: any): string[] => {
  const known = fieldsOf(schemas.CreateChatCompletionRequest)
  const top = Object.keys(body).filter((field) => !known.has(field))
  const inside = body.messages.flatMap((one: any) => {
    const fields = fieldsOf(schemas[messageSchemas[one.role]!])
    return Object.keys(one)
      .filter((field) => !fields.has(field))
      .map((field) => `${one.role}.${field}`)
  })
  return [
    ...top,
    ...inside,
    ...(JSON.stringify(body).includes('cache_control') ? ['cache_control'] : []),
  ]
}

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mPQztmAFTEMLQkA0FlRwRk0+foAAAAASUVORK5CYII='
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const cache_control = { type: 'ephemeral' }

const chat = {
  model: 'openai/gpt-5',
  reasoning: { effort: 'high' },
  top_k: 3,
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Rules.', cache_control }] },
    {
      role: 'user',
      name: 'Ann',
      content: [
        { type: 'text', text: 'See.' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
      ],
    },
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
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: '21' }] },
  ],
  tools: [{ type: 'function', function: { name: 'weather', parameters: schema }, cache_control }],
  response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema } },
}

const anthropic = {
  model: 'openai/gpt-5',
  max_tokens: 32_000,
  system: [{ type: 'text', text: 'Rules.', cache_control }],
  thinking: { type: 'adaptive', display: 'omitted' },
  output_config: { effort: 'high' },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  metadata: { user_id: '{"device_id":"d"}' },
  tools: [
    { name: 'weather', description: 'W', input_schema: schema, cache_control },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 8 },
  ],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Hi', cache_control },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'EuYB' },
        { type: 'text', text: 'Look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Z' } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'toolu_1',
          is_error: true,
          content: [
            { type: 'text', text: '21' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
          ],
        },
        { type: 'text', text: 'And?' },
      ],
    },
  ],
}

const responses = {
  model: 'openai/gpt-5',
  store: false,
  include: ['reasoning.encrypted_content'],
  reasoning: { effort: 'medium', summary: 'auto' },
  prompt_cache_key: 'k',
  client_metadata: { a: 'b' },
  parallel_tool_calls: false,
  text: { verbosity: 'low', format: { type: 'json_schema', name: 'a', strict: true, schema } },
  tools: [
    { type: 'function', name: 'weather', strict: false, parameters: schema },
    { type: 'custom', name: 'patch', description: 'P' },
    { type: 'web_search' },
  ],
  input: [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Rules.' }] },
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'Hi' },
        { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
      ],
    },
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'Hm.' }],
      encrypted_content: 'abc',
    },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{}' },
    { type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: '21' },
    { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', name: 'patch', input: 'a' },
    { type: 'custom_tool_call_output', call_id: 'call_2', output: 'ok' },
  ],
}

const gemini = {
  systemInstruction: { parts: [{ text: 'Rules.' }] },
  generationConfig: {
    topK: 5,
    topP: 0.9,
    maxOutputTokens: 100,
    thinkingConfig: { thinkingBudget: 1_000, includeThoughts: true },
    responseMimeType: 'application/json',
    responseJsonSchema: schema,
  },
  tools: [
    { functionDeclarations: [{ name: 'weather', parametersJsonSchema: schema }] },
    { googleSearch: {} },
  ],
  contents: [
    { role: 'user', parts: [{ text: 'Hi' }, { inlineData: { mimeType: 'image/png', data: png } }] },
    {
      role: 'model',
      parts: [
        { text: 'Hm.', thought: true, thoughtSignature: 'abc' },
        { functionCall: { name: 'weather', args: {} }, thoughtSignature: 'def' },
      ],
    },
    { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { t: 21 } } }] },
  ],
}

const ollama = {
  model: 'openai/gpt-5',
  think: true,
  format: schema,
  options: { temperature: 0.5, top_k: 4, num_predict: 100, num_ctx: 4_096 },
  tools: [{ type: 'function', function: { name: 'weather', parameters: schema } }],
  messages: [
    { role: 'user', content: 'Hi', images: [png] },
    {
      role: 'assistant',
      content: '',
      thinking: 'Hm.',
      tool_calls: [{ function: { name: 'weather', arguments: { city: 'Z' } } }],
    },
    { role: 'tool', tool_name: 'weather', content: '21' },
  ],
}

const surfaces: Record<string, readonly [path: string, body: object]> = {
  'chat completions': ['/v1/chat/completions', chat],
  messages: ['/v1/messages', anthropic],
  responses: ['/v1/responses', responses],
  gemini: ['/v1beta/models/openai/gpt-5:generateContent', gemini],
  ollama: ['/api/chat', ollama],
}

const post = (path: string, body: object | FormData) =>
  fetch(`${sluice!.url}${path}`, {
    method: 'POST',
    headers: {
      ...(!(body instanceof FormData) && { 'content-type': 'application/json' }),
      'x-goog-api-key': 'x',
    },
    body: body instanceof FormData ? body : JSON.stringify(body),
  })

describeWhere(here)('what reaches a strict OpenAI', () => {
  describe.each(Object.entries(surfaces))('from %s', (name, [path, body]) => {
    test.each([false, true])('is accepted (stream: %p)', async (stream) => {
      const address =
        stream && name === 'gemini' ? `${path.replace('generate', 'streamGenerate')}?alt=sse` : path
      const response = await post(address, name === 'gemini' ? body : { ...body, stream })
      const said = await response.text()
      // a surface that is not served yet is nothing to judge
      if (response.status === 404 && said.includes('Nothing is served')) return
      const verdict = verdicts.at(-1)
      expect(verdict?.words).toBe('')
      expect(strangers(verdict?.body)).toEqual([])
      expect(response.status).toBe(200)
    })
  })

  const audio = () => {
    const form = new FormData()
    form.append('model', 'openai/whisper-1')
    form.append('file', new Blob(['RIFF']), 'a.wav')
    form.append('timestamp_granularities[]', 'word')
    return form
  }
  test.each([
    ['/v1/completions', { model: 'openai/m', prompt: 'Once' }],
    ['/v1/embeddings', { model: 'openai/m', input: ['a'], dimensions: 3 }],
    ['/api/embed', { model: 'openai/m', input: ['a'] }],
    ['/v1/moderations', { model: 'openai/m', input: 'a' }],
    ['/v1/images/generations', { model: 'openai/gpt-image-1', prompt: 'a' }],
    ['/v1/audio/speech', { model: 'openai/tts-1', input: 'a', voice: 'alloy' }],
    ['/v1/audio/transcriptions', audio()],
    [
      '/v1/audio/transcriptions',
      { model: 'openai/whisper-1', input_audio: { data: 'UklGRg==', format: 'wav' }, provider: {} },
    ],
  ])('at %s is accepted', async (path, body) => {
    const response = await post(path, body)
    await response.arrayBuffer()
    expect(verdicts.at(-1)?.words).toBe('')
    expect(response.status).toBe(200)
  })
})
