import { fixture, scenarios } from './fixtures.ts'
import { fieldsIn, isObject, must, Refused, valuesOf } from './fixtures-strict.ts'

const topFields =
  'messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options'.split(
    ' ',
  )

/** What OpenRouter takes beside OpenAI's. */
const routerFields =
  'models provider plugins preset reasoning include_reasoning usage transforms route top_k min_p top_a repetition_penalty session_id trace cache_control image_config'.split(
    ' ',
  )

const messageFields: Readonly<Record<string, string>> = {
  system: 'content name',
  developer: 'content name',
  user: 'content name',
  assistant: 'content name refusal audio tool_calls function_call annotations',
  tool: 'content tool_call_id name',
  function: 'content name',
}
const routerMessageFields = [
  'reasoning',
  'reasoning_details',
  'reasoning_content',
  'images',
  'name',
]

const partFields: Readonly<Record<string, string>> = {
  text: 'text prompt_cache_breakpoint',
  image_url: 'image_url prompt_cache_breakpoint',
  input_audio: 'input_audio prompt_cache_breakpoint',
  file: 'file prompt_cache_breakpoint',
  refusal: 'refusal',
}
const partsOfRole: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
}

const unknownParameter = (at: string) => (field: string) => {
  const param = `${at}${field}`
  throw new Refused(`Unknown parameter: '${param}'.`, { param, code: 'unknown_parameter' })
}

/** Signatures and encrypted reasoning that some fixture holds. */
const issued = new Set(
  scenarios.openai.flatMap((scenario) => {
    const body = JSON.parse(fixture('openai', scenario).json)
    return [...valuesOf(body, 'signature'), ...valuesOf(body, 'data')]
  }),
)

const checkParts = (message: any, at: string, router: boolean): void => {
  const allowed = [...(partsOfRole[message.role] ?? ['text']), ...(router ? ['image_url'] : [])]
  message.content.forEach((part: any, nth: number) => {
    const where = `${at}.content[${nth}]`
    must(
      allowed.includes(part?.type),
      `Invalid value: '${part?.type}'. Supported values are: ${allowed.map((one) => `'${one}'`).join(', ')}.`,
      { param: where, code: 'invalid_value' },
    )
    const fields = [...partFields[part.type]!.split(' '), ...(router ? ['cache_control'] : [])]
    fieldsIn(part, ['type', ...fields], unknownParameter(`${where}.`))
    if (part.type === 'image_url') {
      must(
        isObject(part.image_url) && typeof part.image_url.url === 'string',
        `Invalid type for '${where}.image_url': expected an object, but got a string instead.`,
        { param: `${where}.image_url`, code: 'invalid_type' },
      )
      fieldsIn(part.image_url, ['url', 'detail'], unknownParameter(`${where}.image_url.`))
    }
  })
}

const checkCalls = (message: any, at: string): void => {
  const { tool_calls } = message
  if (tool_calls === undefined) return
  must(
    Array.isArray(tool_calls) && tool_calls.length > 0,
    `Invalid '${at}.tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
    { param: `${at}.tool_calls`, code: 'empty_array' },
  )
  tool_calls.forEach((call: any, nth: number) => {
    const where = `${at}.tool_calls[${nth}]`
    fieldsIn(call, ['id', 'type', 'function', 'custom'], unknownParameter(`${where}.`))
    must(
      typeof call.id === 'string' && call.id.length <= 64,
      `Invalid '${where}.id': string too long.`,
    )
    must(['function', 'custom'].includes(call.type), `Missing required parameter: '${where}.type'.`)
    if (call.type === 'custom') return
    must(
      typeof call.function?.arguments === 'string',
      `Invalid type for '${where}.function.arguments': expected a string, but got an object instead.`,
    )
    fieldsIn(call.function, ['name', 'arguments'], unknownParameter(`${where}.function.`))
  })
}

const checkDetails = (message: any): void => {
  for (const field of ['signature', 'data'] as const) {
    for (const value of valuesOf(message.reasoning_details, field)) {
      must(value === null || issued.has(value), 'Invalid `signature` in `thinking` block')
    }
  }
}

/** Every call answered, at once and by its id. */
const checkOrder = (messages: readonly any[]): void => {
  let open: string[] = []
  let asked = -1
  messages.forEach((message, at) => {
    if (message.role === 'tool') {
      must(
        asked >= 0,
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        { param: `messages.[${at}].role` },
      )
      const ids: string[] = messages[asked].tool_calls.map(({ id }: any) => id)
      must(
        ids.includes(message.tool_call_id),
        `Invalid parameter: 'tool_call_id' of '${message.tool_call_id}' not found in 'tool_calls' of previous message.`,
        { param: `messages.[${at}].tool_call_id` },
      )
      open = open.filter((id) => id !== message.tool_call_id)
      return
    }
    must(
      open.length === 0,
      `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(', ')}`,
      { param: `messages.[${at}].role` },
    )
    asked = message.tool_calls ? at : -1
    open = (message.tool_calls ?? []).map(({ id }: any) => id)
  })
  must(
    open.length === 0,
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(', ')}`,
    { param: 'messages' },
  )
}

