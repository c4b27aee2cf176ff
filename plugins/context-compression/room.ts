import type { Candidate, Request } from 'sluice/plugin'

/** How much of a prompt a candidate takes. */
export interface Room {
  readonly tokens: number
  readonly messages: number
}

/** Tokens kept free for an answer of which nothing is said. */
const usualAnswer = 1_024

/** What an estimate may be wrong by. */
const certain = 0.92

/** Anthropic's models take no more; OpenRouter's figure. */
const mostMessages = 1_000

const answerOf = ({ max_completion_tokens, max_tokens }: Request): number =>
  max_completion_tokens ?? max_tokens ?? usualAnswer

export const roomAt = (request: Request, { facts, endpoint }: Candidate): Room => {
  const { context_length: context = Infinity } = facts
  // who asks for more of an answer than half of the context is not served by leaving out more of the prompt
  const answer = Math.min(answerOf(request), context / 2)
  return {
    tokens: Math.floor((context - answer) * certain),
    messages: /claude/i.test(endpoint.model) ? mostMessages : Infinity,
  }
}
