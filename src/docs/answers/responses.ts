import * as v from 'valibot'
import { explained } from './explanation.ts'
import { count, seconds, text } from './scalars.ts'

const item = v.pipe(
  v.looseObject({
    id: v.optional(v.string()),
    type: v.pipe(v.string(), v.examples(['message', 'reasoning', 'function_call'])),
    role: v.optional(v.string()),
    status: v.optional(v.string()),
    content: v.optional(
      v.nullable(
        v.union([
          v.string(),
          v.array(v.looseObject({ type: v.string(), text: v.optional(v.string()) })),
        ]),
      ),
    ),
    call_id: v.optional(text('What the output of the call must name.')),
    name: v.optional(v.string()),
    arguments: v.optional(text('JSON text.')),
    encrypted_content: v.optional(v.nullable(text('A sealed thought; send it back unchanged.'))),
  }),
  v.description('A message, a thought, a call of a tool or its output.'),
)

const usage = v.pipe(
  v.looseObject({
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    input_tokens_details: v.optional(v.looseObject({ cached_tokens: v.optional(count) })),
    output_tokens_details: v.optional(v.looseObject({ reasoning_tokens: v.optional(count) })),
  }),
  v.description('Tokens as the provider counted them, in the Responses API’s terms.'),
)

const response = v.pipe(
  v.looseObject({
    id: v.string(),
    object: v.literal('response'),
    created_at: seconds,
    status: v.pipe(v.string(), v.examples(['in_progress', 'completed', 'incomplete', 'failed'])),
    model: v.string(),
    output: v.array(item),
    error: v.optional(v.nullable(v.looseObject({ code: v.string(), message: v.string() }))),
    incomplete_details: v.optional(v.nullable(v.looseObject({ reason: v.optional(v.string()) }))),
    previous_response_id: v.optional(v.nullable(v.string())),
    usage: v.optional(v.nullable(usage)),
    ...explained,
  }),
  v.description('A response: what the model put out, and the settings that it was asked with.'),
)

const event = v.looseObject({
  type: v.pipe(v.string(), v.examples(['response.created', 'response.output_text.delta'])),
  sequence_number: v.pipe(count, v.description('Grows by one with every event.')),
  response: v.optional(response),
  output_index: v.optional(v.pipe(count, v.description('Which item of the output.'))),
  content_index: v.optional(v.pipe(count, v.description('Which part of the item.'))),
  item_id: v.optional(v.string()),
  item: v.optional(item),
  delta: v.optional(text('What is added.')),
  text: v.optional(text('All of it, at the end.')),
})

/** What clients of the Responses API get. */
export const responses = {
  Response: response,
  ResponseEvent: v.pipe(event, v.description('One event of a streamed response.')),
  ResponseItem: item,
  ResponseUsage: usage,
  ResponseInput: v.pipe(
    v.looseObject({
      object: v.literal('list'),
      data: v.array(item),
      first_id: v.nullable(v.string()),
      last_id: v.nullable(v.string()),
      has_more: v.boolean(),
    }),
    v.description('A page of what went into a response.'),
  ),
  ResponseDeleted: v.looseObject({
    id: v.string(),
    object: v.literal('response'),
    deleted: v.literal(true),
  }),
  ResponseTokenCount: v.looseObject({
    object: v.literal('response.input_tokens'),
    input_tokens: count,
  }),
} as const
