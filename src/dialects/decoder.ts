import type { Chunk, Format } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { keep } from '../kept.ts'
import { textBatch, type Batch } from '../stream.ts'
import type { Decoded, Decoder, StreamEnd, StreamLimits } from './dialect.ts'
import { createEvents, type Events } from './sse.ts'
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
  /** Text that was added by events which were proved, not read. */
  skip?(text: string): void
  /** A proved event, for who looks at it after all; may be called late and in any order. */
  again(data: string): Chunk
  /** Whether events may be proved; true without it. */
  readonly provable?: boolean
}

export interface EventFormat {
  readonly format: Format
  /** The name of the events that add text, where events have names. */
  readonly textEvent?: string
}

/** Where the blank line that follows ends, or -1. */
const pastBlankLine = (text: string, at: number): number => {
  if (text.startsWith('\n\n', at)) return at + 2
  return text.startsWith('\r\n\r\n', at) ? at + 4 : -1
}

const isNonsense = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === 'upstream_invalid_response'

/** Events of a read that are looked at one by one, in the hope of one that the next are like. */
const firstTries = 4

/** Past the next blank line, at most the end. */
const pastEvent = (text: string, from: number): number => {
  const unix = text.indexOf('\n\n', from)
  const windows = text.indexOf('\r\n\r\n', from)
  if (windows !== -1 && (unix === -1 || windows < unix)) return windows + 4
  return unix === -1 ? text.length : unix + 2
}

/** Server-sent events as batches: runs of nothing but text, and what has to be looked at. */
export const createDecoder = (
  { format, textEvent }: EventFormat,
  limits: StreamLimits,
  reader: EventReader,
): Decoder => {
  const events = createEvents(limits.event)
  const template = createTemplate()
  const opening = textEvent === undefined ? 'data: ' : `event: ${textEvent}\ndata: `
  const named = textEvent !== undefined

  /** JSON that came over several lines would break the framing of one. */
  const worded = (chunk: Chunk, data: string, event: string | undefined): Chunk =>
    data.includes('\n')
      ? chunk
      : keep(chunk, { format, text: data, whole: false, ...(event !== undefined && { event }) })

  const again = (data: string): Chunk => worded(reader.again(data), data, textEvent)

  /** The events from a place on that are proved to add nothing but text, and where they end. */
  const run = (text: string, from: number, bytes: Uint8Array): readonly [Batch[], number] => {
    const datas: string[] = []
    let plain = ''
    let end = from
    while (text.startsWith(opening, end)) {
      const begin = end + opening.length
      const matched = template.match(text, begin)
      const past = matched ? pastBlankLine(text, matched.end) : -1
      if (!matched || past === -1 || matched.end - begin > limits.event) break
      datas.push(text.slice(begin, matched.end))
      plain += matched.content
      end = past
    }
    if (datas.length === 0) return [[], end]
    reader.skip?.(plain)
    const all = from === 0 && end === text.length
    const came = { format, ...(all ? { bytes } : { framed: text.slice(from, end) }) }
    return [[textBatch(plain, () => datas.map(again), came)], end]
  }

  const read = (text: string, bytes?: Uint8Array): Decoded => {
    const chunks: Chunk[] = []
    let found: Events
    try {
      found = events.feed(text)
    } catch (error) {
      return { batches: [], error }
    }
    const { messages, exact } = found
    let asCame = exact
    const batches = (whole: boolean): Batch[] =>
      chunks.length > 0 ? [{ chunks, format, ...(whole && bytes && { bytes }) }] : []
    for (const { data, event } of messages) {
      let chunk: Chunk | undefined
      try {
        chunk = reader.read(data, event)
      } catch (error) {
        return { batches: batches(false), error }
      }
      asCame &&= chunk !== undefined && (!named || event !== undefined)
      if (chunk) chunks.push(worded(chunk, data, event))
      if (reader.ended)
        return { batches: batches(asCame && chunks.length === messages.length), end: 'done' }
      if (chunk) template.learn(data, chunk)
    }
    return { batches: batches(asCame) }
  }

  return {
    push(bytes) {
      const text = events.decode(bytes)
      const batches: Batch[] = []
      let at = 0
      for (let single = 0; at < text.length; single++) {
        const provable = reader.provable !== false
        const proving = provable && (template.known || single < firstTries)
        if (proving && events.between) {
          const [proved, end] = run(text, at, bytes)
          batches.push(...proved)
          at = end
          if (at === text.length) break
        }
        // up to where an event may be proved again
        const end = proving ? pastEvent(text, at) : text.length
        const whole = at === 0 && end === text.length
        const decoded = read(whole ? text : text.slice(at, end), whole ? bytes : undefined)
        batches.push(...decoded.batches)
        if (decoded.error !== undefined || decoded.end) return { ...decoded, batches }
        at = end
      }
      return { batches }
    },
    close() {
      const decoded = read('\n\n')
      if (decoded.error === undefined) return { ...decoded, end: decoded.end ?? 'eof' }
      // one that was cut off is no event
      return isNonsense(decoded.error) ? { batches: [], end: 'eof' } : decoded
    },
  }
}

/** A stream through a decoder. */
export async function* decoded(
  reads: AsyncIterable<Uint8Array>,
  decoder: Decoder,
): AsyncGenerator<Batch, StreamEnd> {
  const settle = function* ({ batches, error }: Decoded): Generator<Batch> {
    yield* batches
    if (error !== undefined) throw error
  }
  for await (const bytes of reads) {
    const step = decoder.push(bytes)
    for (const batch of settle(step)) yield batch
    if (step.end) return step.end
  }
  const last = decoder.close()
  for (const batch of settle(last)) yield batch
  return last.end ?? 'eof'
}
