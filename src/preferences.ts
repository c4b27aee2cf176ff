import * as v from 'valibot'
import { describe } from './config/describe.ts'

/** Percentiles that OpenRouter's cutoffs are of. */
export const percentiles = ['p50', 'p75', 'p90', 'p99'] as const

/** Percentiles that are measured. */
export const measuredPercentiles = ['p50', 'p75', 'p90', 'p95', 'p99'] as const
export type Percentile = (typeof measuredPercentiles)[number]

export const quantizations = [
  'int4',
  'int8',
  'fp4',
  'mxfp4',
  'nvfp4',
  'fp6',
  'fp8',
  'mxfp8',
  'fp16',
  'bf16',
  'fp32',
  'unknown',
] as const

export const sorts = ['price', 'throughput', 'latency', 'exacto'] as const
export type Sort = (typeof sorts)[number]

/** OpenRouter's clients write amounts as numbers or as text. */
const amount = v.pipe(
  v.union(
    [v.number(), v.pipe(v.string(), v.regex(/^\d+(?:\.\d+)?$/, 'expected an amount'))],
    'expected an amount of dollars',
  ),
  v.transform(Number),
  v.minValue(0, 'expected an amount that is not negative'),
)

const positive = v.pipe(
  v.number('expected a number above 0'),
  v.gtValue(0, 'expected a number above 0'),
)
const cutoff = v.union(
  [
    positive,
    v.strictObject(
      v.entriesFromList(
        percentiles,
        describe(v.nullish(positive), 'For this percentile of the last five minutes.'),
      ),
    ),
  ],
  'expected a number, or { p50, p75, p90, p99 }',
)

const slugs = v.array(v.pipe(v.string(), v.nonEmpty('is empty')), 'expected a list of providers')
const sort = v.picklist(sorts, `expected ${sorts.join(', ')}`)

/** OpenRouter's `provider` object: which endpoints may serve a call, and in what order they are asked. */
export const preferencesSchema = v.strictObject({
  order: describe(v.nullish(slugs), 'Providers to ask first, in this order.'),
  allow_fallbacks: describe(
    v.nullish(v.boolean()),
    'false: nobody is asked but the first endpoint, or those of `order`.',
  ),
  require_parameters: describe(
    v.nullish(v.boolean()),
    'Only endpoints that are known to support every parameter of the request.',
  ),
  data_collection: describe(
    v.nullish(v.picklist(['allow', 'deny'], 'expected allow or deny')),
    'deny: only providers that keep no prompts.',
  ),
  zdr: describe(v.nullish(v.boolean()), 'Only providers with zero data retention.'),
  enforce_distillable_text: describe(
    v.nullish(v.boolean()),
    'Only models whose answers may train others.',
  ),
  only: describe(v.nullish(slugs), 'Only these providers.'),
  ignore: describe(v.nullish(slugs), 'Not these providers.'),
  quantizations: describe(
    v.nullish(v.array(v.picklist(quantizations, `expected ${quantizations.join(', ')}`))),
    'Only these precisions.',
  ),
  sort: describe(
    v.nullish(
      v.union(
        [
          sort,
          v.strictObject({
            by: describe(v.nullish(sort), 'What comes first.'),
            partition: describe(
              v.nullish(v.picklist(['model', 'none'], 'expected model or none')),
              'model: one model after the other; none: the endpoints of all models together.',
            ),
          }),
        ],
        `expected ${sorts.join(', ')}, or { by, partition }`,
      ),
    ),
    'Strict order instead of balancing; partition none sorts the endpoints of all models together.',
  ),
  max_price: describe(
    v.nullish(
      v.strictObject({
        prompt: describe(v.nullish(amount), 'A million tokens of a prompt.'),
        completion: describe(v.nullish(amount), 'A million tokens of an answer.'),
        image: describe(v.nullish(amount), 'One image.'),
        audio: describe(v.nullish(amount), 'A million tokens of audio.'),
        request: describe(v.nullish(amount), 'One request.'),
      }),
    ),
    'Dollars per million tokens, per image and per request; dearer endpoints are not asked.',
  ),
  preferred_min_throughput: describe(
    v.nullish(cutoff),
    'Tokens per second; slower endpoints are asked last.',
  ),
  preferred_max_latency: describe(
    v.nullish(cutoff),
    'Seconds to the first content; slower endpoints are asked last.',
  ),
})

export type Preferences = v.InferOutput<typeof preferencesSchema>
export type Cutoff = v.InferOutput<typeof cutoff>
