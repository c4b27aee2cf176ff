import { chat } from '../matrix/surfaces/chat.ts'
import { gemini } from '../matrix/surfaces/gemini.ts'
import { messages } from '../matrix/surfaces/messages.ts'
import { ollama } from '../matrix/surfaces/ollama.ts'
import { responses } from '../matrix/surfaces/responses.ts'
import type { Surface } from '../matrix/ask.ts'

export interface Door {
  readonly name: string
  /** Where the address names the model. */
  path(model: string, stream: boolean): string
  readonly headers: Readonly<Record<string, string>>
  /** Valid bodies; with `model` and `stream` added where the format has them. */
  readonly bodies: readonly object[]
  body(body: object, model: string, stream: boolean): object
  readonly streams: boolean
  /** Reads answers of chats; without it only that they are JSON is checked. */
  readonly reader?: Surface
  /** What is wrong with an error's body. */
  mistakes(body: any): string | undefined
}

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/q842iQAAAABJRU5ErkJggg=='
const pdf = 'JVBERi0xLjQKJeLjz9MKMSAwIG9iago8PD4+CmVuZG9iagp0cmFpbGVyCjw8Pj4KJSVFT0YK'
const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, unit: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
  required: ['city'],
  additionalProperties: false,
}

const openAIMistakes = (body: any): string | undefined => {
  const { error } = body ?? {}
  if (typeof error?.message !== 'string' || error.message === '') return 'no message'
  if (typeof error.type !== 'string') return 'no type'
  if (!('param' in error) || !('code' in error)) return 'no param or code'
  return undefined
}
const anthropicMistakes = (body: any): string | undefined => {
  if (body?.type !== 'error') return 'not of type error'
  if (typeof body.error?.message !== 'string' || body.error.message === '') return 'no message'
  if (typeof body.error.type !== 'string') return 'no type'
  return typeof body.request_id === 'string' ? undefined : 'no request_id'
}
const geminiMistakes = (body: any): string | undefined => {
  const { error } = body ?? {}
  if (!Number.isInteger(error?.code)) return 'no integer code'
  if (typeof error.message !== 'string' || error.message === '') return 'no message'
  return typeof error.status === 'string' ? undefined : 'no status'
}
const ollamaMistakes = (body: any): string | undefined =>
  typeof body?.error === 'string' && body.error !== '' ? undefined : 'no error'

const withBoth = (body: object, model: string, stream: boolean): object => ({
  model,
  ...body,
  ...(stream && { stream }),
})

const chatBodies: readonly object[] = [
  { messages: [{ role: 'user', content: 'Say hello.' }] },
  {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
      {
        role: 'user',
        name: 'ann',
        content: [
          { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral' } },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}`, detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          {
            type: 'file',
            file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
          },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
          { type: 'video_url', video_url: { url: 'https://example.com/a.mp4' } },
        ],
      },
    ],
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 400,
    stop: ['END', 'STOP'],
    seed: 7,
    logprobs: true,
    top_logprobs: 2,
    frequency_penalty: 0.1,
    presence_penalty: 0.1,
    logit_bias: { '50256': -100 },
    user: 'u-1',
    metadata: { a: 'b' },
    reasoning: { effort: 'high' },
    service_tier: 'auto',
    verbosity: 'low',
    stream_options: { include_usage: true },
    provider: { order: ['anthropic'] },
    cache_control: { type: 'ephemeral', ttl: '1h' },
  },
  {
    messages: [
      { role: 'user', content: 'Weather and time?' },
      {
        role: 'assistant',
        content: null,
        reasoning: 'I think.',
        reasoning_details: [
          {
            type: 'reasoning.text',
            text: 'I think.',
            signature: 'c2ln',
            format: 'anthropic-claude-v1',
            index: 0,
          },
          {
            type: 'reasoning.encrypted',
            data: 'ZW5j',
            id: 'call_1',
            format: 'google-gemini-v1',
            index: 1,
          },
          {
            type: 'reasoning.summary',
            summary: 'Sum.',
            id: 'rs_1',
            format: 'openai-responses-v1',
            index: 2,
          },
          {
            type: 'reasoning.encrypted',
            data: 'ZW5j',
            id: 'rs_1',
            format: 'openai-responses-v1',
            index: 2,
          },
        ],
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'get_weather', arguments: '{"city":"Zürich"}' },
          },
          { id: 'call_2', type: 'custom', custom: { name: 'apply_patch', input: '*** Begin' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '21 °C' },
      {
        role: 'tool',
        tool_call_id: 'call_2',
        is_error: true,
        content: [
          { type: 'text', text: 'failed' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
        ],
      },
      { role: 'user', content: 'Go on.' },
      { role: 'assistant', content: 'It is' },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'Weather.',
          parameters: schema,
          strict: true,
        },
      },
      {
        type: 'function',
        function: { name: 'no_arguments' },
        cache_control: { type: 'ephemeral' },
      },
      {
        type: 'custom',
        custom: { name: 'apply_patch', description: 'Patches.', format: { type: 'text' } },
      },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
    ],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
    parallel_tool_calls: false,
    max_completion_tokens: 1000,
    reasoning_effort: 'low',
    response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } },
  },
  { messages: [{ role: 'user', content: 'JSON' }], response_format: { type: 'json_object' }, n: 2 },
]

