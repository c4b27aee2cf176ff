import { duration, v } from 'sluice/plugin'

/** OpenRouter's names; the first two read what text a PDF has, here. */
const engine = v.picklist(['pdf-text', 'cloudflare-ai', 'native', 'mistral-ocr'])

const count = v.pipe(v.number(), v.integer(), v.minValue(1))

const pdf = v.strictObject({ engine: v.exactOptional(engine) })

export const options = v.strictObject({
  pdf: v.optional(pdf, {}),
  max_bytes: v.optional(count, 20_000_000),
  max_pages: v.optional(count, 200),
  max_characters: v.optional(count, 500_000),
  timeout: v.optional(duration, '20s'),
})

export const asked = v.strictObject({ pdf: v.exactOptional(pdf) })

export type Options = v.InferOutput<typeof options>
export type Engine = v.InferOutput<typeof engine>
