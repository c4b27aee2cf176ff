import * as v from 'valibot'
import { failure } from './errors.ts'
import { explained } from './explanation.ts'
import { count, provider, seconds, text } from './scalars.ts'

const finish = v.nullable(v.pipe(v.string(), v.examples(['stop', 'length', 'tool_calls'])))

const usage = v.pipe(
  v.looseObject({
    prompt_tokens: count,
    completion_tokens: v.optional(count),
    total_tokens: count,
    server_tool_use_details: v.optional(
      v.pipe(v.looseObject({}), v.description('Calls of tools that Sluice ran itself.')),
    ),
    estimated: v.optional(
      v.pipe(v.boolean(), v.description('True where the provider did not count.')),
    ),
  }),
  v.description('Tokens as the provider counted them.'),
)

const toolCall = v.pipe(
  v.looseObject({
    index: v.optional(count),
    id: v.optional(v.string()),
    type: v.optional(v.string()),
    function: v.optional(
      v.looseObject({
        name: v.optional(v.string()),
        arguments: v.optional(text('JSON text.')),
      }),
    ),
  }),
  v.description('A function that the model wants called; in a stream, a piece of one.'),
)

const annotation = v.pipe(
  v.looseObject({
    type: v.pipe(v.string(), v.examples(['url_citation', 'file'])),
    url_citation: v.optional(
      v.looseObject({
        url: v.string(),
        title: v.optional(v.string()),
        content: v.optional(v.string()),
        start_index: v.optional(v.pipe(count, v.description('Where in the text it is cited.'))),
        end_index: v.optional(count),
      }),
    ),
    file: v.optional(
      v.looseObject({
        hash: v.optional(v.string()),
        name: v.optional(v.string()),
        content: v.optional(v.array(v.looseObject({ type: v.string() }))),
      }),
    ),
  }),
  v.description(
    'A page that the text cites, or a file as it was read: sent back, it is not read again.',
  ),
)

const spoken = {
  content: v.optional(v.nullable(v.string())),
  refusal: v.optional(v.nullable(v.string())),
  reasoning: v.optional(v.nullable(v.string())),
  reasoning_details: v.optional(
    v.pipe(
      v.array(v.looseObject({ type: v.string() })),
      v.description('Thoughts, and what tools found that Sluice ran; send them back unchanged.'),
    ),
  ),
  annotations: v.optional(v.array(annotation)),
  tool_calls: v.optional(v.array(toolCall)),
}

const whole = { id: v.string(), created: seconds, model: v.string(), provider, ...explained }

const limit = v.nullable(v.pipe(count, v.description('Tokens, where they are known.')))

const architecture = v.pipe(
  v.looseObject({
    input_modalities: v.array(v.string()),
    output_modalities: v.array(v.string()),
  }),
  v.description('What a model takes and makes.'),
)

const pricing = v.pipe(
  v.looseObject({ prompt: v.string(), completion: v.string() }),
  v.description(
    'Dollars of one token, image, request or search, as text; `-1` where the price is not known. `overrides` has the prices of long prompts and of hours of the day.',
  ),
)

const model = v.pipe(
  v.looseObject({
    id: text('What to ask for.'),
    object: v.literal('model'),
    created: seconds,
    created_at: text('The same as an ISO date.'),
    owned_by: text('The provider; `sluice` for a route.'),
    name: v.string(),
    display_name: v.string(),
    context_length: limit,
    max_tokens: limit,
    pricing,
    architecture,
    supported_parameters: v.array(v.string()),
  }),
  v.description(
    'A route, or a model of a provider: what the SDKs insist on, and whatever that provider says about it.',
  ),
)

const modelList = v.looseObject({
  object: v.literal('list'),
  data: v.array(model),
  total_count: count,
  links: v.looseObject({ next: v.nullable(text('The query of the next page.')) }),
  first_id: v.nullable(v.string()),
  last_id: v.nullable(v.string()),
  has_more: v.boolean(),
})

const embedding = v.looseObject({
  object: v.literal('embedding'),
  index: count,
  embedding: v.pipe(
    v.union([v.array(v.number()), v.string()]),
    v.description('Numbers, or base64 of 32-bit floats where that was asked for.'),
  ),
})

/** What OpenAI’s clients get. */
export const openAI = {
  ChatCompletion: v.pipe(
    v.looseObject({
      ...whole,
      object: v.literal('chat.completion'),
      choices: v.array(
        v.looseObject({
          index: count,
          message: v.looseObject({ role: v.string(), ...spoken }),
          finish_reason: finish,
        }),
      ),
      usage,
    }),
    v.description('A whole answer to a conversation.'),
  ),
  ChatCompletionChunk: v.pipe(
    v.looseObject({
      ...whole,
      object: v.literal('chat.completion.chunk'),
      choices: v.array(
        v.looseObject({
          index: count,
          delta: v.looseObject({ role: v.optional(v.string()), ...spoken }),
          finish_reason: finish,
        }),
      ),
      usage: v.optional(v.nullable(usage)),
      error: v.optional(failure),
    }),
    v.description('One event of a streamed answer; the last one has no choices but the usage.'),
  ),
  Completion: v.pipe(
    v.looseObject({
      ...whole,
      object: v.literal('text_completion'),
      choices: v.array(v.looseObject({ index: count, text: v.string(), finish_reason: finish })),
      usage: v.optional(v.nullable(usage)),
    }),
    v.description('A continued text, whole or one event of a stream.'),
  ),
  Embeddings: v.pipe(
    v.looseObject({
      object: v.literal('list'),
      data: v.array(embedding),
      model: v.string(),
      provider,
      usage,
    }),
    v.description('One vector for each text, in the order of the texts.'),
  ),
  ModelList: modelList,
  Model: model,
  Architecture: architecture,
  Pricing: pricing,
  Usage: usage,
  ToolCall: toolCall,
  Annotation: annotation,
} as const
