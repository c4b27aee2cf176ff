import { eventList, events, json } from '../content.ts'
import * as samples from '../samples/responses.ts'
import { asked, finding, inference, modelHelp, read, cached, type Family } from './notes.ts'
import { caching, switches } from './sent.ts'

const model = 'demo/demo'
const input = 'Say hello.'

const names = {
  'response.created': 'the response, still empty.',
  'response.in_progress': 'the same again.',
  'response.output_item.added': 'an item begins: a message, a thought or a call.',
  'response.content_part.added': 'a part of a message begins.',
  'response.output_text.delta': 'a piece of its text.',
  'response.output_text.done': 'all of its text.',
  'response.content_part.done': 'the part is complete.',
  'response.output_item.done': 'the item is complete.',
  'response.completed': 'the whole response, with the usage.',
  'response.incomplete': 'the same where a limit or a filter ended it.',
  'response.failed': 'what went wrong; the last event.',
}

const id = {
  name: 'id',
  in: 'path',
  description: 'The `id` of a response that was made with the same key.',
  example: samples.id,
} as const

const kept =
  'Responses are kept in memory for a while, for the key that made them, unless `"store": false` was sent.'

const operations: Family['operations'] = {
  'POST /responses': {
    id: 'createResponse',
    summary: 'Answer an input, in the form of the Responses API',
    description: `What Codex and OpenAI’s newer SDKs call; any model of any provider can answer. ${kept} A kept one can be followed (\`previous_response_id\`), fetched and deleted. ${modelHelp}\n\nWith \`"stream": true\` the answer comes as server-sent events. The usual ones are these; thoughts, calls and refusals have their own:\n\n${eventList(names)}\n\nUnder \`/api/v1\` a last event says \`[DONE]\`.`,
    request: 'ResponseRequest',
    examples: {
      whole: { summary: 'A whole answer', value: { model, input } },
      streamed: { summary: 'A streamed answer', value: { model, input, stream: true } },
      forgotten: { summary: 'An answer that is not kept', value: { model, input, store: false } },
    },
    answer: {
      description: 'The response, whole or as a stream.',
      content: {
        ...json('Response', samples.response),
        ...events({ schema: 'ResponseEvent', example: samples.responseStream, names }),
      },
      links: {
        getResponse: { id: '$response.body#/id' },
        deleteResponse: { id: '$response.body#/id' },
        listResponseInput: { id: '$response.body#/id' },
      },
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /responses/input_tokens': {
    id: 'countResponseTokens',
    summary: 'Count an input’s tokens',
    description: `The provider counts, if it can; otherwise the number is an estimate. Nothing is answered. ${modelHelp}`,
    request: 'ResponseCountRequest',
    examples: { count: { summary: 'A text', value: { model, input } } },
    answer: {
      description: 'The number.',
      content: json('ResponseTokenCount', { object: 'response.input_tokens', input_tokens: 3 }),
    },
    refusals: inference,
    headers: asked,
    sent: switches,
  },
  'GET /responses/:id': {
    id: 'getResponse',
    summary: 'Fetch a response again',
    description: kept,
    parameters: [id],
    answer: { description: 'The response.', content: json('Response', samples.response) },
    refusals: finding,
    headers: read,
  },
  'DELETE /responses/:id': {
    id: 'deleteResponse',
    summary: 'Forget a response',
    description: `It can be neither followed nor fetched any more. ${kept}`,
    parameters: [id],
    answer: {
      description: 'It is forgotten.',
      content: json('ResponseDeleted', { id: samples.id, object: 'response', deleted: true }),
    },
    refusals: finding,
    headers: read,
  },
  'GET /responses/:id/input_items': {
    id: 'listResponseInput',
    summary: 'List what went into a response',
    description: `The input, with that of the responses that it followed. ${kept}`,
    parameters: [
      id,
      {
        name: 'limit',
        in: 'query',
        description: 'How many to list, 100 at most; 20 without it.',
        whole: true,
      },
      {
        name: 'order',
        in: 'query',
        description: 'The newest first, or the oldest.',
        example: 'desc',
        values: ['desc', 'asc'],
      },
      { name: 'after', in: 'query', description: 'The id of an item to begin after.' },
    ],
    answer: {
      description: 'The items.',
      content: json('ResponseInput', samples.responseInput),
    },
    refusals: finding,
    headers: read,
  },
}

export const responses: Family = {
  places: {
    '/v1': { tag: 'OpenAI', id: '', form: 'Responses' },
    '/api/v1': { tag: 'OpenRouter', id: 'openRouter', form: 'OpenRouterResponses' },
  },
  operations,
}
