import type { Call, Chunk } from '../chat.ts'
import { isObject, type Fields } from '../fields.ts'
import { keep, keptOf, lastWords, type Words } from '../kept.ts'
import { splice } from '../splice.ts'
import { nativeOf, withNative } from './responses/origin.ts'

/** A chunk as JSON can hold it, with the words that it came in. */
export interface Frozen {
  /** Absent where the words say all of it. */
  readonly chunk?: Chunk
  readonly words?: Words
}

const wordsOf = (chunk: Chunk): Words | undefined => {
  const kept = keptOf(chunk)
  if (!kept) return undefined
  const { chunk: _, ...words } = kept
  return words
}

const valueOf = ({ text }: Words): Fields => JSON.parse(text) as Fields

export const frozen = (chunk: Chunk): Frozen => {
  const words = wordsOf(chunk)
  if (!words) return { chunk }
  return Bun.deepEquals(valueOf(words), chunk) ? { words } : { words, chunk }
}

const worded = (chunk: Chunk, words: Words, value?: Fields): Chunk => {
  const kept = keep(chunk, words)
  return words.format === 'responses' ? withNative(kept, value ?? valueOf(words)) : kept
}

export const thawed = ({ chunk, words }: Frozen): Chunk => {
  if (!words) return chunk ?? {}
  return worded(chunk ?? (valueOf(words) as Chunk), words)
}

/** The usage of an answer that cost nothing. */
const nothing = (usage: unknown): unknown => {
  if (typeof usage === 'number') return 0
  if (Array.isArray(usage)) return usage.map(nothing)
  if (!isObject(usage)) return usage
  const { estimated: _, ...rest } = usage
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, nothing(value)]))
}

const prefixes = { anthropic: 'msg_', responses: 'resp_' } as const

/** What names an answer, in any format, as it is for another call. */
const renamed = (value: Fields, idOf: (id: unknown) => unknown, created: number): Fields => {
  const { openrouter_metadata: _, ...rest } = value
  const changes: Record<string, unknown> = {}
  if ('id' in rest) changes.id = idOf(rest.id)
  if ('responseId' in rest) changes.responseId = idOf(rest.responseId)
  for (const field of ['created', 'created_at', 'completed_at'])
    if (typeof rest[field] === 'number') changes[field] = created
  for (const field of ['usage', 'usageMetadata'])
    if (isObject(rest[field])) changes[field] = nothing(rest[field])
  for (const field of ['message', 'response']) {
    const inner = rest[field]
    if (isObject(inner)) changes[field] = renamed(inner, idOf, created)
  }
  return { ...rest, ...changes }
}

/**
 * The chunk of an answer that was given before, for another call: under its id, made now, and taking nothing. Its words
 * stay its own, but for that.
 */
export const again = (chunk: Chunk, { id }: Pick<Call, 'id'>): Chunk => {
  const created = Math.floor(Date.now() / 1_000)
  const made = renamed(chunk, () => id, created)
  const words = wordsOf(chunk)
  if (!words) return made
  const { format } = words
  const prefix = format === 'anthropic' || format === 'responses' ? prefixes[format] : undefined
  const own = prefix ? `${prefix}${id.replace(/^gen-/, '')}` : id
  const idOf = (was: unknown) =>
    prefix === undefined || (typeof was === 'string' && was.startsWith(prefix)) ? own : was
  const value = nativeOf(chunk) ?? valueOf(words)
  const after = renamed(value, idOf, created)
  const text = splice({ text: words.text, value }, value, after)
  return worded(made, { ...words, text }, after)
}

/** Tells the call what the chunk's provider said last, as whoever sent it would have. */
export const saidLast = (call: Call, chunk: Chunk): void => {
  const kept = keptOf(chunk)
  const finishes = chunk.choices?.some(({ finish_reason }) => finish_reason) ?? false
  if (kept?.whole || finishes) call.vars.set(lastWords, kept)
}
