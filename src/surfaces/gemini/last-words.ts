import type { Fields } from '../../fields.ts'
import type { Chunk } from '../../chat.ts'
import { rewriteTurn } from '../../formats/gemini/rewrite.ts'
import { toFinishReason } from '../../formats/gemini.ts'
import { lastWords } from '../../kept.ts'
import { splice } from '../../splice.ts'
import type { Wire } from '../surface.ts'

/** What is known of Google's own answer: what of it a plugin may have changed. */
const saidIn = ({ choices = [] }: Chunk): Fields => ({
  candidates: choices.map(({ delta = {}, finish_reason, native_finish_reason }) => ({
    content: { parts: rewriteTurn(delta)?.flat() ?? [{ text: delta.content ?? '' }] },
    ...(finish_reason && { finishReason: toFinishReason(finish_reason, native_finish_reason) }),
  })),
})

const indices = ({ choices = [] }: Chunk): string => choices.map(({ index }) => index).join()

/** Google's own answer, or the event that finished it, with what plugins changed of it; undefined for any other chunk. */
export const changedWords = (chunk: Chunk, { call }: Wire, whole: boolean): string | undefined => {
  const kept = call?.vars.get(lastWords)
  if (kept?.format !== 'gemini' || kept.whole !== whole) return undefined
  if (!chunk.choices?.some(({ finish_reason }) => finish_reason)) return undefined
  if (chunk.choices.length === 0 || indices(chunk) !== indices(kept.chunk)) return undefined
  const value = JSON.parse(kept.text) as Fields
  return splice({ text: kept.text, value }, saidIn(kept.chunk), saidIn(chunk))
}
