/** One streamed answer in each format: the same three hundred pieces of text, framed as the real providers do. */
export const formats = ['openai', 'messages', 'responses', 'gemini'] as const
export type Format = (typeof formats)[number]

/** As the YAML calls them. */
export const dialectOf = {
  openai: 'openai',
  messages: 'anthropic',
  responses: 'responses',
  gemini: 'gemini',
} as const satisfies Record<Format, string>

const words = 'The gateway reads a request, chooses who should answer it, and hands the answer on. '

export const pieces: readonly string[] = Array.from(
  { length: 300 },
  (_, at) => `${words.slice(at % 60, (at % 60) + 4)}${at}`,
)
const text = pieces.join('')

const plain = (body: object): string => `data: ${JSON.stringify(body)}\n\n`
const named = (body: { readonly type: string; readonly [field: string]: unknown }): string =>
  `event: ${body.type}\n${plain(body)}`

const chunk = (choices: readonly object[], more: object = {}): string =>
  plain({
    id: 'chatcmpl-CkX2pY7vQ1r0aZ8mBf3sT6dWn4uLh',
    object: 'chat.completion.chunk',
    created: 1767225600,
    model: 'box-2026-01-01',
    choices,
    ...more,
  })

const choice = (delta: object, finish_reason: string | null = null) => [
  { index: 0, delta, logprobs: null, finish_reason },
]

const openai = [
  chunk(choice({ role: 'assistant', content: '' })),
  ...pieces.map((content) => chunk(choice({ content }))),
  chunk(choice({}, 'stop')),
  chunk([], { usage: { prompt_tokens: 260, completion_tokens: 500, total_tokens: 760 } }),
  'data: [DONE]\n\n',
]

const messages = [
  named({
    type: 'message_start',
    message: {
      id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
      type: 'message',
      role: 'assistant',
      model: 'box-2026-01-01',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 260, output_tokens: 1 },
    },
  }),
  named({
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'text', text: '' },
  }),
  ...pieces.map((text) =>
    named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  ),
  named({ type: 'content_block_stop', index: 0 }),
  named({
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { input_tokens: 260, output_tokens: 500 },
  }),
  named({ type: 'message_stop' }),
]

const item = (status: string, content: readonly object[]) => ({
  id: 'msg_68a1',
  type: 'message',
  status,
  role: 'assistant',
  content,
})
const part = (said: string) => ({ type: 'output_text', text: said, annotations: [], logprobs: [] })
const response = (status: string, more: object = {}) => ({
  id: 'resp_68a1',
  object: 'response',
  created_at: 1767225600,
  status,
  model: 'box-2026-01-01',
  output: [],
  error: null,
  incomplete_details: null,
  usage: null,
  ...more,
})
const place = { item_id: 'msg_68a1', output_index: 0, content_index: 0 }

const responses = [
  { type: 'response.created', response: response('in_progress') },
  { type: 'response.in_progress', response: response('in_progress') },
  { type: 'response.output_item.added', output_index: 0, item: item('in_progress', []) },
  { type: 'response.content_part.added', ...place, part: part('') },
  ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
  { type: 'response.output_text.done', ...place, text, logprobs: [] },
  { type: 'response.content_part.done', ...place, part: part(text) },
  { type: 'response.output_item.done', output_index: 0, item: item('completed', [part(text)]) },
  {
    type: 'response.completed',
    response: response('completed', {
      output: [item('completed', [part(text)])],
      usage: {
        input_tokens: 260,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 500,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 760,
      },
    }),
  },
].map((event, sequence_number) => named({ ...event, sequence_number }))

const gemini = pieces.map((said, at) => {
  const last = at === pieces.length - 1
  return `data: ${JSON.stringify({
    candidates: [
      {
        content: { parts: [{ text: said }], role: 'model' },
        ...(last && { finishReason: 'STOP' }),
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: 260,
      candidatesTokenCount: last ? 500 : at * 4,
      totalTokenCount: last ? 760 : 260 + at * 4,
    },
    modelVersion: 'box-2026-01-01',
    responseId: 'kX2pY7vQ1r0',
  })}\r\n\r\n`
})

export const streams: Readonly<Record<Format, readonly string[]>> = {
  openai,
  messages,
  responses,
  gemini,
}

const history = [words.repeat(5), words.repeat(4), words.repeat(2), words.repeat(2)] as const
const [instructions, ...turns] = history
const roles = ['user', 'assistant', 'user'] as const
/** A stream written at once, or an event every two milliseconds, as models speak. */
export const shapes = ['burst', 'paced'] as const
export type Shape = (typeof shapes)[number]

/** Milliseconds. */
export const pace = 2

/** What a client of that format posts to get the provider's stream; the history is 1.3 KB. */
export const askFor = (
  client: Format,
  provider: Format,
  shape: Shape,
): { path: string; body: object } => {
  const asked = `${provider}/${shape}`
  switch (client) {
    case 'openai':
      return {
        path: '/v1/chat/completions',
        body: {
          model: asked,
          stream: true,
          messages: [
            { role: 'system', content: instructions },
            ...turns.map((content, at) => ({ role: roles[at], content })),
          ],
        },
      }
    case 'messages':
      return {
        path: '/v1/messages',
        body: {
          model: asked,
          stream: true,
          max_tokens: 1024,
          system: instructions,
          messages: turns.map((content, at) => ({ role: roles[at], content })),
        },
      }
    case 'responses':
      return {
        path: '/v1/responses',
        body: {
          model: asked,
          stream: true,
          store: false,
          instructions,
          input: turns.map((content, at) => ({ role: roles[at], content })),
        },
      }
    case 'gemini':
      return {
        path: `/v1beta/models/${asked}:streamGenerateContent?alt=sse`,
        body: {
          systemInstruction: { parts: [{ text: instructions }] },
          contents: turns.map((said, at) => ({
            role: roles[at] === 'user' ? 'user' : 'model',
            parts: [{ text: said }],
          })),
        },
      }
  }
}

/** What the last event of a complete answer holds. */
const endings: Readonly<Record<Format, string>> = {
  openai: 'data: [DONE]\n\n',
  messages: '"message_stop"}\n\n',
  responses: '"response.completed"',
  gemini: '"finishReason":"STOP"',
}

/** What is wrong with an answer; nothing when every piece stands in it, in order, and its end. */
export const faultIn = (client: Format, status: number, body: string): string | undefined => {
  if (status !== 200) return `status ${status}: ${body.slice(0, 200)}`
  let at = 0
  for (const piece of pieces) {
    at = body.indexOf(piece, at)
    if (at === -1) return `"${piece}" is missing`
    at += piece.length
  }
  return body.includes(endings[client]) ? undefined : 'the end is missing'
}
