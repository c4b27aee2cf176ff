import type { Call, Chunk } from '../../chat.ts'
import { createCustomCalls, customNames } from '../../formats/custom-tools.ts'
import { createDecoder, type EventReader } from '../decoder.ts'
import type { Decoder, StreamLimits } from '../dialect.ts'
import { parseObject } from '../parse.ts'
import { createReader } from './reader.ts'

const named = /^\{\s*"type"\s*:\s*"(\w+)"/

const names = { text: 'content_block_delta', of: (data: string) => named.exec(data)?.[1] }

const createEventReader = (call: Call): EventReader => {
  const reader = createReader()
  const { restore } = createCustomCalls(customNames(call.request))
  let head: Chunk = {}
  return {
    read(data, event) {
      const { choices, usage, ...rest } = restore(reader.read(parseObject(data), event))
      head = rest
      return { ...rest, ...(choices && { choices }), ...(usage && { usage }) }
    },
    skip: reader.skip,
    again(data) {
      const { delta } = JSON.parse(data) as { readonly delta: { readonly text: string } }
      return {
        ...head,
        choices: [{ index: 0, delta: { content: delta.text }, finish_reason: null }],
      }
    },
    get ended() {
      return reader.ended
    },
  }
}

/** A message's events; clients of this format go by their names. */
export const eventDecoder = (limits: StreamLimits, call: Call): Decoder =>
  createDecoder({ format: 'anthropic', names }, limits, createEventReader(call))
