import { isObject, type Fields } from '../../fields.ts'
import { estimateTokenCount } from 'tokenx'
import type { Chunk, Request } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { objectsIn } from '../../formats/gemini.ts'
import { parseObject } from '../parse.ts'
import { refuseError } from './answer.ts'

const textOf = (input: unknown): string => {
  if (typeof input === 'string') return input
  throw new GatewayError('invalid_request_error', {
    param: 'input',
    message: 'input: this provider takes texts, not tokens.',
  })
}

const textsOf = ({ input }: Request): readonly string[] =>
  Array.isArray(input) ? input.map(textOf) : [textOf(input)]

/** One text is asked for alone, a list in a batch. */
export const isBatch = ({ input }: Request): boolean => Array.isArray(input)

const requestOf = (text: string, { dimensions }: Request): Fields => ({
  content: { parts: [{ text }] },
  ...(typeof dimensions === 'number' && { outputDimensionality: dimensions }),
})

/** `embedContent` or `batchEmbedContents`; the latter names the model in each request. */
export const writeEmbedding = (request: Request, model?: string): Fields => {
  const [first = '', ...more] = textsOf(request)
  if (!isBatch(request)) return requestOf(first, request)
  const all = isBatch(request) && Array.isArray(request.input) && request.input.length === 0
  return {
    requests: (all ? [] : [first, ...more]).map((text) => ({
      ...(model !== undefined && { model: `models/${model}` }),
      ...requestOf(text, request),
    })),
  }
}

/** Vertex has no batches; its older way takes a list. */
export const writeInstances = (request: Request): Fields => ({
  instances: textsOf(request).map((content) => ({ content })),
  ...(typeof request.dimensions === 'number' && {
    parameters: { outputDimensionality: request.dimensions },
  }),
})

const base64 = (values: readonly number[]): string =>
  Buffer.from(new Float32Array(values).buffer).toString('base64')

const vectorsIn = (body: Fields): readonly unknown[] => {
  const instances = objectsIn(body.predictions).map(({ embeddings }) => embeddings)
  if (instances.length > 0) return instances
  return isObject(body.embedding) ? [body.embedding] : objectsIn(body.embeddings)
}

const isCount = (value: unknown): value is number => Number.isInteger(value)

const sample = 100_000

/** OpenAI's list of embeddings. */
export const readEmbeddings = (text: string, request: Request): Chunk => {
  const body = parseObject(text)
  refuseError(body)
  const vectors = vectorsIn(body).map((vector) => (isObject(vector) ? vector.values : undefined))
  if (vectors.length === 0 || !vectors.every((values) => Array.isArray(values)))
    throw new GatewayError('upstream_invalid_response')
  const { usageMetadata } = body
  const counted = isObject(usageMetadata) ? usageMetadata.promptTokenCount : undefined
  const prompt_tokens = isCount(counted)
    ? counted
    : estimateTokenCount(textsOf(request).join('\n').slice(0, sample))
  const written = request.encoding_format === 'base64' ? base64 : (values: number[]) => values
  return {
    object: 'list',
    model: request.model,
    data: vectors.map((values, index) => ({
      object: 'embedding',
      index,
      embedding: written(values as number[]),
    })),
    usage: {
      prompt_tokens,
      total_tokens: prompt_tokens,
      ...(!isCount(counted) && { estimated: true }),
    },
  }
}
