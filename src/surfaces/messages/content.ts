import { isObject, type Fields } from '../../fields.ts'
import type { Part } from '../../chat.ts'
import { isSealed } from '../../formats/envelope.ts'
import { cited, heading, marked, own, within } from '../../formats/anthropic/marks.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** As it came: only Anthropic knows what it means. */
export const asOwn = (block: Fields): Part => ({
  ...block,
  type: typeof block.type === 'string' ? block.type : 'unknown',
  [own]: true,
})

const cacheOf = ({ cache_control }: Fields) => (cache_control ? { cache_control } : {})

const isForeign = (citation: unknown): boolean =>
  isObject(citation) && isSealed(citation.encrypted_index)

/** Citations stay in the client's own text, but for those that are not Anthropic's to believe. */
const toText = (block: Fields): Part => {
  if (typeof block.text !== 'string') return asOwn(block)
  const { citations } = block
  const foreign = Array.isArray(citations) && citations.some(isForeign)
  return {
    type: 'text',
    text: block.text,
    ...cacheOf(block),
    ...(foreign && { [cited]: citations }),
  }
}

/** Media types with which a data URL can be taken apart again as it was. */
const plainMedia = /^[^;,]+$/

const toImage = (block: Fields): Part => {
  const { type, url, media_type, data } = isObject(block.source) ? block.source : ({} as Fields)
  if (type === 'url' && typeof url === 'string' && !url.startsWith('data:'))
    return { type: 'image_url', image_url: { url }, ...cacheOf(block) }
  if (type !== 'base64' || typeof data !== 'string' || !plainMedia.test(wordOf(media_type)))
    return asOwn(block)
  return {
    type: 'image_url',
    image_url: { url: `data:${wordOf(media_type)};base64,${data}` },
    ...cacheOf(block),
  }
}

/** Text inside a bigger block, led by what the block is called. */
const enclosed = (block: Fields, names: readonly string[], texts: readonly Fields[]): Part[] => {
  const cache = cacheOf(block)
  const part = (text: string, marks: object, more: object = {}): Part =>
    marked({ type: 'text', text, ...more }, { [within]: block, ...marks })
  const headings = names.flatMap((field): Part[] => {
    const text = block[field]
    return typeof text === 'string' && text !== '' ? [part(text, { [heading]: field })] : []
  })
  const inside = texts.map((text, at) => {
    const last = at === texts.length - 1 ? cache : {}
    return part(wordOf(text.text), {}, isObject(text.cache_control) ? cacheOf(text) : last)
  })
  // an empty block stays one
  return headings.length + inside.length > 0
    ? [...headings, ...inside]
    : [part('', { [heading]: '' })]
}

const isText = (block: unknown): block is Fields =>
  isObject(block) && block.type === 'text' && typeof block.text === 'string'

const toDocument = (block: Fields): Part[] => {
  const { type, url, media_type, data, file_id, content } = isObject(block.source)
    ? block.source
    : ({} as Fields)
  const { title } = block
  const name = typeof title === 'string' ? { filename: title } : {}
  const file = (said: Fields): Part[] => [
    { type: 'file', file: { ...name, ...said }, ...cacheOf(block) },
  ]
  if (type === 'url' && typeof url === 'string' && /^https?:/.test(url))
    return file({ file_data: url })
  if (type === 'file' && typeof file_id === 'string') return file({ file_id })
  if (type === 'base64' && media_type === 'application/pdf' && typeof data === 'string')
    return file({ file_data: `data:application/pdf;base64,${data}` })
  const names = ['title', 'context']
  if (type === 'text' && typeof data === 'string') return enclosed(block, names, [{ text: data }])
  if (type === 'content' && typeof content === 'string')
    return enclosed(block, names, [{ text: content }])
  if (type === 'content' && Array.isArray(content) && content.every(isText))
    return enclosed(block, names, content)
  return [asOwn(block)]
}

const toSearchResult = (block: Fields): Part[] =>
  Array.isArray(block.content) && block.content.every(isText)
    ? enclosed(block, ['title', 'source'], block.content)
    : [asOwn(block)]

/** The parts that a block is in the canonical form. */
export const toParts = (block: Fields): Part[] => {
  switch (block.type) {
    case 'text':
      return [toText(block)]
    case 'image':
      return [toImage(block)]
    case 'document':
      return toDocument(block)
    case 'search_result':
      return toSearchResult(block)
    default:
      return [asOwn(block)]
  }
}
