import { isObject, type Fields } from '../fields.ts'
import * as v from 'valibot'
import { GatewayError } from '../errors.ts'
import { withNeed, type Need } from '../formats/demands.ts'
import { withItems } from '../formats/responses/origin.ts'
import { routed } from './chat-completions.ts'
import { toResponsesError } from './responses/error.ts'
import { expand } from './responses/history.ts'
import { toRequest } from './responses/request.ts'
import { wholeCount, wholeResponse } from './responses/whole.ts'
import { responsesEvents } from './responses/writer.ts'
import type { Place, Surface } from './surface.ts'

const item = v.looseObject({ type: v.optional(v.nullable(v.string())) })

const asked = {
  model: routed.model,
  instructions: v.optional(
    v.nullable(v.pipe(v.string(), v.description('What the model is told before the input.'))),
  ),
  input: v.optional(
    v.nullable(
      v.pipe(
        v.union([v.string(), v.array(item)]),
        v.description('A text, or items: messages, calls, their outputs, reasoning.'),
        v.examples(['Say hello.']),
      ),
    ),
  ),
  previous_response_id: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.description('The response that this one follows, if it was kept (`store`).'),
      ),
    ),
  ),
  tools: v.optional(v.nullable(v.array(v.looseObject({ type: v.string() })))),
  reasoning: v.optional(v.nullable(v.looseObject({ effort: v.optional(v.nullable(v.string())) }))),
  text: v.optional(
    v.nullable(
      v.looseObject({ format: v.optional(v.nullable(v.looseObject({ type: v.string() }))) }),
    ),
  ),
}

const request = v.looseObject({
  ...asked,
  models: routed.models,
  stream: routed.stream,
  max_output_tokens: routed.max_tokens,
  temperature: v.optional(v.nullable(v.number())),
  top_p: v.optional(v.nullable(v.number())),
  store: v.optional(
    v.nullable(
      v.pipe(
        v.boolean(),
        v.description('Whether the answer is kept for a while, to be followed or fetched.'),
      ),
    ),
  ),
  include: v.optional(v.nullable(v.array(v.string()))),
})

const refused = (param: string, message: string) =>
  new GatewayError('invalid_request_error', { param, message, wireCode: 'unsupported_parameter' })

/** What would have to outlive the request. */
const refuse = (body: Fields): void => {
  if (body.background === true)
    throw refused('background', 'Responses in the background are not served: stream instead.')
  if (body.conversation !== undefined && body.conversation !== null)
    throw refused(
      'conversation',
      'Conversations are not served: use previous_response_id, or send the whole input.',
    )
}

/** What only a provider can answer that kept it itself. */
const keptBy = (param: string): Need => ({
  param,
  format: 'responses',
  message: `Nothing with that ${param} is kept here, and this model’s provider keeps nothing.`,
  ...(param === 'previous_response_id' && { wireCode: 'previous_response_not_found' }),
})

const decode = (body: Fields, place: Place) => {
  refuse(body)
  const { items, need } = expand(body, place)
  const made = toRequest(body, items)
  const known = items ? withItems(made, items) : made
  const param = need ?? (isObject(body.prompt) ? 'prompt' : undefined)
  return param === undefined ? known : withNeed(known, keptBy(param))
}

/** `POST /v1/responses` */
export const responses: Surface = {
  operation: 'chat',
  format: 'responses',
  request,
  decode,
  whole: wholeResponse,
  events: responsesEvents,
  error: toResponsesError,
}

/** `POST /v1/responses/input_tokens` */
export const responsesTokens: Surface = {
  operation: 'count_tokens',
  format: 'responses',
  request: v.looseObject(asked),
  decode,
  whole: wholeCount,
  error: toResponsesError,
}
