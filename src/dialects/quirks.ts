import { isObject } from '../fields.ts'
import { createHash } from 'node:crypto'
import type { Quirks } from '../config.ts'

type Body = Readonly<Record<string, unknown>>

const textOf = (part: unknown): string =>
  typeof part === 'string' ? part : String((part as { text?: unknown } | null)?.text ?? '')

/** Lists of nothing but text become one string; what holds images stays a list. */
const flattened = (message: Body): Body =>
  Array.isArray(message.content) &&
  message.content.every((part: unknown) => typeof part === 'string' || textPart(part))
    ? { ...message, content: message.content.map(textOf).join('') }
    : message

const textPart = (part: unknown): boolean => isObject(part) && part.type === 'text'

const textFields = ['reasoning_content', 'reasoning'] as const

/** What an assistant thought, as text, from whichever field has it. */
const thoughtOf = (message: Body): string | undefined => {
  const known = textFields.map((field) => message[field]).find((value) => typeof value === 'string')
  if (typeof known === 'string') return known
  const details = Array.isArray(message.reasoning_details) ? message.reasoning_details : []
  const texts = details.flatMap((detail: unknown) =>
    isObject(detail) ? [detail.text ?? detail.summary] : [],
  )
  const text = texts.filter((piece) => typeof piece === 'string').join('')
  return text === '' ? undefined : text
}

/** An assistant's reasoning in the one field that the provider takes; `reasoning` goes with its signed details. */
const rethought = (message: Body, field: NonNullable<Quirks['reasoning_field']>): Body => {
  if (message.role !== 'assistant') return message
  const kept = field === 'reasoning' ? ['reasoning', 'reasoning_details'] : [field]
  const fields = ['reasoning_content', 'reasoning', 'reasoning_details']
  const foreign = fields.filter((name) => name in message && !kept.includes(name))
  const text = field === 'none' || field in message ? undefined : thoughtOf(message)
  if (foreign.length === 0 && text === undefined) return message
  const rest = Object.fromEntries(
    Object.entries(message).filter(([name]) => !foreign.includes(name)),
  )
  return text === undefined ? rest : { ...rest, [field]: text }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** An id as Mistral takes it: the same for the same, on every machine, so that prompts stay cached. */
export const toMistralId = (id: string): string => {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id
  const bytes = createHash('sha256').update(id).digest()
  return Array.from(bytes.subarray(0, 9), (byte) => alphabet[byte % alphabet.length]).join('')
}

const reidentified = (message: Body): Body => {
  const { tool_call_id, tool_calls } = message
  const calls = Array.isArray(tool_calls)
    ? tool_calls.map((call: unknown) =>
        isObject(call) && typeof call.id === 'string'
          ? { ...call, id: toMistralId(call.id) }
          : call,
      )
    : undefined
  return {
    ...message,
    ...(typeof tool_call_id === 'string' && { tool_call_id: toMistralId(tool_call_id) }),
    ...(calls && { tool_calls: calls }),
  }
}

const fitMessages = (messages: unknown, quirks: Quirks, native: boolean): unknown => {
  const field = quirks.reasoning_field ?? (native ? undefined : 'none')
  const { flatten_content, tool_ids } = quirks
  if (!Array.isArray(messages) || !(flatten_content || tool_ids || field)) return messages
  const fitted = messages.map((message: unknown) => {
    if (!isObject(message)) return message
    const flat = flatten_content ? flattened(message) : message
    const thoughtful = field ? rethought(flat, field) : flat
    return tool_ids ? reidentified(thoughtful) : thoughtful
  })
  return fitted.every((message, at) => message === messages[at]) ? messages : fitted
}

/**
 * The body as this provider wants it; what needs no change keeps its identity.
 * @param native whether the client itself speaks OpenAI's format: what it says of reasoning then stays, if the provider
 * has no wish of its own
 */
export const applyQuirks = (body: Body, quirks: Quirks, native = true): Body => {
  if (Object.keys(quirks).length === 0 && native) return body
  const { rename = {}, drop = [], force = {}, clamp = {} } = quirks
  const entries = Object.entries(body)
    .filter(([field]) => !drop.includes(field))
    .map(([field, value]): [string, unknown] => {
      const name = rename[field] ?? field
      const range = clamp[name]
      return range && typeof value === 'number'
        ? [name, Math.min(Math.max(value, range[0]), range[1])]
        : [name, value]
    })
  const fitted = { ...Object.fromEntries(entries), ...force }
  const messages = fitMessages(fitted.messages, quirks, native)
  return messages === fitted.messages ? fitted : { ...fitted, messages }
}

/** A chunk, or a whole answer, with its usage where OpenAI has it. */
export const withUsageOf = <T extends Body>(answer: T, { usage_in }: Quirks): T => {
  if (usage_in === undefined || answer.usage) return answer
  const place = answer[usage_in]
  return isObject(place) && isObject(place.usage) ? { ...answer, usage: place.usage } : answer
}
