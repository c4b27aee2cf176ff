import { hasContent } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import type { Meter } from './meter.ts'

/** For operations without choices: nothing is changed or counted; an answer that is empty or cut off is an error. */
export const createUnspokenMeter = (): Meter => {
  let spoken = false
  return {
    push(batch) {
      spoken ||= batch.chunks.some(hasContent)
      return { batches: [batch], over: false }
    },
    end(how) {
      if (how === 'eof')
        throw new GatewayError(spoken ? 'upstream_disconnected' : 'upstream_empty_response')
      return []
    },
  }
}
