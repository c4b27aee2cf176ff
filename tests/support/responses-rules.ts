import { fixture, scenarios } from './fixtures.ts'
import { fieldsIn, isObject, must, Refused, valuesOf } from './fixtures-strict.ts'

const topFields =
  'background client_metadata context_management conversation include input instructions max_output_tokens max_tool_calls metadata model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice tools top_logprobs top_p truncation user'.split(
    ' ',
  )

/** OpenAI’s own SDK adds `parsed_arguments` and `parsed` to answers and sends them back. */
const itemFields: Readonly<Record<string, string>> = {
  message: 'role content id status phase',
  function_call: 'id call_id name arguments status namespace caller parsed_arguments',
  function_call_output: 'id call_id output status caller',
  custom_tool_call: 'id call_id name input status namespace caller',
  custom_tool_call_output: 'id call_id output status caller',
  reasoning: 'id summary content encrypted_content status',
  item_reference: 'id',
  web_search_call: 'id status action',
  image_generation_call: 'id status result',
  local_shell_call: 'id call_id action status',
  local_shell_call_output: 'id output status',
  compaction: 'id encrypted_content',
}

const partFields: Readonly<Record<string, string>> = {
  input_text: 'text prompt_cache_breakpoint',
  input_image: 'image_url detail file_id prompt_cache_breakpoint',
  input_file: 'file_data file_id file_url filename detail prompt_cache_breakpoint',
  input_audio: 'input_audio',
  output_text: 'text annotations logprobs parsed',
  refusal: 'refusal',
}

const toolFields: Readonly<Record<string, string>> = {
  function: 'name parameters strict description defer_loading output_schema allowed_callers',
  custom: 'name description format defer_loading allowed_callers',
}
const hosted =
  'web_search web_search_preview web_search_2025_08_26 file_search code_interpreter image_generation mcp local_shell shell apply_patch computer computer_use_preview namespace tool_search'.split(
    ' ',
  )

const prefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  reasoning: 'rs',
}

const unknownParameter = (at: string) => (field: string) => {
  const param = `${at}${field}`
  throw new Refused(`Unknown parameter: '${param}'.`, { param, code: 'unknown_parameter' })
}

const invalid = (param: string, value: unknown, supported: readonly string[]): never => {
  const list = supported.map((one) => `'${one}'`).join(', ')
  throw new Refused(`Invalid value: '${value}'. Supported values are: ${list}.`, {
    param,
    code: 'invalid_value',
  })
}

const required = (value: unknown, param: string): void =>
  must(value !== undefined, `Missing required parameter: '${param}'.`, {
    param,
    code: 'missing_required_parameter',
  })

/** Encrypted reasoning that some fixture holds. */
const issued = new Set(
  scenarios.responses.flatMap((scenario) =>
    valuesOf(JSON.parse(fixture('responses', scenario).json), 'encrypted_content'),
  ),
)

const checkParts = (role: string, content: readonly any[], at: string): void =>
  content.forEach((part, nth) => {
    const where = `${at}[${nth}]`
    const supported =
      role === 'assistant'
        ? ['output_text', 'refusal']
        : ['input_text', 'input_image', 'input_file', 'input_audio']
    if (!supported.includes(part?.type)) invalid(where, part?.type, supported)
    fieldsIn(part, ['type', ...partFields[part.type]!.split(' ')], unknownParameter(`${where}.`))
    if (part.type === 'input_text' || part.type === 'output_text')
      required(part.text, `${where}.text`)
    const url = part.type === 'input_image' ? part.image_url : undefined
    must(
      url === undefined || url === null || typeof url === 'string',
      `Invalid type for '${where}.image_url': expected an image URL, but got an object instead.`,
      { param: `${where}.image_url`, code: 'invalid_type' },
    )
  })

