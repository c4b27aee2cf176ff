import { keptIn } from '../kept.ts'
import type { Surface } from './surface.ts'
import { anthropicShape } from './messages/error.ts'
import { messageEvents } from './messages/events.ts'
import { answerable, countable, decode, decodeAsked } from './messages/request.ts'
import { toWhole } from './messages/whole.ts'

/** `POST /v1/messages` */
export const messages: Surface = {
  operation: 'chat',
  format: 'anthropic',
  request: answerable,
  decode: decodeAsked,
  whole: toWhole,
  events: messageEvents,
  ...anthropicShape,
}

/** `POST /v1/messages/count_tokens` */
export const countTokens: Surface = {
  operation: 'count_tokens',
  format: 'anthropic',
  request: countable,
  decode,
  whole: (chunk) => {
    const kept = keptIn(chunk, 'anthropic')
    if (kept) return kept.text
    const [count] = Array.isArray(chunk.data) ? (chunk.data as { tokens?: unknown }[]) : []
    return JSON.stringify({ input_tokens: typeof count?.tokens === 'number' ? count.tokens : 0 })
  },
  ...anthropicShape,
}
