import * as v from 'valibot'
import { wholeText } from '../kept.ts'
import { routed } from './chat-completions.ts'
import { toOpenAIError } from './openai-error.ts'
import type { Surface } from './surface.ts'

/** The model that OpenAI takes when none is named. */
const usual = 'omni-moderation-latest'

/** `POST /v1/moderations`; an answer is always whole. */
export const moderations: Surface = {
  operation: 'moderations',
  format: 'openai',
  request: v.looseObject({
    model: v.optional(routed.model, usual),
    models: routed.models,
    input: v.pipe(
      v.union([v.string(), v.array(v.union([v.string(), v.looseObject({ type: v.string() })]))]),
      v.description('Text, texts, or parts of text and images.'),
      v.examples(['I am in a good mood.']),
    ),
  }),
  decode: (body) => ({ model: usual, ...body }),
  whole: (chunk, wire) =>
    wholeText(chunk) ?? JSON.stringify({ id: wire.id, model: wire.model ?? '', ...chunk }),
  error: toOpenAIError,
}
