import * as v from 'valibot'
import { openAI } from './openai.ts'
import { count, seconds, text } from './scalars.ts'

const limit = v.nullable(v.pipe(count, v.description('Tokens, where they are known.')))

const percent = v.nullable(
  v.pipe(
    v.number(),
    v.minValue(0),
    v.maxValue(100),
    v.description('Answered of all attempts; null before there were any.'),
  ),
)

export const percentiles = v.pipe(
  v.object({ p50: v.number(), p75: v.number(), p90: v.number(), p99: v.number() }),
  v.description('Milliseconds to the first content or tokens a second, over five minutes.'),
)

const { Architecture: architecture, Pricing: pricing } = openAI

const endpoint = v.pipe(
  v.looseObject({
    name: v.string(),
    provider_name: v.string(),
    tag: text('What preferences name the provider by.'),
    model_id: text('What to ask for.'),
    model_name: v.string(),
    context_length: v.pipe(count, v.description('Tokens; 0 where they are not known.')),
    max_completion_tokens: limit,
    max_prompt_tokens: limit,
    quantization: v.nullable(v.string()),
    pricing,
    supported_parameters: v.array(v.string()),
    supports_implicit_caching: v.boolean(),
    supports_tool_choice: v.pipe(
      v.object({
        auto: v.boolean(),
        none: v.boolean(),
        required: v.boolean(),
        function: v.boolean(),
      }),
      v.description('False, too, where it is not known.'),
    ),
    supports_voice_cloning: v.boolean(),
    status: v.pipe(
      v.picklist([0, -1, -2, -3]),
      v.description(
        '0: well. -1: failing lately. -2: none of its keys is usable now. -3: ejected until its next trial.',
      ),
    ),
    uptime_last_5m: percent,
    uptime_last_30m: percent,
    uptime_last_1d: percent,
    latency_last_30m: v.nullable(percentiles),
    throughput_last_30m: v.nullable(percentiles),
  }),
  v.description('One model at one provider.'),
)

/** What OpenRouter’s clients learn of models and their endpoints. */
export const catalog = {
  ModelCount: v.object({ data: v.object({ count }) }),
  ModelDetails: v.object({ data: openAI.Model }),
  Endpoint: endpoint,
  Percentiles: percentiles,
  ModelEndpoints: v.object({
    data: v.looseObject({
      id: v.string(),
      name: v.string(),
      created: seconds,
      description: v.string(),
      architecture,
      endpoints: v.array(endpoint),
    }),
  }),
  EndpointList: v.object({ data: v.array(endpoint) }),
  ProviderList: v.object({
    data: v.array(
      v.looseObject({
        name: v.string(),
        slug: text('What preferences name it by.'),
        privacy_policy_url: v.nullable(v.string()),
      }),
    ),
  }),
  ImageModelList: v.object({
    data: v.array(
      v.looseObject({
        id: text('What to ask for.'),
        name: v.string(),
        description: v.string(),
        created: seconds,
        architecture,
        endpoints: text('Where its endpoints are told.'),
      }),
    ),
  }),
} as const
