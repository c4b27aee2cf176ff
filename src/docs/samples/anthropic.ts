import { hello, named, pieces } from './words.ts'

const none = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
const usage = { input_tokens: 3, ...none, output_tokens: 5 }

const ended = { stop_reason: 'end_turn', stop_sequence: null }

export const message = {
  id: 'msg_5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e',
  type: 'message',
  role: 'assistant',
  model: 'demo',
  content: [{ type: 'text', text: hello }],
  ...ended,
  usage,
}

export const messageStream = named([
  {
    type: 'message_start',
    message: {
      ...message,
      content: [],
      stop_reason: null,
      usage: { input_tokens: 0, ...none, output_tokens: 0 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...pieces.map((text) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text },
  })),
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: ended, usage },
  { type: 'message_stop' },
])
