import type { Model } from '../catalog/models.ts'
import { toGeminiError } from '../surfaces/gemini/error.ts'
import { toGeminiList, toGeminiModel } from '../surfaces/gemini/models.ts'
import { anthropicShape } from '../surfaces/messages/error.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import { GatewayError } from '../errors.ts'
import { toListed } from './listed-model.ts'
import type { Shape } from './shapes.ts'

/** How a client wants models listed, found and refused. */
export interface ListShape {
  list(models: readonly Model[], query: URLSearchParams): object
  one(model: Model): object
  readonly errors: Shape
}

const wholeNumber = (query: URLSearchParams, name: string, least: number): number | undefined => {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const number = Number(text)
  if (!Number.isInteger(number) || number < least)
    throw new GatewayError('invalid_request_error', {
      param: name,
      message: `${name}: expected a whole number from ${least}.`,
    })
  return number
}

/** One list that the SDKs of OpenAI, OpenRouter and Anthropic all take. */
const page = (models: readonly Model[], total: number, more: boolean, next: string | null) => ({
  object: 'list',
  data: models.map(toListed),
  total_count: total,
  links: { next },
  first_id: models[0]?.id ?? null,
  last_id: models.at(-1)?.id ?? null,
  has_more: more,
})

/** OpenRouter's pages: `offset` and `limit`; everything without them. */
const general: ListShape = {
  list(models, query) {
    const offset = wholeNumber(query, 'offset', 0) ?? 0
    const limit = wholeNumber(query, 'limit', 1)
    const end = limit === undefined ? models.length : offset + limit
    const rest = new URLSearchParams(query)
    rest.set('offset', String(end))
    const more = end < models.length
    return page(models.slice(offset, end), models.length, more, more ? `?${rest}` : null)
  },
  one: toListed,
  errors: { error: toOpenAIError },
}

/** The place after an id; an id that is not there is no place. */
const placeOf = (models: readonly Model[], id: string | null): number | undefined => {
  const at = id === null ? -1 : models.findIndex((model) => model.id === id)
  return at === -1 ? undefined : at
}

/** Anthropic's pages: `limit`, `after_id`, `before_id`; everything without them. */
const anthropic: ListShape = {
  list(models, query) {
    const limit = wholeNumber(query, 'limit', 1) ?? models.length
    const before = placeOf(models, query.get('before_id'))
    if (before !== undefined) {
      const from = Math.max(0, before - limit)
      return page(models.slice(from, before), models.length, from > 0, null)
    }
    const from = (placeOf(models, query.get('after_id')) ?? -1) + 1
    const end = from + limit
    return page(models.slice(from, end), models.length, end < models.length, null)
  },
  one: toListed,
  errors: anthropicShape,
}

const gemini: ListShape = {
  list: toGeminiList,
  one: toGeminiModel,
  errors: { error: toGeminiError },
}

/** By what only the clients of one vendor send, the first that fits. */
const shapes: readonly (readonly [header: string, ListShape])[] = [
  ['anthropic-version', anthropic],
  ['x-goog-api-key', gemini],
  ['x-goog-api-client', gemini],
]

export const listShapeFor = (headers: Headers): ListShape =>
  shapes.find(([header]) => headers.has(header))?.[1] ?? general
