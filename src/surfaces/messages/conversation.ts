import { isObject, type Fields } from '../../fields.ts'
import type { Message, Part } from '../../chat.ts'
import { marked, place, top, turn, unsaid, type Unsaid } from '../../formats/anthropic/marks.ts'
import { toAssistant } from './assistant.ts'
import { toParts } from './content.ts'
import { wordOf } from '../../formats/unchecked.ts'

const textOrParts = (content: unknown): Message['content'] =>
  Array.isArray(content) ? content.filter(isObject).flatMap(toParts) : wordOf(content)

/**
 * What Claude Code writes in front for Anthropic's accounting: it differs from request to request, so that no other
 * provider would find its cache again.
 */
const isBilling = ({ text }: Fields): boolean =>
  typeof text === 'string' && text.startsWith('x-anthropic-billing-header:')

/** Anthropic's `system`, which stands before the messages. */
const toSystem = (system: unknown): Message[] => {
  if (typeof system === 'string')
    return system === '' ? [] : [marked({ role: 'system', content: system }, { [top]: true })]
  if (!Array.isArray(system) || system.length === 0) return []
  const blocks = system.filter(isObject)
  const kept = blocks.flatMap((block, at): Unsaid[] => (isBilling(block) ? [{ at, block }] : []))
  const content = blocks.filter((block) => !isBilling(block)).flatMap(toParts)
  const marks = { [top]: true, ...(kept.length > 0 && { [unsaid]: kept }) }
  return [marked({ role: 'system', content }, marks)]
}

const toResult = (block: Fields, message: Fields, at: number): Message => {
  const { tool_use_id, content, is_error, cache_control } = block
  const result: Message = {
    role: 'tool',
    tool_call_id: wordOf(tool_use_id),
    content: textOrParts(content),
    ...(is_error === true && { is_error }),
    ...(cache_control ? { cache_control } : {}),
  }
  return marked(result, { [turn]: message, [place]: at })
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
  return says
    ? [...results, marked({ role: 'user', content: parts }, { [turn]: message })]
    : results
}

const toMessages = (message: Fields): Message[] => {
  const role = wordOf(message.role)
  const { content } = message
  const marks = { [turn]: message }
  if (!Array.isArray(content)) return [marked({ role, content: wordOf(content) }, marks)]
  const blocks = content.filter(isObject)
  if (role === 'assistant') return [toAssistant(message, blocks)]
  if (role === 'user') return toUser(message, blocks)
  return [marked({ role, content: blocks.flatMap(toParts) }, marks)]
}

/** Everything that is said, in canonical messages which know what they were. */
export const toConversation = (body: Fields): readonly Message[] => [
  ...toSystem(body.system),
  ...(Array.isArray(body.messages) ? body.messages.filter(isObject).flatMap(toMessages) : []),
]
