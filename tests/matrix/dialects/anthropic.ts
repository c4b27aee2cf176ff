import type { Dialect, Media, Sent } from '../ask.ts'
import { createRules, type Rules } from '../wire.ts'

const blocksOf = (content: any): any[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])

const textsOf = (content: any): string[] =>
  blocksOf(content)
    .filter(({ type }) => type === 'text')
    .map(({ text }) => text)

const toMedia = (source: any): Media =>
  source.type === 'base64' ? { base64: source.data, mime: source.media_type } : { url: source.url }

const imagesOf = (content: any): Media[] =>
  blocksOf(content)
    .filter(({ type }) => type === 'image')
    .map(({ source }) => toMedia(source))

const fields = [
  'model',
  'messages',
  'max_tokens',
  'system',
  'tools',
  'tool_choice',
  'stream',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'output_config',
  'metadata',
  'service_tier',
  'cache_control',
  'container',
  'context_management',
  'mcp_servers',
]

const checkBlock = (block: any, role: string, { must }: Rules) => {
  if (block.type === 'text') must(block.text, 'no text block is empty')
  if (block.type === 'thinking') {
    must(role === 'assistant', 'only an assistant thinks')
    must(block.signature, 'a thinking block is signed')
  }
  if (block.type === 'tool_use') {
    must(/^[\w-]{1,128}$/.test(block.id), `no such id of a tool use: ${block.id}`)
    must(block.input && typeof block.input === 'object', 'an input is an object')
  }
}

const check = (body: any, headers: Readonly<Record<string, string>>, rules: Rules) => {
  const { must } = rules
  must(headers['anthropic-version'], 'anthropic-version is sent')
  must(Number.isInteger(body.max_tokens), 'max_tokens is sent')
  for (const field of Object.keys(body)) must(fields.includes(field), `no field ${field}`)
  must(body.messages?.[0]?.role === 'user', 'the first message is the user’s')
  if (!body.tools) must(body.tool_choice === undefined, 'no tool_choice without tools')
  let open: string[] = []
  for (const { role, content } of body.messages ?? []) {
    const late = role === 'system' && headers['anthropic-version'] === '2026-10-21'
    must(late || role === 'user' || role === 'assistant', `no role ${role}`)
    const blocks = blocksOf(content)
    must(blocks.length > 0, 'no message is empty')
    for (const block of blocks) checkBlock(block, role, rules)
    const results = blocks.filter(({ type }) => type === 'tool_result')
    must(
      Bun.deepEquals(results.map(({ tool_use_id }) => tool_use_id).sort(), open.sort()),
      'the message after tool uses has all their results',
    )
    must(
      blocks.slice(0, results.length).every(({ type }) => type === 'tool_result'),
      'results stand first',
    )
    open = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id)
  }
  const { thinking } = body
  if (thinking?.type === 'enabled') {
    must(thinking.budget_tokens >= 1024, 'a budget is 1024 or more')
    must(thinking.budget_tokens < body.max_tokens, 'a budget is below max_tokens')
  }
}

const choiceOf = (choice: any): Sent['choice'] => {
  if (choice?.type === 'tool') return { name: choice.name }
  if (choice?.type === 'any') return 'required'
  return choice?.type === 'none' ? 'none' : undefined
}

const isHosted = ({ type = 'custom' }: any): boolean => type !== 'custom'

const sent: Dialect['sent'] = ({ path, headers, json: body }): Sent => {
  const rules = createRules()
  check(body, headers, rules)
  const messages: any[] = body.messages ?? []
  const blocks = (role: string) =>
    messages.filter((message) => message.role === role).flatMap(({ content }) => blocksOf(content))
  const user = blocks('user')
  const assistant = blocks('assistant')
  const calls = assistant
    .filter(({ type }) => type === 'tool_use')
    .map(({ id, name, input }) => ({ id, name, args: input }))
  const off = body.tool_choice?.disable_parallel_tool_use
  return {
    path,
    key: headers['x-api-key'] ?? headers.authorization?.replace('Bearer ', ''),
    model: body.model,
    system: [...textsOf(body.system), ...textsOf(blocks('system'))].join('\n'),
    texts: textsOf(user),
    said: textsOf(assistant),
    customTools: [],
    hosted: (body.tools ?? []).filter(isHosted).length,
    tools: (body.tools ?? [])
      .filter((tool: any) => !isHosted(tool))
      .map(({ name, description, input_schema }: any) => ({
        name,
        description,
        schema: input_schema,
      })),
    choice: choiceOf(body.tool_choice),
    parallel: off === undefined ? undefined : !off,
    images: imagesOf(user),
    files: user
      .filter(({ type }) => type === 'document')
      .map(({ source, title }) => ({ media: toMedia(source), filename: title })),
    json: false,
    sounds: [],
    schema: body.output_config?.format?.schema,
    maxTokens: body.max_tokens,
    temperature: body.temperature,
    topP: body.top_p,
    stop: body.stop_sequences ?? [],
    thinking: body.thinking !== undefined && body.thinking.type !== 'disabled',
    breakpoints: [...blocksOf(body.system), ...user, ...assistant]
      .filter((block) => block.cache_control)
      .map((block) => block.text),
    cacheKey: undefined,
    signatures: assistant.flatMap(({ type, signature, thinking, data }) => {
      if (type === 'thinking') return [{ signature, text: thinking }]
      return type === 'redacted_thinking' ? [{ signature: data }] : []
    }),
    calls,
    results: user
      .filter(({ type }) => type === 'tool_result')
      .map(({ tool_use_id, content }) => ({
        name: calls.find(({ id }) => id === tool_use_id)?.name,
        text: textsOf(content).join(''),
        images: imagesOf(content),
      })),
    mistakes: rules.mistakes,
  }
}

const error = (status: number, type: string, message: string) => ({
  status,
  message,
  body: { type: 'error', error: { type, message }, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' },
})

export const anthropic: Dialect = {
  name: 'anthropic',
  base: '/v1',
  sent,
  streams: ({ json }) => json.stream === true,
  prefix: ({ tools, system, messages }) => [tools, system, ...messages],
  errors: {
    limited: error(429, 'rate_limit_error', 'Number of request tokens has exceeded your limit'),
    context: error(
      400,
      'invalid_request_error',
      'prompt is too long: 210000 tokens > 200000 maximum',
    ),
    overloaded: error(529, 'overloaded_error', 'Overloaded'),
    key: error(401, 'authentication_error', 'invalid x-api-key sk-provider'),
  },
  broken:
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
}
