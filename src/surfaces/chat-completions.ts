import * as v from 'valibot'
import type { Chunk } from '../chat.ts'
import { prepend } from '../json.ts'
import { wholeText } from '../kept.ts'
import { complete } from './openai-chunk.ts'
import { toOpenAIError } from './openai-error.ts'
import { openAIEvents } from './openai-events.ts'
import type { Surface, Wire } from './surface.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(1))
const name = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(512),
  v.check((text) => !/\p{Cc}/u.test(text), 'control characters are not allowed'),
)

/** What the gateway reads of every OpenAI-shaped request. */
export const routed = {
  model: v.pipe(name, v.description('A route, or provider/model.'), v.examples(['demo/demo'])),
  models: v.optional(
    v.pipe(v.array(name), v.maxLength(32), v.description('Models to try after `model`, in order.')),
  ),
  stream: v.optional(v.nullable(v.boolean())),
  n: v.optional(v.nullable(v.pipe(count, v.maxValue(128)))),
  max_tokens: v.optional(v.nullable(count)),
}

const request = v.looseObject({
  ...routed,
  messages: v.pipe(
    v.array(
      v.looseObject({
        role: v.string(),
        content: v.optional(
          v.nullable(v.union([v.string(), v.array(v.looseObject({ type: v.string() }))])),
        ),
        tool_calls: v.optional(v.nullable(v.array(v.looseObject({})))),
      }),
    ),
    v.minLength(1),
    v.examples([[{ role: 'user', content: 'Say hello.' }]]),
  ),
  max_completion_tokens: v.optional(v.nullable(count)),
  stream_options: v.optional(v.nullable(v.looseObject({ include_usage: v.optional(v.boolean()) }))),
  temperature: v.optional(v.nullable(v.number())),
  top_p: v.optional(v.nullable(v.number())),
  stop: v.optional(v.nullable(v.union([v.string(), v.array(v.string())]))),
  tools: v.optional(v.nullable(v.array(v.looseObject({ type: v.string() })))),
  response_format: v.optional(v.nullable(v.looseObject({ type: v.string() }))),
})

/** A whole answer: each choice's `delta` is its `message`. */
const whole = (chunk: Chunk, wire: Wire): string => {
  const kept = wholeText(chunk)
  // OpenRouter's clients demand the field, and OpenAI's do not know it as null
  const unprinted = wire.codes === 'status' && !('system_fingerprint' in chunk)
  if (kept !== undefined) return unprinted ? prepend(kept, 'system_fingerprint', null) : kept
  const choices = (chunk.choices ?? []).map(({ delta, ...choice }) => ({
    logprobs: null,
    ...choice,
    message: {
      role: 'assistant',
      content: null,
      refusal: null,
      ...delta,
      ...(delta?.tool_calls && {
        tool_calls: delta.tool_calls.map(({ index: _index, ...call }) => call),
      }),
    },
  }))
  return JSON.stringify({
    ...complete(chunk, wire),
    ...(unprinted && { system_fingerprint: null }),
    object: 'chat.completion',
    choices,
  })
}

/** `POST /v1/chat/completions` */
export const chatCompletions: Surface = {
  operation: 'chat',
  format: 'openai',
  request,
  whole,
  events: openAIEvents,
  error: toOpenAIError,
}
