import { GatewayError, isObject, listOf, type Call, type Host, type Request } from 'sluice/plugin'
import type { LRUCache } from 'lru-cache'
import { download } from './download.ts'
import { bytesOf, kindOf, sizeOf, type FilePart } from './files.ts'
import type { Options } from './options.ts'
import type { Workers } from './workers.ts'

/** What is in a file, as far as it is text. */
export interface Parsed {
  readonly hash: string
  readonly name: string
  readonly text: string
  /** Of a PDF. */
  readonly pages?: number
  readonly cut?: boolean
  /** An earlier answer already told the client of it. */
  readonly told?: true
}

/** The files that earlier answers have brought with them, as texts by their hashes. */
export const replayed = ({ messages = [] }: Request): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const { annotations } of messages)
    for (const one of listOf(annotations)) {
      if (!isObject(one) || one.type !== 'file' || !isObject(one.file)) continue
      const { hash, content } = one.file
      const texts = listOf(content).flatMap((part) =>
        isObject(part) && typeof part.text === 'string' ? [part.text] : [],
      )
      if (typeof hash === 'string' && texts.length > 0) found.set(hash, texts.join('\n'))
    }
  return found
}

const refused = (place: string, why: string): GatewayError =>
  new GatewayError('invalid_request_error', { param: place, message: `${place}: ${why}` })

const reasons = {
  encrypted: 'the PDF asks for a password.',
  broken: 'the PDF could not be read.',
  slow: 'the PDF takes too long to read.',
  vast: 'the PDF takes too much memory to read.',
} as const

export interface Reading {
  readonly call: Call
  readonly host: Host
  readonly workers: Workers
  readonly known: LRUCache<string, Parsed>
  readonly set: Options
}

const toText = (bytes: Uint8Array, most: number): string =>
  new TextDecoder().decode(bytes).slice(0, most)

/** A file as text; undefined for one that is neither a PDF nor text. Errors tell its place, and nothing that is in it. */
export const parse = async (file: FilePart, reading: Reading): Promise<Parsed | undefined> => {
  const { call, host, workers, known, set } = reading
  const { hash, name, place, data } = file
  const before = known.get(hash)
  if (before) return { ...before, name }
  const kind = kindOf(file)
  if (kind === 'other') return undefined
  if (kind !== 'address' && sizeOf(data) > set.max_bytes)
    throw new GatewayError('payload_too_large', {
      param: place,
      message: `${place}: the file has more than ${set.max_bytes} bytes.`,
    })
  const limits = { most: set.max_bytes, timeout: set.timeout }
  const found =
    kind === 'address'
      ? await download(data, place, call, host, limits)
      : { kind, bytes: bytesOf(data) }
  if (found.kind === 'other') return undefined
  const { bytes } = found
  if (!bytes) throw refused(place, 'the file is no data URL.')
  const keep = (parsed: Parsed): Parsed => {
    known.set(hash, parsed)
    return parsed
  }
  if (found.kind === 'text') return keep({ hash, name, text: toText(bytes, set.max_characters) })

  const { max_pages: pages, max_characters: characters, timeout } = set
  const read = await workers.read({ bytes, pages, characters }, timeout)
  if (!('failed' in read)) return keep({ hash, name, ...read })
  if (read.failed === 'busy') throw new GatewayError('overloaded')
  if (read.failed === 'missing')
    throw new GatewayError('plugin_error', {
      message: 'file-parser reads PDFs with the package unpdf: bun add unpdf',
      metadata: { plugin: 'file-parser' },
    })
  throw refused(place, reasons[read.failed])
}