const messagesBodies: readonly object[] = [
  { max_tokens: 100, messages: [{ role: 'user', content: 'Say hello.' }] },
  {
    max_tokens: 32_000,
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: v=1' },
      { type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } },
    ],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look.', cache_control: { type: 'ephemeral', ttl: '1h' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'image', source: { type: 'file', file_id: 'file_1' } },
          {
            type: 'document',
            title: 'a',
            context: 'b',
            citations: { enabled: true },
            source: { type: 'base64', media_type: 'application/pdf', data: pdf },
          },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Plain.' } },
          {
            type: 'document',
            source: { type: 'content', content: [{ type: 'text', text: 'In.' }] },
          },
          {
            type: 'search_result',
            source: 's',
            title: 't',
            content: [{ type: 'text', text: 'Found.' }],
          },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'I think.', signature: 'c2ln' },
          { type: 'redacted_thinking', data: 'cmVk' },
          { type: 'text', text: 'Let me see.' },
          { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Zürich' } },
          { type: 'tool_use', id: 'toolu_2', name: 'get_time', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: '21 °C' },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_2',
            is_error: true,
            content: [
              { type: 'text', text: 'No.' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
              { type: 'tool_reference', tool_name: 'get_time' },
            ],
          },
          { type: 'text', text: 'Go on.' },
        ],
      },
      { role: 'system', content: 'Mind the time.' },
    ],
    tools: [
      {
        name: 'get_weather',
        description: 'Weather.',
        input_schema: schema,
        cache_control: { type: 'ephemeral' },
      },
      {
        name: 'get_time',
        input_schema: { type: 'object' },
        defer_loading: true,
        eager_input_streaming: true,
      },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 5 },
    ],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: { effort: 'high', format: { type: 'json_schema', schema } },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    metadata: { user_id: '{"device":"d"}' },
    stop_sequences: ['END'],
  },
  {
    max_tokens: 8_000,
    system: 'Be brief.',
    messages: [
      { role: 'user', content: 'Search.' },
      {
        role: 'assistant',
        content: [
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } },
          {
            type: 'web_search_tool_result',
            tool_use_id: 'srvtoolu_1',
            content: [
              {
                type: 'web_search_result',
                title: 't',
                url: 'https://example.com',
                encrypted_content: 'ZW5j',
                page_age: null,
              },
            ],
          },
          {
            type: 'text',
            text: 'So.',
            citations: [
              {
                type: 'web_search_result_location',
                url: 'https://example.com',
                title: 't',
                cited_text: 'c',
                encrypted_index: 'aW5k',
              },
            ],
          },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'And?' }] },
      { role: 'assistant', content: 'It is' },
    ],
    thinking: { type: 'enabled', budget_tokens: 2_048 },
    temperature: 1,
    top_k: 40,
    service_tier: 'auto',
    mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'm' }],
  },
]

