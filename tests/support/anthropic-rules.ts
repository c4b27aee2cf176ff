import { fixture, scenarios } from './fixtures.ts'
import { fieldsIn, isObject, must, Refused, valuesOf } from './fixtures-strict.ts'

type Block = Readonly<Record<string, any>>

/** The API's newest version; before it came `2023-06-01`. */
export const newest = '2026-10-21'

const topFields =
  'max_tokens messages model cache_control container diagnostics inference_geo metadata output_config service_tier speed stop_sequences stream system thinking tool_choice tools user_profile_id workspace_id'.split(
    ' ',
  )
const sampling = ['temperature', 'top_p', 'top_k']

/** Fields that need a word in `anthropic-beta`. */
const betaFields: Readonly<Record<string, string>> = {
  context_management: 'context-management-',
  compaction: 'compact-',
  mcp_servers: 'mcp-client-',
  output_format: 'structured-outputs-',
  fallbacks: 'fallback',
  thread: 'thread',
  safeguards: '',
}

const blockFields: Readonly<Record<string, readonly string[]>> = {
  text: ['text', 'cache_control', 'citations'],
  image: ['source', 'cache_control', 'transformations'],
  document: ['source', 'cache_control', 'citations', 'context', 'title'],
  search_result: ['content', 'source', 'title', 'cache_control', 'citations'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
  tool_use: ['id', 'name', 'input', 'cache_control', 'caller', 'toolset_name'],
  tool_result: ['tool_use_id', 'content', 'is_error', 'cache_control', 'toolset_name'],
  server_tool_use: ['id', 'name', 'input', 'cache_control', 'caller'],
  web_search_tool_result: ['tool_use_id', 'content', 'cache_control', 'caller'],
  web_fetch_tool_result: ['tool_use_id', 'content', 'cache_control', 'caller'],
  container_upload: ['file_id', 'cache_control'],
  tool_reference: ['tool_name', 'cache_control'],
}

const ofAssistant = ['thinking', 'redacted_thinking', 'tool_use', 'server_tool_use']
const ofUser = ['tool_result', 'image', 'container_upload']

const toolFields =
  'name input_schema description type cache_control strict defer_loading eager_input_streaming input_examples allowed_callers'.split(
    ' ',
  )

const extra = (at: string) => (field: string) => {
  throw new Refused(`${at}${field}: Extra inputs are not permitted`)
}

/** Thoughts that some fixture holds, by their signature. */
const issued: ReadonlyMap<string, string> = new Map(
  scenarios.anthropic.flatMap((scenario) =>
    JSON.parse(fixture('anthropic', scenario).json).content.flatMap((block: Block) =>
      block.type === 'thinking'
        ? [[block.signature, block.thinking]]
        : block.type === 'redacted_thinking'
          ? [[block.data, '']]
          : [],
    ),
  ),
)

const checkSource = (at: string, block: Block): void => {
  const { source } = block
  must(isObject(source), `${at}.source: Field required`)
  const kinds = ['base64', 'url', 'file', 'text', 'content']
  must(
    kinds.includes(String(source.type)),
    `${at}.source: Input tag '${source.type}' found using 'type' does not match any of the expected tags`,
  )
  if (source.type !== 'base64') return
  const media = block.type === 'image' ? /^image\/(jpeg|png|gif|webp)$/ : /^application\/pdf$/
  must(
    media.test(String(source.media_type)),
    `${at}.source.base64.media_type: Input should be one of the listed`,
  )
  must(
    /^[A-Za-z0-9+/]+={0,2}$/.test(String(source.data)),
    `${at}.source.base64.data: Input should be a valid base64 string`,
  )
}

const checkBlock = (at: string, block: Block, role: string, version: string): void => {
  const fields = blockFields[block.type]
  must(
    fields,
    `${at}: Input tag '${block.type}' found using 'type' does not match any of the expected tags: ${Object.keys(blockFields).join(', ')}`,
  )
  fieldsIn(block, ['type', ...fields], extra(`${at}.${block.type}.`))
  must(
    role === 'assistant' || !ofAssistant.includes(block.type),
    `${at}: \`${block.type}\` blocks can only be in \`assistant\` messages`,
  )
  must(
    role === 'user' || !ofUser.includes(block.type),
    `${at}: \`${block.type}\` blocks can only be in \`user\` messages`,
  )
  if (block.type === 'text') {
    must(typeof block.text === 'string', `${at}.text.text: Input should be a valid string`)
    must(block.text !== '', 'messages: text content blocks must be non-empty')
    const cites = role === 'user' && (block.citations?.length ?? 0) > 0
    must(!cites || version !== newest, `${at}.text.citations: not allowed on user text`)
  }
  if (block.type === 'document') {
    must(
      role === 'user' || version !== newest,
      `${at}: \`document\` blocks are not allowed in \`assistant\` messages`,
    )
  }
  if (block.type === 'image' || block.type === 'document') checkSource(`${at}.${block.type}`, block)
  if (block.type === 'thinking') {
    must(typeof block.signature === 'string', `${at}.thinking.signature: Field required`)
    must(
      issued.get(block.signature) === block.thinking,
      `${at}: Invalid \`signature\` in \`thinking\` block`,
    )
  }
  if (block.type === 'redacted_thinking') {
    must(issued.get(block.data) === '', `${at}: Invalid \`data\` in \`redacted_thinking\` block`)
  }
  if (block.type === 'tool_use') {
    must(
      /^[a-zA-Z0-9_-]+$/.test(block.id),
      `${at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`,
    )
    must(isObject(block.input), `${at}.tool_use.input: Input should be a valid dictionary`)
  }
  if (block.type === 'tool_result' && Array.isArray(block.content)) {
    block.content.forEach((inner: Block, nth: number) => {
      const allowed = ['text', 'image', 'document', 'search_result', 'tool_reference']
      const where = `${at}.tool_result.content.${nth}`
      must(
        allowed.includes(inner.type),
        `${where}: Input tag '${inner.type}' found using 'type' does not match any of the expected tags: ${allowed.join(', ')}`,
      )
      checkBlock(where, inner, 'user', version)
    })
  }
}

export interface Turn {
  readonly role: string
  readonly blocks: readonly Block[]
}

/** Messages with their text as blocks, neighbours of one role put together as the API does. */
export const turnsOf = (messages: readonly any[]): Turn[] =>
  messages
    .filter(({ role }) => role !== 'system')
    .reduce<Turn[]>((turns, { role, content }) => {
      const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
      const last = turns.at(-1)
      if (last === undefined || last.role !== role) return [...turns, { role, blocks }]
      return [...turns.slice(0, -1), { role, blocks: [...last.blocks, ...blocks] }]
    }, [])

const idsOf = ({ blocks }: Turn, type: string, field: string): string[] =>
  blocks.filter((block) => block.type === type).map((block) => block[field])

const checkPairs = (turns: readonly Turn[]): void => {
  const seen = new Set<string>()
  turns.forEach((turn, at) => {
    const uses = idsOf(turn, 'tool_use', 'id')
    for (const id of uses) {
      must(!seen.has(id), `messages.${at}: \`tool_use\` ids must be unique`)
      seen.add(id)
    }
    const next = turns[at + 1]
    const results = next ? idsOf(next, 'tool_result', 'tool_use_id') : []
    const open = uses.filter((id) => !results.includes(id))
    must(
      open.length === 0,
      `messages.${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    )
    const before = turns[at - 1]
    const known = before ? idsOf(before, 'tool_use', 'id') : []
    const answered = idsOf(turn, 'tool_result', 'tool_use_id')
    for (const id of answered) {
      must(
        known.includes(id),
        `messages.${at}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      )
    }
    must(
      new Set(answered).size === answered.length,
      `messages.${at}: each tool_use must have a single result`,
    )
    const first = turn.blocks.slice(0, answered.length)
    must(
      first.every((block) => block.type === 'tool_result'),
      `messages.${at}: \`tool_result\` blocks must come first in the content`,
    )
  })
}

