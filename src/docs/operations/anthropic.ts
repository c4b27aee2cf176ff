import { eventList, events, json } from '../content.ts'
import * as samples from '../samples/anthropic.ts'
import { asked, inference, modelHelp, cached, type Family } from './notes.ts'
import { caching, switches } from './sent.ts'

const model = 'demo/demo'
const messages = [{ role: 'user', content: 'Say hello.' }]
const asking = { model, max_tokens: 1_000, messages }

const names = {
  message_start: 'the message, still empty.',
  content_block_start: 'a block begins: a text, a thought or a use of a tool.',
  content_block_delta: 'a piece of the block.',
  content_block_stop: 'the block is complete.',
  message_delta: 'why it ended, and the usage.',
  message_stop: 'the end.',
  ping: 'nothing; it keeps a silent stream open.',
  error: 'what went wrong; the last event.',
}

const headers = ['request-id'] as const

const operations: Family['operations'] = {
  'POST /messages': {
    id: 'createMessage',
    summary: 'Answer a conversation, in Anthropic’s form',
    description: `What Claude Code and Anthropic’s SDKs call; any model of any provider can answer. A provider that speaks this form gets the body as it came: caching marks, signatures and betas included. ${modelHelp}\n\nWith \`"stream": true\` the answer comes as these server-sent events:\n\n${eventList(names)}`,
    request: 'MessageRequest',
    examples: {
      whole: { summary: 'A whole answer', value: asking },
      streamed: { summary: 'A streamed answer', value: { ...asking, stream: true } },
      tool: {
        summary: 'With a search of the web, which Sluice runs where the provider cannot',
        value: { ...asking, tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      },
    },
    answer: {
      description: 'The answer, whole or as a stream.',
      content: {
        ...json('AnthropicMessage', samples.message),
        ...events({ schema: 'AnthropicEvent', example: samples.messageStream, names }),
      },
    },
    refusals: inference,
    headers: cached,
    sent: caching,
  },
  'POST /messages/count_tokens': {
    id: 'countMessageTokens',
    summary: 'Count a conversation’s tokens',
    description: `The provider counts, if it can; otherwise the number is an estimate. Nothing is answered. ${modelHelp}`,
    request: 'MessageCountRequest',
    examples: { count: { summary: 'A conversation', value: { model, messages } } },
    answer: {
      description: 'The number.',
      content: json('AnthropicTokenCount', { input_tokens: 3 }),
    },
    refusals: inference,
    headers: asked,
    sent: switches,
  },
}

export const anthropic: Family = {
  places: {
    '/v1': { tag: 'Anthropic', id: '', form: 'Anthropic', headers },
    '/api/v1': { tag: 'OpenRouter', id: 'openRouter', form: 'Anthropic', headers },
  },
  operations,
}
