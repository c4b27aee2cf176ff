import { objectOf, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import type { Batch } from '../../stream.ts'
import { optionsFor } from './family.ts'
import type { EmbeddingModel } from './package.ts'

const textsIn = (input: unknown): readonly string[] => {
  const listed = typeof input === 'string' ? [input] : input
  if (!Array.isArray(listed) || !listed.every((one) => typeof one === 'string'))
    throw new GatewayError('invalid_request_error', {
      param: 'input',
      message: 'This provider embeds texts only, not tokens.',
    })
  return listed
}

const portions = (texts: readonly string[], most: unknown): readonly (readonly string[])[] => {
  if (typeof most !== 'number' || !(most >= 1) || texts.length <= most) return [texts]
  return Array.from({ length: Math.ceil(texts.length / most) }, (_, at) =>
    texts.slice(at * most, (at + 1) * most),
  )
}

const asBase64 = (vector: readonly number[]): string =>
  Buffer.from(new Float32Array(vector).buffer).toString('base64')

/** Embeds in as many calls as the package needs, one after another. */
export const embed = async (
  { family, doEmbed, most }: EmbeddingModel,
  { input, dimensions, encoding_format }: Request,
  model: string,
  abortSignal: AbortSignal,
): Promise<Batch> => {
  const sized = typeof dimensions === 'number'
  const options: Fields = {
    ...(sized && {
      dimensions,
      providerOptions: optionsFor(family, { dimensions, outputDimensionality: dimensions }),
    }),
    abortSignal,
  }
  const vectors: unknown[] = []
  let tokens = 0
  for (const values of portions(textsIn(input), most)) {
    const { embeddings, usage } = await doEmbed({ values, ...options })
    if (!Array.isArray(embeddings)) throw new GatewayError('upstream_invalid_response')
    vectors.push(...embeddings)
    tokens += Number(objectOf(usage).tokens ?? 0)
  }
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: encoding_format === 'base64' && Array.isArray(vector) ? asBase64(vector) : vector,
  }))
  const usage = { prompt_tokens: tokens, total_tokens: tokens }
  return { chunks: [{ object: 'list', data, model, usage }] }
}
