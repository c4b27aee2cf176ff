import { createdAt, hello, pieces } from './words.ts'

const named = { model: 'demo/demo', created_at: createdAt }

const figures = {
  done: true,
  done_reason: 'stop',
  total_duration: 52_000_000,
  load_duration: 0,
  prompt_eval_count: 3,
  prompt_eval_duration: 4_000_000,
  eval_count: 5,
  eval_duration: 48_000_000,
}

const message = (content: string) => ({ message: { role: 'assistant', content } })

const lines = (values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')

export const chat = { ...named, ...message(hello), ...figures }

export const chatLines = lines([
  ...pieces.map((text) => ({ ...named, ...message(text), done: false })),
  { ...named, ...message(''), ...figures },
])

export const completion = { ...named, response: hello, ...figures }

export const completionLines = lines([
  ...pieces.map((response) => ({ ...named, response, done: false })),
  { ...named, response: '', ...figures },
])

const details = {
  parent_model: '',
  format: 'gguf',
  family: 'sluice',
  families: ['sluice'],
  parameter_size: '',
  quantization_level: '',
}

export const list = {
  models: [
    {
      name: 'demo/demo',
      model: 'demo/demo',
      modified_at: createdAt,
      size: 0,
      digest: '5f75aa4b29c22ccdf79fe3d835306792ff8b0a3bbb2c46657d2a0c0b8885820e',
      details,
    },
  ],
}

export const shown = {
  details,
  model_info: { 'general.architecture': 'sluice', 'sluice.context_length': 131_072 },
  capabilities: ['completion', 'tools', 'vision', 'thinking'],
  modified_at: createdAt,
}
