import { isObject, type Fields } from '../../fields.ts'
import { wordsIn } from './native.ts'
import type { Chunk } from '../../chat.ts'
import { toAnthropicUsage } from '../../formats/anthropic/usage.ts'
import { keptIn, lastWords } from '../../kept.ts'
import { splice } from '../../splice.ts'
import type { Wire } from '../surface.ts'
import { alignedWith } from './aligned.ts'
import { createBlocks } from './blocks.ts'
import { toEnd, toHead } from './head.ts'
import { createMessageSink } from './sink.ts'
import { soundDelta } from '../../formats/sound.ts'

const toMessage = (chunk: Chunk, wire: Wire): Fields => {
  const sink = createMessageSink()
  const blocks = createBlocks(sink)
  const choice = chunk.choices?.find(({ index }) => index === 0)
  const delta = soundDelta(choice?.delta)
  const refusal = delta.refusal ?? ''
  sink.start(toHead(chunk, wire))
  blocks.add(delta)
  if (refusal && choice?.native_finish_reason !== 'refusal') blocks.say(refusal)
  blocks.settle()
  const end = toEnd({
    reason: choice?.finish_reason ?? null,
    native: choice?.native_finish_reason,
    refusal,
  })
  sink.finish(end, toAnthropicUsage(chunk.usage ?? undefined))
  return sink.message()
}

/** Whether a plugin left the reasoning alone. */
const sameThoughts = (one: Chunk, other: Chunk): boolean =>
  one.choices?.[0]?.delta?.reasoning_details === other.choices?.[0]?.delta?.reasoning_details &&
  one.choices?.[0]?.delta?.reasoning === other.choices?.[0]?.delta?.reasoning

/** A whole message: the provider's own bytes, with the difference that a plugin made, or all of ours. */
export const toWhole = (chunk: Chunk, wire: Wire): string => {
  const kept = keptIn(chunk, 'anthropic')
  if (kept?.whole) return kept.text
  const words = wire.call?.vars.get(lastWords)
  const message = toMessage(chunk, wire)
  if (words?.format !== 'anthropic' || !words.whole) return JSON.stringify(message)
  const value = wordsIn(words.text)
  const source = { text: words.text, value }
  const own = Array.isArray(value.content) ? value.content.filter(isObject) : []
  const before = alignedWith(own, words.chunk)
  const after = alignedWith(own, chunk)
  const untouched = sameThoughts(words.chunk, chunk)
  // where every block has its own, what is in none of them is not touched either
  return before && after && untouched
    ? splice(
        source,
        { ...toMessage(words.chunk, wire), content: before },
        { ...message, content: after },
      )
    : splice(source, toMessage(words.chunk, wire), message)
}
