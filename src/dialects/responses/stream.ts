import { createDecoder, type EventReader } from '../decoder.ts'
import type { Decoder, StreamLimits } from '../dialect.ts'
import { parseObject } from '../parse.ts'
import { createReader } from './reader.ts'

const named = /"type"\s*:\s*"(response\.[\w.]+|error)"/

const names = { text: 'response.output_text.delta', of: (data: string) => named.exec(data)?.[1] }

const createEventReader = (): EventReader => {
  const reader = createReader()
  return {
    read: (data) => reader.read(parseObject(data)),
    skip: reader.skip,
    again: (data) => reader.again(parseObject(data)),
    get ended() {
      return reader.ended
    },
  }
}

/** A response's events. */
export const eventDecoder = (limits: StreamLimits): Decoder =>
  createDecoder({ format: 'responses', names }, limits, createEventReader())
