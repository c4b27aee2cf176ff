import { objectOf, type Fields } from '../../fields.ts'
import type { Usage } from '../../chat.ts'

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

const counts = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(objectOf(value)).filter(
      (entry): entry is [string, number] => count(entry[1]) !== undefined,
    ),
  )

/** @param raw the server's own, which may say more where it is OpenAI's */
const usageOf = (
  prompt: number | undefined,
  completion: number | undefined,
  details: Readonly<Record<string, number | undefined>>,
  raw: Fields = {},
): Usage | undefined => {
  if (prompt === undefined || completion === undefined) return undefined
  const { cached, written, reasoning } = details
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      ...counts(raw.prompt_tokens_details),
      cached_tokens: cached ?? 0,
      ...(written !== undefined && { cache_write_tokens: written }),
    },
    completion_tokens_details: {
      ...counts(raw.completion_tokens_details),
      reasoning_tokens: reasoning ?? 0,
    },
  }
}

/** Tokens as the package tells them; undefined where it does not know both counts. */
export const toUsage = (usage: Fields): Usage | undefined => {
  // the second version has flat counts
  if (typeof usage.inputTokens !== 'object')
    return usageOf(count(usage.inputTokens), count(usage.outputTokens), {
      cached: count(usage.cachedInputTokens),
      reasoning: count(usage.reasoningTokens),
    })
  const input = objectOf(usage.inputTokens)
  const output = objectOf(usage.outputTokens)
  const details = {
    cached: count(input.cacheRead),
    written: count(input.cacheWrite),
    reasoning: count(output.reasoning),
  }
  return usageOf(count(input.total), count(output.total), details, objectOf(usage.raw))
}

const finishes: Readonly<Record<string, string>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'tool_calls',
  other: 'stop',
  error: 'error',
}

export interface Finish {
  readonly finish_reason: string
  readonly native_finish_reason: string
}

/** Undefined where the answer just ended: a model that stops says why. */
export const toFinish = (said: unknown): Finish | undefined => {
  const { unified, raw } =
    typeof said === 'string' ? { unified: said, raw: undefined } : objectOf(said)
  const word = String(unified)
  const finish_reason = finishes[word]
  if (finish_reason === undefined || (word === 'other' && raw === undefined)) return undefined
  return { finish_reason, native_finish_reason: typeof raw === 'string' ? raw : word }
}
