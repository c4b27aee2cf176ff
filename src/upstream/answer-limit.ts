import type { Facts } from '../catalog/facts.ts'
import type { Endpoint } from '../chat.ts'

/**
 * The endpoint with what is known of how long it can answer. Where that may fill the whole context, half of it is left
 * for the prompt: a limit that the prompt does not fit beside is refused.
 */
export const withAnswerLimit = (
  endpoint: Endpoint,
  { max_completion_tokens: most, context_length: context }: Facts,
): Endpoint => {
  if (most === undefined) return endpoint
  const half = context === undefined ? most : Math.floor(context / 2)
  return { ...endpoint, max_completion_tokens: Math.min(most, half) }
}
