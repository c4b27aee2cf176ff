import type { Chunk } from '../chat.ts'
import { keptIn } from '../kept.ts'
import { toOpenAIError } from './openai-error.ts'
import type { EventWriter, Wire } from './surface.ts'

interface Said {
  readonly text: string
  readonly event?: string
}

const written = ({ text, event }: Said): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`

/**
 * Streams of images and transcripts: events that are told apart by their type, passed as they came.
 * @param toEvents what a whole answer is as events
 * @param named whether events are named in the stream too
 */
export const mediaEvents =
  (toEvents: (chunk: Chunk) => readonly Chunk[], named: boolean) =>
  (wire: Wire): EventWriter => {
    const said = (chunk: Chunk): Said => {
      const kept = keptIn(chunk, 'openai')
      if (kept && !kept.whole) return kept
      return {
        text: JSON.stringify(chunk),
        ...(named && { event: String(chunk.type) }),
      }
    }
    const done = 'data: [DONE]\n\n'
    return {
      batch({ bytes, chunks }) {
        if (bytes) return bytes
        return chunks
          .flatMap((chunk) => (typeof chunk.type === 'string' ? [chunk] : toEvents(chunk)))
          .map(said)
          .map(written)
          .join('')
      },
      end: () => done,
      error: (error) =>
        written({
          text: JSON.stringify({ type: 'error', ...toOpenAIError(error, wire) }),
          ...(named && { event: 'error' }),
        }) + done,
    }
  }
