import { objectOf, type Fields } from '../../fields.ts'
import type { Part } from '../../chat.ts'
import { cited, heading, markOf, own, within } from '../../formats/anthropic/marks.ts'
import { kindOf } from '../../formats/unchecked.ts'

export interface Writing {
  /** The client wrote in this format: its blocks stay as many as they were. */
  readonly alike: boolean
  readonly warn: (text: string) => void
}

const dataUrl = /^data:([^;,]*)((?:;[^;,]*)*),/

/** Claude's own block types, in case that a client of another format uses them. */
const known = new Set(['image', 'document', 'search_result', 'container_upload', 'tool_reference'])

const cacheOf = (part: Fields) => {
  if (part.cache_control) return { cache_control: part.cache_control }
  return part.prompt_cache_breakpoint ? { cache_control: { type: 'ephemeral' } } : {}
}

const imageOf = (part: Fields): Fields | undefined => {
  const { image_url } = part
  const url = typeof image_url === 'string' ? image_url : objectOf(image_url).url
  if (typeof url !== 'string') return undefined
  const head = dataUrl.exec(url)
  const source = head
    ? { type: 'base64', media_type: head[1], data: url.slice(head[0].length) }
    : { type: 'url', url }
  return { type: 'image', source, ...cacheOf(part) }
}

const decoded = (data: string, isBase64: boolean): string =>
  isBase64 ? Buffer.from(data, 'base64').toString('utf8') : decodeURIComponent(data)

/** Where a document's content is: PDF, text, a picture or an address. */
const sourceOf = (data: string): readonly [type: string, source: Fields] | undefined => {
  const head = dataUrl.exec(data)
  if (!head) {
    return /^https?:/.test(data)
      ? ['document', { type: 'url', url: data }]
      : ['document', { type: 'base64', media_type: 'application/pdf', data }]
  }
  const [all, media_type = '', options = ''] = head
  const rest = data.slice(all.length)
  if (media_type === 'application/pdf')
    return ['document', { type: 'base64', media_type, data: rest }]
  if (media_type.startsWith('image/')) return ['image', { type: 'base64', media_type, data: rest }]
  if (!/^text\/|^application\/(json|xml)$/.test(media_type)) return undefined
  const text = decoded(rest, options.includes('base64'))
  return ['document', { type: 'text', media_type: 'text/plain', data: text }]
}

const fileOf = (part: Fields): Fields | undefined => {
  const { filename, file_data, file_id } = objectOf(part.file)
  const found =
    typeof file_id === 'string'
      ? (['document', { type: 'file', file_id }] as const)
      : typeof file_data === 'string'
        ? sourceOf(file_data)
        : undefined
  if (!found) return undefined
  const [type, source] = found
  const title = type === 'document' && typeof filename === 'string' ? { title: filename } : {}
  return { type, source, ...title, ...cacheOf(part) }
}

const textOf = (part: Fields, text: string): Fields => {
  const citations = markOf(part, cited)
  return { type: 'text', text, ...cacheOf(part), ...(citations ? { citations } : {}) }
}

const textPart = (part: Part): Fields => textOf(part, part.text ?? '')

const toBlock = (part: Part, { alike, warn }: Writing): Fields | undefined => {
  if (markOf(part, own)) return part
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text': {
      const text = typeof part.text === 'string' ? part.text : ''
      return text === '' && !alike ? undefined : textOf(part, text)
    }
    case 'refusal':
      return typeof part.refusal === 'string' && part.refusal !== ''
        ? textOf(part, part.refusal)
        : undefined
  }
  const block =
    part.type === 'image_url' ? imageOf(part) : part.type === 'file' ? fileOf(part) : undefined
  if (block) return block
  if (known.has(part.type)) return part
  warn(`${kindOf(part.type)} content was left out`)
  return undefined
}

/** The inside of a bigger block, which the surface gave as parts, put back into it. */
const enclosed = (parts: readonly Part[]): Fields => {
  const names = parts.flatMap((part) => {
    const field = markOf(part, heading)
    return typeof field === 'string' && field !== '' ? [[field, part.text] as const] : []
  })
  const texts = parts.filter((part) => markOf(part, heading) === undefined)
  const original = objectOf(parts[0] && markOf(parts[0], within))
  const block = { ...original, ...Object.fromEntries(names) }
  if (original.type === 'search_result') return { ...block, content: texts.map(textPart) }
  const source = objectOf(original.source)
  const [text = ''] = texts.map((part) => part.text)
  if (source.type === 'text') return { ...block, source: { ...source, data: text } }
  const content = typeof source.content === 'string' ? text : texts.map(textPart)
  return { ...block, source: { ...source, content } }
}

/** Each block with the part it was made of, which may know its place. */
export type Placed = readonly [block: Fields, from: object]

export const toBlocks = (content: unknown, writing: Writing): Placed[] => {
  if (typeof content === 'string')
    return content === '' && !writing.alike ? [] : [[{ type: 'text', text: content }, {}]]
  if (!Array.isArray(content)) return []
  const placed: Placed[] = []
  const parts = content.map((part: unknown): Part =>
    typeof part === 'string' ? { type: 'text', text: part } : (part as Part),
  )
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at]
    if (!part) continue
    const whole = markOf(part, within)
    if (whole !== undefined) {
      const inside = [part]
      for (let next = parts[at + 1]; next && markOf(next, within) === whole; next = parts[++at + 1])
        inside.push(next)
      placed.push([enclosed(inside), part])
      continue
    }
    const block = toBlock(part, writing)
    if (block) placed.push([block, part])
  }
  return placed
}
