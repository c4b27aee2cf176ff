import { hasContent } from '../chat.ts'
import type { StreamEnd } from '../dialects/dialect.ts'
import { GatewayError } from '../errors.ts'
import type { Batch } from '../stream.ts'

/** A stream of an operation without choices, unchanged; one that says nothing or is cut off is an error. */
export async function* followEvents(
  batches: AsyncGenerator<Batch, StreamEnd>,
): AsyncGenerator<Batch> {
  let spoken = false
  try {
    for (;;) {
      const { done, value } = await batches.next()
      if (!done) {
        spoken ||= value.chunks.some(hasContent)
        yield value
        continue
      }
      if (value === 'eof')
        throw new GatewayError(spoken ? 'upstream_disconnected' : 'upstream_empty_response')
      return
    }
  } finally {
    await batches.return('eof')
  }
}
