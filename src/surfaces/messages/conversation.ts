import type { Message, Part } from '../../chat.ts'
import { place, top, turn } from '../../formats/anthropic/marks.ts'
import { toAssistant } from './assistant.ts'
import { isObject, toParts, type Fields } from './content.ts'

const textOrParts = (content: unknown): Message['content'] =>
  Array.isArray(content) ? content.filter(isObject).flatMap(toParts) : String(content ?? '')

/** Anthropic's `system`, which stands before the messages. */
const toSystem = (system: unknown): Message[] => {
  const says = typeof system === 'string' || Array.isArray(system) ? system.length > 0 : false
  return says ? [{ role: 'system', content: textOrParts(system), ...{ [top]: true } }] : []
}

const toResult = (block: Fields, message: Fields, at: number): Message => {
  const { tool_use_id, content, is_error, cache_control } = block
  return {
    role: 'tool',
    tool_call_id: String(tool_use_id),
    content: textOrParts(content),
    ...(is_error === true && { is_error }),
    ...(cache_control ? { cache_control } : {}),
    ...{ [turn]: message, [place]: at },
  }
}

/** A user's turn: results answer the calls before them, so they go first, and what the user adds follows. */
const toUser = (message: Fields, content: readonly Fields[]): Message[] => {
  const results: Message[] = []
  const parts: Part[] = []
  content.forEach((block, at) => {
    if (block.type === 'tool_result') results.push(toResult(block, message, at))
    else parts.push(...toParts(block).map((part) => ({ ...part, [place]: at })))
  })
  const says = parts.length > 0 || results.length === 0
  return [
    ...results,
    ...(says ? [{ role: 'user', content: parts, ...{ [turn]: message } }] : []),
  ]
}

const toMessages = (message: Fields): Message[] => {
  const role = String(message.role)
  const { content } = message
  if (!Array.isArray(content))
    return [{ role, content: String(content ?? ''), ...{ [turn]: message } }]
  const blocks = content.filter(isObject)
  if (role === 'assistant') return [toAssistant(message, blocks)]
  if (role === 'user') return toUser(message, blocks)
  return [{ role, content: blocks.flatMap(toParts), ...{ [turn]: message } }]
}

/** Everything that is said, in canonical messages which know what they were. */
export const toConversation = (body: Fields): readonly Message[] => [
  ...toSystem(body.system),
  ...(Array.isArray(body.messages) ? body.messages.filter(isObject).flatMap(toMessages) : []),
]
