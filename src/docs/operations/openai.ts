import { events, json } from '../content.ts'
import * as samples from '../samples/openai.ts'
import { choosing, paging } from './list-parameters.ts'
import { finding, inference, listing, modelHelp, read, cached, type Family } from './notes.ts'
import { caching } from './sent.ts'

const model = 'demo/demo'
const messages = [{ role: 'user', content: 'Say hello.' }]
const prompt = 'Once upon a time'

const streamed =
  'With `"stream": true` the answer comes as server-sent events: pieces as they are made, then one with the usage, then `[DONE]`. An error after the first piece is an event with `error`.'

const forms =
  'Anthropic’s clients, told by `anthropic-version`, get the same with errors in their form; Google’s, told by `x-goog-api-key` or `x-goog-api-client`, get Google’s form.'

/** Where OpenAI’s own operations and those beside them are served. */
export const places: Family['places'] = {
  '/v1': { tag: 'OpenAI', id: '', form: 'OpenAI' },
  '/api/v1': { tag: 'OpenRouter', id: 'openRouter', form: 'OpenRouter' },
}

const operations: Family['operations'] = {
  'POST /chat/completions': {
    id: 'createChatCompletion',
    summary: 'Answer a conversation',
    description: `The model’s next message in a conversation. ${modelHelp}\n\n${streamed}`,
    request: 'ChatCompletionRequest',
    examples: {
      whole: { summary: 'A whole answer', value: { model, messages } },
      streamed: { summary: 'A streamed answer', value: { model, messages, stream: true } },
      spare: {
        summary: 'With a model to try when the first fails',
        value: { model, models: ['demo/spare'], messages },
      },
      tools: {
        summary: 'With tools that Sluice runs itself',
        value: {
          model,
          messages,
          tools: [{ type: 'openrouter:datetime' }, { type: 'openrouter:web_fetch' }],
        },
      },
    },
    answer: {
      description: 'The answer, whole or as a stream.',
      content: {
        ...json('ChatCompletion', samples.chatCompletion),
        ...events({ schema: 'ChatCompletionChunk', example: samples.chatStream }),
      },
      links: { getGeneration: { id: '$response.header.x-generation-id' } },
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /completions': {
    id: 'createCompletion',
    summary: 'Continue a text',
    description: `The format from before chat; use chat completions for anything new. ${modelHelp}\n\n${streamed}`,
    request: 'CompletionRequest',
    examples: {
      whole: { summary: 'A whole answer', value: { model, prompt } },
      streamed: { summary: 'A streamed answer', value: { model, prompt, stream: true } },
    },
    answer: {
      description: 'The text that follows, whole or as a stream.',
      content: {
        ...json('Completion', samples.completion),
        ...events({ schema: 'Completion', example: samples.completionStream }),
      },
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /embeddings': {
    id: 'createEmbeddings',
    summary: 'Turn texts into vectors',
    description: `Near texts get near vectors. ${modelHelp}`,
    request: 'EmbeddingRequest',
    examples: {
      one: {
        summary: 'One text',
        value: { model, input: 'The food was delicious.', dimensions: 8 },
      },
      several: {
        summary: 'Several texts',
        value: { model, input: ['Good morning', 'Good evening'], dimensions: 8 },
      },
    },
    answer: {
      description: 'A vector for each text.',
      content: json('Embeddings', samples.embeddings),
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'GET /models': {
    id: 'listModels',
    summary: 'List what can be asked for',
    description: `The routes of the configuration, the names that several providers share, the models of every provider, and those that choose by themselves. With a key, only those that the key may use. A model of several endpoints has the price and the limits of the first. ${forms}`,
    parameters: [
      ...paging,
      ...choosing,
      {
        name: 'after_id',
        in: 'query',
        description: 'The id to begin after, for Anthropic’s clients.',
      },
      {
        name: 'before_id',
        in: 'query',
        description: 'The id to end before, for Anthropic’s clients.',
      },
    ],
    answer: {
      description: 'The models.',
      content: json('ModelList', samples.modelList, 'GeminiModelList'),
    },
    refusals: listing,
    headers: read,
  },
  'GET /models/*': {
    id: 'getModel',
    summary: 'Describe one model',
    description: `One entry of the list. ${forms}`,
    parameters: [
      {
        name: 'id',
        in: 'path',
        description: 'The model’s id. Its slashes may be written as they are or as `%2F`.',
        example: model,
      },
    ],
    answer: {
      description: 'The model.',
      content: json('Model', samples.model, 'GeminiModel'),
    },
    refusals: finding,
    headers: read,
  },
}

export const openAI: Family = { places, operations }
