import { v } from 'sluice/plugin'

export const contextSize = v.picklist(['low', 'medium', 'high'])

/** Characters of each result. */
export const charactersOf = { low: 1_000, medium: 2_000, high: 4_000 } as const

const text = v.nullish(v.pipe(v.string(), v.maxLength(100)))

/** Where the reader is, about. */
export const userLocation = v.object({ city: text, country: text, region: text, timezone: text })

/** As OpenRouter writes them: `example.com`, `*.substack.com`, `openai.com/blog`. */
export const domains = v.pipe(
  v.array(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(300))),
  v.maxLength(100),
)

/** OpenRouter's names of what an engine does with more or less care. */
export const engineMode = v.picklist([
  'instant',
  'fast',
  'auto',
  'deep-lite',
  'deep',
  'deep-reasoning',
  'turbo',
  'basic',
  'advanced',
])

/** What is asked of an engine, whichever it is. */
export interface Wanted {
  readonly query: string
  readonly max_results: number
  /** Of each result. */
  readonly characters: number
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly location?: v.InferOutput<typeof userLocation> | undefined
  readonly mode?: v.InferOutput<typeof engineMode> | undefined
}

export interface Result {
  readonly url: string
  readonly title: string
  readonly content: string
  /** As the engine writes it. */
  readonly date?: string | undefined
}
