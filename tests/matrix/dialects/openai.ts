import { parsed, toMedia, type Dialect, type Sent } from '../ask.ts'
import { createRules, type Rules } from '../wire.ts'

const partsOf = (content: any): any[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])

const textsOf = (content: any): string[] =>
  partsOf(content)
    .filter((part) => part.type === 'text')
    .map((part) => part.text)

const imagesOf = (content: any) =>
  partsOf(content)
    .filter((part) => part.type === 'image_url')
    .map((part) => toMedia(part.image_url.url))

const breakpointsOf = (content: any): string[] =>
  Array.isArray(content)
    ? content
        .filter((part) => part.cache_control ?? part.prompt_cache_breakpoint)
        .map((part) => part.text)
    : []

const partTypes = ['text', 'image_url', 'input_audio', 'file', 'refusal']

const check = (body: any, { must }: Rules) => {
  const open = new Set<string>()
  for (const message of body.messages ?? []) {
    const { role, content, tool_calls, tool_call_id } = message
    must(['system', 'developer', 'user', 'assistant', 'tool'].includes(role), `no role ${role}`)
    if (role === 'tool') must(open.delete(tool_call_id), 'a result belongs to a call before it')
    else must(open.size === 0, `all results come before the next message, a ${role}'s`)
    if (role !== 'assistant')
      must(content !== undefined && content !== null, `a ${role} has content`)
    else must(content || tool_calls?.length > 0, 'an assistant has content or tool calls')
    for (const part of partsOf(content)) must(partTypes.includes(part.type), `no part ${part.type}`)
    for (const call of tool_calls ?? []) {
      open.add(call.id)
      must(call.id, 'a call has an id')
      if (call.type === 'custom') must(typeof call.custom?.input === 'string', 'an input is a text')
      else {
        must(call.type === 'function', 'a call has a type')
        must(typeof call.function?.arguments === 'string', 'arguments are a string')
      }
    }
  }
  must(open.size === 0 || body.messages?.at(-1)?.role === 'assistant', 'every call has its result')
  must(body.stream === true || !body.stream_options, 'stream_options only for streams')
  if (!body.tools) {
    must(body.tool_choice === undefined, 'no tool_choice without tools')
    must(body.parallel_tool_calls === undefined, 'no parallel_tool_calls without tools')
  }
}

const sent: Dialect['sent'] = ({ path, headers, json: body }): Sent => {
  const rules = createRules()
  check(body, rules)
  const messages: any[] = body.messages ?? []
  const of = (...roles: string[]) => messages.filter(({ role }) => roles.includes(role))
  const calls = of('assistant').flatMap((message) =>
    (message.tool_calls ?? []).map((call: any) => ({
      id: call.id,
      name: (call.function ?? call.custom)?.name,
      args: call.custom ? call.custom.input : parsed(call.function?.arguments),
    })),
  )
  const tools = (...types: string[]): any[] =>
    (body.tools ?? []).filter(({ type }: any) => types.includes(type))
  const { tool_choice } = body
  const details = of('assistant').flatMap((message) => message.reasoning_details ?? [])
  return {
    path,
    key: headers.authorization?.replace('Bearer ', ''),
    model: body.model,
    system: of('system', 'developer')
      .flatMap(({ content }) => textsOf(content))
      .join('\n'),
    texts: of('user').flatMap(({ content }) => textsOf(content)),
    said: of('assistant').flatMap(({ content }) => textsOf(content)),
    tools: tools('function').map(({ function: { name, description, parameters } }: any) => ({
      name,
      description,
      schema: parameters,
    })),
    customTools: tools('custom').map(({ custom }) => custom.name),
    hosted: (body.tools ?? []).length - tools('function', 'custom').length,
    choice: tool_choice?.function ? { name: tool_choice.function.name } : tool_choice,
    parallel: body.parallel_tool_calls,
    images: of('user').flatMap(({ content }) => imagesOf(content)),
    files: of('user').flatMap(({ content }) =>
      partsOf(content)
        .filter((part) => part.type === 'file')
        .map(({ file }) => ({ media: toMedia(file.file_data), filename: file.filename })),
    ),
    json: body.response_format?.type === 'json_object',
    sounds: of('user').flatMap(({ content }) =>
      partsOf(content)
        .filter((part) => part.type === 'input_audio')
        .map((part) => part.input_audio.data),
    ),
    schema: body.response_format?.json_schema?.schema,
    maxTokens: body.max_tokens ?? body.max_completion_tokens,
    temperature: body.temperature,
    topP: body.top_p,
    stop: [body.stop ?? []].flat(),
    thinking: body.reasoning !== undefined || body.reasoning_effort !== undefined,
    breakpoints: messages.flatMap(({ content }) => breakpointsOf(content)),
    cacheKey: body.prompt_cache_key,
    signatures: details
      .filter((detail) => detail.signature ?? detail.data)
      .map(({ text, signature, data }) => ({
        signature: signature ?? data,
        ...(text !== undefined && { text }),
      })),
    calls,
    results: of('tool').map(({ tool_call_id, content }) => ({
      name: calls.find(({ id }) => id === tool_call_id)?.name,
      text: textsOf(content).join(''),
      images: imagesOf(content),
    })),
    mistakes: rules.mistakes,
  }
}

const error = (status: number, message: string, type: string, code: string | null) => ({
  status,
  message,
  body: { error: { message, type, param: null, code } },
})

export const openai: Dialect = {
  name: 'openai',
  base: '/v1',
  // the one server of OpenAI's format that takes signatures back and breakpoints in
  settings: { preset: 'openrouter' },
  sent,
  streams: ({ json }) => json.stream === true,
  prefix: ({ tools, messages }) => [tools, ...messages],
  errors: {
    limited: error(429, 'Rate limit reached for m.', 'requests', 'rate_limit_exceeded'),
    context: error(
      400,
      "This model's maximum context length is 128000 tokens.",
      'invalid_request_error',
      'context_length_exceeded',
    ),
    overloaded: error(529, 'Overloaded', 'overloaded_error', null),
    key: error(401, 'Incorrect API key: sk-provider', 'invalid_request_error', 'invalid_api_key'),
  },
  broken:
    'data: {"error":{"message":"The server had an error","type":"server_error","code":"server_error"}}\n\n',
}
