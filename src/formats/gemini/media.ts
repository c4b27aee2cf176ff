import { isObject, type Fields } from '../../fields.ts'
import type { Part } from '../../chat.ts'
import { marked, originOf } from './marks.ts'
import { lookUp, wordOf } from '../unchecked.ts'

interface Medium {
  readonly mimeType: string | undefined
  readonly address: string
}

const audioNames: Readonly<Record<string, string>> = {
  mpeg: 'mp3',
  'x-wav': 'wav',
  wave: 'wav',
  'vnd.wave': 'wav',
}

/** Text in a data URL is a file like any other. */
const fileOf = (url: string, name: unknown): Part => ({
  type: 'file',
  file: { ...(typeof name === 'string' && { filename: name }), file_data: url },
})

const seen = (mimeType: string | undefined, url: string, name: unknown): Part => {
  const [kind] = (mimeType ?? '').split('/')
  if (kind === 'image') return { type: 'image_url', image_url: { url } }
  if (kind === 'video' || (mimeType === undefined && /\byoutu\.?be\b/.test(url)))
    return { type: 'video_url', video_url: { url } }
  return fileOf(url, name)
}

/** A part with data or an address of data, as the canonical form has it. */
export const readMedia = (part: Fields): Part | undefined => {
  const { inlineData, fileData } = part
  if (isObject(inlineData) && typeof inlineData.data === 'string') {
    const { data, displayName } = inlineData
    const mimeType = wordOf(inlineData.mimeType, 'application/octet-stream')
    const [, audio] = /^audio\/([^;]+)/.exec(mimeType) ?? []
    if (audio !== undefined) {
      const format = lookUp(audioNames, audio) ?? audio
      const heard = { type: 'input_audio', input_audio: { data, format } }
      return marked(heard, { mimeType, format })
    }
    return seen(mimeType, `data:${mimeType};base64,${data}`, displayName)
  }
  if (isObject(fileData) && typeof fileData.fileUri === 'string') {
    const { fileUri, mimeType, displayName } = fileData
    const known = typeof mimeType === 'string' ? mimeType : undefined
    return marked(seen(known, fileUri, displayName), { mimeType: known, address: fileUri })
  }
  return undefined
}

const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  avif: 'image/avif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  md: 'text/markdown',
  mp4: 'video/mp4',
  mov: 'video/mov',
  webm: 'video/webm',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
}

/** By the ending of an address or a file's name. */
const guess = (name: string, otherwise: string): string => {
  const [, ending = ''] = /\.(\w+)(?:$|[?#])/.exec(name.toLowerCase()) ?? []
  return lookUp(types, ending) ?? otherwise
}

const fromDataUrl = (url: string): Fields => {
  const comma = url.indexOf(',')
  const head = url.slice('data:'.length, comma)
  const body = url.slice(comma + 1)
  const coded = head.endsWith(';base64')
  const mimeType = (coded ? head.slice(0, -';base64'.length) : head) || 'text/plain'
  const data = coded ? body : Buffer.from(decodeURIComponent(body)).toString('base64')
  return { inlineData: { mimeType, data } }
}

const toMedia = (url: string, otherwise: string, part: Part): Fields => {
  if (url.startsWith('data:')) return fromDataUrl(url)
  const medium = originOf<Medium>(part)
  const youtube = /^https?:\/\/(www\.)?(youtube\.com|youtu\.be)\//.test(url)
  const mimeType =
    medium?.address === url ? medium.mimeType : youtube ? undefined : guess(url, otherwise)
  return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri: url } }
}

const urlOf = (value: unknown): string | undefined => {
  const url = isObject(value) ? value.url : value
  return typeof url === 'string' ? url : undefined
}

/** An image, a sound, a film or a file as Gemini takes it; undefined for what is none of these. */
export const writeMedia = (part: Part): Fields | undefined => {
  const { input_audio, file } = part
  if (part.type === 'input_audio' && isObject(input_audio)) {
    const { data, format } = input_audio
    const known = originOf<{ mimeType: string; format: string }>(part)
    const mimeType = known?.format === format ? known?.mimeType : `audio/${wordOf(format)}`
    return { inlineData: { mimeType, data: wordOf(data) } }
  }
  if (part.type === 'file' && isObject(file) && typeof file.file_data === 'string') {
    const address = file.file_data
    if (/^(data:|[a-z][a-z0-9+.-]*:\/\/)/i.test(address))
      return toMedia(address, 'application/pdf', part)
    return {
      inlineData: { mimeType: guess(wordOf(file.filename), 'application/pdf'), data: address },
    }
  }
  const [field, otherwise] =
    part.type === 'video_url' ? ['video_url', 'video/mp4'] : ['image_url', 'image/jpeg']
  const url = part.type === field ? urlOf(part[field]) : undefined
  return url === undefined ? undefined : toMedia(url, otherwise, part)
}
