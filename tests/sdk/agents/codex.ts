import { responses } from '../../matrix/surfaces/responses.ts'
import type { Agent } from './agent.ts'
import { declared } from './tools.ts'

export const grammar = 'start: begin_patch hunk+ end_patch\nbegin_patch: "*** Begin Patch" LF\n'

export const tools: readonly object[] = [
  ...declared.map(({ name, description, schema }) => ({
    type: 'function',
    name,
    description,
    strict: false,
    parameters: schema,
  })),
  {
    type: 'custom',
    name: 'apply_patch',
    description: 'Use the `apply_patch` tool to edit files. This is a FREEFORM tool.',
    format: { type: 'grammar', syntax: 'lark', definition: grammar },
  },
  {
    type: 'namespace',
    name: 'mcp__notes',
    description: 'Tools of the server notes.',
    tools: [
      {
        type: 'function',
        name: 'search',
        description: 'Searches notes.',
        strict: false,
        parameters: { type: 'object', properties: { query: { type: 'string' } } },
      },
    ],
  },
  { type: 'web_search', external_web_access: false },
]

const input = (role: string, ...texts: readonly string[]) => ({
  type: 'message',
  role,
  content: texts.map((text) => ({ type: 'input_text', text })),
})

export const codex: Agent = {
  name: 'Codex',
  alike: ['responses'],
  surface: responses,
  path: () => '/v1/responses',
  headers: {
    accept: 'text/event-stream',
    authorization: 'Bearer sk-client',
    'user-agent': 'codex_exec/0.169.0',
    originator: 'codex_exec',
    session_id: '0199',
  },
  body: (model, history) => ({
    model,
    input: history,
    tools,
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: '0199-key',
    client_metadata: { 'x-codex-installation-id': 'i0' },
  }),
  opening: [
    input(
      'developer',
      '<permissions instructions>\nApproval is never.\n</permissions instructions>',
      'Be brief: größe.',
    ),
    input('user', '<environment_context>\n  <cwd>/home/ann</cwd>\n</environment_context>'),
    input('user', 'What is the weather in Zürich?'),
  ],
  user: (text) => [input('user', text)],
  // it drops the status and keeps ids
  replay: ({ replay }) =>
    (replay as any[]).map(({ status: _status, ...item }) =>
      item.type === 'message'
        ? {
            ...item,
            content: item.content.map(({ type, text }: any) => ({ type, text })),
          }
        : item,
    ),
  results: (results) =>
    results.map(({ call, output }, at) => ({
      type: 'function_call_output',
      id: `fco_${at}${call.id}`,
      call_id: call.id,
      output,
    })),
  keepsSeals: true,
}
