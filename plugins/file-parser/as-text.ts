import { isObject, type Message, type Part, type Request } from 'sluice/plugin'
import { isParts } from './files.ts'
import type { Parsed } from './parsed.ts'

/** The name without characters that could end a tag or begin a line. */
const shown = (name: string): string => name.replace(/[\p{Cc}<>"&]/gu, '_').slice(0, 200)

/** A file as a text of its own, with a beginning and an end that nothing in it can feign. */
export const asText = ({ name, text, cut }: Parsed): string => {
  const inside = text.replace(/<(\/?)file\b/gi, '‹$1file')
  const said = inside.trim() === '' ? '[There is no text in this file.]' : inside
  return `<file name="${shown(name)}">\n${said}${cut ? '\n[…]' : ''}\n</file>`
}

const isFile = (annotation: unknown): boolean => isObject(annotation) && annotation.type === 'file'

/** Annotations that an earlier answer brought are ours: no other plugin and no provider sees them. */
const withoutFiles = (message: Message): Message => {
  const { annotations, ...rest } = message
  if (!Array.isArray(annotations) || !annotations.some(isFile)) return message
  const others = annotations.filter((one) => !isFile(one))
  return others.length > 0 ? { ...rest, annotations: others } : rest
}

/** The request with texts in the places of files. */
export const withTexts = (request: Request, parsed: ReadonlyMap<Part, Parsed>): Request => {
  const messages = request.messages?.map((message) => {
    const { content } = message
    if (!isParts(content) || !content.some((part) => parsed.has(part))) return withoutFiles(message)
    const parts = content.map((part): Part => {
      const found = parsed.get(part)
      if (!found) return part
      const { file: _, ...rest } = part
      return { ...rest, type: 'text', text: asText(found) }
    })
    return { ...message, content: parts }
  })
  return messages ? { ...request, messages } : request
}
