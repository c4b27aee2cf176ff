import { v, type Call, type Frozen } from 'sluice/plugin'
import { parse, stringify } from 'yaml'
import { decisive, stable } from './canonical.ts'
import type { Entry } from './entry.ts'
import { hashOf } from './key.ts'

type Fields = Readonly<Record<string, unknown>>

/** What was asked, as far as it decides the answer, and without what is nobody's business. */
export interface Asked {
  readonly operation: string
  readonly format: string
  readonly request: Fields
}

/** A request and its answer, as a file has them. */
export interface Cassette extends Asked {
  readonly answer: Entry
}

/** Fields that hold keys: tools on other servers are called with some. */
const secret = /^(?:headers|authorization|password|api[-_]?key|.*[-_]token|.*secret.*)$/i

/** What people and models say, where such a word is only a word. */
const said = new Set(['messages', 'input', 'contents', 'system', 'instructions', 'prompt'])

const hidden = (value: unknown, depth = 0): unknown => {
  if (Array.isArray(value)) return value.map((item) => hidden(item, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (depth === 0 && said.has(name)) return [name, inner]
      return [name, secret.test(name) ? '***' : hidden(inner, depth + 1)]
    }),
  )
}

/** The client's own request where its format is its own, else the canonical one; never a header. */
export const askedIn = ({ operation, source, request }: Call): Asked => {
  const format = source?.format ?? 'openai'
  const own =
    format === 'openai' || !source ? request : { model: request.model, ...source.json.value }
  const plain: unknown = JSON.parse(JSON.stringify(decisive(own)))
  return { operation, format, request: hidden(plain) as Fields }
}

const slug = (name: unknown): string =>
  String(name)
    .replace(/[^\w.]+/g, '-')
    .slice(0, 60)

/** What the names of all recordings of a model begin with. */
export const familyOf = ({ operation, request }: Asked): string =>
  `${operation}-${slug(request.model)}-`

/** The same request has the same name, whenever it is made. */
export const nameOf = (asked: Asked): string =>
  `${familyOf(asked)}${hashOf(stable(asked)).replace(/[^\w]/g, '').slice(0, 10)}.yaml`

const heading = ' Recorded by Sluice; its plugin `cache` gives it again with `mode: replay`.'

export const written = ({ answer, ...asked }: Cassette): string => {
  const { made, expires: _, pieces: taken, ...rest } = answer
  const recorded = new Date(made).toISOString()
  const pieces = Array.from({ length: taken.length }, (_piece, at) => taken.at(at))
  const text = stringify({ ...asked, answer: { recorded, ...rest, pieces } }, { lineWidth: 0 })
  return `#${heading}\n${text}`
}

const words = v.looseObject({
  format: v.picklist(['openai', 'responses', 'anthropic', 'gemini', 'ollama']),
  text: v.string(),
  whole: v.boolean(),
  event: v.exactOptional(v.string()),
})

const schema = v.looseObject({
  operation: v.string(),
  format: v.string(),
  request: v.record(v.string(), v.unknown()),
  answer: v.looseObject({
    recorded: v.optional(v.string(), ''),
    source: v.optional(v.string(), ''),
    provider: v.optional(v.string(), ''),
    model: v.optional(v.string(), ''),
    warnings: v.optional(v.array(v.string()), []),
    pieces: v.pipe(
      v.array(
        v.looseObject({
          at: v.optional(v.number(), 0),
          chunks: v.array(
            v.looseObject({
              chunk: v.exactOptional(v.record(v.string(), v.unknown())),
              words: v.exactOptional(words),
            }),
          ),
        }),
      ),
      v.minLength(1),
    ),
  }),
})

/** Undefined for a file that is none. */
export const readCassette = (text: string): Cassette | undefined => {
  try {
    const { operation, format, request, answer } = v.parse(schema, parse(text))
    const { recorded, source, provider, model, warnings, pieces } = answer
    const made = Date.parse(recorded) || 0
    return {
      operation,
      format,
      request,
      answer: {
        source,
        provider,
        model,
        made,
        expires: made,
        warnings,
        pieces: pieces.map(({ at, chunks }) => ({ at, chunks: chunks as readonly Frozen[] })),
      },
    }
  } catch {
    return undefined
  }
}
