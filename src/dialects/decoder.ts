import type { EventSourceMessage } from 'eventsource-parser'
import type { Chunk, Format } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { keep } from '../kept.ts'
import { textBatch, type Batch } from '../stream.ts'
import type { Decoder, StreamEnd, StreamLimits } from './dialect.ts'
import { createEvents, pastBlankLine, pastEvent } from './sse.ts'
import { createTemplate } from './template.ts'

/** What the events of one stream mean, in order. */
export interface EventReader {
  /**
   * The chunk that an event is, without choices where it says nothing; undefined for one that is not to be seen. Throws
   * GatewayError for an event that is an error, or nonsense.
   */
  read(data: string, event: string | undefined): Chunk | undefined
  /** Whether the event that was read last was the answer's end. */
  readonly ended: boolean
  /** Whether the connection's end may be the answer's. */
  readonly complete?: boolean
  /** Text that was added by events which were proved, not read. */
  skip?(text: string): void
  /** A proved event, for who looks at it after all; may be called late and in any order. */
  again(data: string): Chunk
  /** Whether events may be proved; true without it. */
  readonly provable?: boolean
}

export interface EventFormat {
  readonly format: Format
  /** Its vendor ends lines with CR and LF, and its clients know that. */
  readonly windows?: boolean
  /** Where events have names: the name of those that add text, and that of any event by its JSON. */
  readonly names?: { readonly text: string; of(data: string): string | undefined }
}

/** Events of a read that are looked at one by one, in the hope of one that the next are like. */
const firstTries = 8

const isNonsense = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === 'upstream_invalid_response'

/** Events that were read, from one place of a text on; they came as they are framed unless that is said. */
interface Looked {
  readonly from: number
  readonly chunks: Chunk[]
  asCame: boolean
}

/** Server-sent events as batches: runs of nothing but text, and what has to be looked at. */
export const createDecoder = (
  { format, names, windows = false }: EventFormat,
  limits: StreamLimits,
  reader: EventReader,
): Decoder => {
  const events = createEvents(limits.event, windows)
  const template = createTemplate()
  const opening = names === undefined ? 'data: ' : `event: ${names.text}\ndata: `

  /** JSON that came over several lines would break the framing of one. */
  const worded = (chunk: Chunk, data: string, name: string | undefined): Chunk =>
    data.includes('\n')
      ? chunk
      : keep(chunk, {
          format,
          text: data,
          whole: false,
          ...(name !== undefined && { event: name }),
        })

  const again = (data: string): Chunk => worded(reader.again(data), data, names?.text)

  /** What stands between two places of a read, as it came. */
  const cameAs = (text: string, from: number, to: number, bytes?: Uint8Array) => ({
    format,
    ...(bytes && from === 0 && to === text.length ? { bytes } : { framed: text.slice(from, to) }),
  })

  /** The events from a place on that are proved to add nothing but text, and where they end. */
  const prove = (text: string, from: number, bytes: Uint8Array): readonly [Batch[], number] => {
    const datas: string[] = []
    let plain = ''
    let end = from
    while (text.startsWith(opening, end)) {
      const begin = end + opening.length
      const matched = template.match(text, begin)
      const past = matched ? pastBlankLine(text, matched.end, windows) : -1
      if (!matched || past === -1 || matched.end - begin > limits.event) break
      datas.push(text.slice(begin, matched.end))
      plain += matched.content
      end = past
    }
    if (datas.length === 0) return [[], from]
    reader.skip?.(plain)
    return [[textBatch(plain, () => datas.map(again), cameAs(text, from, end, bytes))], end]
  }

  const look = ({ data, event }: EventSourceMessage, looked: Looked): void => {
    const chunk = reader.read(data, event)
    looked.asCame &&= chunk !== undefined && (names === undefined || event !== undefined)
    if (!chunk) return
    looked.chunks.push(worded(chunk, data, event ?? names?.of(data)))
    template.learn(data, chunk)
  }

  /** Reads a piece of the text; what breaks it comes back. */
  const readInto = (looked: Looked, text: string): unknown => {
    try {
      const { messages, exact } = events.feed(text)
      looked.asCame &&= exact
      for (const message of messages) {
        look(message, looked)
        if (!reader.ended) continue
        looked.asCame &&= message === messages.at(-1)
        return undefined
      }
    } catch (error) {
      looked.asCame = false
      return error
    }
    return undefined
  }

  const toBatches = (
    { from, chunks, asCame }: Looked,
    text: string,
    to: number,
    bytes?: Uint8Array,
  ): Batch[] => {
    if (chunks.length === 0) return []
    return [{ chunks, ...(asCame ? cameAs(text, from, to, bytes) : { format }) }]
  }

  const freshAt = (from: number): Looked => ({ from, chunks: [], asCame: true })

  return {
    push(bytes) {
      const text = events.decode(bytes)
      const batches: Batch[] = []
      let looked = freshAt(0)
      let at = 0
      for (let tries = 0; at < text.length; tries++) {
        const proving = reader.provable !== false && (template.known || tries < firstTries)
        if (proving && events.between) {
          const [proved, end] = prove(text, at, bytes)
          if (proved.length > 0) {
            batches.push(...toBatches(looked, text, at), ...proved)
            looked = freshAt(end)
            at = end
            continue
          }
        }
        // up to where an event may be proved again
        const end = proving ? pastEvent(text, at) : text.length
        const error = readInto(looked, text.slice(at, end))
        at = end
        if (error === undefined && !reader.ended) continue
        batches.push(...toBatches(looked, text, at, bytes))
        return error === undefined ? { batches, end: 'done' } : { batches, error }
      }
      batches.push(...toBatches(looked, text, at, bytes))
      return { batches }
    },
    close() {
      const looked = freshAt(0)
      const error = readInto(looked, '\n\n')
      const end: StreamEnd = reader.ended || reader.complete ? 'done' : 'eof'
      // one that was cut off is no event
      if (error !== undefined && !isNonsense(error)) return { batches: [], error }
      return { batches: toBatches({ ...looked, asCame: false }, '', 0), end }
    },
  }
}
