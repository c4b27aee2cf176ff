import { events, growing, json } from '../content.ts'
import * as samples from '../samples/gemini.ts'
import { vector } from '../samples/words.ts'
import { asked, finding, inference, listing, read, cached, type Family } from './notes.ts'
import { caching, switches } from './sent.ts'

const said = (text: string) => ({ role: 'user', parts: [{ text }] })
const contents = [said('Say hello.')]

const model = {
  name: 'model',
  in: 'path',
  description: 'A route of the configuration or `provider/model`.',
  example: 'demo/demo',
} as const

const any =
  'Any model of any provider can answer; `demo/demo` always works and answers with what a provider would get.'

const operations: Family['operations'] = {
  'POST /models/*:generateContent': {
    id: 'generateContent',
    summary: 'Answer a conversation, in Google’s form',
    description: `What Google’s SDKs call. ${any}`,
    parameters: [model],
    request: 'GeminiRequest',
    examples: {
      text: { summary: 'A text', value: { contents } },
      settings: {
        summary: 'With instructions and settings',
        value: {
          systemInstruction: { parts: [{ text: 'Be brief.' }] },
          contents,
          generationConfig: { temperature: 0, maxOutputTokens: 1_000 },
        },
      },
    },
    answer: { description: 'The answer.', content: json('GeminiAnswer', samples.answer) },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /models/*:streamGenerateContent': {
    id: 'streamGenerateContent',
    summary: 'Answer a conversation as a stream',
    description: `What Gemini CLI calls. ${any} With \`alt=sse\` the answer comes as server-sent events, without it as one JSON array that grows. Each piece adds to the one before; the last has the finish and the usage. An error after the first piece is a piece with \`error\`.`,
    parameters: [
      model,
      {
        name: 'alt',
        in: 'query',
        description: '`sse` for server-sent events.',
        example: 'sse',
        values: ['sse', 'json'],
      },
    ],
    request: 'GeminiRequest',
    examples: { text: { summary: 'A text', value: { contents } } },
    answer: {
      description: 'The answer in pieces.',
      content: {
        ...events({ schema: 'GeminiAnswer', example: samples.answerStream }),
        ...growing('GeminiAnswer', samples.answers),
      },
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /models/*:countTokens': {
    id: 'countTokens',
    summary: 'Count a conversation’s tokens',
    description:
      'The provider counts, if it can; otherwise the number is an estimate. Nothing is answered.',
    parameters: [model],
    request: 'GeminiCountRequest',
    examples: { count: { summary: 'A conversation', value: { contents } } },
    answer: { description: 'The number.', content: json('GeminiTokenCount', { totalTokens: 3 }) },
    refusals: inference,
    headers: asked,
    sent: switches,
  },
  'POST /models/*:embedContent': {
    id: 'embedContent',
    summary: 'Turn a text into a vector',
    description: 'Near texts get near vectors.',
    parameters: [model],
    request: 'GeminiEmbedRequest',
    examples: {
      one: {
        summary: 'One text',
        value: { content: said('Good morning'), outputDimensionality: 8 },
      },
    },
    answer: {
      description: 'The vector.',
      content: json('GeminiEmbedding', { embedding: { values: vector } }),
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /models/*:batchEmbedContents': {
    id: 'batchEmbedContents',
    summary: 'Turn texts into vectors',
    description: 'Near texts get near vectors.',
    parameters: [model],
    request: 'GeminiEmbedRequest',
    examples: {
      several: {
        summary: 'Several texts',
        value: {
          requests: ['Good morning', 'Good evening'].map((text) => ({
            content: said(text),
            outputDimensionality: 8,
          })),
        },
      },
    },
    answer: {
      description: 'The vectors.',
      content: json('GeminiEmbeddings', { embeddings: [{ values: vector }] }),
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
}

const models: Family['operations'] = {
  'GET /models': {
    id: 'listModels',
    summary: 'List what can be asked for',
    description:
      'The list of `/v1/models` in Google’s form. With a key, only those that the key may use.',
    answer: {
      description: 'The models.',
      content: json('GeminiModelList', { models: [samples.model] }),
    },
    refusals: listing,
    headers: read,
  },
  'GET /models/*': {
    id: 'getModel',
    summary: 'Describe one model',
    description: 'One entry of the list.',
    parameters: [model],
    answer: { description: 'The model.', content: json('GeminiModel', samples.model) },
    refusals: finding,
    headers: read,
  },
}

const beta = { tag: 'Gemini', id: 'gemini', form: 'Gemini' } as const

/** What Google’s clients post; version 3 of its SDK posts below `/v1`. */
export const geminiCalls: Family = {
  places: { '/v1beta': beta, '/v1': { ...beta, id: 'geminiV1' } },
  operations,
}

export const geminiModels: Family = { places: { '/v1beta': beta }, operations: models }
