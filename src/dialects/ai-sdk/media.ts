import { objectOf, type Fields } from '../../fields.ts'
import type { Part } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { stringOf, type Family } from './family.ts'

/** A file that a part of a message holds, names or points to. */
interface Media {
  readonly mediaType: string
  readonly base64?: string
  readonly url?: URL
  readonly id?: string
  readonly filename?: string
}

const byEnding: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/plain',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
}

const typeOf = (path: string | undefined, usual: string): string =>
  byEnding[/\.(\w{2,4})$/.exec(path?.toLowerCase() ?? '')?.[1] ?? ''] ?? usual

/** A data URL, an address, or bare base64. */
const located = (written: string, usual: string, filename?: string): Media => {
  if (!written.startsWith('data:')) {
    if (!/^https?:/i.test(written)) return { mediaType: typeOf(filename, usual), base64: written }
    const url = URL.parse(written)
    if (!url) throw new GatewayError('invalid_request_error', { param: 'messages' })
    return { mediaType: typeOf(url.pathname, usual), url }
  }
  const comma = written.indexOf(',')
  const [mediaType, ...parameters] = written.slice('data:'.length, comma).split(';')
  const rest = written.slice(comma + 1)
  return {
    mediaType: mediaType || usual,
    base64: parameters.includes('base64')
      ? rest
      : Buffer.from(decodeURIComponent(rest)).toString('base64'),
  }
}

const audioTypes: Readonly<Record<string, string>> = { mp3: 'audio/mpeg', wav: 'audio/wav' }

/** What a part that is no text shows; undefined for parts of other kinds. */
const mediaOf = (part: Part): Media | undefined => {
  switch (part.type) {
    case 'image_url':
      return located(stringOf(objectOf(part.image_url).url) ?? '', 'image/jpeg')
    case 'video_url':
      return located(stringOf(objectOf(part.video_url).url) ?? '', 'video/mp4')
    case 'input_audio': {
      const { data, format } = objectOf(part.input_audio)
      const known = stringOf(format) ?? 'wav'
      return { mediaType: audioTypes[known] ?? `audio/${known}`, base64: stringOf(data) ?? '' }
    }
    case 'file': {
      const file = objectOf(part.file)
      const filename = stringOf(file.filename)
      const named = filename !== undefined && { filename }
      const id = stringOf(file.file_id)
      if (id !== undefined) return { mediaType: typeOf(filename, 'application/pdf'), id, ...named }
      const found = located(stringOf(file.file_data) ?? '', 'application/pdf', filename)
      return { ...found, ...named }
    }
    default:
      return undefined
  }
}

/** The part as a file in a prompt; undefined where the version has no such file. */
export const toFile = (part: Part, { version, own }: Family): Fields | undefined => {
  const media = mediaOf(part)
  if (!media) return undefined
  const { mediaType, base64, url, id, filename } = media
  const named = filename !== undefined && { filename }
  const file = { type: 'file', mediaType, ...named }
  if (version === 'v4') {
    if (url) return { ...file, data: { type: 'url', url } }
    if (id !== undefined) return { ...file, data: { type: 'reference', reference: { [own]: id } } }
    return { ...file, data: { type: 'data', data: base64 } }
  }
  return id === undefined ? { ...file, data: url ?? base64 } : undefined
}

/** The part as a file in a tool's result; undefined where the version has no such file. */
export const toResultFile = (part: Part, family: Family): Fields | undefined => {
  if (family.version === 'v4') return toFile(part, family)
  const { mediaType, base64, url } = mediaOf(part) ?? {}
  if (mediaType === undefined || (url && family.version === 'v2')) return undefined
  if (base64 !== undefined && family.version === 'v2')
    return { type: 'media', data: base64, mediaType }
  const kind = mediaType.startsWith('image/') ? 'image' : 'file'
  if (url) return { type: `${kind}-url`, url: url.href }
  return base64 === undefined ? undefined : { type: `${kind}-data`, data: base64, mediaType }
}
