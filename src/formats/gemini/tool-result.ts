import { isObject, type Fields } from '../../fields.ts'
import type { Message, Part } from '../../chat.ts'
import { isGiven, objectsIn } from '../gemini.ts'
import { marked, originOf } from './marks.ts'
import { readMedia, writeMedia } from './media.ts'
import { wordOf } from '../unchecked.ts'

/** What a tool's result was in Gemini's words. */
interface Origin {
  /** The content that the result stood in. */
  readonly within: object
  readonly name: string
  /** The one field of the response that is the text; without it, the response is JSON. */
  readonly field?: string
}

const textFields = ['output', 'result', 'error', 'content']

/** A function's response as a tool's message. */
export const readResult = (written: Fields, tool_call_id: string, within: object): Message => {
  const { response, name = '' } = written
  const fields = isObject(response) ? response : {}
  const [field, ...more] = Object.keys(fields)
  const isText =
    field !== undefined &&
    more.length === 0 &&
    textFields.includes(field) &&
    typeof fields[field] === 'string'
  const text = isText ? wordOf(fields[field]) : JSON.stringify(response ?? {})
  const media = objectsIn(written.parts)
    .map(readMedia)
    .filter((part) => part !== undefined)
  const content: string | Part[] = media.length > 0 ? [{ type: 'text', text }, ...media] : text
  const origin: Origin = { within, name: wordOf(name), ...(isText && { field }) }
  const failed = field === 'error' && more.length === 0
  return marked({ role: 'tool', tool_call_id, content, ...(failed && { is_error: true }) }, origin)
}

const responseOf = (text: string, failed: boolean, origin: Origin | undefined): Fields => {
  if (origin?.field !== undefined) return { [origin.field]: text }
  if (origin) {
    try {
      const value: unknown = JSON.parse(text)
      if (isObject(value)) return value
    } catch {
      // a plugin made something else of it
    }
  }
  // never as an object: one that looks like a schema is refused, and large numbers would be rounded
  return { [failed ? 'error' : 'output']: text }
}

/**
 * A tool's message as parts: the response, and the media that came with it, inside it where the model `nests` them.
 * @param name of the function that was called
 */
export const writeResult = (
  message: Message,
  name: string | undefined,
  nests: boolean,
): readonly Fields[] => {
  const origin = originOf<Origin>(message)
  const { content, tool_call_id, is_error } = message
  const parts: readonly Part[] = Array.isArray(content) ? content : []
  const text =
    typeof content === 'string'
      ? content
      : parts.flatMap((part) => (typeof part.text === 'string' ? [part.text] : [])).join('\n')
  const media = parts.map(writeMedia).filter((part) => part !== undefined)
  const inside = nests || origin !== undefined
  const functionResponse = {
    ...(isGiven(tool_call_id) && { id: tool_call_id }),
    name: origin?.name ?? name ?? 'unknown',
    response: responseOf(text, is_error === true, origin),
    ...(inside && media.length > 0 && { parts: media }),
  }
  return [{ functionResponse }, ...(inside ? [] : media)]
}
