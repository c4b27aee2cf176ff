import type { Chunk } from '../chat.ts'
import type { Wire } from './surface.ts'

/** The chunk with what every client demands: a plugin that answers by itself need not know the format by heart. */
export const complete = (chunk: Chunk, { id, model = '' }: Wire): Chunk => {
  if (chunk.id !== undefined && chunk.object && chunk.created !== undefined && chunk.model)
    return chunk
  const legacy = chunk.choices?.some(({ text }) => text !== undefined)
  return {
    id,
    object: legacy ? 'text_completion' : 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1_000),
    model,
    ...chunk,
  }
}
