import {
  key,
  type Handler as AnyHandler,
  type Middleware as AnyMiddleware,
  type Vars,
} from './pipeline.ts'
import type { Attempt, GatewayError } from './errors.ts'
import type { JsonText } from './json.ts'
import type { Preferences } from './preferences.ts'

/** What a client can ask for; a plugin says which of them it handles. */
export const operations = [
  'chat',
  'completions',
  'count_tokens',
  'embeddings',
  'history',
  'images',
  'models',
  'moderations',
  'rerank',
  'speech',
  'status',
  'transcriptions',
] as const
export type Operation = (typeof operations)[number]

/** Whether nothing is to be answered by a model: somebody only wants to see what is there. */
export const isLook = (operation: Operation): boolean =>
  operation === 'models' || operation === 'history' || operation === 'status'

/** What models answer. */
export const inference: readonly Operation[] = operations.filter((name) => !isLook(name))

/** The wire formats of clients and providers. */
export const formats = ['openai', 'responses', 'anthropic', 'gemini', 'ollama'] as const
export type Format = (typeof formats)[number]

/** One model at one provider. */
export interface Endpoint {
  readonly provider: string
  readonly model: string
  /** The most that it is known to answer with, for formats that must say a limit. */
  readonly max_completion_tokens?: number
}

/** What an endpoint's health and measures are kept by. */
export const endpointId = ({ provider, model }: Endpoint): string => `${provider}/${model}`

export interface Part {
  readonly type: string
  readonly text?: string
  readonly [field: string]: unknown
}

export interface ToolCall {
  readonly index?: number
  readonly id?: string
  readonly type?: string
  readonly function?: { readonly name?: string; readonly arguments?: string }
  readonly custom?: { readonly name?: string; readonly input?: string }
  readonly [field: string]: unknown
}

export interface Message {
  readonly role: string
  readonly content?: string | readonly Part[] | null
  readonly tool_calls?: readonly ToolCall[]
  readonly [field: string]: unknown
}

/** The canonical request: OpenAI's fields and OpenRouter's; what nobody here knows stays as it came. */
export interface Request {
  readonly model: string
  /** Models to try after `model`, in order. */
  readonly models?: readonly string[]
  readonly stream?: boolean
  /** `chat` */
  readonly messages?: readonly Message[]
  /** `completions` */
  readonly prompt?: string | readonly unknown[]
  /** `embeddings` */
  readonly input?: string | readonly unknown[]
  readonly max_tokens?: number | null
  readonly max_completion_tokens?: number | null
  readonly n?: number | null
  readonly [field: string]: unknown
}

export interface Delta {
  readonly role?: string
  readonly content?: string | null
  readonly reasoning?: string | null
  readonly reasoning_content?: string | null
  readonly refusal?: string | null
  readonly tool_calls?: readonly ToolCall[]
  readonly [field: string]: unknown
}

export interface Choice {
  readonly index: number
  /** What this chunk adds to the message; a whole answer adds all of it at once. */
  readonly delta?: Delta
  /** `completions` */
  readonly text?: string
  readonly finish_reason?: string | null
  readonly [field: string]: unknown
}

/** Tokens as the provider counted them, or `estimated` by us where it did not. */
export interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens?: number
  readonly total_tokens: number
  readonly estimated?: boolean
  readonly [field: string]: unknown
}

/** One piece of an answer; operations without choices (embeddings, models) answer with one chunk that is the body. */
export interface Chunk {
  readonly id?: string
  readonly object?: string
  readonly created?: number
  readonly model?: string
  readonly provider?: string
  readonly choices?: readonly Choice[]
  readonly usage?: Usage | null
  readonly [field: string]: unknown
}

/** What the client sent, before any plugin: its own bytes, and what its surface read out of them. */
export interface Source {
  readonly format: Format
  readonly json: JsonText
  readonly request: Request
}

/** One client request in flight: a value, copied and never changed. */
export interface Call {
  /** `gen-…`, the generation's id. */
  readonly id: string
  readonly operation: Operation
  readonly request: Request
  /** What no plugin changed goes upstream as the client's own bytes, where the provider speaks the same format. */
  readonly source?: Source
  /** Where to send it; without one, the first endpoint of the model's route. */
  readonly endpoint?: Endpoint
  /** The client's headers. */
  readonly headers: Headers
  /** The client's IP address, looked up when asked. */
  readonly address: () => string
  /** Aborts when the client has left. */
  readonly signal: AbortSignal
  readonly vars: Vars
}

export type Handler = AnyHandler<Call, Chunk>
export type Middleware = AnyMiddleware<Call, Chunk>

/** Every send that this call caused, in order. */
export const attempts = key<Attempt[]>('attempts', () => [])

/** Why the signal of a copy of a call was aborted: another endpoint spoke first. */
export const hedged = 'hedged'

/** Whether the call goes on with an answer that was begun elsewhere: only endpoints that can are asked. */
export const continuing = key<boolean>('continuing', () => false)

/** Where an answer that broke off was gone on with by another endpoint. */
export interface Seam {
  /** `provider/model` */
  readonly from: string
  readonly to: string
  /** Characters of the answer before it. */
  readonly at: number
}

/** The seams of the call's answer, in order. */
export const seams = key<Seam[]>('seams', () => [])

/** What the provider could not be told, in words for the client (`x-sluice-warnings`); of the latest attempt. */
export const warnings = key<readonly string[]>('warnings', () => [])

/** The route that answered the call's model, as the YAML names it. */
export const route = key<string | undefined>('route', () => undefined)

export interface Caller {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  /** Patterns of the models it may ask for; without them, all. */
  readonly models?: readonly string[]
  /** Patterns of the plugins that it may switch on and off for a request (`X-Sluice-Plugins`); without them, none. */
  readonly plugins?: readonly string[]
  /** OpenRouter's `provider` object, where a request has none of its own; limits can only be tightened. */
  readonly provider?: Preferences
}

/** Who pays; set by a plugin that knows callers, such as `auth`. */
export const caller = key<Caller | undefined>('caller', () => undefined)

/** How a call ended, well or not; `usage` where something was said. */
export interface Ended {
  readonly error?: GatewayError
  readonly usage?: Usage
}

/** Who wants to hear, once, that the call has ended and what it took. They must not throw. */
export const endings = key<((ended: Ended) => void)[]>('endings', () => [])

const spoken = (delta: Delta): boolean =>
  Object.entries(delta).some(
    ([field, value]) =>
      field !== 'role' &&
      value !== null &&
      value !== undefined &&
      value !== '' &&
      !(Array.isArray(value) && value.length === 0),
  )

/** Operations without choices answer with data, results or a text, or in events that have a type. */
const isAnswer = ({ data, results, text, type }: Chunk): boolean =>
  Array.isArray(data) ||
  Array.isArray(results) ||
  typeof text === 'string' ||
  typeof type === 'string'

/** Whether the chunk carries something of the answer itself; a role, a finish or a usage is nothing yet. */
export const hasContent = (chunk: Chunk): boolean => {
  if (!Array.isArray(chunk.choices)) return isAnswer(chunk)
  for (const choice of chunk.choices) {
    if (choice.text) return true
    if (choice.delta?.content) return true
    if (choice.delta && spoken(choice.delta)) return true
  }
  return false
}

/** Whether the answer is choices, whose tokens are counted. */
export const isSpoken = ({ operation }: Pick<Call, 'operation'>): boolean =>
  operation === 'chat' || operation === 'completions'
