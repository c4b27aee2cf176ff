import type { Chunk } from '../../chat.ts'

/** A whole answer as pieces of a stream: the roles, then all that was said, with its end and usage. */
const piecesOf = (chunk: Chunk): Chunk[] => {
  const { choices = [], ...rest } = chunk
  const { usage: _usage, ...base } = { ...rest, object: 'chat.completion.chunk' }
  const roles = choices.map(({ index }) => ({
    index,
    delta: { role: 'assistant', content: '' },
    finish_reason: null,
  }))
  return [
    { ...base, choices: roles },
    { ...rest, choices },
  ]
}

/** The same for the legacy format, where a piece looks like the whole. */
const textPiecesOf = (chunk: Chunk): Chunk[] => {
  const { usage, ...rest } = chunk
  return usage && chunk.choices?.length ? [rest, { ...rest, choices: [], usage }] : [chunk]
}

/** The chunk as what may stand in a stream. */
export const pieces = (chunk: Chunk): readonly Chunk[] => {
  if (chunk.object === 'chat.completion') return piecesOf(chunk)
  return chunk.object === 'text_completion' ? textPiecesOf(chunk) : [chunk]
}
