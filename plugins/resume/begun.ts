import { estimateTokens, type Message, type Request } from 'sluice/plugin'

/** What was said stands at the end; where the client itself has begun the answer, behind that. */
const withText = (messages: readonly Message[], text: string): readonly Message[] => {
  if (text === '') return messages
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return [...messages, { role: 'assistant', content: text }]
  const { content } = last
  const said = Array.isArray(content)
    ? [...content, { type: 'text', text }]
    : `${typeof content === 'string' ? content : ''}${text}`
  return [...messages.slice(0, -1), { ...last, content: said }]
}

/** What is left of a limit. */
const less = (limit: unknown, taken: number) =>
  typeof limit === 'number' ? Math.max(1, limit - taken) : undefined

/**
 * The request for the rest of an answer. Nobody thinks any more: a beginning and thoughts exclude each other at most
 * hosts.
 * @param text without white space at its end, which Claude refuses
 * @param model who spoke; others only where the request names them
 */
export const toRest = (request: Request, text: string, model: string): Request => {
  const { reasoning, reasoning_effort, models, max_tokens, max_completion_tokens, ...rest } =
    request
  const taken = estimateTokens(text)
  const thinks = reasoning !== undefined || reasoning_effort !== undefined
  const others = [request.model, ...(models ?? [])].filter((name) => name !== model)
  const limit = less(max_tokens, taken)
  const newLimit = less(max_completion_tokens, taken)
  return {
    ...rest,
    model,
    ...(models && { models: others }),
    ...(thinks && { reasoning: { enabled: false } }),
    ...(limit !== undefined && { max_tokens: limit }),
    ...(newLimit !== undefined && { max_completion_tokens: newLimit }),
    messages: withText(request.messages ?? [], text),
  }
}
