import { parsed, toMedia, type Dialect, type Media, type Sent } from '../ask.ts'
import { createRules, type Rules } from '../wire.ts'

const fields = [
  'background',
  'context_management',
  'conversation',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'model',
  'moderation',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
]

const prefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
}

const typeOf = (item: any): string => item.type ?? 'message'

const partsOf = (content: any): any[] =>
  typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content ?? [])

const checkItem = (item: any, known: Set<string>, { must }: Rules) => {
  const type = typeOf(item)
  const prefix = prefixes[type]
  if (prefix && item.id !== undefined)
    must(item.id.startsWith(prefix), `the id of a ${type} begins with ${prefix}, not ${item.id}`)
  if (type === 'message') {
    const kinds = item.role === 'assistant' ? ['output_text', 'refusal'] : ['input_']
    must(['user', 'assistant', 'system', 'developer'].includes(item.role), `no role ${item.role}`)
    if (typeof item.content !== 'string')
      for (const part of item.content ?? [])
        must(
          kinds.some((kind) => part.type.startsWith(kind)),
          `no ${part.type} of the ${item.role}`,
        )
  } else if (type === 'reasoning') {
    must(Array.isArray(item.summary), 'reasoning has a summary, if an empty one')
    must(typeof item.encrypted_content === 'string', 'reasoning has its encrypted_content')
  } else if (type === 'function_call') {
    must(item.call_id?.length <= 64, 'a call_id has 64 characters at most')
    must(typeof item.arguments === 'string', 'arguments are a string')
    known.add(item.call_id)
  } else if (type === 'custom_tool_call') {
    must(typeof item.input === 'string', 'an input is a text')
    known.add(item.call_id)
  } else if (type === 'function_call_output' || type === 'custom_tool_call_output')
    must(known.delete(item.call_id), 'an output belongs to a call before it')
  else must(false, `no item ${type}`)
}

const check = (body: any, rules: Rules) => {
  for (const field of Object.keys(body)) rules.must(fields.includes(field), `no field ${field}`)
  const known = new Set<string>()
  for (const item of itemsOf(body)) checkItem(item, known, rules)
  rules.must(known.size === 0, 'every call has its output')
  for (const tool of body.tools ?? [])
    if (tool.type === 'function') rules.must('parameters' in tool && tool.name, 'tools are flat')
}

const itemsOf = ({ input }: any): any[] =>
  typeof input === 'string' ? [{ role: 'user', content: input }] : (input ?? [])

const textsOf = (content: any): string[] =>
  partsOf(content)
    .filter(({ type }) => type.endsWith('_text'))
    .map(({ text }) => text)

const imagesOf = (content: any): Media[] =>
  typeof content === 'string'
    ? []
    : (content ?? [])
        .filter(({ type }: any) => type === 'input_image')
        .map(({ image_url }: any) => toMedia(image_url))

const sent: Dialect['sent'] = ({ path, headers, json: body }): Sent => {
  const rules = createRules()
  check(body, rules)
  const items = itemsOf(body)
  const of = (type: string) => items.filter((item) => typeOf(item) === type)
  const by = (...roles: string[]) => of('message').filter(({ role }) => roles.includes(role))
  const calls = items.flatMap(({ type, call_id: id, name, ...item }) => {
    if (type === 'custom_tool_call') return [{ id, name, args: item.input }]
    return type === 'function_call' ? [{ id, name, args: parsed(item.arguments) }] : []
  })
  const tools = (type: string): any[] =>
    (body.tools ?? []).filter((tool: any) => tool.type === type)
  const { tool_choice } = body
  return {
    path,
    key: headers.authorization?.replace('Bearer ', ''),
    model: body.model,
    system: [
      ...(body.instructions ? [body.instructions] : []),
      ...by('system', 'developer').flatMap(({ content }) => textsOf(content)),
    ].join('\n'),
    texts: by('user').flatMap(({ content }) => textsOf(content)),
    said: by('assistant').flatMap(({ content }) => textsOf(content)),
    customTools: tools('custom').map(({ name }) => name),
    hosted: (body.tools ?? []).length - tools('function').length - tools('custom').length,
    tools: tools('function').map(({ name, description, parameters }: any) => ({
      name,
      description,
      schema: parameters,
    })),
    choice: tool_choice?.name ? { name: tool_choice.name } : tool_choice,
    parallel: body.parallel_tool_calls,
    images: by('user').flatMap(({ content }) => imagesOf(content)),
    files: by('user').flatMap(({ content }) =>
      partsOf(content)
        .filter(({ type }) => type === 'input_file')
        .map(({ file_data, file_url, filename }) => ({
          media: toMedia(file_url ?? file_data),
          filename,
        })),
    ),
    json: body.text?.format?.type === 'json_object',
    sounds: by('user').flatMap(({ content }) =>
      partsOf(content)
        .filter(({ type }) => type === 'input_audio')
        .map(({ input_audio }) => input_audio.data),
    ),
    schema: body.text?.format?.schema,
    maxTokens: body.max_output_tokens,
    temperature: body.temperature,
    topP: body.top_p,
    stop: [],
    thinking: body.reasoning !== undefined && body.reasoning?.effort !== 'none',
    breakpoints: items
      .flatMap(({ content }) => (Array.isArray(content) ? content : []))
      .filter((part) => part.prompt_cache_breakpoint)
      .map((part) => part.text),
    cacheKey: body.prompt_cache_key,
    signatures: of('reasoning').map(({ encrypted_content, summary }) => ({
      signature: encrypted_content,
      ...(summary?.length > 0 && { text: summary.map(({ text }: any) => text).join('') }),
    })),
    calls,
    results: [...of('function_call_output'), ...of('custom_tool_call_output')].map(
      ({ call_id, output }) => ({
        name: calls.find(({ id }) => id === call_id)?.name,
        text: textsOf(output).join(''),
        images: imagesOf(output),
      }),
    ),
    mistakes: rules.mistakes,
  }
}

const error = (status: number, type: string, code: string | null, message: string) => ({
  status,
  message,
  body: { error: { message, type, param: null, code } },
})

const failed = {
  type: 'error',
  sequence_number: 99,
  code: 'server_error',
  message: 'The server had an error',
  param: null,
}

export const responses: Dialect = {
  name: 'responses',
  base: '/v1',
  sent,
  streams: ({ json }) => json.stream === true,
  prefix: ({ tools, instructions, input }) => [tools, instructions, ...input],
  errors: {
    limited: error(429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for m.'),
    context: error(
      400,
      'invalid_request_error',
      'context_length_exceeded',
      'Your input exceeds the context window of this model.',
    ),
    overloaded: error(503, 'server_error', null, 'The engine is currently overloaded.'),
    key: error(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key: sk-provider'),
  },
  broken: `event: error\ndata: ${JSON.stringify(failed)}\n\n`,
}
