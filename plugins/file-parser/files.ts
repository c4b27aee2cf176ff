import { isObject, type Fields, type Message, type Part, type Request } from 'sluice/plugin'

/** A file of a request that may be read here. */
export interface FilePart {
  readonly part: Part
  /** `messages[0].content[1]`: all that is ever said of it. */
  readonly place: string
  /** A hash of what was sent: the file or its address. */
  readonly hash: string
  readonly name: string
  /** A data URL or an address. */
  readonly data: string
}

/** The beginning of a PDF in base64, for clients that send it bare. */
const pdfHead = 'JVBERi0'

const isAddress = (data: string): boolean => /^https?:\/\//i.test(data)

const dataOf = (data: unknown): string | undefined => {
  if (typeof data !== 'string') return undefined
  if (data.startsWith(pdfHead)) return `data:application/pdf;base64,${data}`
  return data.startsWith('data:') || isAddress(data) ? data : undefined
}

const nameOf = ({ filename }: Fields, data: string): string => {
  if (typeof filename === 'string' && filename !== '') return filename
  const last = isAddress(data)
    ? data
        .replace(/[?#].*$/s, '')
        .split('/')
        .at(-1)
    : undefined
  return last || 'file'
}

export const isParts = (content: Message['content']): content is readonly Part[] =>
  Array.isArray(content)

export const filesIn = ({ messages = [] }: Request): readonly FilePart[] =>
  messages.flatMap(({ content }, at) =>
    isParts(content)
      ? content.flatMap((part, n) => {
          const data = part.type === 'file' && isObject(part.file) && dataOf(part.file.file_data)
          if (!data || !isObject(part.file)) return []
          const hash = new Bun.CryptoHasher('sha256').update(data).digest('hex')
          const place = `messages[${at}].content[${n}]`
          return [{ part, place, hash, name: nameOf(part.file, data), data }]
        })
      : [],
  )

/** What kind of file the client says it is; an address tells when it is asked. */
export const kindOf = ({ data, name }: FilePart): 'pdf' | 'text' | 'address' | 'other' => {
  if (isAddress(data)) return 'address'
  const type = /^data:([^;,]*)/.exec(data)?.[1]?.toLowerCase() ?? ''
  if (type === 'application/pdf' || /\.pdf$/i.test(name)) return 'pdf'
  return isText(type) ? 'text' : 'other'
}

/** Media types that are text without saying so. */
const alsoText =
  /^application\/(json|xml|yaml|x-yaml|toml|javascript|typescript|x-sh|sql|x-ndjson|csv)$|\+(json|xml)$/

export const isText = (type: string): boolean => type.startsWith('text/') || alsoText.test(type)

/** The bytes of a data URL; undefined for anything else. */
export const bytesOf = (data: string): Uint8Array | undefined => {
  const comma = data.indexOf(',')
  const body = data.slice(comma + 1)
  if (data.slice(0, comma).endsWith(';base64')) return Buffer.from(body, 'base64')
  try {
    return Buffer.from(decodeURIComponent(body))
  } catch {
    return undefined
  }
}

/** Bytes of a data URL, about, before it is decoded. */
export const sizeOf = (data: string): number => Math.floor((data.length * 3) / 4)
