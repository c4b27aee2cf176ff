import { fixture, scenarios } from './fixtures.ts'
import { isObject, must, Refused, valuesOf } from './fixtures-strict.ts'

/** The fields of a message: `true` is anything, a list means many of it. */
type Shape = true | readonly [Shape] | { readonly [field: string]: Shape }

const schemaWords =
  'type format title description nullable enum maxItems minItems properties required minProperties maxProperties minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum'.split(
    ' ',
  )

const all = (fields: string): Record<string, true> =>
  Object.fromEntries(fields.split(' ').map((field) => [field, true]))

const blob: Shape = all('mimeType data displayName')
const part: Shape = {
  ...all('text thought thoughtSignature partMetadata mediaResolution videoMetadata'),
  ...all('executableCode codeExecutionResult toolCall toolResponse speechMetadata'),
  inlineData: blob,
  fileData: all('mimeType fileUri displayName'),
  functionCall: all('id name args'),
  functionResponse: all('id name response willContinue scheduling parts'),
}
const content: Shape = { role: true, parts: [part] }

const request: Shape = {
  ...all('cachedContent model store serviceTier labels'),
  contents: [content],
  systemInstruction: content,
  tools: [
    {
      functionDeclarations: [
        all(
          'name description parameters parametersJsonSchema response responseJsonSchema behavior',
        ),
      ],
      ...all('googleSearch googleSearchRetrieval codeExecution urlContext fileSearch googleMaps'),
      ...all('computerUse mcpServers'),
    },
  ],
  toolConfig: {
    functionCallingConfig: all('mode allowedFunctionNames'),
    ...all('retrievalConfig includeServerSideToolInvocations'),
  },
  safetySettings: [all('category threshold')],
  generationConfig: {
    ...all('candidateCount stopSequences maxOutputTokens temperature topP topK seed'),
    ...all('presencePenalty frequencyPenalty responseLogprobs logprobs responseMimeType'),
    ...all('responseSchema responseJsonSchema responseModalities mediaResolution speechConfig'),
    ...all('imageConfig enableEnhancedCivicAnswers audioTranscriptionConfig'),
    thinkingConfig: all('includeThoughts thinkingBudget thinkingLevel'),
  },
}

const snake = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
/** Google's JSON may be spelled either way. */
const camel = (field: string): string =>
  field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const violation = (description: string) => ({
  details: [
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ description }],
    },
  ],
})

const unknown = (field: string, at: string): never => {
  const where = at === '' ? '' : ` at '${at}'`
  const message = `Invalid JSON payload received. Unknown name "${field}"${where}: Cannot find field.`
  throw new Refused(message, violation(message))
}

/** Checks every field and spells it the one way. */
const shaped = (value: any, shape: Shape, at: string): any => {
  if (shape === true) return value
  if (Array.isArray(shape)) {
    must(Array.isArray(value), `Invalid value at '${at}' (type.googleapis.com), Expected a list`)
    return value.map((one: unknown, nth: number) => shaped(one, shape[0], `${at}[${nth}]`))
  }
  must(isObject(value), `Invalid value at '${at}', Expected an object`)
  const fields = shape as Readonly<Record<string, Shape>>
  return Object.fromEntries(
    Object.entries(value).map(([field, one]) => {
      const name = camel(field)
      const next = Object.hasOwn(fields, name) ? fields[name]! : unknown(field, at)
      return [name, shaped(one, next, at === '' ? snake(name) : `${at}.${snake(name)}`)]
    }),
  )
}

const checkSchema = (schema: any, at: string): void => {
  if (!isObject(schema)) return
  for (const field of Object.keys(schema)) {
    if (!schemaWords.includes(camel(field))) unknown(field, at)
  }
  must(
    !Array.isArray(schema.type),
    `Proto field is not repeating, cannot start list. at '${at}.type'`,
  )
  for (const [name, one] of Object.entries(schema.properties ?? {})) {
    checkSchema(one, `${at}.properties[${name}].value`)
  }
  checkSchema(schema.items, `${at}.items`)
  const anyOf = (schema.anyOf ?? []) as unknown[]
  anyOf.forEach((one, nth) => checkSchema(one, `${at}.any_of[${nth}]`))
}

