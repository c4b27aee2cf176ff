import { isObject, type Fields } from '../../fields.ts'
import type { Chunk, Request } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { objectsIn } from '../../formats/gemini.ts'
import type { Place } from '../surface.ts'

const textOf = (content: unknown): string => {
  const parts = isObject(content) ? objectsIn(content.parts) : []
  if (parts.some(({ text }) => typeof text !== 'string'))
    throw new GatewayError('invalid_request_error', {
      param: 'content',
      message: 'content: only parts of text can be embedded.',
    })
  return parts.map(({ text }) => text).join('')
}

/** `embedContent` asks for one vector, `batchEmbedContents` for a list of them. */
export const readEmbedding = (body: Fields, { model = '', method }: Place): Request => {
  const batch = method === 'batchEmbedContents'
  const requests = batch ? objectsIn(body.requests) : [body]
  const texts = requests.map(({ content }) => textOf(content))
  const dimensions = requests[0]?.outputDimensionality
  return {
    model,
    input: batch ? texts : (texts[0] ?? ''),
    ...(typeof dimensions === 'number' && { dimensions }),
  }
}

const floats = (embedding: unknown): unknown => {
  if (typeof embedding !== 'string') return embedding
  const bytes = Buffer.from(embedding, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
}

export const writeEmbedding = (chunk: Chunk, batch: boolean): Fields => {
  const vectors = objectsIn(chunk.data).map(({ embedding }) => ({ values: floats(embedding) }))
  const { usage } = chunk
  return {
    ...(batch ? { embeddings: vectors } : { embedding: vectors[0] ?? { values: [] } }),
    ...(usage && { usageMetadata: { promptTokenCount: usage.prompt_tokens } }),
  }
}
