import { json, lines, plain } from '../content.ts'
import * as samples from '../samples/ollama.ts'
import { vector } from '../samples/words.ts'
import { finding, inference, listing, modelHelp, own, read, cached, type Family } from './notes.ts'
import { caching } from './sent.ts'

const model = 'demo/demo'
const messages = [{ role: 'user', content: 'Say hello.' }]
const prompt = 'Say hello.'

const streamed =
  'Unless `"stream": false` is sent, the answer comes in lines of JSON: pieces as they are made, then one with `"done": true` and the figures. An error after the first piece is a line with `error`.'

const operations: Family['operations'] = {
  'POST /api/chat': {
    id: 'ollamaChat',
    summary: 'Answer a conversation, in Ollama’s form',
    description: `What Ollama’s clients call; any model of any provider can answer. ${modelHelp}\n\n${streamed}`,
    request: 'OllamaChatRequest',
    examples: {
      whole: { summary: 'A whole answer', value: { model, messages, stream: false } },
      streamed: { summary: 'A streamed answer', value: { model, messages } },
    },
    answer: {
      description: 'The answer, whole or as a stream.',
      content: {
        ...json('OllamaChat', samples.chat),
        ...lines('OllamaChat', samples.chatLines),
      },
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /api/generate': {
    id: 'ollamaGenerate',
    summary: 'Answer a prompt, in Ollama’s form',
    description: `A prompt, perhaps with a system prompt. ${modelHelp}\n\n${streamed}`,
    request: 'OllamaGenerateRequest',
    examples: {
      whole: { summary: 'A whole answer', value: { model, prompt, stream: false } },
      streamed: { summary: 'A streamed answer', value: { model, prompt } },
    },
    answer: {
      description: 'The answer, whole or as a stream.',
      content: {
        ...json('OllamaCompletion', samples.completion),
        ...lines('OllamaCompletion', samples.completionLines),
      },
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /api/embed': {
    id: 'ollamaEmbed',
    summary: 'Turn texts into vectors',
    description: `Near texts get near vectors. ${modelHelp}`,
    request: 'OllamaEmbedRequest',
    examples: {
      several: {
        summary: 'Several texts',
        value: { model, input: ['Good morning', 'Good evening'], dimensions: 8 },
      },
    },
    answer: {
      description: 'A vector for each text.',
      content: json('OllamaEmbeddings', { model, embeddings: [vector], prompt_eval_count: 4 }),
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /api/embeddings': {
    id: 'ollamaEmbeddings',
    summary: 'Turn one text into a vector',
    description: `The older form of \`/api/embed\`. ${modelHelp}`,
    request: 'OllamaEmbeddingRequest',
    examples: { one: { summary: 'One text', value: { model, prompt: 'Good morning' } } },
    answer: {
      description: 'The vector.',
      content: json('OllamaEmbedding', { embedding: vector }),
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'GET /api/tags': {
    id: 'ollamaListModels',
    summary: 'List what can be asked for',
    description:
      'The list of `/v1/models` in Ollama’s form. With a key, only those that the key may use.',
    answer: { description: 'The models.', content: json('OllamaModelList', samples.list) },
    refusals: listing,
    headers: read,
  },
  'POST /api/show': {
    id: 'ollamaShowModel',
    summary: 'Describe one model',
    description: 'What clients want to know before they use a model.',
    request: 'OllamaShowRequest',
    examples: { one: { summary: 'The demo', value: { model } } },
    answer: { description: 'The model.', content: json('OllamaModel', samples.shown) },
    refusals: [400, ...finding],
    headers: ['x-generation-id'],
  },
  'GET /api/ps': {
    id: 'ollamaListRunning',
    summary: 'List the models in memory',
    description: 'None: the models run at their providers.',
    answer: { description: 'An empty list.', content: json('OllamaRunning', { models: [] }) },
    headers: own,
  },
  'GET /api/version': {
    id: 'ollamaGetVersion',
    summary: 'Which Ollama does this stand for?',
    description: 'Clients look whether it knows tools, thoughts and images.',
    answer: {
      description: 'The version.',
      content: json('OllamaVersion', { version: '0.13.0' }),
    },
    headers: own,
  },
  'GET /': {
    id: 'ollamaGreet',
    summary: 'Is anybody there?',
    description: 'How Ollama’s clients find out. It asks no provider.',
    answer: { description: 'Yes.', content: plain('Ollama is running') },
    headers: own,
  },
  'HEAD /': {
    id: 'ollamaGreetInShort',
    summary: 'The same, without a body',
    description: 'How Ollama’s own command line finds out.',
    answer: { description: 'Yes.' },
    headers: own,
  },
}

export const ollama: Family = {
  places: { '': { tag: 'Ollama', id: '', form: 'Ollama' } },
  operations,
}
