import type { Fields } from '../../fields.ts'
import * as v from 'valibot'
import type { Request } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { withLosses, withNeed, type Need } from '../../formats/demands.ts'
import type { Place } from '../surface.ts'
import { toConversation } from './conversation.ts'
import { fallbacksOf, toSettings } from './settings.ts'
import { toTools } from './tools.ts'
import { wordOf } from '../../formats/unchecked.ts'

const name = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(512),
  v.check((text) => !/\p{Cc}/u.test(text), 'control characters are not allowed'),
)

const content = v.union([v.string(), v.array(v.looseObject({ type: v.string() }))])

const asked = {
  model: v.pipe(name, v.description('A route, or provider/model.'), v.examples(['demo/demo'])),
  models: v.optional(
    v.pipe(v.array(name), v.maxLength(32), v.description('Models to try after `model`, in order.')),
  ),
  fallbacks: v.optional(
    v.pipe(
      v.nullable(v.array(v.looseObject({ model: name }))),
      v.description('The same as `models`, as OpenRouter writes it for Messages.'),
    ),
  ),
  system: v.optional(
    v.pipe(
      v.nullable(v.union([v.string(), v.array(v.looseObject({ type: v.string() }))])),
      v.description('The system prompt.'),
    ),
  ),
  messages: v.pipe(
    v.array(v.looseObject({ role: v.picklist(['user', 'assistant', 'system']), content })),
    v.minLength(1),
    v.examples([[{ role: 'user', content: 'Say hello.' }]]),
  ),
  tools: v.optional(v.nullable(v.array(v.looseObject({})))),
  tool_choice: v.optional(v.nullable(v.looseObject({ type: v.string() }))),
  thinking: v.optional(v.nullable(v.looseObject({ type: v.string() }))),
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** What is counted. */
export const countable = v.looseObject(asked)

/** What is answered. */
export const answerable = v.looseObject({
  ...asked,
  max_tokens: v.optional(
    v.pipe(
      v.nullable(count),
      v.description('The most tokens to answer with; the model’s own limit when absent.'),
    ),
  ),
  stream: v.optional(v.nullable(v.boolean())),
  stop_sequences: v.optional(v.nullable(v.array(v.string()))),
  temperature: v.optional(v.nullable(v.number())),
  top_p: v.optional(v.nullable(v.number())),
})

/**
 * A thread is kept by one provider and known to no other, nor to plugins. Clients send the whole conversation instead
 * when they hear this.
 */
const refuseThread = (): never => {
  throw new GatewayError('invalid_request_error', {
    param: 'thread',
    message: 'thread: message threads are not supported here; send the whole conversation.',
    metadata: { error_code: 'thread_unsupported_request', unsupported: [] },
  })
}

/** What is asked of Anthropic's own servers, of which other providers are not told. */
const itsOwn = ['mcp_servers', 'container'] as const

const isThere = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)

/** Safeguards that nobody applies would be missed: clients hear of it instead. */
const safeguards: Need = {
  param: 'safeguards',
  format: 'anthropic',
  message: 'safeguards: this model’s provider does not know them.',
}

/** The canonical request of what is to be answered. */
export const decodeAsked = (body: Fields, place: Pick<Place, 'headers'>): Request => {
  const request = withLosses(
    decode(body, place),
    itsOwn.filter((field) => isThere(body[field])),
  )
  return isThere(body.safeguards) ? withNeed(request, safeguards) : request
}

/** OpenRouter's limit. */
const mostFallbacks = 3

/** The canonical request; what only Anthropic understands stays in the client's own bytes. */
export const decode = (body: Fields, { headers }: Pick<Place, 'headers'>): Request => {
  const betas = headers.get('anthropic-beta')
  if (body.thread) refuseThread()
  if (Array.isArray(body.fallbacks) && Array.isArray(body.models))
    throw new GatewayError('invalid_request_error', {
      param: 'fallbacks',
      message: 'fallbacks: give either fallbacks or models.',
    })
  if (fallbacksOf(body, betas).length > mostFallbacks)
    throw new GatewayError('invalid_request_error', {
      param: 'fallbacks',
      message: `fallbacks: expected ${mostFallbacks} models at most.`,
    })
  const messages = toConversation(body)
  return {
    ...toSettings(body, betas),
    ...toTools(body),
    model: wordOf(body.model),
    messages,
  }
}
