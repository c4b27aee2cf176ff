import { hostOf, v } from 'sluice/plugin'
import type { Result, Wanted } from './wanted.ts'

/** What goes to an engine. */
export interface Question {
  readonly path: string
  /** Sent by POST; without it, GET. */
  readonly json?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

export interface Engine {
  readonly base_url: string
  /** Where the key stands when the YAML has none; without it, none is needed. */
  readonly env?: string
  /** Dollars of a search by the list price as of 2026-09; undefined where that depends on the plan. */
  cost(results: number, mode: Wanted['mode']): number | undefined
  ask(wanted: Wanted, key: string): Question
  /** Throws ValiError for an answer of another shape. */
  read(body: unknown): readonly Result[]
}

export const text = v.optional(v.nullable(v.string()), '')
export const url = v.string()

export const readerOf =
  <Found extends v.GenericSchema>(
    found: Found,
    list: (
      body: v.InferOutput<Found>,
    ) => readonly Partial<Record<keyof Result, string | null | undefined>>[],
  ) =>
  (body: unknown): readonly Result[] =>
    list(v.parse(found, body)).map(({ url, title, content, date }) => ({
      url: url ?? '',
      title: title ?? '',
      content: content ?? '',
      ...(date && { date }),
    }))

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
export const hosts = (patterns: readonly string[]): string[] => [...new Set(patterns.map(hostOf))]
export const whole = (patterns: readonly string[]) =>
  hosts(patterns.filter((one) => !one.includes('/')))
export const country = ({ location }: Wanted): string | undefined =>
  location?.country?.length === 2 ? location.country.toLowerCase() : undefined

export const snippets = v.object({
  results: v.array(v.object({ url, title: text, content: text })),
})
/** Parts of a page, in one text. */
export const parts = (first: string | null, more: readonly string[] = []): string =>
  [first, ...more].filter(Boolean).join('\n')
