import type { Choice, Chunk } from '../chat.ts'

/** What all pieces of one answer have in common. */
export interface Named {
  readonly id: string
  readonly model?: string
  /** Seconds since 1970; now without it. */
  readonly created?: number
}

const finished = (choice: Choice): boolean => choice.finish_reason !== undefined

/** The chunk with what every client demands: a plugin that answers by itself need not know the format by heart. */
export const complete = (chunk: Chunk, { id, model = '', created }: Named): Chunk => {
  const choices = chunk.choices?.every(finished)
    ? chunk.choices
    : chunk.choices?.map((choice) => ({ ...choice, finish_reason: choice.finish_reason ?? null }))
  const same = choices === chunk.choices
  if (chunk.id !== undefined && chunk.object && chunk.created !== undefined && chunk.model)
    return same ? chunk : { ...chunk, ...(choices && { choices }) }
  const legacy = chunk.choices?.some(({ text }) => text !== undefined)
  return {
    id,
    object: legacy ? 'text_completion' : 'chat.completion.chunk',
    created: created ?? Math.floor(Date.now() / 1_000),
    model,
    ...chunk,
    ...(choices && { choices }),
  }
}
