import { without } from '../../fields.ts'
import type { Message, Part } from '../../chat.ts'
import { withBreakpoint } from '../../formats/breakpoints.ts'
import type { Family } from './family.ts'

/** Hears what is left out, in words for the client. */
export type Warn = (warning: string) => void

/** A name of the client's that may stand in a header. */
const shown = (name: unknown): string =>
  String(name)
    .replace(/[^\w.:/-]/g, '')
    .slice(0, 64)

export const unavailable = (warn: Warn, what: string, name: unknown): void =>
  warn(`${what} ${shown(name)} is not available at this provider`)

const isHttp = (value: unknown): boolean => typeof value === 'string' && /^https?:/i.test(value)

const known = new Set(['text', 'image_url', 'input_audio', 'file', 'video_url', 'refusal'])

const takes = (part: Part, family: Family): boolean => {
  if (!known.has(part.type)) return false
  if (!family.own) return true
  // OpenAI reads files that come along or that it has, and no videos
  const { file } = part as { readonly file?: { readonly file_data?: unknown } }
  return part.type !== 'video_url' && !(part.type === 'file' && isHttp(file?.file_data))
}

const toParts = (parts: readonly Part[], family: Family, warn: Warn): Part[] =>
  parts
    .filter((part) => {
      const taken = takes(part, family)
      if (!taken) unavailable(warn, 'content of type', part.type)
      return taken
    })
    .map((part) => (family.caching ? part : withBreakpoint(part, family.breakpoints)))

const textsOf = (parts: readonly Part[]): Part[] => parts.filter(({ type }) => type === 'text')

/** Servers that are not OpenAI's often take lists only of users. */
const compact = (parts: readonly Part[], family: Family, between: string): Message['content'] => {
  if (family.own || family.router || parts.some((part) => part.cache_control)) return parts
  return parts.every(({ type }) => type === 'text')
    ? parts.map(({ text }) => text ?? '').join(between)
    : parts
}

const ours = ['reasoning_content', 'annotations', 'images', 'model', 'is_error', 'cache_control']

const toAssistant = (message: Message, family: Family, warn: Warn): Message => {
  const { content } = message
  const calls = message.tool_calls?.length ? message.tool_calls : undefined
  const { tool_calls: _calls, ...rest } = without(message, ours)
  const said = {
    ...rest,
    ...(calls && { tool_calls: calls.map(({ index: _at, ...call }) => call) }),
  }
  if (!Array.isArray(content)) return { ...said, content: content ?? (calls ? null : '') }
  const parts = toParts(content, family, warn)
  const spoken = parts.filter(({ type }) => type === 'text' || type === 'refusal')
  for (const { type } of parts)
    if (type !== 'text' && type !== 'refusal') unavailable(warn, 'content of type', type)
  if (spoken.length === 0) return { ...said, content: calls ? null : '' }
  return { ...said, content: compact(spoken, family, '') }
}

interface Result {
  readonly message: Message
  /** What a tool gave that a tool message cannot hold. */
  readonly media: readonly Part[]
}

const toResult = (message: Message, family: Family, warn: Warn): Result => {
  const { content } = message
  const rest = without(message, ours)
  if (!Array.isArray(content)) return { message: { ...rest, content: content ?? '' }, media: [] }
  const parts = toParts(content, family, warn)
  if (family.router) return { message: { ...rest, content: parts }, media: [] }
  const texts = textsOf(parts)
  const media = parts.filter((part) => !texts.includes(part))
  const said =
    texts.length > 0 ? compact(texts, family, '\n') : media.length > 0 ? 'It follows.' : ''
  return { message: { ...rest, content: said }, media }
}

const toOther = (message: Message, family: Family, warn: Warn): Message => {
  const modern = family.own || family.router
  const role = message.role === 'developer' && !modern ? 'system' : message.role
  const rest = { ...without(message, ours), role }
  if (!Array.isArray(message.content)) return { ...rest, content: message.content ?? '' }
  const parts = toParts(message.content, family, warn)
  if (parts.length === 0) return { ...rest, content: '' }
  const listed = role === 'user' && parts.length > 1
  return { ...rest, content: listed ? parts : compact(parts, family, '\n\n') }
}

/**
 * A conversation that came in another format, as servers of OpenAI's take it. What a tool gave besides text follows in
 * a message of the user's, after all results that belong together.
 */
export const toMessages = (
  messages: readonly Message[],
  family: Family,
  warn: Warn,
): readonly Message[] => {
  const out: Message[] = []
  let media: Part[] = []
  const settle = () => {
    if (media.length > 0) out.push({ role: 'user', content: media })
    media = []
  }
  for (const message of messages) {
    if (message.role === 'tool') {
      const result = toResult(message, family, warn)
      out.push(result.message)
      if (result.media.length > 0) {
        const text = `The result of tool call ${String(message.tool_call_id)}:`
        media = [...media, { type: 'text', text }, ...result.media]
      }
      continue
    }
    settle()
    out.push(
      message.role === 'assistant'
        ? toAssistant(message, family, warn)
        : toOther(message, family, warn),
    )
  }
  settle()
  return out
}
