import type { Message, Request } from '../../chat.ts'
import { isClaudes } from '../../formats/anthropic.ts'
import { cited, markOf, sealed } from '../../formats/anthropic/marks.ts'

const isForeign = (item: object) => markOf(item, sealed) !== undefined

const detailsOf = ({ reasoning_details: details }: Message): readonly object[] =>
  Array.isArray(details) ? details.filter((detail) => typeof detail === 'object' && detail) : []

const clean = (message: Message): Message => {
  const { content } = message
  const details = detailsOf(message)
  const thinks = details.some(isForeign)
  const cites = Array.isArray(content) && content.some((part) => markOf(part, cited))
  if (!thinks && !cites) return message
  return {
    ...message,
    ...(thinks && { reasoning_details: details.filter((detail) => !isForeign(detail)) }),
    ...(cites && { content: content.map((part) => ({ ...part, [cited]: undefined })) }),
  }
}

/** A tool loop that another model began without a thought of Claude's, which cannot be gone on with thinking. */
const isThoughtless = (messages: readonly Message[]): boolean => {
  const last = messages.findLast(({ role }) => role === 'assistant')
  return (
    last !== undefined && (last.tool_calls?.length ?? 0) > 0 && !detailsOf(last).some(isClaudes)
  )
}

/** Without what another vendor's model thought or cited, which Anthropic would refuse as forged. */
export const withoutForeign = (request: Request): Request => {
  const messages = request.messages?.map(clean)
  if (!messages || messages.every((message, at) => message === request.messages?.[at]))
    return request
  const budget = (request.reasoning as { max_tokens?: unknown } | undefined)?.max_tokens
  return {
    ...request,
    messages,
    ...(budget !== undefined && isThoughtless(messages) && { reasoning: { enabled: false } }),
  }
}
