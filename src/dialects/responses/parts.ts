import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import type { Part } from '../../chat.ts'
import { rawOf } from '../../formats/responses/origin.ts'
import { textOf } from '../../formats/responses.ts'
import { kindOf } from '../../formats/unchecked.ts'

/** Hears what the format cannot say. */
export type Warn = (warning: string) => void

const cached = (part: Part): Fields =>
  part.prompt_cache_breakpoint ? { prompt_cache_breakpoint: part.prompt_cache_breakpoint } : {}

const fileOf = (part: Part): Fields => {
  const { filename, file_data, file_id } = objectOf(part.file)
  if (typeof file_id === 'string') return { type: 'input_file', file_id }
  const named = { type: 'input_file', ...(filename !== undefined && { filename }) }
  return textOf(file_data).startsWith('http')
    ? { type: 'input_file', file_url: file_data }
    : { ...named, file_data }
}

/** What the client wrote, with what a plugin may have changed in it. */
const asWritten = (raw: Fields, part: Part): Fields => {
  switch (raw.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { ...raw, text: part.text }
    case 'refusal':
      return { ...raw, refusal: part.refusal }
    case 'input_image':
      return typeof raw.image_url === 'string'
        ? { ...raw, image_url: objectOf(part.image_url).url }
        : raw
    default:
      return raw
  }
}

/** Parts that only this format has. */
const known = new Set(['input_text', 'input_image', 'input_file', 'output_text'])

const toInput = (part: Part, warn: Warn): Fields | undefined => {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text ?? '', ...cached(part) }
    case 'refusal':
      return { type: 'input_text', text: textOf(part.refusal) }
    case 'image_url': {
      const { url, detail = 'auto' } = objectOf(part.image_url)
      return { type: 'input_image', image_url: url, detail, ...cached(part) }
    }
    case 'input_audio':
      return { type: 'input_audio', input_audio: part.input_audio }
    case 'file':
      return { ...fileOf(part), ...cached(part) }
  }
  if (known.has(part.type)) return part
  warn(`${kindOf(part.type)} content is not available at this provider`)
  return undefined
}

/** What the assistant said can be nothing but text. */
const toOutput = (part: Part, warn: Warn): Fields | undefined => {
  switch (part.type) {
    case 'text':
    case 'output_text':
      return { type: 'output_text', text: part.text ?? '', annotations: [], logprobs: [] }
    case 'refusal':
      return { type: 'refusal', refusal: textOf(part.refusal) }
  }
  warn(`${kindOf(part.type)} content of the assistant is not available at this provider`)
  return undefined
}

/** Canonical content as that of an item; a string stays one. */
export const toContent = (
  content: unknown,
  role: 'input' | 'output',
  warn: Warn,
): string | Fields[] => {
  if (typeof content === 'string') return content
  return listOf(content).flatMap<Fields>((part) => {
    if (!isObject(part)) return []
    const raw = rawOf(part)
    if (raw) return asWritten(raw, part as Part)
    const made = role === 'input' ? toInput(part as Part, warn) : toOutput(part as Part, warn)
    return made ?? []
  })
}
