import { objectOf, type Fields } from '../../fields.ts'
import type { Message, Part, ToolCall } from '../../chat.ts'
import { stringOf, type Family } from './family.ts'
import { toFile, toResultFile } from './media.ts'
import { toThoughts } from './thoughts.ts'

/** Hears what is left out, in words for the client. */
export type Warn = (warning: string) => void

/** A name of the client's that may stand in a header. */
export const shown = (name: unknown): string =>
  String(name)
    .replace(/[^\w.:/-]/g, '')
    .slice(0, 64)

/** Breakpoints of prompt caching, under the names that packages know. */
export const cachedAs = (written: unknown): Fields => {
  if (typeof written !== 'object' || written === null) return {}
  const cacheControl = { cacheControl: written }
  return {
    providerOptions: {
      anthropic: cacheControl,
      openrouter: cacheControl,
      bedrock: { cachePoint: { type: 'default' } },
    },
  }
}

/** The options of two parts in one. */
const withOptions = (part: Fields, options: Fields | undefined): Fields =>
  options ? { ...part, providerOptions: { ...objectOf(part.providerOptions), ...options } } : part

const partsOf = ({ content }: Message): readonly Part[] => {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return content ?? []
}

const isText = ({ type, text }: Part): boolean => type === 'text' && typeof text === 'string'

const toPart = (part: Part, family: Family, warn: Warn): Fields[] => {
  const cached = cachedAs(part.cache_control)
  if (isText(part)) return part.text === '' ? [] : [{ type: 'text', text: part.text, ...cached }]
  if (part.type === 'refusal') return [{ type: 'text', text: String(part.refusal ?? '') }]
  const file = toFile(part, family)
  if (file) return [{ ...file, ...cached }]
  warn(`content of type ${shown(part.type)} is not available at this provider`)
  return []
}

/** A text of its own for each breakpoint: a system message of the AI SDK is one string. */
const toSystem = (message: Message): Fields[] => {
  const texts = partsOf(message).filter(isText)
  const cached = cachedAs(message.cache_control)
  if (!texts.some((part) => part.cache_control)) {
    const content = texts.map(({ text }) => text).join('\n\n')
    return content === '' ? [] : [{ role: 'system', content, ...cached }]
  }
  return texts.map(({ text, cache_control }) => ({
    role: 'system',
    content: text,
    ...cachedAs(cache_control),
  }))
}

const inputOf = (written: string | undefined): unknown => {
  if (!written?.trim()) return {}
  try {
    return JSON.parse(written)
  } catch {
    return written
  }
}

const toCall = ({ id, function: called }: ToolCall): Fields => ({
  type: 'tool-call',
  toolCallId: id ?? '',
  toolName: called?.name ?? '',
  input: inputOf(called?.arguments),
})

const toAssistant = (message: Message, family: Family, warn: Warn): Fields[] => {
  const thoughts = toThoughts(message, family)
  const said = partsOf(message).flatMap((part) => toPart(part, family, warn))
  if (typeof message.refusal === 'string' && message.refusal !== '')
    said.push({ type: 'text', text: message.refusal })
  const content = [
    ...thoughts.parts,
    ...said.map((part, at) => (at === said.length - 1 ? withOptions(part, thoughts.text) : part)),
    ...(message.tool_calls ?? []).map((call) =>
      withOptions(toCall(call), thoughts.calls[call.id ?? '']),
    ),
  ]
  if (content.length === 0) return []
  const cached = cachedAs(message.cache_control)
  return [withOptions({ role: 'assistant', content, ...cached }, thoughts.message)]
}

const toOutput = (message: Message, family: Family, warn: Warn): Fields => {
  const parts = partsOf(message)
  const failed = message.is_error === true
  if (failed || parts.every(isText)) {
    const value = parts.map(({ text }) => text ?? '').join('\n')
    return { type: failed ? 'error-text' : 'text', value }
  }
  const value = parts.flatMap((part): Fields[] => {
    if (isText(part)) return [{ type: 'text', text: part.text }]
    const file = toResultFile(part, family)
    if (file) return [file]
    warn(`content of type ${shown(part.type)} is not available at this provider`)
    return []
  })
  return { type: 'content', value }
}

/** The conversation in the words of the AI SDK. Results that follow each other are one message of the tools. */
export const toPrompt = (
  messages: readonly Message[],
  family: Family,
  warn: Warn,
): readonly Fields[] => {
  const tools = new Map<string, string>()
  const prompt: Fields[] = []
  let results: Fields[] = []
  const settle = () => {
    if (results.length > 0) prompt.push({ role: 'tool', content: results })
    results = []
  }
  for (const message of messages) {
    if (message.role === 'tool') {
      const id = stringOf(message.tool_call_id) ?? ''
      const cached = message.cache_control ?? partsOf(message).at(-1)?.cache_control
      results.push({
        type: 'tool-result',
        toolCallId: id,
        toolName: tools.get(id) ?? stringOf(message.name) ?? 'unknown',
        output: toOutput(message, family, warn),
        ...cachedAs(cached),
      })
      continue
    }
    settle()
    if (message.role === 'assistant') {
      for (const { id, function: called } of message.tool_calls ?? [])
        tools.set(id ?? '', called?.name ?? '')
      prompt.push(...toAssistant(message, family, warn))
    } else if (message.role === 'user') {
      const content = partsOf(message).flatMap((part) => toPart(part, family, warn))
      const cached = cachedAs(message.cache_control)
      prompt.push({ role: 'user', content, ...cached })
    } else prompt.push(...toSystem(message))
  }
  settle()
  return prompt
}
