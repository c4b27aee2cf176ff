import type { Call, Request } from '../../chat.ts'
import { listOf, objectOf } from '../../fields.ts'

/** What a call demands of an endpoint. */
export interface Needs {
  /** Tokens of the prompt, about: a quarter of its characters. */
  readonly prompt: number
  /** Tokens of the answer, about: what was allowed, at most a third of the prompt or a short answer. */
  readonly completion: number
  /** The most tokens that the answer may have, if that was said. */
  readonly maxTokens?: number
  /** Kinds of content sent: image, audio, video, file. */
  readonly modalities: readonly string[]
  /** Kinds of content wanted, when it is not only text. */
  readonly outputs: readonly string[]
  /** The request's parameters by OpenRouter's names. */
  readonly parameters: readonly string[]
}

const charactersPerToken = 4
const shortAnswer = 256

const modalityOf: Readonly<Record<string, string>> = {
  image_url: 'image',
  input_image: 'image',
  input_audio: 'audio',
  video_url: 'video',
  input_video: 'video',
  file: 'file',
  input_file: 'file',
}

interface Read {
  characters: number
  kinds: readonly string[]
}

const readContent = (content: unknown, read: Read): void => {
  if (typeof content === 'string') read.characters += content.length
  else if (Array.isArray(content))
    for (const part of content) {
      if (typeof part === 'string') read.characters += part.length
      else if (typeof part === 'object' && part !== null) {
        const { type, text }: { type?: unknown; text?: unknown } = part
        if (typeof text === 'string') read.characters += text.length
        const kind = typeof type === 'string' ? modalityOf[type] : undefined
        if (kind && !read.kinds.includes(kind)) read.kinds = [...read.kinds, kind]
      }
    }
}

/** Only chats have their messages checked; other operations may bring anything under that name. */
const readMessage = (message: unknown, read: Read): void => {
  const { content, tool_calls } = objectOf(message)
  readContent(content, read)
  for (const call of listOf(tool_calls)) {
    const { arguments: written } = objectOf(objectOf(call).function)
    if (typeof written === 'string') read.characters += written.length
  }
}

/** Parameters that say something about an endpoint; the others are everyone's or the router's own. */
const telling: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'top_a',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'prediction',
  'seed',
  'response_format',
  'stop',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'reasoning_effort',
  'web_search_options',
  'verbosity',
])

const said = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)

const isSchema = (format: unknown): boolean =>
  typeof format === 'object' && format !== null && 'type' in format && format.type === 'json_schema'

const parametersOf = (request: Request): string[] => {
  const names: string[] = []
  // a request has fewer fields than there are
  for (const name in request) if (telling.has(name) && said(request[name])) names.push(name)
  if (isSchema(request.response_format)) names.push('structured_outputs')
  return names
}

const none: readonly string[] = []

const outputsOf = ({ modalities }: Request): readonly string[] =>
  Array.isArray(modalities) ? modalities.filter((kind) => kind !== 'text').map(String) : none

/** Where operations other than chats have their texts. */
const textFields = ['prompt', 'input', 'query', 'documents', 'instructions'] as const

/** Looks at everything once, and at no text's letters. */
export const needsOf = ({ request }: Pick<Call, 'request'>): Needs => {
  const read: Read = { characters: 0, kinds: none }
  if (Array.isArray(request.messages))
    for (const message of request.messages) readMessage(message, read)
  for (const field of textFields)
    if (request[field] !== undefined) readContent(request[field], read)
  if (Array.isArray(request.tools)) read.characters += 400 * request.tools.length
  const prompt = Math.ceil(read.characters / charactersPerToken)
  const limit = request.max_completion_tokens ?? request.max_tokens
  const maxTokens = typeof limit === 'number' ? limit : undefined
  const usual = Math.max(shortAnswer, Math.ceil(prompt / 3))
  return {
    prompt,
    completion: Math.min(maxTokens ?? usual, usual),
    ...(maxTokens !== undefined && { maxTokens }),
    modalities: read.kinds,
    outputs: outputsOf(request),
    parameters: parametersOf(request),
  }
}
