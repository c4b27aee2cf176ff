import * as v from 'valibot'
import { errors } from './errors.ts'
import { explained } from './explanation.ts'
import { count, text, tokens } from './scalars.ts'

const optionalCount = v.optional(v.nullable(count))

const usage = v.pipe(
  v.looseObject({
    input_tokens: tokens('Without what was cached.'),
    cache_creation_input_tokens: optionalCount,
    cache_read_input_tokens: optionalCount,
    output_tokens: count,
  }),
  v.description('Tokens as the provider counted them, in Anthropic’s terms.'),
)

const block = v.pipe(
  v.looseObject({
    type: v.pipe(v.string(), v.examples(['text', 'thinking', 'tool_use'])),
    text: v.optional(v.string()),
    thinking: v.optional(v.string()),
    signature: v.optional(text('Proof that a thought is the model’s; send it back unchanged.')),
    id: v.optional(v.string()),
    name: v.optional(v.string()),
    input: v.optional(v.looseObject({})),
  }),
  v.description('A piece of an answer: a text, a thought, or a tool that the model wants used.'),
)

const ended = {
  stop_reason: v.nullable(v.pipe(v.string(), v.examples(['end_turn', 'max_tokens', 'tool_use']))),
  stop_sequence: v.nullable(v.string()),
}

const message = v.pipe(
  v.looseObject({
    id: v.string(),
    type: v.literal('message'),
    role: v.literal('assistant'),
    model: v.string(),
    content: v.array(block),
    ...ended,
    usage,
    ...explained,
  }),
  v.description('A whole answer; in a stream, its beginning.'),
)

const index = v.pipe(count, v.description('Which block of the message.'))

const event = v.variant('type', [
  v.looseObject({ type: v.literal('message_start'), message }),
  v.looseObject({ type: v.literal('content_block_start'), index, content_block: block }),
  v.looseObject({
    type: v.literal('content_block_delta'),
    index,
    delta: v.looseObject({
      type: v.pipe(
        v.string(),
        v.examples(['text_delta', 'thinking_delta', 'signature_delta', 'input_json_delta']),
      ),
      text: v.optional(v.string()),
      thinking: v.optional(v.string()),
      signature: v.optional(v.string()),
      partial_json: v.optional(text('A piece of a tool’s input.')),
    }),
  }),
  v.looseObject({ type: v.literal('content_block_stop'), index }),
  v.looseObject({ type: v.literal('message_delta'), delta: v.looseObject(ended), usage }),
  v.looseObject({ type: v.literal('message_stop') }),
  v.looseObject({ type: v.literal('ping') }),
  errors.AnthropicError,
])

/** What Anthropic’s clients get. */
export const anthropic = {
  AnthropicMessage: message,
  AnthropicEvent: v.pipe(event, v.description('One event of a streamed message.')),
  AnthropicBlock: block,
  AnthropicUsage: usage,
  AnthropicTokenCount: v.looseObject({ input_tokens: count }),
} as const
