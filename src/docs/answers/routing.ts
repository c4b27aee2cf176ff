import * as v from 'valibot'
import { count, text } from './scalars.ts'

const choice = v.looseObject({
  endpoint: text('`provider/model`'),
  model: text('The name under which it is asked.'),
  route: text('The route that names it.'),
  cost: v.optional(v.pipe(v.number(), v.description('Dollars that the call is taken to cost.'))),
  pricing: v.optional(v.pipe(v.looseObject({}), v.description('Dollars per million tokens.'))),
  context_length: v.optional(count),
  max_completion_tokens: v.optional(count),
  latency: v.optional(
    v.pipe(v.looseObject({}), v.description('Seconds to the first content, by percentile.')),
  ),
  throughput: v.optional(
    v.pipe(v.looseObject({}), v.description('Tokens per second, by percentile.')),
  ),
  notes: v.pipe(v.array(v.string()), v.description('Why it stands where it does.')),
  parameters: v.optional(
    v.pipe(v.array(v.string()), v.description('What the variants of the model set.')),
  ),
})

const exclusion = v.object({
  endpoint: v.string(),
  model: v.string(),
  by: text('The filter that took it out.'),
  detail: text('How, in words.'),
})

/** Where calls go. */
export const routing = {
  Decision: v.pipe(
    v.looseObject({
      requested: v.pipe(v.array(v.string()), v.description('The models that were asked for.')),
      strategy: text('How they were found: `direct`, `auto`, `fallback`, …'),
      summary: text('What is said about the choice.'),
      fallbacks: v.pipe(
        v.boolean(),
        v.description('Whether the next is asked when one has failed.'),
      ),
      candidates: v.pipe(v.array(choice), v.description('In the order in which they are asked.')),
      offline: v.optional(choice),
      excluded: v.array(exclusion),
      options: v.pipe(v.looseObject({}), v.description('What the route says of its endpoints.')),
    }),
    v.description('Where a call would go, and why.'),
  ),
  Choice: choice,
  Exclusion: exclusion,
} as const
