import * as v from 'valibot'
import { wholeText } from '../kept.ts'
import { routed } from './chat-completions.ts'
import { toOpenAIError } from './openai-error.ts'
import type { Surface } from './surface.ts'

/** `POST /v1/embeddings`; an answer is always whole. */
export const embeddings: Surface = {
  operation: 'embeddings',
  format: 'openai',
  request: v.looseObject({
    model: routed.model,
    models: routed.models,
    input: v.pipe(
      v.union([v.string(), v.array(v.unknown())]),
      v.description('Text, texts, or tokens.'),
      v.examples(['The food was delicious.']),
    ),
    encoding_format: v.optional(v.nullable(v.picklist(['float', 'base64']))),
    dimensions: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1)))),
  }),
  whole: (chunk) => wholeText(chunk) ?? JSON.stringify(chunk),
  error: toOpenAIError,
}
