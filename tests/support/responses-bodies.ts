/** What real clients post to /responses, as they write it. */
export const codexBody = {
  model: 'asked',
  instructions: 'You are a coding agent.',
  input: [
    {
      type: 'message',
      role: 'developer',
      id: 'msg_01',
      content: [{ type: 'input_text', text: '<permissions>workspace-write</permissions>' }],
    },
    {
      type: 'message',
      role: 'user',
      id: 'msg_02',
      content: [
        { type: 'input_text', text: '<environment_context>zsh</environment_context>' },
        { type: 'input_text', text: 'Rename grüße.txt 漢.' },
      ],
    },
    {
      type: 'reasoning',
      id: 'rs_0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607182',
      summary: [{ type: 'summary_text', text: '**Looking**' }],
      content: null,
      encrypted_content: 'gAAAAABo/+=',
    },
    {
      type: 'message',
      role: 'assistant',
      id: 'msg_03',
      phase: 'commentary',
      content: [{ type: 'output_text', text: 'I look first.' }],
    },
    {
      type: 'function_call',
      id: 'fc_04',
      name: 'exec_command',
      arguments: '{"cmd":"ls -la"}',
      call_id: 'call_04',
    },
    {
      type: 'function_call',
      id: 'fc_05',
      namespace: 'mcp__files',
      name: 'read',
      arguments: '{}',
      call_id: 'call_05',
    },
    { type: 'function_call_output', id: 'fco_06', call_id: 'call_04', output: 'grüße.txt\n' },
    {
      type: 'function_call_output',
      id: 'fco_07',
      call_id: 'call_05',
      output: [
        { type: 'input_text', text: 'See:' },
        { type: 'input_image', image_url: 'data:image/png;base64,QUJD', detail: 'high' },
      ],
    },
    {
      type: 'web_search_call',
      id: 'ws_08',
      status: 'completed',
      action: { type: 'search', query: 'x' },
    },
    {
      type: 'custom_tool_call',
      id: 'ctc_09',
      status: 'completed',
      call_id: 'call_09',
      name: 'apply_patch',
      input: '*** Begin Patch\n*** End Patch',
    },
    { type: 'custom_tool_call_output', id: 'cto_10', call_id: 'call_09', output: 'Done.' },
  ],
  tools: [
    {
      type: 'function',
      name: 'exec_command',
      description: 'Runs a command.',
      strict: false,
      parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
    },
    {
      type: 'custom',
      name: 'apply_patch',
      description: 'Applies a patch.',
      format: { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin Patch"' },
    },
    {
      type: 'namespace',
      name: 'mcp__files',
      description: 'Files.',
      tools: [
        { type: 'function', name: 'read', parameters: { type: 'object', properties: {} } },
        { type: 'function', name: 'write', strict: null, parameters: { type: 'object' } },
      ],
    },
    { type: 'web_search', external_web_access: false },
  ],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'medium', summary: 'auto' },
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'b6f0',
  client_metadata: { session: 's' },
  text: { verbosity: 'low' },
}

export const bodies: Readonly<Record<string, object>> = {
  'a bare question': { model: 'asked', input: 'Hi' },
  'instructions and a text': {
    model: 'asked',
    instructions: 'Be brief.',
    input: 'Hi',
    temperature: 0.5,
  },
  'easy messages without a type': {
    model: 'asked',
    input: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: [{ type: 'input_text', text: 'Say more.' }] },
    ],
  },
  'what Codex sends': codexBody,
  'files, images and sounds': {
    model: 'asked',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_image', image_url: 'https://a.b/c.png', detail: 'auto' },
          { type: 'input_image', file_id: 'file-1', detail: 'low' },
          { type: 'input_file', file_id: 'file-2' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,QQ==' },
          { type: 'input_file', file_url: 'https://a.b/c.pdf' },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
          { type: 'input_hologram', beam: [1, 2] },
          { type: 'input_text', text: 'What?', prompt_cache_breakpoint: { mode: 'explicit' } },
        ],
      },
    ],
  },
  'an answer sent back as it came': {
    model: 'asked',
    input: [
      { type: 'message', role: 'user', content: 'Hi' },
      { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'abc=' },
      {
        id: 'msg_1',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        phase: 'commentary',
        content: [
          {
            type: 'output_text',
            text: 'See here.',
            annotations: [
              {
                type: 'url_citation',
                url: 'https://a.b',
                title: 'A',
                start_index: 0,
                end_index: 3,
              },
            ],
            logprobs: [],
          },
        ],
      },
      {
        id: 'msg_2',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'And.', annotations: [], logprobs: [] },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      { type: 'mcp_list_tools', id: 'mcpl_1', server_label: 's', tools: [] },
      { role: 'user', content: 'More.' },
      { type: 'compaction', id: 'cmp_1', encrypted_content: 'zzz' },
    ],
  },
  'structured output, a forced tool, allowed tools': {
    model: 'asked',
    input: 'Hi',
    text: {
      format: {
        type: 'json_schema',
        name: 'a',
        strict: true,
        schema: { type: 'object', properties: {} },
      },
    },
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }],
    tool_choice: {
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'f' }],
    },
    top_logprobs: 3,
    include: ['message.output_text.logprobs'],
  },
  'nulls where SDKs send them': {
    model: 'asked',
    input: 'Hi',
    instructions: null,
    temperature: null,
    tools: [],
    reasoning: null,
    metadata: null,
    service_tier: 'auto',
    store: false,
    stream: false,
  },
}
