import type { EventSourceMessage } from 'eventsource-parser'
import type { Chunk, Format } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { keep } from '../kept.ts'
import type { Batch } from '../stream.ts'
import type { StreamEnd, StreamLimits } from './dialect.ts'
import { createEvents } from './sse.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What one stream's events mean, in order. */
export interface EventReader {
  /** The chunk that an event is, without choices where it says nothing; throws for an error event. */
  read(body: Fields, event: string | undefined): Chunk
  /** Whether the event that was read last was the answer's end. */
  readonly ended: boolean
}

/** A JSON object. Throws `upstream_invalid_response` for anything else. */
export const parseObject = (text: string): Fields => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new GatewayError('upstream_invalid_response')
  return value as Fields
}

const isWhole = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A stream of events, each of them a chunk that keeps its words; what came before a failure comes out before it. */
export async function* readEvents(
  reads: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
  format: Format,
  reader: EventReader,
): AsyncGenerator<Batch, StreamEnd> {
  const events = createEvents(limits.event)
  const toChunk = ({ data, event }: EventSourceMessage): Chunk => {
    const chunk = reader.read(parseObject(data), event)
    // JSON that came over several lines would break the framing of one
    return data.includes('\n')
      ? chunk
      : keep(chunk, { format, text: data, whole: false, ...(event !== undefined && { event }) })
  }
  for await (const bytes of reads) {
    const { messages, exact } = events.read(bytes)
    const chunks: Chunk[] = []
    for (const message of messages) {
      try {
        chunks.push(toChunk(message))
      } catch (error) {
        if (chunks.length > 0) yield { chunks, format }
        throw error
      }
      if (reader.ended) break
    }
    const all = exact && chunks.length === messages.length
    if (chunks.length > 0) yield { chunks, format, ...(all && { bytes }) }
    if (reader.ended) return 'done'
  }
  const [last] = events.close().messages
  // one that was cut off is no event
  if (last && isWhole(last.data)) yield { chunks: [toChunk(last)], format }
  return reader.ended ? 'done' : 'eof'
}
