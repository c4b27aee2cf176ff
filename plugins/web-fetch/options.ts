import { duration, size, v } from 'sluice/plugin'

/** OpenRouter's. */
const mostUses = 50

const count = v.pipe(v.number(), v.integer(), v.minValue(1))
const domains = v.pipe(v.array(v.pipe(v.string(), v.nonEmpty('is empty'))), v.maxLength(100))

export const options = v.strictObject({
  allowed_domains: v.optional(domains, []),
  blocked_domains: v.optional(domains, []),
  max_uses: v.optional(v.pipe(count, v.maxValue(mostUses, `expected at most ${mostUses}`)), 10),
  max_content_tokens: v.optional(count, 10_000),
  timeout: v.optional(duration, '10s'),
  max_size: v.optional(size, '2mb'),
  /** Hosts that may be private: `wiki.internal`, `10.0.0.5:8080`. */
  allow: v.optional(v.array(v.string()), []),
})

export type Options = v.InferOutput<typeof options>

/** OpenRouter's. */
const limits = {
  allowed_domains: v.nullish(domains),
  blocked_domains: v.nullish(domains),
  max_uses: v.nullish(count),
  max_content_tokens: v.nullish(count),
}

/** There is one way to read pages here, whichever engine is named. */
export const asked = v.strictObject({ ...limits, engine: v.nullish(v.string()) })

export type Asked = v.InferOutput<v.ObjectSchema<typeof limits, undefined>>

const anthropics = v.object({ ...limits, type: v.pipe(v.string(), v.regex(/^web_fetch_20\d{6}$/)) })

/** What Anthropic's own tool for reading pages wants. */
export const anthropicsWish = (entry: unknown): Asked | undefined => {
  const said = v.safeParse(anthropics, entry)
  return said.success ? said.output : undefined
}
