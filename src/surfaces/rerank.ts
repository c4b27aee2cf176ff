import { isObject } from '../fields.ts'
import * as v from 'valibot'
import type { Chunk } from '../chat.ts'
import { routed } from './chat-completions.ts'
import { toOpenAIError } from './openai-error.ts'
import type { Surface, Wire } from './surface.ts'

/** A document as an answer shows it: what the provider left out stands in the request. */
const documentOf = (result: Readonly<Record<string, unknown>>, wire: Wire): object => {
  if (isObject(result.document)) return result.document
  if (typeof result.document === 'string') return { text: result.document }
  const documents = wire.call?.request.documents
  const asked: unknown = Array.isArray(documents) ? documents[Number(result.index)] : undefined
  return isObject(asked) ? asked : { text: typeof asked === 'string' ? asked : '' }
}

/** Rankings of all vendors as OpenRouter gives them; what else they say stays. */
const whole = (chunk: Chunk, wire: Wire): string => {
  const results = Array.isArray(chunk.results) ? chunk.results.filter(isObject) : []
  return JSON.stringify({
    id: wire.id,
    model: wire.model ?? '',
    ...chunk,
    results: results.map((result) => ({ ...result, document: documentOf(result, wire) })),
  })
}

/** `POST /v1/rerank`, as Cohere, Jina, Voyage and OpenRouter have it; an answer is always whole. */
export const rerank: Surface = {
  operation: 'rerank',
  format: 'openai',
  request: v.looseObject({
    model: routed.model,
    models: routed.models,
    query: v.pipe(v.string(), v.examples(['What is the capital of Switzerland?'])),
    documents: v.pipe(
      v.array(v.union([v.string(), v.looseObject({})])),
      v.minLength(1),
      v.description('Texts, or objects with `text` or `image`.'),
      v.examples([['Bern is the seat of the government.', 'Geneva lies on a lake.']]),
    ),
    top_n: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1)))),
  }),
  whole,
  error: toOpenAIError,
}