const responsesBodies: readonly object[] = [
  { input: 'Say hello.' },
  {
    instructions: 'Be brief.',
    input: [
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Be kind.' }] },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Look.', prompt_cache_breakpoint: { mode: 'explicit' } },
          { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
          { type: 'input_image', file_id: 'file-1' },
          {
            type: 'input_file',
            filename: 'a.pdf',
            file_data: `data:application/pdf;base64,${pdf}`,
          },
          { type: 'input_file', file_url: 'https://example.com/a.pdf' },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
        ],
      },
      {
        id: 'rs_1',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'I think.' }],
        encrypted_content: 'ZW5j',
      },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        phase: 'commentary',
        content: [
          { type: 'output_text', text: 'So.', annotations: [] },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      {
        id: 'fc_1',
        type: 'function_call',
        call_id: 'call_1',
        name: 'shell',
        arguments: '{"command":["ls"]}',
        status: 'completed',
      },
      {
        id: 'ctc_1',
        type: 'custom_tool_call',
        call_id: 'call_2',
        name: 'apply_patch',
        input: '*** Begin',
      },
      {
        id: 'fco_1',
        type: 'function_call_output',
        call_id: 'call_1',
        output: [
          { type: 'input_text', text: 'a' },
          { type: 'input_image', image_url: `data:image/png;base64,${png}` },
        ],
      },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'Done.' },
      {
        id: 'ws_1',
        type: 'web_search_call',
        status: 'completed',
        action: { type: 'search', query: 'q' },
      },
      { type: 'compaction', id: 'cmp_1', encrypted_content: 'ZW5j' },
      { role: 'user', content: 'Go on.' },
    ],
    tools: [
      { type: 'function', name: 'shell', description: 'Runs.', parameters: schema, strict: false },
      {
        type: 'custom',
        name: 'apply_patch',
        description: 'Patches.',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: x' },
      },
      {
        type: 'namespace',
        name: 'mcp__files',
        description: 'Files.',
        tools: [{ type: 'function', name: 'read', parameters: schema, strict: null }],
      },
      { type: 'web_search', search_context_size: 'low' },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    reasoning: { effort: 'medium', summary: 'auto' },
    prompt_cache_key: 'k',
    client_metadata: { a: 'b' },
    text: { verbosity: 'low', format: { type: 'json_schema', name: 'city', schema, strict: true } },
    max_output_tokens: 400,
    temperature: 0.5,
    top_p: 0.9,
    metadata: { a: 'b' },
    truncation: 'auto',
    service_tier: 'auto',
    user: 'u',
  },
  {
    input: [{ role: 'user', content: 'Again.' }],
    store: true,
    tool_choice: { type: 'function', name: 'f' },
    tools: [{ type: 'function', name: 'f', parameters: {} }],
  },
]

const geminiBodies: readonly object[] = [
  { contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }] },
  {
    systemInstruction: { role: 'user', parts: [{ text: 'Be brief.' }] },
    contents: [
      {
        role: 'user',
        parts: [
          { text: 'Look.' },
          { inlineData: { mimeType: 'image/png', data: png } },
          { inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } },
          { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/a.pdf' } },
        ],
      },
      {
        role: 'model',
        parts: [
          { text: 'I think.', thought: true },
          { text: 'So.', thoughtSignature: 'c2ln' },
          {
            functionCall: { id: 'c1', name: 'get_weather', args: { city: 'Zürich' } },
            thoughtSignature: 'c2lnMg==',
          },
          { functionCall: { name: 'get_time', args: {} } },
          { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'c1', name: 'get_weather', response: { output: '21 °C' } } },
          {
            functionResponse: {
              name: 'get_time',
              response: { error: 'No.' },
              parts: [{ inlineData: { mimeType: 'image/png', data: png } }],
            },
          },
        ],
      },
    ],
    tools: [
      {
        functionDeclarations: [
          { name: 'get_weather', description: 'Weather.', parametersJsonSchema: schema },
          {
            name: 'get_time',
            parameters: {
              type: 'OBJECT',
              properties: { zone: { type: 'STRING', nullable: true } },
            },
          },
        ],
      },
      { googleSearch: {} },
    ],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['get_weather'] } },
    generationConfig: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      maxOutputTokens: 400,
      stopSequences: ['END'],
      seed: 7,
      candidateCount: 1,
      responseMimeType: 'application/json',
      responseJsonSchema: schema,
      thinkingConfig: { includeThoughts: true, thinkingBudget: 1_024 },
      responseLogprobs: true,
      logprobs: 2,
    },
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
  },
  {
    system_instruction: { parts: { text: 'Spelled the other way.' } },
    contents: [{ parts: [{ text: 'Hi.', inline_data: null }] }],
    generation_config: {
      max_output_tokens: 10,
      response_schema: { type: 'STRING' },
      response_mime_type: 'application/json',
    },
  },
]

const ollamaBodies: readonly object[] = [
  { messages: [{ role: 'user', content: 'Say hello.' }] },
  {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Look.', images: [png] },
      {
        role: 'assistant',
        content: '',
        thinking: 'I think.',
        tool_calls: [{ id: 'c', function: { name: 'get_weather', arguments: { city: 'Zürich' } } }],
      },
      { role: 'tool', tool_name: 'get_weather', content: '21 °C' },
    ],
    tools: [
      {
        type: 'function',
        function: { name: 'get_weather', description: 'Weather.', parameters: schema },
      },
    ],
    options: {
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      num_predict: 100,
      stop: ['END'],
      seed: 7,
      num_ctx: 4096,
    },
    format: schema,
    think: 'high',
    keep_alive: '5m',
  },
]

