import * as v from 'valibot'
import { count, text } from './scalars.ts'

const attempt = v.pipe(
  v.object({
    provider: v.string(),
    model: v.string(),
    status: v.pipe(count, v.description('The provider’s HTTP status; 0 when there was none.')),
    code: text('`ok`, or the code of the error.'),
    ms: v.pipe(v.number(), v.description('Milliseconds to the first content or the failure.')),
  }),
  v.description('One send to one provider.'),
)

const availability = v.pipe(
  v.looseObject({
    code: text('Such as `no_endpoints`, `constraint_filtered` or `temporarily_unavailable`.'),
    retryable: v.boolean(),
    retry_after: v.optional(v.pipe(v.number(), v.description('Seconds.'))),
    requested_models: v.array(v.string()),
    affected_providers: v.optional(v.array(v.string())),
    excluded_by: v.optional(
      v.pipe(v.array(v.string()), v.description('The filters that took endpoints out.')),
    ),
    fallback_models: v.optional(
      v.pipe(v.array(v.string()), v.description('Models that were planned and not tried.')),
    ),
    constraint: v.optional(v.object({ field: v.string(), detail: v.string() })),
    excluded: v.optional(
      v.array(
        v.object({ provider: v.string(), model: v.string(), by: v.string(), detail: v.string() }),
      ),
    ),
  }),
  v.description('Why nobody could answer: only where that is so.'),
)

const message = text('What happened, in words.')
const stableName = text('OpenRouter’s stable name.')
const requestId = text('The same as in the header `x-request-id`.')

/** What an error of OpenAI’s and OpenRouter’s says. */
export const failure = v.pipe(
  v.looseObject({
    message,
    type: text('OpenAI’s name for the kind of error.'),
    param: v.pipe(v.nullable(v.string()), v.description('The field that is wrong, if one is.')),
    code: v.pipe(
      v.union([v.string(), v.pipe(v.number(), v.integer())]),
      v.description('Under `/v1` a name; under `/api/v1` the HTTP status, as OpenRouter has it.'),
    ),
    metadata: v.looseObject({
      error_type: stableName,
      error_code: v.optional(text('Under `/api/v1`: the name that `code` has under `/v1`.')),
      provider: v.optional(v.string()),
      attempts: v.optional(v.array(attempt)),
      request_id: requestId,
    }),
    availability: v.optional(availability),
  }),
  v.description('What went wrong, whose fault it was and where it happened.'),
)

const geminiFailure = v.looseObject({
  code: v.pipe(count, v.description('The HTTP status.')),
  message,
  status: text('Google’s name for the kind of error.'),
  details: v.pipe(
    v.array(v.looseObject({ '@type': v.string() })),
    v.description(
      'An `ErrorInfo` with the error’s code as `reason`, a `RetryInfo` where it is known when to come again, and Sluice’s `Availability` where nobody could answer.',
    ),
  ),
})

/** Errors, as each kind of client knows them. */
export const errors = {
  Error: v.pipe(v.object({ error: failure }), v.description('Every error has this shape.')),
  ResponsesError: v.pipe(
    v.object({ error: failure, error_type: stableName }),
    v.description('Every error of the Responses API has this shape.'),
  ),
  AnthropicError: v.pipe(
    v.looseObject({
      type: v.literal('error'),
      error: v.looseObject({
        type: text('Anthropic’s name for the kind of error.'),
        message,
        error_type: stableName,
        provider: v.optional(v.string()),
        attempts: v.optional(v.array(attempt)),
        availability: v.optional(availability),
      }),
      request_id: requestId,
    }),
    v.description('Every error has this shape; in a stream it is the event `error`.'),
  ),
  GeminiError: v.pipe(
    v.looseObject({ error: geminiFailure }),
    v.description('Every error has this shape.'),
  ),
  OllamaError: v.pipe(
    v.looseObject({ error: message }),
    v.description('Every error is a sentence; in a stream it is the last line.'),
  ),
  Failure: failure,
  GeminiFailure: geminiFailure,
  Attempt: attempt,
  Availability: availability,
} as const
