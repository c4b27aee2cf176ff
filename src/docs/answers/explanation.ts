import * as v from 'valibot'
import { errors } from './errors.ts'
import { count, text } from './scalars.ts'

const stage = v.pipe(
  v.looseObject({
    type: v.pipe(
      v.string(),
      v.examples([
        'guardrail',
        'plugin',
        'server_tools',
        'response_healing',
        'context_compression',
      ]),
    ),
    name: text('The plugin, as OpenRouter calls it.'),
    summary: text('What it changed, in words; never what was said.'),
    data: v.optional(v.looseObject({})),
    cost_usd: v.optional(v.pipe(v.number(), v.description('Dollars that it took.'))),
  }),
  v.description('Something that a plugin changed.'),
)

const timing = v.looseObject({
  plugin: v.string(),
  ms: v.pipe(v.number(), v.description('Milliseconds of its own.')),
  pieces: v.pipe(count, v.description('Pieces of the answer that it handed on.')),
})

const explanation = v.pipe(
  v.looseObject({
    requested: text('The model as the client wrote it.'),
    strategy: v.string(),
    summary: v.string(),
    attempt: v.pipe(count, v.description('The attempt that answered; 0 where nobody was asked.')),
    attempts: v.array(errors.Attempt),
    endpoints: v.looseObject({ total: count, available: v.array(v.looseObject({})) }),
    cost: v.optional(v.pipe(v.number(), v.description('Dollars, where the prices are known.'))),
    pipeline: v.pipe(v.array(stage), v.description('What plugins changed, in order.')),
    plugins: v.optional(
      v.pipe(v.array(timing), v.description('How long each took, outermost first.')),
    ),
  }),
  v.description('Why the call went where it went, with `X-Sluice-Trace: 1`.'),
)

/** Field of every answer that may explain itself. */
export const explained = { openrouter_metadata: v.optional(explanation) }

export const explanations = {
  Explanation: explanation,
  PipelineStage: stage,
  PluginTiming: timing,
} as const
