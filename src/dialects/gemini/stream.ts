import type { Call } from '../../chat.ts'
import { createDecoder, type EventReader } from '../decoder.ts'
import type { Decoder, StreamLimits } from '../dialect.ts'
import { parseObject } from '../parse.ts'
import { createReader } from './answer.ts'

const chunkObject = 'chat.completion.chunk'

const createEventReader = (call: Call): EventReader => {
  const { read, skip } = createReader(call, chunkObject)
  const aside = createReader(call, chunkObject)
  let created: number | undefined
  return {
    read(data) {
      const chunk = read(parseObject(data))
      created = chunk.created
      return chunk
    },
    skip,
    again(data) {
      const chunk = aside.read(parseObject(data))
      return created === undefined ? chunk : { ...chunk, created }
    },
    // the stream has no end of its own: it may still count or cite after the finish
    ended: false,
  }
}

/** An answer's events. */
export const eventDecoder = (limits: StreamLimits, call: Call): Decoder =>
  createDecoder({ format: 'gemini', windows: true }, limits, createEventReader(call))
