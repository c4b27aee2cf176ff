import { createRandom } from '../support/random.ts'

type Body = Readonly<Record<string, unknown>>

const random = createRandom(48)
const words =
  'the agent reads files before it edits them and never guesses what a function does but looks 漢字 naïve “quoted” \\back\\slash tab\tnewline\n {json: true} <tag> 👩🏽‍🚀 end'.split(
    ' ',
  )
const prose = (length: number): string => {
  let text = ''
  while (text.length < length) text += `${random.pick(words)} `
  return text.trim()
}

const tool = (name: string, more: Body = {}): Body => ({
  name,
  description: prose(1_300),
  input_schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      path: { type: 'string', description: prose(80) },
      limit: { type: 'integer', minimum: 0, exclusiveMaximum: 1e6 },
      mode: { anyOf: [{ const: 'a' }, { type: 'null' }] },
      nested: { type: 'array', items: { $ref: '#/$defs/item' } },
    },
    required: ['path'],
    additionalProperties: false,
    $defs: { item: { type: 'object', properties: { id: { type: 'number' } } } },
  },
  ...more,
})

const ephemeral = { type: 'ephemeral' }
const hour = { type: 'ephemeral', ttl: '1h' }
const signature = `Ep${'aB3/+'.repeat(60)}==`

/** What Claude Code sends: three system blocks, many tools, a tool loop with thoughts, a system message at the end. */
export const claudeCode: Body = {
  model: 'claude-opus-5-5',
  max_tokens: 32_000,
  stream: true,
  metadata: { user_id: JSON.stringify({ device_id: 'd'.repeat(64), session_id: 's-1' }) },
  thinking: { type: 'adaptive', display: 'omitted' },
  output_config: { effort: 'high' },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.329; cc_entrypoint=cli;' },
    { type: 'text', text: 'You are an agent for the command line.', cache_control: hour },
    { type: 'text', text: prose(19_000), cache_control: hour },
  ],
  tools: [
    ...['Read', 'Write', 'Edit', 'Bash', 'Glob', 'Grep', 'Task', 'WebFetch', 'TodoWrite'].map(
      (name) => tool(name),
    ),
    ...['NotebookEdit', 'LSP'].map((name) =>
      tool(name, { defer_loading: true, eager_input_streaming: true }),
    ),
    { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
    tool('mcp__db__query', { type: 'custom', strict: true, cache_control: hour }),
  ],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: `<system-reminder>\n${prose(1_200)}\n</system-reminder>` },
        { type: 'text', text: 'Fix the failing test in “grüße.ts”.' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: '', signature },
        { type: 'text', text: 'I’ll read it first.' },
        {
          type: 'tool_use',
          id: 'toolu_01A',
          name: 'Read',
          input: { path: '/src/grüße.ts', limit: 2000, ratio: 1.5 },
          caller: { type: 'direct' },
        },
        { type: 'tool_use', id: 'toolu_01B', name: 'Glob', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'toolu_01A',
          content: [
            { type: 'text', text: prose(3_000) },
            {
              type: 'image',
              source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo='.repeat(40) },
            },
            { type: 'tool_reference', tool_name: 'LSP' },
          ],
        },
        {
          type: 'tool_result',
          tool_use_id: 'toolu_01B',
          content: 'No such directory: /tmp/漢',
          is_error: true,
        },
        { type: 'text', text: '[Request interrupted by user]', cache_control: ephemeral },
      ],
    },
    { role: 'assistant', content: 'Understood.' },
    { role: 'user', content: 'Go on, please.' },
    { role: 'system', content: 'The date is 2026-11-24; plan mode is on.' },
  ],
}