const checkThinking = (body: any, turns: readonly Turn[]): void => {
  const { thinking, max_tokens, tool_choice } = body
  if (thinking === undefined) return
  const kinds = ['enabled', 'disabled', 'adaptive', 'between_tools']
  must(
    kinds.includes(thinking?.type),
    `thinking: Input tag '${thinking?.type}' found using 'type' does not match any of the expected tags`,
  )
  const fields = { enabled: ['type', 'budget_tokens', 'display'], adaptive: ['type', 'display'] }
  const allowed = fields[thinking.type as 'enabled' | 'adaptive'] ?? ['type']
  fieldsIn(thinking, allowed, extra(`thinking.${thinking.type}.`))
  if (thinking.type === 'disabled') return
  const forced = tool_choice?.type === 'any' || tool_choice?.type === 'tool'
  must(!forced, 'Thinking may not be enabled when tool_choice forces tool use.')
  must(
    body.temperature === undefined || body.temperature === 1,
    '`temperature` may only be set to 1 when thinking is enabled.',
  )
  must(body.top_k === undefined, '`top_k` must be unset when thinking is enabled.')
  if (thinking.type !== 'enabled') return
  must(Number.isInteger(thinking.budget_tokens), 'thinking.enabled.budget_tokens: Field required')
  must(
    thinking.budget_tokens >= 1024,
    'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
  )
  must(
    max_tokens === undefined || max_tokens > thinking.budget_tokens,
    '`max_tokens` must be greater than `thinking.budget_tokens`.',
  )
  const last = turns.findLastIndex(({ role }) => role === 'assistant')
  const turn = turns[last]
  if (turn === undefined || idsOf(turn, 'tool_use', 'id').length === 0) return
  const found = turn.blocks[0]?.type
  must(
    found === 'thinking' || found === 'redacted_thinking',
    `messages.${last}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${found}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`,
  )
}