/** Every signature that some fixture holds. */
const issued = new Set(
  scenarios.gemini.flatMap((scenario) =>
    valuesOf(JSON.parse(fixture('gemini', scenario).json), 'thoughtSignature'),
  ),
)

/** Google documents these for turns that another model wrote. */
export const excuses = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']

const oneof =
  'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse'.split(
    ' ',
  )

const checkPart = (one: any, at: string): void => {
  const said = oneof.filter((field) => one[field] !== undefined)
  must(
    said.length === 1 || (said.length === 0 && one.thoughtSignature !== undefined),
    `${at}.data: required oneof field 'data' must have one initialized field`,
  )
  if (one.inlineData) {
    const { mimeType, data } = one.inlineData
    must(mimeType, `${at}.inline_data.mime_type: must be set`)
    must(
      /^[A-Za-z0-9+/_-]*={0,2}$/.test(String(data)),
      `Invalid value at '${at}.inline_data.data' (TYPE_BYTES), Base64 decoding failed for "${String(data).slice(0, 20)}"`,
    )
  }
  if (one.thoughtSignature !== undefined) {
    const known = issued.has(one.thoughtSignature) || excuses.includes(one.thoughtSignature)
    must(known, 'Thought signature is not valid.')
  }
  if (one.functionCall) {
    must(one.functionCall.name, `${at}.function_call.name: Name cannot be empty.`)
    must(
      one.functionCall.args === undefined || isObject(one.functionCall.args),
      `Invalid value at '${at}.function_call.args' (type.googleapis.com/google.protobuf.Struct)`,
    )
  }
  if (one.functionResponse) {
    must(one.functionResponse.name, `${at}.function_response.name: Name cannot be empty.`)
    must(
      isObject(one.functionResponse.response),
      `Invalid value at '${at}.function_response.response' (type.googleapis.com/google.protobuf.Struct)`,
    )
  }
}

export interface Content {
  readonly role?: string
  readonly parts: readonly any[]
}

export const callsOf = ({ parts }: Content): any[] =>
  parts.flatMap(({ functionCall }) => (functionCall ? [functionCall] : []))

export const answersOf = ({ parts }: Content): any[] =>
  parts.flatMap(({ functionResponse }) => (functionResponse ? [functionResponse] : []))

const checkTurns = (contents: readonly Content[]): void => {
  contents.forEach((turn, at) => {
    const calls = callsOf(turn)
    const answers = answersOf(turn)
    must(
      calls.length === 0 || turn.role === 'model',
      'Please ensure that function call turns are of role model.',
    )
    must(
      answers.length === 0 || turn.role === 'user',
      'Please ensure that function response turns are of role user.',
    )
    const before = contents[at - 1]
    const asked = before ? callsOf(before) : []
    must(
      answers.length === 0 || asked.length > 0,
      'Please ensure that function response turn comes immediately after a function call turn.',
    )
    must(
      answers.length === asked.length || (at === 0 && answers.length === 0),
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    )
    const names = (list: readonly any[]): string[] => list.map(({ name }) => name).toSorted()
    must(
      Bun.deepEquals(names(answers), names(asked)),
      'Please ensure that function response names match the function call names.',
    )
    const ids = asked.flatMap(({ id }) => (id === undefined ? [] : [id]))
    for (const { id } of answers) {
      must(
        id === undefined || ids.length === 0 || ids.includes(id),
        `Function response id ${id} matches no function call.`,
      )
    }
    must(
      calls.length === 0 || before?.role === 'user',
      'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
    )
  })
  const last = contents.at(-1)
  must(last && callsOf(last).length === 0, 'Please ensure that function call turns are answered.')
}

