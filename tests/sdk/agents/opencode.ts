import { chat } from '../../matrix/surfaces/chat.ts'
import type { Agent } from './agent.ts'
import { declared } from './tools.ts'

const systemMessage = {
  role: 'system',
  content: 'You are opencode, an interactive CLI tool.\n\nIMPORTANT: größe "quoted".',
}

export const opencode: Agent = {
  name: 'opencode',
  alike: ['openai', 'router'],
  surface: chat,
  path: () => '/v1/chat/completions',
  headers: {
    authorization: 'Bearer sk-client',
    'user-agent': 'opencode/1.18.33 ai-sdk/provider-utils/3.0.20 runtime/bun/1.3.5',
    'x-session-affinity': 'ses_1',
    'x-session-id': 'ses_1',
  },
  body: (model, history) => ({
    model,
    max_tokens: 32_000,
    messages: history,
    tools: declared.map(({ name, description, schema }) => ({
      type: 'function',
      function: { name, description, parameters: schema },
    })),
    tool_choice: 'auto',
    stream: true,
    stream_options: { include_usage: true },
  }),
  opening: [systemMessage, { role: 'user', content: 'What is the weather in Zürich?' }],
  user: (text) => [{ role: 'user', content: text }],
  replay: ({ text, replay }) => [
    {
      role: 'assistant',
      content: text,
      ...(replay.tool_calls && { tool_calls: replay.tool_calls }),
    },
  ],
  results: (results) =>
    results.map(({ call, output }) => ({ role: 'tool', tool_call_id: call.id, content: output })),
  keepsSeals: false,
}