const checkTools = ({ tools, tool_choice }: any): void => {
  must(
    tool_choice === undefined || (tools?.length ?? 0) > 0,
    'tool_choice: may only be specified while providing tools.',
  )
  if (tool_choice !== undefined) {
    must(
      isObject(tool_choice) && ['auto', 'any', 'tool', 'none'].includes(String(tool_choice.type)),
      'tool_choice: Input does not match any of the expected tags',
    )
    fieldsIn(tool_choice, ['type', 'name', 'disable_parallel_tool_use'], extra('tool_choice.'))
    must(tool_choice.type !== 'tool' || tool_choice.name, 'tool_choice.tool.name: Field required')
  }
  const names = new Set<string>()
  ;(tools ?? []).forEach((tool: any, at: number) => {
    must(
      typeof tool.name === 'string' || tool.type?.startsWith('mcp'),
      `tools.${at}.custom.name: Field required`,
    )
    must(!names.has(tool.name), 'tools: Tool names must be unique.')
    names.add(tool.name)
    if (tool.type !== undefined && tool.type !== null && tool.type !== 'custom') return
    fieldsIn(tool, toolFields, extra(`tools.${at}.custom.`))
    must(
      /^[a-zA-Z0-9_-]{1,128}$/.test(tool.name),
      `tools.${at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`,
    )
    must(isObject(tool.input_schema), `tools.${at}.custom.input_schema: Field required`)
    must(
      tool.input_schema.type === 'object',
      `tools.${at}.custom.input_schema.type: Field required`,
    )
    const combined = ['oneOf', 'allOf', 'anyOf'].some((key) => key in tool.input_schema)
    must(
      !combined,
      `tools.${at}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`,
    )
  })
}

const checkCaching = (body: any): void => {
  const marks = [body.tools, body.system, body.messages]
    .flatMap((part) => valuesOf(part, 'cache_control'))
    .filter((mark): mark is Record<string, unknown> => isObject(mark))
  must(
    marks.length <= 4,
    `A maximum of 4 blocks with cache_control may be provided. Found ${marks.length}.`,
  )
  for (const mark of marks) {
    must(mark.type === 'ephemeral', "cache_control: Input tag does not match 'ephemeral'")
    fieldsIn(mark, ['type', 'ttl'], extra('cache_control.ephemeral.'))
    must(
      mark.ttl === undefined || mark.ttl === '5m' || mark.ttl === '1h',
      "cache_control.ephemeral.ttl: Input should be '5m' or '1h'",
    )
  }
  const short = marks.findIndex(({ ttl }) => ttl !== '1h')
  const late = short >= 0 && marks.slice(short).some(({ ttl }) => ttl === '1h')
  must(!late, "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.")
}

