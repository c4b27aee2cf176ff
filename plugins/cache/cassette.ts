import type { Call, Fields } from 'sluice/plugin'
import { decisive, stable } from './canonical.ts'
import type { Entry } from './entry.ts'
import { hashOf } from './key.ts'

/** What was asked, as far as it decides the answer, without keys and headers. */
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

/** Texts of people and models, in which such a word names no key. */
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
