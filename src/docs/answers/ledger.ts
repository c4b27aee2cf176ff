import * as v from 'valibot'
import { text } from './scalars.ts'

const amount = (description: string) => v.pipe(v.nullable(v.number()), v.description(description))
const word = v.nullable(v.string())
const number = v.nullable(v.number())

const providerResponse = v.pipe(
  v.looseObject({
    provider_name: v.string(),
    endpoint_id: text('`provider/model`'),
    status: number,
    latency: v.pipe(v.number(), v.description('Milliseconds to the first content or the failure.')),
    is_byok: v.boolean(),
    model_permaslug: v.string(),
    code: text('`ok`, or the code of the error.'),
  }),
  v.description('One send to one provider.'),
)

const generation = v.looseObject({
  id: text('The call, as its header `x-generation-id` named it.'),
  request_id: text('The same as in the header `x-request-id` of the answer.'),
  upstream_id: v.pipe(word, v.description('The provider’s own id of the answer.')),
  api_type: word,
  model: text('The model that answered.'),
  router: v.pipe(word, v.description('The name that stood for it, where one was chosen.')),
  provider_name: word,
  provider_responses: v.array(providerResponse),
  created_at: text('An ISO date.'),
  streamed: v.boolean(),
  cancelled: v.pipe(v.boolean(), v.description('Whether the client left before the end.')),
  finish_reason: word,
  native_finish_reason: word,
  latency: v.pipe(number, v.description('Milliseconds from the request to the end.')),
  generation_time: v.pipe(
    number,
    v.description('Milliseconds of them at the provider that answered.'),
  ),
  tokens_prompt: number,
  tokens_completion: number,
  native_tokens_prompt: number,
  native_tokens_completion: number,
  native_tokens_reasoning: number,
  native_tokens_cached: number,
  total_cost: amount(
    'Dollars. Where the price is not known: `null` under `/v1`, -1 under `/api/v1`, whose clients demand a number.',
  ),
  usage: amount('The same.'),
  upstream_inference_cost: amount('What the provider takes; `null` where that is not known.'),
  unpriced: v.optional(v.pipe(v.boolean(), v.description('The price is not known.'))),
  is_byok: v.pipe(v.boolean(), v.description('Always: the keys are your own.')),
})

/** What is kept of calls. */
export const ledger = {
  Generation: v.pipe(
    v.object({ data: generation }),
    v.description('What became of a call; never what was asked or answered.'),
  ),
  GenerationData: generation,
  ProviderResponse: providerResponse,
} as const
