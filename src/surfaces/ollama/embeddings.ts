import * as v from 'valibot'
import type { Chunk, Usage } from '../../chat.ts'
import { toModel } from '../../formats/ollama.ts'
import type { Surface, Wire } from '../surface.ts'
import { toOllamaError } from './error.ts'
import { name } from './request.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** Vectors are numbers; some providers know only base64. */
const toVector = (embedding: unknown): unknown => {
  if (typeof embedding !== 'string') return embedding
  const bytes = Buffer.from(embedding, 'base64')
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => bytes.readFloatLE(at * 4))
}

const vectorsOf = ({ data }: Chunk): readonly unknown[] =>
  (Array.isArray(data) ? data : []).map(({ embedding }: { embedding?: unknown }) =>
    toVector(embedding),
  )

const shared = { operation: 'embeddings', format: 'ollama', error: toOllamaError } as const

/** `POST /api/embed` */
export const ollamaEmbed: Surface = {
  ...shared,
  request: v.looseObject({
    model: name,
    input: v.pipe(v.union([v.string(), v.array(v.string())]), v.examples(['Good morning'])),
    dimensions: v.optional(v.nullable(v.number())),
  }),
  decode: ({ model, input, dimensions }) => ({
    model: toModel(wordOf(model)),
    input: input as string | readonly string[],
    encoding_format: 'float',
    ...(typeof dimensions === 'number' && { dimensions }),
  }),
  whole: (chunk: Chunk, { model = '' }: Wire) =>
    JSON.stringify({
      model,
      embeddings: vectorsOf(chunk),
      total_duration: 0,
      load_duration: 0,
      prompt_eval_count: (chunk.usage as Usage | undefined)?.prompt_tokens ?? 0,
    }),
}

/** `POST /api/embeddings`, its form for one text. */
export const ollamaEmbeddings: Surface = {
  ...shared,
  request: v.looseObject({ model: name, prompt: v.string() }),
  decode: ({ model, prompt }) => ({
    model: toModel(wordOf(model)),
    input: wordOf(prompt),
    encoding_format: 'float',
  }),
  whole: (chunk: Chunk) => JSON.stringify({ embedding: vectorsOf(chunk)[0] ?? [] }),
}
