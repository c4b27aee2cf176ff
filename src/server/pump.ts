import type { Chunk } from '../chat.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { fold } from '../fold.ts'
import type { Ending } from '../ledger/generation.ts'
import { createNotes } from './notes.ts'
import { inWords, type Standing } from '../router/limits/patience.ts'
import type { Batch } from '../stream.ts'
import type { EventWriter, Surface, Wire } from '../surfaces/surface.ts'

export interface PumpOptions {
  /** Nothing was said yet: a comment goes first, so that the head leaves at once. */
  readonly silent: boolean
  /** Whether the answer has room for something between its pieces. */
  readonly comments: boolean
  readonly writer: EventWriter
  /** Where the call stands in line, while it waits in one: its comments say that. */
  readonly standing?: () => Standing | undefined
  /** Milliseconds of silence before a comment is sent. */
  readonly heartbeat: number
  /** Milliseconds that a client may leave what is ready for it unread. */
  readonly write_timeout: number
  /** Stops everything upstream. */
  readonly abort: () => void
  /** Why the daemon itself ends the answer, if it does. */
  readonly stopped: () => GatewayError | undefined
  /** Called exactly once. */
  readonly ended: (ending: Ending) => void
}

const encoder = new TextEncoder()

const comment = (standing: Standing | undefined): string =>
  `: SLUICE PROCESSING${standing ? ` ${inWords(standing)}` : ''}\n\n`

/**
 * An answer as a response body: pulled by the client, so that a slow one holds the provider back; with comments while
 * nothing is said; cut off when the client does not read; and never rejecting, whatever happens.
 */
export const pump = (
  batches: AsyncIterator<Batch>,
  options: PumpOptions,
): ReadableStream<Uint8Array> => {
  const { silent, comments, writer, heartbeat, write_timeout, abort, stopped } = options
  const silence = () => encoder.encode(writer.silence?.() ?? comment(options.standing?.()))
  const notes = createNotes()
  const tick = Math.min(heartbeat, write_timeout) / 2
  let ended = false
  let waiting = false
  let since = performance.now()
  let timer: ReturnType<typeof setTimeout>

  const end = (error?: GatewayError) => {
    if (ended) return
    ended = true
    clearTimeout(timer)
    if (error) abort()
    void batches.return?.().catch(() => undefined)
    options.ended(notes.ending(error))
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (silent && comments) controller.enqueue(silence())
        const check = () => {
          const limit = waiting ? heartbeat : write_timeout
          const left = since + limit - performance.now()
          if (left > 0) timer = setTimeout(check, Math.min(left, tick))
          else if (waiting) {
            if (comments) controller.enqueue(silence())
            since = performance.now()
            timer = setTimeout(check, tick)
          } else {
            controller.error(new Error('the client does not read'))
            end(new GatewayError('client_closed', { message: 'The client did not read.' }))
          }
        }
        timer = setTimeout(check, tick)
      },
      async pull(controller) {
        waiting = true
        since = performance.now()
        try {
          for (;;) {
            const { done, value } = await batches.next()
            if (ended) return
            if (done) {
              controller.enqueue(encoder.encode(writer.end()))
              controller.close()
              return end()
            }
            notes.take(value)
            const bytes = writer.batch(value)
            if (bytes.length === 0) continue
            controller.enqueue(typeof bytes === 'string' ? encoder.encode(bytes) : bytes)
            return
          }
        } catch (thrown) {
          if (ended) return
          const error = stopped() ?? toGatewayError(thrown)
          if (comments) {
            controller.enqueue(encoder.encode(writer.error(error)))
            controller.close()
          }
          // bytes have no room for an error either: their connection is cut, so that they do not pass for complete
          else controller.error(error)
          end(error)
        } finally {
          waiting = false
          since = performance.now()
        }
      },
      cancel: () => end(new GatewayError('client_closed')),
    },
    { highWaterMark: 0 },
  )
}

/** The whole answer as one body. */
export const collectBody = async (
  batches: AsyncIterator<Batch>,
  surface: Surface,
  wire: Wire,
): Promise<{ readonly body: string; readonly chunk: Chunk }> => {
  let whole: Chunk | undefined
  for (;;) {
    const { done, value } = await batches.next()
    if (done) break
    for (const chunk of value.chunks) whole = whole ? fold(whole, chunk) : chunk
  }
  if (!whole) throw new GatewayError('upstream_empty_response')
  return { body: surface.whole(whole, wire), chunk: whole }
}
