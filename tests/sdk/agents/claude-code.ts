import { messages } from '../../matrix/surfaces/messages.ts'
import type { Agent } from './agent.ts'
import { declared } from './tools.ts'

const ephemeral = { type: 'ephemeral' }

export const betas = [
  'claude-code-20250219',
  'interleaved-thinking-2025-05-14',
  'context-management-2025-06-27',
  'mid-conversation-tool-changes-2026-07-01',
  'thinking-token-count-2026-05-13',
  'advanced-tool-use-2025-11-20',
  'effort-2025-11-24',
].join(',')

export const system = [
  {
    type: 'text',
    text: 'x-anthropic-billing-header: cc_version=2.1.329.a1b; cc_entrypoint=sdk-cli;',
  },
  {
    type: 'text',
    text: "You are Claude Code, Anthropic's official CLI for Claude.",
    cache_control: ephemeral,
  },
  {
    type: 'text',
    text: '\nYou are an interactive agent that helps users with software engineering tasks.\n\n# Tone\n - Be concise.\n\n<env>\nWorking directory: /home/ann/größe\n</env>',
    cache_control: ephemeral,
  },
]

export const tools = declared.map(({ name, description, schema }, at) => ({
  name,
  description,
  input_schema: schema,
  ...(at === 3 && { defer_loading: true }),
}))

type Message = { readonly role: string; readonly content: any }

/** The newest user message carries the cache’s mark, and only that. */
const marked = (history: readonly Message[]): readonly Message[] => {
  const last = history.findLastIndex(({ role }) => role === 'user')
  return history.map((message, at) =>
    at === last
      ? {
          ...message,
          content: message.content.map((block: object, nth: number) =>
            nth === message.content.length - 1 ? { ...block, cache_control: ephemeral } : block,
          ),
        }
      : message,
  )
}

export const headers = {
  accept: 'application/json',
  'user-agent': 'claude-cli/2.1.329 (external, sdk-cli)',
  'x-app': 'cli',
  'x-api-key': 'sk-client',
  'anthropic-version': '2023-06-01',
  'anthropic-beta': betas,
  'anthropic-dangerous-direct-browser-access': 'true',
  'x-stainless-retry-count': '0',
  'x-stainless-timeout': '600',
  'x-stainless-lang': 'js',
  'x-stainless-runtime': 'node',
}

export const claudeCode: Agent = {
  name: 'Claude Code',
  alike: ['anthropic'],
  surface: messages,
  path: () => '/v1/messages?beta=true',
  headers,
  body: (model, history) => ({
    model,
    messages: marked(history as readonly Message[]),
    system,
    tools,
    metadata: { user_id: JSON.stringify({ device_id: 'd0', account_uuid: '', session_id: 's0' }) },
    max_tokens: 32_000,
    thinking: { type: 'adaptive', display: 'omitted' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    output_config: { effort: 'high' },
    stream: true,
  }),
  opening: [
    {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>\nToday is 2026-11-24.\n</system-reminder>\n' },
        { type: 'text', text: 'What is the weather in Zürich?' },
      ],
    },
    { role: 'system', content: [{ type: 'text', text: 'Deferred tools can be searched for.' }] },
  ],
  user: (text) => [{ role: 'user', content: [{ type: 'text', text }] }],
  replay: ({ replay }) => [replay],
  results: (results) => [
    {
      role: 'user',
      content: results.map(({ call, output }) => ({
        tool_use_id: call.id,
        type: 'tool_result',
        content: output,
      })),
    },
    { role: 'system', content: [{ type: 'text', text: 'Mind the files.' }] },
  ],
  keepsSeals: true,
}
