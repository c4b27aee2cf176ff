import type { Chunk, Operation, Request } from '../chat.ts'
import type { Batch } from '../stream.ts'

const model = 'test/model'
const usage = { prompt_tokens: 3, total_tokens: 3 }

/** What a client may ask for in each operation that is no chat, and a whole answer to it. */
export const asked: Readonly<
  Partial<Record<Operation, { readonly request: Request; readonly answer: Chunk }>>
> = {
  completions: {
    request: { model, prompt: 'Hello!' },
    answer: {
      id: 'cmpl-test',
      object: 'text_completion',
      choices: [{ index: 0, text: 'How are you?', finish_reason: 'stop' }],
      usage: { ...usage, completion_tokens: 3, total_tokens: 6 },
    },
  },
  count_tokens: {
    request: { model, messages: [{ role: 'user', content: 'Hello!' }] },
    answer: { object: 'count', data: [], input_tokens: 3, usage },
  },
  embeddings: {
    request: { model, input: ['Hello!', 'Good day.'] },
    answer: {
      object: 'list',
      model: 'test-model',
      data: [
        { object: 'embedding', index: 0, embedding: [0.5, -1] },
        { object: 'embedding', index: 1, embedding: [0.25, 1] },
      ],
      usage,
    },
  },
  images: {
    request: { model, prompt: 'A fox.', n: 1 },
    answer: { created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }] },
  },
  moderations: {
    request: { model, input: ['Hello!'] },
    answer: { id: 'modr-test', data: [], results: [{ flagged: false, categories: {} }] },
  },
  rerank: {
    request: { model, query: 'fox', documents: ['A fox.', 'A dog.'], top_n: 1 },
    answer: { id: 'rr-test', results: [{ index: 0, relevance_score: 0.9 }] },
  },
  transcriptions: {
    request: { model, input_audio: { data: 'UklGRg==', format: 'wav' } },
    answer: { text: 'Hello!', usage },
  },
  models: {
    request: { model: '' },
    answer: { object: 'list', data: [{ id: model, object: 'model' }] },
  },
  history: { request: { model: '' }, answer: { object: 'history', data: [] } },
  status: { request: { model: '' }, answer: { object: 'status', data: [] } },
}

/** Sound comes as bytes. */
export const sound = {
  request: { model, input: 'Hello!', voice: 'alloy' },
  text: 'ID3 a fox',
  async *batches(): AsyncGenerator<Batch> {
    for (const text of ['ID3 ', 'a fox']) {
      const bytes = new TextEncoder().encode(text)
      yield { chunks: [{ object: 'audio', data: [bytes], content_type: 'audio/mpeg' }], bytes }
    }
  },
}