/** The same with all that the format knows, for which agents have no use. */
export const everything: Body = {
  model: 'claude-sonnet-5-5',
  max_tokens: 4_096,
  temperature: 0.3,
  top_k: 40,
  stop_sequences: ['END', '\n\nHuman:'],
  service_tier: 'standard_only',
  system: 'Be brief.',
  cache_control: ephemeral,
  container: { skills: [{ type: 'anthropic', skill_id: 'pdf', version: 'latest' }] },
  mcp_servers: [
    { type: 'url', url: 'https://mcp.example/sse', name: 'db', authorization_token: 't' },
  ],
  inference_geo: 'eu',
  thinking: { type: 'enabled', budget_tokens: 2_048 },
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  output_config: {
    format: {
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: { a: { type: 'number' } },
        additionalProperties: false,
      },
    },
  },
  tools: [
    {
      type: 'web_search_20250305',
      name: 'web_search',
      max_uses: 3,
      user_location: { type: 'approximate', city: 'Zürich' },
    },
    { type: 'bash_20250124', name: 'bash' },
    { type: 'mcp_toolset', mcp_server_name: 'db', default_config: { enabled: false } },
    {
      name: 'minimal',
      input_schema: { type: 'object' },
      input_examples: [{ a: 1 }],
      allowed_callers: ['direct'],
    },
  ],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        { type: 'image', source: { type: 'file', file_id: 'file_011' }, cache_control: ephemeral },
        {
          type: 'document',
          source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQ=' },
          title: 'a.pdf',
          context: 'from the archive',
          citations: { enabled: true },
        },
        { type: 'document', source: { type: 'url', url: 'https://example.com/b.pdf' } },
        { type: 'document', source: { type: 'file', file_id: 'file_012' }, title: 'c' },
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'plain secret text' },
          title: 'd.txt',
        },
        {
          type: 'document',
          source: {
            type: 'content',
            content: [
              { type: 'text', text: 'piece one' },
              { type: 'text', text: 'piece two' },
            ],
          },
        },
        { type: 'document', source: { type: 'content', content: 'all in one string' } },
        {
          type: 'search_result',
          source: 'https://example.com/kb',
          title: 'KB',
          content: [{ type: 'text', text: 'found this' }],
          citations: { enabled: true },
        },
        { type: 'container_upload', file_id: 'file_013' },
        { type: 'hologram', depth: 3, frames: [{ text: 'tomorrow' }] },
        { type: 'text', text: 'What does it say?' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'First, search.', signature },
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 'srvtoolu_1',
          content: [
            {
              type: 'web_search_result',
              url: 'https://e.com',
              title: 'E',
              encrypted_content: 'Eq==',
              page_age: null,
            },
          ],
        },
        { type: 'redacted_thinking', data: 'EmwKAhgB' },
        {
          type: 'text',
          text: 'It says so.',
          citations: [
            {
              type: 'web_search_result_location',
              url: 'https://e.com',
              title: 'E',
              encrypted_index: 'Eo8=',
              cited_text: 'so',
            },
          ],
        },
        { type: 'compaction', content: 'a summary', signature: 'Cs==' },
        { type: 'thinking', thinking: 'Then, call.', signature: `${signature}2` },
        {
          type: 'tool_use',
          id: 'toolu_1',
          name: 'minimal',
          input: { deep: [{ a: null }, [1, 'two words']] },
        },
        { type: 'text', text: 'And afterwards this.' },
        { type: 'tool_use', id: 'toolu_2', name: 'minimal', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'This stands before the results.' },
        { type: 'tool_result', tool_use_id: 'toolu_2' },
        { type: 'text', text: 'This between them.' },
        { type: 'tool_result', tool_use_id: 'toolu_1', content: [], cache_control: ephemeral },
      ],
    },
    {
      role: 'system',
      content: [{ type: 'text', text: 'A block of system.', cache_control: ephemeral }],
    },
    { role: 'assistant', content: [{ type: 'text', text: 'A prefill, {' }] },
  ],
}

const plain: Body = {
  model: 'm',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'Say hello.' }],
}

const odd: Body = {
  model: 'm',
  max_tokens: 1,
  system: '',
  stop_sequences: [],
  tools: [],
  thinking: { type: 'disabled' },
  messages: [
    { role: 'system', content: 'System goes first, inside.' },
    { role: 'user', content: [] },
    { role: 'assistant', content: [] },
    { role: 'user', content: '' },
    { role: 'user', content: [{ type: 'text', text: '' }] },
    { role: 'user', content: 'Two users in a row.' },
  ],
}

const escaped = (text: string): string =>
  text.replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The corpus as clients write it: compact, indented, with escapes, with odd spaces and key orders. */
export const corpus: Readonly<Record<string, string>> = {
  claudeCode: JSON.stringify(claudeCode),
  'claudeCode, indented': JSON.stringify(claudeCode, null, 2),
  everything: JSON.stringify(everything),
  'everything, escaped': escaped(JSON.stringify(everything)),
  'everything, spaced': JSON.stringify(everything, null, '\t').replace(/": /g, '" :\r\n '),
  plain: ` \n${JSON.stringify(plain)}\n`,
  odd: JSON.stringify(odd),
}
