import type { Fields } from '../../fields.ts'
import type { Call, Chunk } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { classify } from '../../errors/classify.ts'
import { createCustomCalls, customNames } from '../../formats/custom-tools.ts'
import { fold } from '../../fold.ts'
import { keep } from '../../kept.ts'
import type { Batch } from '../../stream.ts'
import { parseObject } from '../parse.ts'
import { createReader } from './reader.ts'

/** The events that the message would have come in. */
function* eventsOf(message: Fields, blocks: readonly unknown[]): Generator<Fields> {
  yield { type: 'message_start', message }
  for (const [index, content_block] of blocks.entries()) {
    yield { type: 'content_block_start', index, content_block }
    yield { type: 'content_block_stop', index }
  }
  const { usage } = message
  yield { type: 'message_delta', delta: message, ...(usage !== undefined && { usage }) }
}

const toAnswer = (body: Fields, call: Call): Chunk => {
  const reader = createReader()
  let whole: Chunk | undefined
  for (const event of eventsOf(body, body.content as readonly unknown[])) {
    const chunk = reader.read(event, undefined)
    whole = whole ? fold(whole, chunk) : chunk
  }
  const { restore } = createCustomCalls(customNames(call.request))
  return restore({ ...whole, object: 'chat.completion' })
}

/** A message, or a count of tokens, as one chunk. */
export const decodeWhole = (text: string, call: Call): Batch => {
  const body = parseObject(text)
  if (body.type === 'error' || (body.error && !body.content)) throw classify({ status: 200, body })
  const kept = { format: 'anthropic', text, whole: true } as const
  if (call.operation === 'count_tokens') {
    if (typeof body.input_tokens !== 'number') throw new GatewayError('upstream_invalid_response')
    const chunk = { object: 'token_count', data: [{ tokens: body.input_tokens }] }
    return { chunks: [keep(chunk, kept)] }
  }
  if (!Array.isArray(body.content)) throw new GatewayError('upstream_invalid_response')
  return { chunks: [keep(toAnswer(body, call), kept)], format: 'anthropic' }
}