const checkItem = (item: any, at: string, stored: boolean): void => {
  must(isObject(item), `Invalid type for '${at}': expected an object.`)
  const type = String(item.type ?? (item.role ? 'message' : undefined))
  const fields = itemFields[type]
  if (fields === undefined) return invalid(at, item.type, Object.keys(itemFields))
  fieldsIn(item, ['type', ...fields.split(' ')], unknownParameter(`${at}.`))
  const prefix = prefixes[type]
  must(
    item.id === undefined ||
      item.id === null ||
      prefix === undefined ||
      String(item.id).startsWith(prefix),
    `Invalid '${at}.id': '${item.id}'. Expected an ID that begins with '${prefix}'.`,
    { param: `${at}.id`, code: 'invalid_value' },
  )
  if (type === 'message') {
    const roles = ['user', 'assistant', 'system', 'developer']
    if (!roles.includes(String(item.role))) invalid(`${at}.role`, item.role, roles)
    required(item.content, `${at}.content`)
    if (Array.isArray(item.content)) checkParts(String(item.role), item.content, `${at}.content`)
  }
  if (type.endsWith('_call') && type !== 'web_search_call' && type !== 'image_generation_call') {
    required(item.call_id, `${at}.call_id`)
    required(item.name, `${at}.name`)
  }
  if (type === 'function_call') {
    must(
      typeof item.arguments === 'string',
      `Invalid type for '${at}.arguments': expected a string.`,
    )
  }
  if (type.endsWith('_output')) {
    required(item.output, `${at}.output`)
    if (Array.isArray(item.output)) checkParts('user', item.output, `${at}.output`)
    else
      must(
        typeof item.output === 'string',
        `Invalid type for '${at}.output': expected one of a string or array of objects.`,
      )
  }
  if (type === 'reasoning') {
    required(item.summary, `${at}.summary`)
    required(item.id, `${at}.id`)
    const encrypted = item.encrypted_content
    must(
      stored || (encrypted !== undefined && encrypted !== null),
      `Item with id '${item.id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
      { status: 404, param: 'input' },
    )
    must(
      encrypted === undefined || encrypted === null || issued.has(encrypted),
      `The encrypted content for item ${item.id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
      { code: 'invalid_encrypted_content' },
    )
  }
}

const checkCalls = (input: readonly any[], continued: boolean): void => {
  const ids = (...types: readonly string[]): string[] =>
    input.filter(({ type }) => types.includes(type)).map(({ call_id }) => call_id)
  const calls = ids('function_call', 'custom_tool_call', 'local_shell_call')
  const outputs = ids('function_call_output', 'custom_tool_call_output')
  for (const id of outputs) {
    must(
      continued || calls.includes(id),
      `No tool call found for function call output with call_id ${id}.`,
      { param: 'input' },
    )
  }
  for (const id of calls) {
    must(outputs.includes(id), `No tool output found for function call ${id}.`, { param: 'input' })
  }
  input.forEach((item, at) => {
    if (item.type !== 'reasoning') return
    const next = input[at + 1]
    must(
      next !== undefined &&
        (next.type !== 'message' || next.role === 'assistant') &&
        next.role !== 'user',
      `Item '${item.id}' of type 'reasoning' was provided without its required following item.`,
      { param: 'input' },
    )
  })
}

const checkTools = ({ tools = [], tool_choice }: any): void => {
  tools.forEach((tool: any, at: number) => {
    const where = `tools[${at}]`
    const fields = toolFields[tool.type]
    if (fields === undefined) {
      if (!hosted.includes(tool.type))
        invalid(`${where}.type`, tool.type, ['function', 'custom', ...hosted])
      return
    }
    required(tool.name, `${where}.name`)
    fieldsIn(tool, ['type', ...fields.split(' ')], unknownParameter(`${where}.`))
    must(
      /^[a-zA-Z0-9_-]{1,128}$/.test(tool.name),
      `Invalid '${where}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      { param: `${where}.name`, code: 'invalid_value' },
    )
  })
  if (!isObject(tool_choice)) {
    const words = ['none', 'auto', 'required']
    if (tool_choice !== undefined && tool_choice !== null && !words.includes(tool_choice)) {
      invalid('tool_choice', tool_choice, words)
    }
    return
  }
  fieldsIn(
    tool_choice,
    ['type', 'name', 'mode', 'tools', 'server_label'],
    unknownParameter('tool_choice.'),
  )
}

/** Throws `Refused` for what the Responses API would answer with 400. */
export const checkResponses = (
  body: any,
  headers: Readonly<Record<string, string>>,
): readonly any[] => {
  must(headers.authorization?.startsWith('Bearer '), "You didn't provide an API key.", {
    status: 401,
  })
  must(isObject(body), 'We could not parse the JSON body of your request.')
  const request: any = body
  must(
    request.messages === undefined,
    "Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to 'input'.",
    { param: 'messages', code: 'unsupported_parameter' },
  )
  fieldsIn(request, topFields, unknownParameter(''))
  required(request.model, 'model')
  must(
    request.input !== undefined || request.previous_response_id !== undefined || request.prompt,
    "Missing required parameter: 'input'.",
    { param: 'input', code: 'missing_required_parameter' },
  )
  const { input = [], max_output_tokens: most, text, reasoning } = request
  const items: readonly any[] =
    typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input
  must(Array.isArray(items), "Invalid type for 'input': expected one of a string or array.")
  const stored = request.store !== false
  items.forEach((item, at) => checkItem(item, `input[${at}]`, stored))
  checkCalls(items, typeof request.previous_response_id === 'string')
  must(
    most === undefined || most === null || most >= 16,
    `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${most} instead.`,
    { param: 'max_output_tokens', code: 'integer_below_min_value' },
  )
  if (isObject(text)) fieldsIn(text, ['format', 'verbosity'], unknownParameter('text.'))
  if (isObject(text) && isObject(text.format)) {
    const { format } = text
    fieldsIn(
      format,
      ['type', 'name', 'schema', 'strict', 'description'],
      unknownParameter('text.format.'),
    )
    if (format.type === 'json_schema') required(format.name, 'text.format.name')
    if (format.type === 'json_schema') required(format.schema, 'text.format.schema')
  }
  if (isObject(reasoning)) {
    const fields = ['effort', 'summary', 'generate_summary', 'mode', 'context']
    fieldsIn(reasoning, fields, unknownParameter('reasoning.'))
  }
  checkTools(request)
  return items
}
