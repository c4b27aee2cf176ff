import { duration, size, v } from 'sluice/plugin'

/** What can be kept; other operations answer with bytes, or take files. */
const cacheable = ['chat', 'completions', 'embeddings', 'moderations', 'rerank'] as const

/** What can be recorded for tests. */
export const recordable = [...cacheable, 'count_tokens'] as const

const positive = v.pipe(v.number(), v.integer(), v.minValue(1))
const name = v.pipe(v.string(), v.nonEmpty('is empty'))

/** Milliseconds: 24 hours, the most that a request may ask for. */
export const longestAsked = 86_400_000

const semantic = v.strictObject({
  model: name,
  threshold: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.95),
  entries: v.optional(positive, 2_000),
  timeout: v.optional(duration, '2s'),
})

export const options = v.pipe(
  v.strictObject({
    mode: v.optional(v.picklist(['ask', 'on', 'off', 'record', 'replay']), 'ask'),
    ttl: v.optional(v.pipe(duration, v.minValue(1_000, 'expected 1s or more')), '5m'),
    shared: v.optional(v.boolean(), false),
    operations: v.optional(v.array(v.picklist(cacheable)), ['chat', 'completions', 'embeddings']),
    temperature: v.optional(v.picklist(['any', 'zero']), 'any'),
    seed: v.optional(v.picklist(['apart', 'ignore', 'required']), 'apart'),
    replay: v.optional(
      v.union([v.picklist(['full', 'natural']), v.pipe(v.number(), v.minValue(1))]),
      'full',
    ),
    memory: v.optional(size, '64mb'),
    disk: v.optional(v.union([v.literal(false), size]), '512mb'),
    max_answer: v.optional(size, '4mb'),
    semantic: v.exactOptional(semantic),
    cassettes: v.exactOptional(name),
    record: v.optional(v.picklist(['new', 'all']), 'new'),
  }),
  v.check(
    ({ mode, cassettes }) => (mode !== 'record' && mode !== 'replay') || cassettes !== undefined,
    'record and replay need a folder: cassettes',
  ),
)

export type Options = v.InferOutput<typeof options>
export type Semantic = v.InferOutput<typeof semantic>

/** What a request may say for itself: `plugins: [{ id: cache, ttl: 60 }]`. */
export const asked = v.strictObject({
  ttl: v.exactOptional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(longestAsked / 1_000)),
  ),
  clear: v.exactOptional(v.boolean()),
})

export type AskedOptions = v.InferOutput<typeof asked>
