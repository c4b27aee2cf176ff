import { keeps } from '../catalog/listing/keeps.ts'
import { flag, readListQuery, wholeNumber } from '../catalog/listing/list-query.ts'
import { ordered } from '../catalog/listing/ordered.ts'
import { toWireEndpoints } from '../catalog/listing/endpoints-page.ts'
import { toWireModel } from '../catalog/listing/wire-model.ts'
import type { Model } from '../catalog/model.ts'
import { toGeminiError } from '../surfaces/gemini/error.ts'
import { toGeminiList, toGeminiModel } from '../surfaces/gemini/models.ts'
import { anthropicShape } from '../surfaces/messages/error.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import type { Arrival } from './dispatch.ts'
import type { Shape } from './shapes.ts'

/** How a client wants models listed, found and refused. */
export interface ListShape {
  list(models: readonly Model[], query: URLSearchParams, arrival: Arrival): object
  one(model: Model): object
  readonly errors: Shape
}

/** One list that the SDKs of OpenAI, OpenRouter and Anthropic all take. */
const page = (
  models: readonly Model[],
  total: number,
  next: string | null,
  toItem: (model: Model) => object = toWireModel,
) => ({
  object: 'list',
  data: models.map(toItem),
  total_count: total,
  links: { next },
  first_id: models[0]?.id ?? null,
  last_id: models.at(-1)?.id ?? null,
})

/** OpenRouter's pages: `offset` and `limit`; everything without them. */
export const paged = (
  models: readonly Model[],
  query: URLSearchParams,
  toItem?: (model: Model) => object,
): object => {
  const offset = wholeNumber(query, 'offset', 0) ?? 0
  const limit = wholeNumber(query, 'limit', 1)
  const end = limit === undefined ? models.length : offset + limit
  const rest = new URLSearchParams(query)
  rest.set('offset', String(end))
  const more = end < models.length
  const list = page(models.slice(offset, end), models.length, more ? `?${rest}` : null, toItem)
  return { ...list, has_more: more }
}

/**
 * What OpenRouter lists where `output_modalities` is not given; OpenAI's clients know no other place to look for
 * embeddings.
 */
const usualOutputs = ({ wire }: Arrival): string => (wire.codes === 'status' ? 'text' : 'all')

/** The models that OpenRouter's query parameters leave, in the order that they want. */
export const asked = (
  models: readonly Model[],
  query: URLSearchParams,
  arrival: Arrival,
  outputs = usualOutputs(arrival),
): readonly Model[] => {
  const { config, stats } = arrival.gateway
  const wanted = readListQuery(query, outputs)
  const known = { providers: config.providers, stats, now: Date.now() }
  return ordered(
    models.filter((model) => keeps(wanted, model, known)),
    wanted.sort,
    known,
  )
}

const general: ListShape = {
  list(models, query, arrival) {
    const { config, stats, health } = arrival.gateway
    const found = asked(models, query, arrival)
    if (!flag(query, 'endpoints')) return paged(found, query)
    return paged(found, query, (model) => ({
      ...toWireModel(model),
      endpoints: toWireEndpoints(model, config, { stats, health }),
    }))
  },
  one: toWireModel,
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
      return { ...page(models.slice(from, before), models.length, null), has_more: from > 0 }
    }
    const from = (placeOf(models, query.get('after_id')) ?? -1) + 1
    const end = from + limit
    return {
      ...page(models.slice(from, end), models.length, null),
      has_more: end < models.length,
    }
  },
  one: toWireModel,
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