const checkConfig = (config: any): void => {
  const { responseSchema, responseJsonSchema, responseMimeType, thinkingConfig } = config
  must(
    (responseSchema ?? responseJsonSchema) === undefined || responseMimeType === 'application/json',
    "response_mime_type: must be 'application/json' when a response schema is set",
  )
  must(
    responseSchema === undefined || responseJsonSchema === undefined,
    'Only one of response_schema and response_json_schema may be set.',
  )
  checkSchema(responseSchema, 'generation_config.response_schema')
  must(
    thinkingConfig?.thinkingBudget === undefined || thinkingConfig.thinkingLevel === undefined,
    'You can only set only one of thinking budget and thinking level.',
  )
  must((config.stopSequences?.length ?? 0) <= 5, 'The number of stop sequences must be at most 5.')
  must(
    config.maxOutputTokens === undefined || config.maxOutputTokens >= 1,
    'max_output_tokens must be positive.',
  )
}

const checkTools = (tools: readonly any[], toolConfig: any): void => {
  const names: string[] = []
  tools.forEach((tool, at) =>
    (tool.functionDeclarations ?? []).forEach((one: any, nth: number) => {
      const where = `tools[${at}].function_declarations[${nth}]`
      must(
        /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(one.name ?? ''),
        `Invalid function name at '${where}'. Must start with a letter or an underscore.`,
      )
      must(!names.includes(one.name), `Duplicate function declaration found: ${one.name}`)
      names.push(one.name)
      must(
        one.parameters === undefined || one.parametersJsonSchema === undefined,
        `${where}: only one of parameters and parameters_json_schema may be set.`,
      )
      checkSchema(one.parameters, `${where}.parameters`)
    }),
  )
  const { mode, allowedFunctionNames = [] } = toolConfig?.functionCallingConfig ?? {}
  must(
    mode === undefined || ['AUTO', 'ANY', 'NONE', 'VALIDATED'].includes(mode),
    `Invalid value at 'tool_config.function_calling_config.mode', "${mode}"`,
  )
  must(
    allowedFunctionNames.length === 0 || mode === 'ANY' || mode === 'VALIDATED',
    'Function calling mode must be ANY or VALIDATED when allowed_function_names is set.',
  )
  for (const name of allowedFunctionNames) {
    must(names.includes(name), `allowed_function_names: ${name} is not declared.`)
  }
}

/** Throws `Refused` for what the Gemini API would answer with 400 or 403; the request in one spelling otherwise. */
export const checkGemini = (
  body: any,
  headers: Readonly<Record<string, string>>,
  path: string,
): { readonly contents: readonly Content[]; readonly tools: readonly any[] } => {
  const query = new URLSearchParams(path.split('?')[1])
  must(
    headers['x-goog-api-key'] ?? query.get('key') ?? headers.authorization,
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    { status: 403 },
  )
  must(isObject(body), 'Invalid JSON payload received. Unexpected end of string.')
  const {
    contents,
    tools = [],
    toolConfig,
    generationConfig = {},
    systemInstruction,
  } = shaped(body, request, '')
  must((contents?.length ?? 0) > 0, '* GenerateContentRequest.contents: contents is not specified')
  contents.forEach(({ role, parts }: any, at: number) => {
    must(['user', 'model'].includes(role), 'Please use a valid role: user, model.')
    must(
      (parts?.length ?? 0) > 0,
      `* GenerateContentRequest.contents[${at}].parts: contents.parts must not be empty.`,
    )
    parts.forEach((one: unknown, nth: number) =>
      checkPart(one, `* GenerateContentRequest.contents[${at}].parts[${nth}]`),
    )
  })
  systemInstruction?.parts?.forEach((one: unknown, nth: number) =>
    checkPart(one, `* GenerateContentRequest.system_instruction.parts[${nth}]`),
  )
  checkTurns(contents)
  checkConfig(generationConfig)
  checkTools(tools, toolConfig)
  return { contents, tools }
}
