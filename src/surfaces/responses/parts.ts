import { isObject, type Fields } from '../../fields.ts'
import type { Part } from '../../chat.ts'
import { withRaw } from '../../formats/responses/origin.ts'
import { textOf } from '../../formats/responses.ts'
import { wordOf } from '../../formats/unchecked.ts'

const cached = (part: Fields): Fields =>
  isObject(part.prompt_cache_breakpoint) ? { cache_control: { type: 'ephemeral' } } : {}

const fileOf = ({ filename, file_data, file_url, file_id }: Fields): Fields => ({
  ...(typeof filename === 'string' && { filename }),
  ...(typeof file_id === 'string' && { file_id }),
  ...(typeof (file_data ?? file_url) === 'string' && { file_data: file_data ?? file_url }),
})

const meant = (part: Fields): Part => {
  const { type, text, image_url, detail, refusal } = part
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'summary_text':
    case 'reasoning_text':
      return { type: 'text', text: textOf(text), ...cached(part) }
    case 'refusal':
      return { type: 'refusal', refusal: textOf(refusal) }
    case 'input_image':
      if (typeof image_url !== 'string') break
      return {
        type: 'image_url',
        image_url: { url: image_url, ...(typeof detail === 'string' && { detail }) },
        ...cached(part),
      }
    case 'input_file':
      return { type: 'file', file: fileOf(part), ...cached(part) }
    case 'input_audio':
      return { type: 'input_audio', input_audio: part.input_audio, ...cached(part) }
    case 'input_video':
      if (typeof part.video_url !== 'string') break
      return { type: 'video_url', video_url: { url: part.video_url } }
  }
  return { ...part, type: wordOf(type, 'unknown') }
}

/** A part of an item's content as a canonical one, which knows what it was. */
export const toPart = (part: unknown): Part =>
  isObject(part) ? withRaw(meant(part), part) : { type: 'text', text: textOf(part) }