const openAI = (
  name: string,
  path: string,
  streams: boolean,
  bodies: readonly object[],
  reader?: Surface,
): Door => ({
  name,
  path: () => path,
  headers: { authorization: 'Bearer sk-client' },
  bodies,
  body: withBoth,
  streams,
  ...(reader && { reader }),
  mistakes: openAIMistakes,
})

/** Ollama streams unless told not to. */
const ollamaBody = (body: object, model: string, stream: boolean): object => ({
  model,
  ...body,
  ...(!stream && { stream }),
})

export const doors: readonly Door[] = [
  openAI('chat', '/v1/chat/completions', true, chatBodies, chat),
  {
    name: 'messages',
    path: () => '/v1/messages?beta=true',
    headers: { 'x-api-key': 'sk-client', 'anthropic-version': '2023-06-01' },
    bodies: messagesBodies,
    body: withBoth,
    streams: true,
    reader: messages,
    mistakes: anthropicMistakes,
  },
  {
    name: 'count_tokens',
    path: () => '/v1/messages/count_tokens',
    headers: { authorization: 'Bearer sk-client', 'anthropic-version': '2026-10-21' },
    bodies: messagesBodies.map(({ max_tokens: _max, ...body }: any) => body),
    body: withBoth,
    streams: false,
    mistakes: anthropicMistakes,
  },
  openAI('responses', '/v1/responses', true, responsesBodies, responses),
  {
    name: 'gemini',
    path: (model, stream) =>
      `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { 'x-goog-api-key': 'sk-client' },
    bodies: geminiBodies,
    body: (body) => body,
    streams: true,
    reader: gemini,
    mistakes: geminiMistakes,
  },
  {
    name: 'gemini countTokens',
    path: (model) => `/v1beta/models/${model}:countTokens`,
    headers: { 'x-goog-api-key': 'sk-client' },
    bodies: [
      ...geminiBodies.slice(0, 1),
      { generateContentRequest: { model: 'models/m', ...geminiBodies[1] } },
    ],
    body: (body) => body,
    streams: false,
    mistakes: geminiMistakes,
  },
  {
    name: 'ollama',
    path: () => '/api/chat',
    headers: {},
    bodies: ollamaBodies,
    body: ollamaBody,
    streams: true,
    reader: ollama,
    mistakes: ollamaMistakes,
  },
  {
    name: 'ollama generate',
    path: () => '/api/generate',
    headers: {},
    bodies: [
      { prompt: 'Say hello.' },
      {
        prompt: 'Look.',
        images: [png],
        system: 'Be brief.',
        options: { temperature: 0.5 },
        format: 'json',
        think: false,
        suffix: 'x',
        raw: true,
        template: 't',
      },
    ],
    body: ollamaBody,
    streams: true,
    mistakes: ollamaMistakes,
  },
]

/** Operations that only providers of OpenAI's format serve. */
export const sideDoors: readonly Door[] = [
  openAI('completions', '/v1/completions', true, [
    { prompt: 'Once' },
    { prompt: ['a', 'b'], suffix: 's', max_tokens: 5, logprobs: 2, n: 1, echo: true, stop: '.' },
  ]),
  openAI('embeddings', '/v1/embeddings', false, [
    { input: 'Text.' },
    { input: ['a', 'b'], dimensions: 8, encoding_format: 'base64', user: 'u' },
    { input: [[1, 2], [3]] },
  ]),
  openAI('rerank', '/v1/rerank', false, [
    { query: 'q', documents: ['a', { text: 'b' }], top_n: 1, return_documents: true },
  ]),
  openAI('moderations', '/v1/moderations', false, [
    { input: 'Text.' },
    {
      input: [
        { type: 'text', text: 'a' },
        { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      ],
    },
  ]),
  openAI('images', '/v1/images/generations', true, [
    { prompt: 'A cat.', n: 1, size: '256x256', response_format: 'b64_json', quality: 'low' },
  ]),
  openAI('speech', '/v1/audio/speech', false, [
    { input: 'Grüezi.', voice: 'alloy', response_format: 'mp3', speed: 1, instructions: 'i' },
  ]),
  openAI('transcriptions', '/v1/audio/transcriptions', false, [
    { input_audio: { data: 'UklGRg==', format: 'wav' }, language: 'de', temperature: 0 },
  ]),
]
