import type { Quirks } from '../config.ts'

type Body = Readonly<Record<string, unknown>>

const textOf = (part: unknown): string =>
  typeof part === 'string' ? part : String((part as { text?: unknown } | null)?.text ?? '')

/** Lists of nothing but text become one string; what holds images stays a list. */
const flatten = (messages: unknown): unknown => {
  if (!Array.isArray(messages)) return messages
  return messages.map((message: Body) =>
    Array.isArray(message?.content) &&
    message.content.every((part: Body) => typeof part === 'string' || part?.type === 'text')
      ? { ...message, content: message.content.map(textOf).join('') }
      : message,
  )
}

/** The body as this provider wants it. */
export const applyQuirks = (body: Body, quirks: Quirks): Body => {
  if (Object.keys(quirks).length === 0) return body
  const { rename = {}, drop = [], force = {}, clamp = {}, flatten_content } = quirks
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
  return flatten_content ? { ...fitted, messages: flatten(fitted.messages) } : fitted
}
