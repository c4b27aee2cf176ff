import * as v from 'valibot'
import { wholeText } from '../kept.ts'
import { routed } from './chat-completions.ts'
import { toOpenAIError } from './openai-error.ts'
import { complete } from './openai-chunk.ts'
import { openAIEvents } from './openai-events.ts'
import type { Surface } from './surface.ts'

/** `POST /v1/completions`, the legacy text format. */
export const completions: Surface = {
  operation: 'completions',
  format: 'openai',
  request: v.looseObject({
    ...routed,
    prompt: v.pipe(
      v.union([v.string(), v.array(v.unknown())]),
      v.description('Text, texts, or tokens.'),
      v.examples(['Once upon a time']),
    ),
  }),
  whole: (chunk, wire) => wholeText(chunk) ?? JSON.stringify(complete(chunk, wire)),
  events: openAIEvents,
  error: toOpenAIError,
}
