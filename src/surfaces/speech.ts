import * as v from 'valibot'
import { routed } from './chat-completions.ts'
import { toOpenAIError } from './openai-error.ts'
import type { Surface } from './surface.ts'

/** `POST /v1/audio/speech`; the answer is sound, as the provider sends it. */
export const speech: Surface = {
  operation: 'speech',
  format: 'openai',
  binary: true,
  request: v.looseObject({
    model: routed.model,
    models: routed.models,
    input: v.pipe(v.string(), v.description('What to say.'), v.examples(['Grüezi.'])),
    voice: v.optional(
      v.nullable(v.pipe(v.union([v.string(), v.looseObject({})]), v.examples(['alloy']))),
    ),
    response_format: v.optional(
      v.nullable(v.pipe(v.string(), v.description('mp3, opus, aac, flac, wav or pcm.'))),
    ),
    speed: v.optional(v.nullable(v.number())),
    instructions: v.optional(v.nullable(v.string())),
  }),
  whole: () => '',
  error: toOpenAIError,
}
