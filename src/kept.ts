import type { Chunk, Format } from './chat.ts'
import { key } from './pipeline.ts'

/** What a provider said, in its own words. */
export interface Words {
  readonly format: Format
  /** The JSON as it came. */
  readonly text: string
  /** A whole answer's body, not an event of a stream. */
  readonly whole: boolean
  /** The event's name, where the format has names. */
  readonly event?: string
}

export interface Kept extends Words {
  /** What was made of the words, before any plugin. */
  readonly chunk: Chunk
}

const words = new WeakMap<Chunk, Words>()

/** The chunk, which from now on knows the JSON that it came as; a copy of it will not. */
export const keep = <C extends Chunk>(chunk: C, kept: Words): C => {
  words.set(chunk, kept)
  return chunk
}

/** The words of an unchanged chunk in that format; a chunk made or copied by a plugin has none. */
export const keptIn = (chunk: Chunk, format: Format): Words | undefined => {
  const kept = words.get(chunk)
  return kept?.format === format ? kept : undefined
}

/**
 * The whole answer, or the event that finished a streamed one, as the provider gave it: what a changed copy of that
 * chunk does not say, its words still do.
 */
export const lastWords = key<Kept | undefined>('last words', () => undefined)

/** The chunk's words, for `lastWords`. */
export const keptOf = (chunk: Chunk): Kept | undefined => {
  const kept = words.get(chunk)
  return kept && { ...kept, chunk }
}

export const keepText = <C extends Chunk>(chunk: C, text: string, whole = false): C =>
  keep(chunk, { format: 'openai', text, whole })

/** The text of an event of OpenAI's: as it came, or what `complete` makes of the chunk, serialised. */
export const eventText = (
  chunk: Chunk,
  complete: (chunk: Chunk) => Chunk = (made) => made,
): string => {
  const kept = keptIn(chunk, 'openai')
  return kept && !kept.whole ? kept.text : JSON.stringify(complete(chunk))
}

/** The text of a whole answer's body in that format, if that is how the chunk came. */
export const wholeText = (chunk: Chunk, format: Format = 'openai'): string | undefined => {
  const kept = keptIn(chunk, format)
  return kept?.whole ? kept.text : undefined
}
