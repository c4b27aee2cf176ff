import type { Choice, Chunk } from '../../chat.ts'
import { toUsageMetadata } from '../../formats/gemini/usage.ts'
import { wholeText } from '../../kept.ts'
import type { Wire } from '../surface.ts'
import { tailOf } from './answer.ts'
import { beside, createCandidate } from './candidate.ts'
import { changedWords } from './last-words.ts'
import { showsThoughts } from './thoughts.ts'

/** A whole answer in Google's form. */
export const geminiAnswer = (chunk: Chunk, wire: Wire): string => {
  const words = wholeText(chunk, 'gemini') ?? changedWords(chunk, wire, true)
  if (words !== undefined) return words
  const shows = showsThoughts(wire.call)
  const single = (wire.call?.request.n ?? 1) === 1
  const said = (chunk.choices ?? []).filter(({ index }) => !single || index === 0)
  const candidates = (said.length > 0 ? said : [{ index: 0 }]).map((choice: Choice) => {
    const candidate = createCandidate(shows)
    const parts = [...candidate.push(choice), ...candidate.rest()]
    return {
      content: { parts: parts.length > 0 ? parts : [{ text: '' }], role: 'model' },
      ...(candidate.finish ?? { finishReason: 'STOP' }),
      index: choice.index,
      ...beside(choice),
    }
  })
  return JSON.stringify({
    candidates,
    ...(chunk.usage && { usageMetadata: toUsageMetadata(chunk.usage) }),
    ...tailOf(chunk, wire.id, wire.model),
  })
}
