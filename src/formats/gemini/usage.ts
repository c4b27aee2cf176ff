import { isObject, objectOf, type Fields } from '../../fields.ts'
import type { Usage } from '../../chat.ts'
import { objectsIn } from '../gemini.ts'

const count = (value: unknown): number => (typeof value === 'number' ? value : 0)

const ofKind = (details: unknown, kind: string): number =>
  objectsIn(details).reduce(
    (sum, { modality, tokenCount }) => sum + (modality === kind ? count(tokenCount) : 0),
    0,
  )

const positive = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).filter(([, tokens]) => tokens > 0))

/** Google counts the thoughts beside the answer, and the cached tokens within the prompt. */
export const toUsage = (written: unknown): Usage | undefined => {
  if (!isObject(written)) return undefined
  const prompt_tokens = count(written.promptTokenCount) + count(written.toolUsePromptTokenCount)
  const reasoning_tokens = count(written.thoughtsTokenCount)
  const completion_tokens = count(written.candidatesTokenCount) + reasoning_tokens
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: {
      cached_tokens: count(written.cachedContentTokenCount),
      ...positive({
        audio_tokens: ofKind(written.promptTokensDetails, 'AUDIO'),
        image_tokens: ofKind(written.promptTokensDetails, 'IMAGE'),
        video_tokens: ofKind(written.promptTokensDetails, 'VIDEO'),
      }),
    },
    completion_tokens_details: {
      reasoning_tokens,
      ...positive({
        audio_tokens: ofKind(written.candidatesTokensDetails, 'AUDIO'),
        image_tokens: ofKind(written.candidatesTokensDetails, 'IMAGE'),
      }),
    },
  }
}

const byKind = (total: number, details: Fields): Fields[] => {
  const kinds = ['audio', 'image', 'video'].flatMap((kind) => {
    const tokenCount = count(details[`${kind}_tokens`])
    return tokenCount > 0 ? [{ modality: kind.toUpperCase(), tokenCount }] : []
  })
  const text = total - kinds.reduce((sum, { tokenCount }) => sum + tokenCount, 0)
  return [...(text > 0 ? [{ modality: 'TEXT', tokenCount: text }] : []), ...kinds]
}

export const toUsageMetadata = (usage: Usage): Fields => {
  const prompt_tokens = count(usage.prompt_tokens)
  const completion_tokens = count(usage.completion_tokens)
  const total_tokens = count(usage.total_tokens)
  const before = objectOf(usage.prompt_tokens_details)
  const after = objectOf(usage.completion_tokens_details)
  const thoughts = Math.min(count(after.reasoning_tokens), completion_tokens)
  const cached = count(before.cached_tokens)
  return {
    promptTokenCount: prompt_tokens,
    candidatesTokenCount: completion_tokens - thoughts,
    totalTokenCount: total_tokens,
    ...(cached > 0 && { cachedContentTokenCount: cached }),
    ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
    promptTokensDetails: byKind(prompt_tokens, before),
    ...((count(after.audio_tokens) > 0 || count(after.image_tokens) > 0) && {
      candidatesTokensDetails: byKind(completion_tokens - thoughts, after),
    }),
  }
}
