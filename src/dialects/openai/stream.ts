import { classify } from '../../errors/classify.ts'
import { createDecoder, type EventReader } from '../decoder.ts'
import type { Decoder, StreamLimits } from '../dialect.ts'
import type { Meaning } from './answer.ts'
import { createCallOrder } from './call-order.ts'
import { parse } from './parse.ts'
import { toSound } from './sound.ts'

const createReader = (meaning: Meaning): EventReader => {
  const ordered = createCallOrder()
  let ended = false
  return {
    read(data, event = 'message') {
      if (data === '[DONE]') ended = true
      if (ended || (event !== 'message' && event !== 'error')) return undefined
      const body = parse(data)
      if (event === 'error') throw classify({ status: 200, body: { error: body } })
      return meaning.of(ordered(toSound(body)))
    },
    again: (data) => meaning.of(toSound(parse(data))),
    get ended() {
      return ended
    },
    get provable() {
      return meaning.plain
    },
  }
}

/** A stream of chat or legacy completions. */
export const chunkDecoder = (limits: StreamLimits, meaning: Meaning): Decoder =>
  createDecoder({ format: 'openai' }, limits, createReader(meaning))
