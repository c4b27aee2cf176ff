import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const seconds = v.pipe(v.number(), v.integer(), v.description('Unix time in seconds.'))
const finish = v.nullable(v.pipe(v.string(), v.examples(['stop', 'length', 'tool_calls'])))
const provider = v.optional(v.pipe(v.string(), v.description('Who served it.')))

const usage = v.pipe(
  v.looseObject({
    prompt_tokens: count,
    completion_tokens: v.optional(count),
    total_tokens: count,
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
        arguments: v.optional(v.pipe(v.string(), v.description('JSON text.'))),
      }),
    ),
  }),
  v.description('A function that the model wants called; in a stream, a piece of one.'),
)

const spoken = {
  content: v.optional(v.nullable(v.string())),
  refusal: v.optional(v.nullable(v.string())),
  reasoning: v.optional(v.nullable(v.string())),
  tool_calls: v.optional(v.array(toolCall)),
}

const whole = { id: v.string(), created: seconds, model: v.string(), provider }

const errorBody = {
  message: v.pipe(v.string(), v.description('What happened, in words.')),
  type: v.pipe(v.string(), v.description('OpenAI’s name for the kind of error.')),
  param: v.pipe(v.nullable(v.string()), v.description('The field that is wrong, if one is.')),
  code: v.pipe(
    v.union([v.string(), v.pipe(v.number(), v.integer())]),
    v.description('Under `/v1` a name; under `/api/v1` the HTTP status, as OpenRouter has it.'),
  ),
}

const attempt = v.pipe(
  v.object({
    provider: v.string(),
    model: v.string(),
    status: v.pipe(count, v.description('The provider’s HTTP status; 0 when there was none.')),
    code: v.pipe(v.string(), v.description('`ok`, or the code of the error.')),
    ms: v.pipe(v.number(), v.description('Milliseconds to the first content or the failure.')),
  }),
  v.description('One send to one provider.'),
)

const failure = v.pipe(
  v.looseObject({
    ...errorBody,
    metadata: v.looseObject({
      error_type: v.pipe(v.string(), v.description('OpenRouter’s stable name.')),
      error_code: v.optional(
        v.pipe(v.string(), v.description('Under `/api/v1`: the name that `code` has under `/v1`.')),
      ),
      provider: v.optional(v.string()),
      attempts: v.optional(v.array(attempt)),
      request_id: v.pipe(v.string(), v.description('The same as in the header `x-request-id`.')),
    }),
  }),
  v.description('What went wrong, whose fault it was and where it happened.'),
)

const model = v.pipe(
  v.looseObject({
    id: v.pipe(v.string(), v.description('What to ask for.')),
    object: v.literal('model'),
    created: seconds,
    owned_by: v.pipe(v.string(), v.description('The provider; `sluice` for a route.')),
    name: v.string(),
  }),
  v.description('A route, or a model of a provider with whatever that provider says about it.'),
)

const embedding = v.looseObject({
  object: v.literal('embedding'),
  index: count,
  embedding: v.pipe(
    v.union([v.array(v.number()), v.string()]),
    v.description('Numbers, or base64 of 32-bit floats where that was asked for.'),
  ),
})

/** What is answered, by the name in `components.schemas`. Providers may add fields everywhere. */
export const answers = {
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
  ModelList: v.object({ object: v.literal('list'), data: v.array(model) }),
  Model: model,
  Usage: usage,
  ToolCall: toolCall,
  Error: v.pipe(v.object({ error: failure }), v.description('Every error has this shape.')),
  Failure: failure,
  Attempt: attempt,
  Health: v.object({ status: v.literal('ok') }),
  Readiness: v.object({
    status: v.picklist(['ready', 'draining']),
    in_flight: v.pipe(count, v.description('Calls that are being answered now.')),
  }),
  Version: v.object({ name: v.literal('sluice'), version: v.string(), bun: v.string() }),
} as const
