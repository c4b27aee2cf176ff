import type { Fields } from '../../fields.ts'
import type { Chunk, Usage } from '../../chat.ts'
import { toStopReason } from '../../formats/anthropic.ts'
import { toAnthropicUsage } from '../../formats/anthropic/usage.ts'
import type { Wire } from '../surface.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** A message that has said nothing yet. */
export const toHead = (chunk: Chunk | undefined, wire: Wire): Fields => ({
  id: wordOf(chunk?.id).startsWith('msg_') ? chunk?.id : `msg_${wire.id.replace(/^gen-/, '')}`,
  type: 'message',
  role: 'assistant',
  model: wordOf(chunk?.model) || (wire.model ?? ''),
  content: [],
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  container: null,
  usage: toAnthropicUsage(undefined),
})

/** How an answer ended, as far as that was said. */
export interface Finish {
  readonly reason?: string | null
  readonly native?: unknown
  readonly refusal: string
  readonly usage?: Usage
}

export const toEnd = ({ reason, native, refusal }: Finish): Fields => {
  const stop_reason = refusal === '' ? toStopReason(reason, native) : 'refusal'
  return {
    stop_reason,
    stop_sequence: null,
    stop_details:
      stop_reason === 'refusal'
        ? { type: 'refusal', category: null, explanation: refusal === '' ? null : refusal }
        : null,
    container: null,
  }
}