const checkTools = ({ tools, tool_choice, parallel_tool_calls }: any, router: boolean): void => {
  for (const [field, value] of Object.entries({ tool_choice, parallel_tool_calls })) {
    must(
      value === undefined || (tools?.length ?? 0) > 0,
      `Invalid value for '${field}': '${field}' is only allowed when 'tools' are specified.`,
      { param: field },
    )
  }
  ;(tools ?? []).forEach((tool: any, at: number) => {
    const where = `tools[${at}]`
    if (router && /^(openrouter:|web_search)/.test(tool.type)) return
    must(
      ['function', 'custom'].includes(tool.type),
      `Invalid value: '${tool.type}'. Supported values are: 'function' and 'custom'.`,
      { param: `${where}.type`, code: 'invalid_value' },
    )
    const fields = ['type', tool.type, ...(router ? ['cache_control'] : [])]
    fieldsIn(tool, fields, unknownParameter(`${where}.`))
    must(isObject(tool[tool.type]), `Missing required parameter: '${where}.${tool.type}'.`)
    fieldsIn(
      tool[tool.type],
      ['name', 'description', 'parameters', 'strict', 'format', 'cache_control'],
      unknownParameter(`${where}.${tool.type}.`),
    )
    must(
      /^[a-zA-Z0-9_-]{1,64}$/.test(tool[tool.type].name),
      `Invalid '${where}.${tool.type}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      { param: `${where}.${tool.type}.name`, code: 'invalid_value' },
    )
  })
}

/** Throws `Refused` for what OpenAI (or a router that speaks its format) would answer with 400. */
export const checkOpenAI = (
  body: any,
  headers: Readonly<Record<string, string>>,
  router = false,
): readonly any[] => {
  must(headers.authorization?.startsWith('Bearer '), "You didn't provide an API key.", {
    status: 401,
  })
  must(isObject(body), 'We could not parse the JSON body of your request.')
  const request: any = body
  for (const field of Object.keys(request)) {
    const known = topFields.includes(field) || (router && routerFields.includes(field))
    must(known, `Unrecognized request argument supplied: ${field}`)
  }
  must(typeof request.model === 'string', 'you must provide a model parameter')
  must(Array.isArray(request.messages), "Missing required parameter: 'messages'.")
  must(request.messages.length > 0, "Invalid 'messages': empty array.")
  must(
    request.stream === true ||
      request.stream_options === undefined ||
      request.stream_options === null,
    "Invalid value for 'stream_options': this parameter is only allowed when 'stream' is enabled.",
    { param: 'stream_options' },
  )
  const both = request.max_tokens !== undefined && request.max_completion_tokens !== undefined
  must(!both, "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
  request.messages.forEach((message: any, at: number) => {
    const where = `messages[${at}]`
    const fields = messageFields[message.role]
    must(
      fields,
      `Invalid value: '${message.role}'. Supported values are: ${Object.keys(messageFields)
        .map((one) => `'${one}'`)
        .join(', ')}.`,
      { param: `${where}.role`, code: 'invalid_value' },
    )
    const more = router ? routerMessageFields : []
    fieldsIn(message, ['role', ...fields.split(' '), ...more], unknownParameter(`${where}.`))
    if (Array.isArray(message.content)) checkParts(message, where, router)
    const silent =
      message.role === 'assistant' && (message.tool_calls ?? message.refusal ?? message.audio)
    must(
      silent || typeof message.content === 'string' || Array.isArray(message.content),
      `Invalid value for 'content': expected a string, got null.`,
      { param: `messages.[${at}].content` },
    )
    checkCalls(message, where)
    if (router) checkDetails(message)
  })
  checkOrder(request.messages)
  checkTools(request, router)
  return request.messages
}
