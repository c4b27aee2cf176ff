import { created, createdAt, hello, pieces } from './words.ts'

const chat = {
  provider: 'demo',
  id: 'chatcmpl-f3fe3ea7-e111-4628-bd53-2b06cd9f9f1f',
  created,
  model: 'demo',
}
const text = { ...chat, id: 'cmpl-5663b1d8-d2c1-4dc1-afea-a2c46cdff61e', object: 'text_completion' }
const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 }

const stream = (events: readonly object[]): string =>
  [...events.map((event) => JSON.stringify(event)), '[DONE]']
    .map((line) => `data: ${line}\n\n`)
    .join('')

export const chatCompletion = {
  ...chat,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: hello }, finish_reason: 'stop' }],
  usage,
}

const piece = (delta: object, finish_reason: string | null = null) => ({
  ...chat,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
})

export const chatStream = stream([
  piece({ role: 'assistant', content: '' }),
  ...pieces.map((content) => piece({ content })),
  piece({}, 'stop'),
  { ...chat, object: 'chat.completion.chunk', choices: [], usage },
])

export const completion = {
  ...text,
  choices: [{ index: 0, text: ' there was a gateway.', finish_reason: 'stop' }],
  usage,
}

export const completionStream = stream([
  { ...text, choices: [{ index: 0, text: ' there was', finish_reason: null }] },
  { ...text, choices: [{ index: 0, text: ' a gateway.', finish_reason: 'stop' }] },
  { ...text, choices: [], usage },
])

export const embeddings = {
  provider: 'demo',
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [-0.831, 0.177, 0.528] }],
  model: 'demo',
  usage: { prompt_tokens: 4, total_tokens: 4 },
}

export const model = {
  id: 'demo/demo',
  object: 'model',
  type: 'model',
  created,
  created_at: createdAt,
  owned_by: 'demo',
  name: 'demo/demo',
  display_name: 'demo/demo',
  context_length: null,
  max_tokens: null,
  pricing: { prompt: '-1', completion: '-1' },
  architecture: { input_modalities: ['text'], output_modalities: ['text'] },
  supported_parameters: [],
}

export const modelList = {
  object: 'list',
  data: [model],
  total_count: 1,
  links: { next: null },
  first_id: model.id,
  last_id: model.id,
  has_more: false,
}
