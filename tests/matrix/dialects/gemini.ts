import type { Dialect, Media, Sent } from '../ask.ts'
import { createRules, type Rules } from '../wire.ts'

const fields = [
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'generationConfig',
  'cachedContent',
  'labels',
]
const configFields = [
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'stopSequences',
  'candidateCount',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'responseLogprobs',
  'logprobs',
  'thinkingConfig',
  'responseModalities',
  'speechConfig',
  'imageConfig',
  'mediaResolution',
]

const countOf = (content: any, field: string): number =>
  (content?.parts ?? []).filter((part: any) => part[field]).length

const check = (body: any, { must }: Rules) => {
  for (const field of Object.keys(body)) must(fields.includes(field), `no field ${field}`)
  for (const field of Object.keys(body.generationConfig ?? {}))
    must(configFields.includes(field), `no field generationConfig.${field}`)
  const contents: any[] = body.contents ?? []
  must(contents.length > 0, 'contents are not empty')
  contents.forEach((content, at) => {
    const { role, parts } = content
    must(role === 'user' || role === 'model', `no role ${role}`)
    must(parts?.length > 0, 'no content is empty')
    for (const part of parts ?? []) {
      must(part.text !== '' || part.thoughtSignature, 'no part is empty')
      if (part.functionCall)
        must(
          typeof part.functionCall.name === 'string' &&
            typeof (part.functionCall.args ?? {}) === 'object',
          'a call has a name and arguments',
        )
      if (part.functionResponse) {
        must(part.functionResponse.name, 'a response has a name')
        const { response } = part.functionResponse
        must(
          typeof response === 'object' && response !== null && !Array.isArray(response),
          'a response is an object',
        )
      }
    }
    const answered = countOf(content, 'functionResponse')
    must(
      answered === countOf(contents[at - 1], 'functionCall'),
      'as many responses as there were calls in the turn before',
    )
  })
}

const modes: Readonly<Record<string, Sent['choice']>> = { ANY: 'required', NONE: 'none' }

const choiceOf = (config: any): Sent['choice'] => {
  const { mode, allowedFunctionNames: names } = config ?? {}
  return mode === 'ANY' && names?.length === 1 ? { name: names[0] } : modes[mode]
}

const toMedia = (part: any): Media =>
  part.inlineData
    ? { base64: part.inlineData.data, mime: part.inlineData.mimeType }
    : { url: part.fileData.fileUri }

const mimeOf = (part: any): string => (part.inlineData ?? part.fileData)?.mimeType ?? ''

const textsOf = (parts: readonly any[]): string[] =>
  parts
    .filter((part) => typeof part.text === 'string' && !part.thought && part.text !== '')
    .map((part) => part.text)

const responseText = (response: any): string =>
  Object.values(response ?? {})
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join('')

/** Google's own word for calls that it has not signed. */
const placeholder = 'skip_thought_signature_validator'

const sent: Dialect['sent'] = ({ path, headers, json: body }): Sent => {
  const rules = createRules()
  check(body, rules)
  const contents: any[] = body.contents ?? []
  const of = (role: string): any[] =>
    contents.filter((content) => content.role === role).flatMap(({ parts }) => parts ?? [])
  const config = body.generationConfig ?? {}
  const media = of('user').filter((part) => part.inlineData ?? part.fileData)
  const isImage = (part: any) => mimeOf(part).startsWith('image/')
  const declarations = (body.tools ?? []).flatMap((tool: any) => tool.functionDeclarations ?? [])
  return {
    path,
    key: headers['x-goog-api-key'],
    model: /models\/([^:]+):/.exec(path)?.[1],
    system: textsOf(body.systemInstruction?.parts ?? []).join('\n'),
    texts: textsOf(of('user')),
    said: textsOf(of('model')),
    tools: declarations.map(({ name, description, parametersJsonSchema }: any) => ({
      name,
      description,
      schema: parametersJsonSchema,
    })),
    customTools: [],
    hosted: (body.tools ?? []).filter((tool: any) => !tool.functionDeclarations).length,
    choice: choiceOf(body.toolConfig?.functionCallingConfig),
    parallel: undefined,
    images: media.filter(isImage).map(toMedia),
    files: media
      .filter((part) => !isImage(part))
      .map((part) => ({ media: toMedia(part), filename: part.inlineData?.displayName })),
    json: config.responseMimeType === 'application/json',
    sounds: media
      .filter((part) => mimeOf(part).startsWith('audio/'))
      .map((part) => part.inlineData.data),
    schema: config.responseJsonSchema,
    maxTokens: config.maxOutputTokens,
    temperature: config.temperature,
    topP: config.topP,
    stop: config.stopSequences ?? [],
    thinking: config.thinkingConfig?.includeThoughts === true,
    breakpoints: [],
    cacheKey: undefined,
    signatures: of('model')
      .filter((part) => part.thoughtSignature && part.thoughtSignature !== placeholder)
      .map((part) => ({
        signature: part.thoughtSignature,
        on: part.functionCall ? 'call' : 'text',
      })),
    calls: of('model')
      .filter((part) => part.functionCall)
      .map(({ functionCall: { id, name, args } }) => ({ id, name, args: args ?? {} })),
    results: of('user')
      .filter((part) => part.functionResponse)
      .map(({ functionResponse: { name, response, parts } }) => ({
        name,
        text: responseText(response),
        images: (parts ?? []).map(toMedia),
      })),
    mistakes: rules.mistakes,
  }
}

const error = (code: number, status: string, message: string) => ({
  status: code,
  message,
  body: { error: { code, message, status } },
})

export const gemini: Dialect = {
  name: 'gemini',
  base: '/v1beta',
  sent,
  streams: ({ path }) => path.includes(':streamGenerateContent'),
  prefix: ({ tools, systemInstruction, contents }) => [tools, systemInstruction, ...contents],
  errors: {
    limited: error(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.'),
    context: error(
      400,
      'INVALID_ARGUMENT',
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    ),
    overloaded: error(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
    key: error(403, 'PERMISSION_DENIED', 'API key sk-provider was reported as leaked.'),
  },
  broken:
    'data: {"error": {"code": 503,"message": "The model is overloaded.","status": "UNAVAILABLE"}}\r\n\r\n',
}