const checkSampling = (body: any, version: string): void => {
  for (const field of sampling) {
    must(
      body[field] === undefined || version !== newest,
      `${field}: not supported in API version ${newest}`,
    )
  }
  must(
    body.temperature === undefined || (body.temperature >= 0 && body.temperature <= 1),
    'temperature: range: 0..1',
  )
  must(
    body.temperature === undefined || body.top_p === undefined,
    '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
  )
}

const checkTop = (body: any, version: string, betas: string): void => {
  for (const field of Object.keys(body)) {
    if (topFields.includes(field) || sampling.includes(field)) continue
    const beta = betaFields[field]
    if (beta === undefined || !betas.includes(beta)) extra('')(field)
  }
  must(typeof body.model === 'string', 'model: Field required')
  must(Array.isArray(body.messages), 'messages: Field required')
  must(body.messages.length > 0, 'messages: at least one message is required')
  if (body.metadata) fieldsIn(body.metadata, ['user_id'], extra('metadata.'))
  if (body.output_config) {
    fieldsIn(body.output_config, ['effort', 'format', 'task_budget'], extra('output_config.'))
  }
  for (const stop of body.stop_sequences ?? []) {
    must(/\S/.test(stop), 'stop_sequences: each stop sequence must contain non-whitespace')
  }
  if (Array.isArray(body.system)) {
    body.system.forEach((block: Block, at: number) => {
      must(
        block.type === 'text',
        `system.${at}: Input tag '${block.type}' found using 'type' does not match 'text'`,
      )
      checkBlock(`system.${at}`, block, 'system', version)
    })
  } else {
    must(
      body.system === undefined || typeof body.system === 'string',
      'system: Input should be a valid list',
    )
  }
}

/** Throws `Refused` for what the Messages API would answer with 400. */
export const checkAnthropic = (
  body: any,
  headers: Readonly<Record<string, string>>,
  counting = false,
): readonly Turn[] => {
  const version = headers['anthropic-version']
  must(version, 'anthropic-version: header is required')
  must(
    ['2023-06-01', newest].includes(version),
    `anthropic-version: "${version}" is not a valid version`,
  )
  must(headers['x-api-key'] ?? headers.authorization, 'x-api-key header is required', {
    status: 401,
  })
  const betas = headers['anthropic-beta'] ?? ''
  must(isObject(body), 'The request body is not valid JSON')
  checkTop(body, version, betas)
  must(counting || Number.isInteger(body.max_tokens), 'max_tokens: Field required')
  must(
    counting || Number(body.max_tokens) >= 1,
    'max_tokens: Input should be greater than or equal to 1',
  )
  checkSampling(body, version)
  const messages = body.messages as any[]
  messages.forEach((message, at) => {
    fieldsIn(message, ['role', 'content'], extra(`messages.${at}.`))
    const systems = version === newest || betas.includes('mid-conversation')
    const roles = ['user', 'assistant', ...(systems ? ['system'] : [])]
    must(roles.includes(message.role), `messages.${at}.role: Input should be 'user' or 'assistant'`)
    const lastAssistant = at === messages.length - 1 && message.role === 'assistant'
    must(
      lastAssistant || (message.content?.length ?? 0) > 0,
      `messages.${at}: all messages must have non-empty content except for the optional final assistant message`,
    )
    if (typeof message.content === 'string') return
    must(Array.isArray(message.content), `messages.${at}.content: Input should be a valid list`)
    message.content.forEach((block: Block, nth: number) =>
      checkBlock(`messages.${at}.content.${nth}`, block, message.role, version),
    )
  })
  const turns = turnsOf(messages)
  must(turns[0]?.role === 'user', 'messages: first message must use the "user" role')
  const last = turns.at(-1)
  const ending = last?.role === 'assistant' ? last.blocks.at(-1)?.text : undefined
  must(
    typeof ending !== 'string' || ending === ending.trimEnd(),
    'messages: final assistant content cannot end with trailing whitespace',
  )
  checkPairs(turns)
  checkThinking(body, turns)
  checkTools(body)
  checkCaching(body)
  return turns
}
