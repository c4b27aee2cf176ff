import * as v from 'valibot'
import { describe } from './describe.ts'
import { measuredPercentiles, preferencesSchema } from '../preferences.ts'
import { count, duration, durationOrZero } from './scalars.ts'

const name = v.pipe(v.string(), v.nonEmpty('is empty'))
const dollars = v.pipe(
  v.number('expected an amount of dollars'),
  v.minValue(0, 'expected an amount that is not negative'),
)

const share = v.pipe(
  v.number('expected a number from 0 to 1'),
  v.minValue(0, 'expected a number from 0 to 1'),
  v.maxValue(1, 'expected a number from 0 to 1'),
)

const hedge = v.strictObject({
  after: describe(
    v.union(
      [v.picklist(measuredPercentiles), duration],
      `expected ${measuredPercentiles.join(', ')} of the measured latency, or a duration`,
    ),
    'How long the first endpoint may say nothing before a second one is asked too.',
  ),
  max_cost: describe(
    v.exactOptional(dollars),
    'Most dollars that the second one may cost; where that is not known, it is not asked.',
  ),
})

/** How the endpoints of a route are chosen; for all routes under `routing`. */
export const routeOptions = {
  balance: describe(
    v.exactOptional(v.picklist(['order', 'price'], 'expected order or price')),
    'order: as listed. price: the cheaper, the oftener (by the inverse square), among those that are well.',
  ),
  provider: describe(
    v.exactOptional(preferencesSchema),
    'OpenRouter’s preferences, where a request has none of its own; limits can only be tightened.',
  ),
  hedge: describe(
    v.exactOptional(v.nullable(hedge)),
    'Asks a second endpoint when the first is slow to speak, and takes who speaks first.',
  ),
  when_full: describe(
    v.exactOptional(v.picklist(['next', 'wait'], 'expected next or wait')),
    'When a provider is at its limit: go to the next endpoint, or wait for this one.',
  ),
  max_wait: describe(
    v.exactOptional(durationOrZero),
    'How long a call may wait in line for a provider.',
  ),
  sticky: describe(
    v.exactOptional(v.boolean()),
    'A conversation goes back to the endpoint whose prompt cache holds it, if that is cheaper.',
  ),
}

export const autoSchema = v.strictObject({
  models: describe(
    v.exactOptional(v.array(name)),
    'Models and routes that sluice/auto may choose from, `*` allowed; all with a price without it.',
  ),
  excluded_models: describe(v.exactOptional(v.array(name)), 'Those that it may not.'),
  hard: describe(
    v.exactOptional(v.array(name)),
    'Models for difficult requests, `*` allowed; without it, the dearer half of them.',
  ),
  threshold: describe(
    v.optional(share, 0.5),
    'Difficulty, from 0 to 1, from which a request is difficult.',
  ),
  difficulty: describe(
    v.optional(
      v.strictObject({
        length: describe(
          v.optional(share, 0.3),
          'A prompt of 20,000 tokens or more; less for less.',
        ),
        code: describe(v.optional(share, 0.15), 'Code in the latest message.'),
        tools: describe(v.optional(share, 0.2), 'Tools to call.'),
        reasoning: describe(v.optional(share, 0.4), 'Reasoning was asked for.'),
        schema: describe(v.optional(share, 0.1), 'A schema to answer in.'),
        words: describe(v.optional(share, 0.25), 'One of the words in the latest message.'),
        turns: describe(v.optional(share, 0.1), 'More than ten messages.'),
      }),
      {},
    ),
    'How much each sign adds to the difficulty.',
  ),
  words: describe(
    v.optional(v.array(v.pipe(v.string(), v.nonEmpty('is empty'), v.toLowerCase())), [
      'prove',
      'derive',
      'refactor',
      'debug',
      'architecture',
      'optimi',
      'step by step',
      'root cause',
      'trade-off',
    ]),
    'Words, or beginnings of words, that difficult requests have.',
  ),
})

export const freeSchema = v.strictObject({
  per_minute: describe(v.optional(count, 20), 'Calls of `:free` a minute and caller.'),
  per_day: describe(v.optional(count, 1_000), 'Calls of `:free` a day (UTC) and caller.'),
})

export const routingSchema = v.strictObject({
  ...routeOptions,
  auto: describe(v.optional(autoSchema, {}), 'What the model sluice/auto stands for.'),
  free: describe(v.optional(freeSchema, {}), 'Limits of the variant :free.'),
})

/** A bundle of preferences and parameters under a name. */
export const variantSchema = v.looseObject({
  provider: describe(v.exactOptional(preferencesSchema), 'Preferences that it stands for.'),
})

export const presetSchema = v.looseObject({
  model: describe(v.exactOptional(name), 'The model that it stands for.'),
  models: describe(v.exactOptional(v.array(name)), 'Models to try after it.'),
  provider: describe(v.exactOptional(preferencesSchema), 'Preferences that it stands for.'),
})

/** Calls or tokens a minute, and calls at once. */
export const rateSchema = v.strictObject({
  requests: describe(v.exactOptional(count), 'Requests a minute.'),
  tokens: describe(v.exactOptional(count), 'Tokens a minute, of prompts and answers.'),
})
