import { attempts, isSpoken, type Call, type Ended, type Request } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { key } from '../pipeline.ts'
import { estimateUsage } from './estimate.ts'

/** Tokens of an answer whose length nobody has limited. */
const usualAnswer = 1_000

const counted = key<{ readonly of: Request; readonly tokens: number } | undefined>(
  'prompt tokens',
  () => undefined,
)

const samePrompt = (one: Request, other: Request): boolean =>
  one.messages === other.messages && one.prompt === other.prompt && one.input === other.input

/** Tokens of the prompt, counted once for all attempts. */
const promptTokens = ({ request, vars }: Call): number => {
  const before = vars.get(counted)
  if (before && samePrompt(before.of, request)) return before.tokens
  const tokens = estimateUsage(request, '').prompt_tokens
  vars.set(counted, { of: request, tokens })
  return tokens
}

const answerTokens = ({ request: { max_completion_tokens, max_tokens, n } }: Call): number =>
  (max_completion_tokens ?? max_tokens ?? usualAnswer) * (n ?? 1)

/** Tokens that a call will probably need: its prompt's, and as many of an answer as it may have. */
export const expectedTokens = (call: Call): number => {
  if (call.operation === 'count_tokens') return 0
  return promptTokens(call) + (isSpoken(call) ? answerTokens(call) : 0)
}

/** The same where the provider's tokens are limited, else 0: a prompt is counted for who wants to know. */
export const tokensFor = ({ limits }: ProviderConfig, call: Call): number =>
  limits.tokens === undefined && limits.per_key?.tokens === undefined ? 0 : expectedTokens(call)

/** Tokens that a call took: none where every provider refused it; undefined where nobody knows. */
export const tokensTaken = ({ vars }: Call, { usage, error }: Ended): number | undefined => {
  if (usage) return usage.total_tokens
  const refused = error && vars.get(attempts).every(({ status }) => status >= 400)
  return refused ? 0 : undefined
}
