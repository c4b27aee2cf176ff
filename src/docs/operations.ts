import type { SchemaName } from './schemas.ts'
import * as samples from './samples.ts'

interface Example {
  readonly summary: string
  readonly value: object
}

/** What the documentation says about one operation, wherever it is served. */
export interface OperationNotes {
  readonly id: string
  readonly summary: string
  readonly description: string
  /** Bodies to send; the first is the one to try. */
  readonly examples?: Readonly<Record<string, Example>>
  readonly answer: {
    readonly description: string
    readonly schema: SchemaName
    readonly example: object
    /** Where the answer can be a stream: what an event holds, and a whole stream. */
    readonly events?: { readonly schema: SchemaName; readonly example: string }
  }
  /** More answers that are no errors, by status. */
  readonly otherwise?: Readonly<Record<string, OperationNotes['answer']>>
  /** HTTP statuses of its errors; without them it has none. */
  readonly refusals?: readonly number[]
  /** A path parameter: its name, words and a value that works. */
  readonly parameter?: readonly [name: string, description: string, example: string]
}

const inference = [400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504]
const messages = [{ role: 'user', content: 'Say hello.' }]
const prompt = 'Once upon a time'

const streamed =
  'With `"stream": true` the answer comes as server-sent events: pieces as they are made, then one with the usage, then `[DONE]`. An error after the first piece is an event with `error`.'
const modelHelp =
  '`model` is a route of the configuration or `provider/model`. `demo/demo` always works and answers with what a provider would get.'

/** By path, without the prefix. */
export const operations: Readonly<Record<string, OperationNotes>> = {
  '/chat/completions': {
    id: 'createChatCompletion',
    summary: 'Answer a conversation',
    description: `The model's next message in a conversation. ${modelHelp}\n\n${streamed}`,
    examples: {
      whole: { summary: 'A whole answer', value: { model: 'demo/demo', messages } },
      streamed: {
        summary: 'A streamed answer',
        value: { model: 'demo/demo', messages, stream: true },
      },
      spare: {
        summary: 'With a model to try when the first fails',
        value: { model: 'demo/demo', models: ['demo/spare'], messages },
      },
    },
    answer: {
      description: 'The answer, whole or as a stream.',
      schema: 'ChatCompletion',
      example: samples.chatCompletion,
      events: { schema: 'ChatCompletionChunk', example: samples.chatStream },
    },
    refusals: inference,
  },
  '/completions': {
    id: 'createCompletion',
    summary: 'Continue a text',
    description: `The format from before chat; use chat completions for anything new. ${modelHelp}\n\n${streamed}`,
    examples: {
      whole: { summary: 'A whole answer', value: { model: 'demo/demo', prompt } },
      streamed: {
        summary: 'A streamed answer',
        value: { model: 'demo/demo', prompt, stream: true },
      },
    },
    answer: {
      description: 'The text that follows, whole or as a stream.',
      schema: 'Completion',
      example: samples.completion,
      events: { schema: 'Completion', example: samples.completionStream },
    },
    refusals: inference,
  },
  '/embeddings': {
    id: 'createEmbeddings',
    summary: 'Turn texts into vectors',
    description: `Near texts get near vectors. ${modelHelp}`,
    examples: {
      one: {
        summary: 'One text',
        value: { model: 'demo/demo', input: 'The food was delicious.', dimensions: 8 },
      },
      several: {
        summary: 'Several texts',
        value: { model: 'demo/demo', input: ['Good morning', 'Good evening'], dimensions: 8 },
      },
    },
    answer: {
      description: 'A vector for each text.',
      schema: 'Embeddings',
      example: samples.embeddings,
    },
    refusals: inference,
  },
  '/models': {
    id: 'listModels',
    summary: 'List what can be asked for',
    description:
      'The routes of the configuration, then the models of every provider. With a key, only those that the key may use.',
    answer: {
      description: 'The models.',
      schema: 'ModelList',
      example: { object: 'list', data: [samples.model] },
    },
    refusals: [401, 403, 429, 500],
  },
  '/models/*': {
    id: 'getModel',
    summary: 'Describe one model',
    description: 'One entry of the list.',
    parameter: [
      'id',
      'The model’s id. Its slashes may be written as they are or as `%2F`.',
      'demo/demo',
    ],
    answer: { description: 'The model.', schema: 'Model', example: samples.model },
    refusals: [401, 403, 404, 429, 500],
  },
  '/health': {
    id: 'getHealth',
    summary: 'Is the daemon alive?',
    description: 'Answers as long as the process runs. It asks no provider.',
    answer: { description: 'It is.', schema: 'Health', example: { status: 'ok' } },
  },
  '/ready': {
    id: 'getReadiness',
    summary: 'Does the daemon take new calls?',
    description: 'For load balancers: once the daemon is shutting down, it finishes what it began.',
    answer: {
      description: 'It does.',
      schema: 'Readiness',
      example: { status: 'ready', in_flight: 0 },
    },
    otherwise: {
      503: {
        description: 'It is shutting down.',
        schema: 'Readiness',
        example: { status: 'draining', in_flight: 1 },
      },
    },
  },
  '/version': {
    id: 'getVersion',
    summary: 'Which version runs?',
    description: 'The versions of Sluice and of the Bun that runs it.',
    answer: {
      description: 'The versions.',
      schema: 'Version',
      example: { name: 'sluice', version: '0.1.0', bun: '1.4.5' },
    },
  },
}
