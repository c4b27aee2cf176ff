import { key } from './pipeline.ts'

/** What plugins have to tell the client, beside what `warnings` say: `online: the search is down`. Never its own words. */
export const notices = key<string[]>('notices', () => [])

/** Headers that plugins add to the answer, by their names in lower case. */
export const answerHeaders = key<Record<string, string>>('answer headers', () => ({}))

/** Something that a plugin changed, as OpenRouter's `openrouter_metadata.pipeline` lists it; nothing that a client sent. */
export interface Stage {
  readonly type:
    'guardrail' | 'plugin' | 'server_tools' | 'response_healing' | 'context_compression'
  readonly name: string
  readonly summary: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly cost_usd?: number
}

/** What plugins changed, in order. */
export const stages = key<Stage[]>('stages', () => [])

/** Whose answer was given again. */
export interface Reused {
  /** The generation's id. */
  readonly source: string
  readonly provider: string
  /** As the provider names it. */
  readonly model: string
}

/** Set where the call is answered from the cache, and no provider is asked. */
export const reused = key<Reused | undefined>('reused', () => undefined)

/** Ids of OpenRouter's plugins whose work is done here for the call: the variant of a model asks for it no more. */
export const attended = key<Set<string>>('attended', () => new Set())

/** What a plugin took of the time of a call. */
export interface Timing {
  readonly plugin: string
  /** Milliseconds of its own, without those in which it waited for what it wraps. */
  ms: number
  /** Pieces of the answer that it handed on. */
  pieces: number
}

/** A list to fill where the client asked for a trace; else undefined. */
export const timings = key<Timing[] | undefined>('timings', () => undefined)
