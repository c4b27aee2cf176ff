import * as v from 'valibot'
import type { Chunk } from '../chat.ts'
import { wholeText } from '../kept.ts'
import { routed } from './chat-completions.ts'
import { mediaEvents } from './media-events.ts'
import { toOpenAIError } from './openai-error.ts'
import type { Surface } from './surface.ts'

const now = (): number => Math.floor(Date.now() / 1_000)

/** A whole answer as the events of a stream, one for each image. */
const toEvents = ({ data, created = now(), usage, ...rest }: Chunk): readonly Chunk[] =>
  (Array.isArray(data) ? data : []).map((image: Readonly<Record<string, unknown>>) => ({
    type: 'image_generation.completed',
    b64_json: image.b64_json ?? '',
    created,
    created_at: created,
    size: rest.size ?? 'auto',
    quality: rest.quality ?? 'auto',
    background: rest.background ?? 'auto',
    output_format: rest.output_format ?? 'png',
    ...(typeof image.url === 'string' && { url: image.url }),
    ...(usage && { usage }),
  }))

/** `POST /v1/images/generations`, and `POST /v1/images` as OpenRouter has it. */
export const images: Surface = {
  operation: 'images',
  format: 'openai',
  request: v.looseObject({
    model: routed.model,
    models: routed.models,
    prompt: v.pipe(v.string(), v.minLength(1), v.examples(['A cat on a sluice gate.'])),
    n: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(128)))),
    size: v.optional(v.nullable(v.string())),
    response_format: v.optional(v.nullable(v.picklist(['url', 'b64_json']))),
    stream: routed.stream,
  }),
  whole: (chunk) => wholeText(chunk) ?? JSON.stringify({ created: now(), ...chunk }),
  events: mediaEvents(toEvents, true),
  error: toOpenAIError,
}
