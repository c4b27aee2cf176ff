import { isObject, type Fields } from '../../fields.ts'
import type { Chunk } from '../../chat.ts'
import { keptIn, lastWords, type Words } from '../../kept.ts'
import { runningIn } from '../../server-call.ts'
import { toDeltaUsage } from '../../formats/anthropic/usage.ts'
import { splice } from '../../splice.ts'
import type { EventWriter, Wire } from '../surface.ts'
import type { Open } from './block.ts'
import { createBlocks } from './blocks.ts'
import { toAnthropicError } from './error.ts'
import { toEnd, toHead, type Finish } from './head.ts'
import { eventsOfMessage, wordsIn } from './native.ts'
import { createTextSink, eventOf } from './sink.ts'
import { lookUp, wordOf } from '../../formats/unchecked.ts'
import { soundDelta } from '../../formats/sound.ts'

const ping = eventOf('ping', '{"type": "ping"}')

const kinds: Readonly<Record<string, Open['kind']>> = {
  text: 'text',
  thinking: 'thinking',
  redacted_thinking: 'other',
  tool_use: 'tool',
}

/** The provider's block that is open, and where it stands in our message. */
interface Native {
  readonly open: Open
  readonly moved: boolean
  /** Something of it was said otherwise. */
  changed: boolean
}

/**
 * Anthropic's stream: `message_start`, blocks one after the other, `message_delta`, `message_stop`. Events of a provider
 * of that format pass as they came; what plugins changed or others said is written around them.
 */
export const messageEvents = (wire: Wire): EventWriter => {
  const sink = createTextSink()
  const blocks = createBlocks(sink)
  let started = false
  let ended = false
  /** Something was written that the provider did not say, or said otherwise. */
  let diverged = false
  let native: Native | undefined
  let told = false
  let finish: Finish = { refusal: '' }
  let first: Chunk | undefined

  const start = (chunk?: Chunk): void => {
    if (started) return
    started = true
    sink.start(toHead(chunk ?? first, wire))
  }

  const deltaOf = (end: Finish): Fields => ({ delta: toEnd(end), usage: toDeltaUsage(end.usage) })

  const finishOf = (chunk: Chunk, known: Finish = { refusal: '' }): Finish => {
    const choice = chunk.choices?.find(({ index }) => index === 0)
    return {
      ...known,
      ...(choice?.finish_reason && {
        reason: choice.finish_reason,
        native: choice.native_finish_reason,
      }),
      ...(chunk.usage && { usage: chunk.usage }),
      refusal: known.refusal + wordOf(choice?.delta?.refusal),
    }
  }

  /** The end; in the provider's own words where it said one and a plugin only changed its chunk. */
  const complete = (): void => {
    start()
    blocks.settle()
    ended = true
    const words = wire.call?.vars.get(lastWords)
    if (words?.event !== 'message_delta' || told) {
      if (!told) return sink.finish(toEnd(finish), toDeltaUsage(finish.usage))
      return sink.raw(eventOf('message_stop', '{"type":"message_stop"}'))
    }
    const source = { text: words.text, value: wordsIn(words.text) }
    const text = splice(source, deltaOf(finishOf(words.chunk)), deltaOf(finish))
    sink.raw(eventOf('message_delta', text) + eventOf('message_stop', '{"type":"message_stop"}'))
  }

  const write = (chunk: Chunk): void => {
    const choice = chunk.choices?.find(({ index }) => index === 0)
    if (!choice && !chunk.usage) return
    diverged = true
    if (native && blocks.open === native.open) native.changed = true
    finish = finishOf(chunk, finish)
    if (choice) {
      start(chunk)
      const delta = soundDelta(choice.delta)
      const running = runningIn(chunk)
      if (running) blocks.run(running)
      blocks.add(delta)
      const said = delta.refusal
      if (said && choice.native_finish_reason !== 'refusal') blocks.say(said)
    }
    if (finish.reason && finish.usage) complete()
  }

  const pass = (name: string, { text }: Words, index?: number): void => {
    if (index === undefined) return sink.raw(eventOf(name, text))
    diverged = true
    sink.raw(eventOf(name, JSON.stringify({ ...wordsIn(text), index })))
  }

  const beginNative = (chunk: Chunk, words: Words): void => {
    const { index, content_block } = wordsIn(words.text)
    const block = isObject(content_block) ? content_block : {}
    const known = lookUp(kinds, block.type)
    // its turn comes when the call that is open is complete
    if (known && blocks.busy && !blocks.open?.native) return write(chunk)
    if (blocks.open || blocks.waiting) blocks.settle()
    start(chunk)
    const kind = known ?? 'other'
    const call = chunk.choices?.[0]?.delta?.tool_calls?.[0]
    const at = blocks.next++
    const open: Open = {
      kind,
      index: at,
      native: true,
      ...(kind === 'tool' && call && { tool: blocks.adopt(call) }),
    }
    native = { open, moved: index !== at, changed: false }
    blocks.open = open
    pass('content_block_start', words, native.moved ? at : undefined)
  }

  /** What a plugin still holds back of a call's input can only come while its block is open. */
  const endNative = (ended: Native | undefined, name: string, words: Words, at?: number): void => {
    if (ended?.changed && ended.open.tool) {
      diverged = true
      blocks.loosen()
      return
    }
    pass(name, words, at)
    blocks.closed()
  }

  const passEvent = (name: string, chunk: Chunk, words: Words): void => {
    const isOpen = native !== undefined && blocks.open === native.open
    const at = native?.moved ? native.open.index : undefined
    switch (name) {
      case 'message_start':
        if (started) return
        started = true
        return pass(name, words)
      case 'content_block_start':
        return beginNative(chunk, words)
      case 'content_block_delta':
        if (!isOpen) return write(chunk)
        for (const call of chunk.choices?.[0]?.delta?.tool_calls ?? []) blocks.adopt(call)
        return pass(name, words, at)
      case 'content_block_stop':
        if (isOpen) endNative(native, name, words, at)
        else write(chunk)
        native = undefined
        return
      case 'message_delta':
        finish = finishOf(chunk, finish)
        if (blocks.open || blocks.waiting) blocks.settle()
        told = told || Boolean(finish.reason)
        return pass(name, words)
      case 'message_stop':
        if (!told) return complete()
        ended = true
        return pass(name, words)
      default:
        return pass(name, words)
    }
  }

  const take = (chunk: Chunk): void => {
    if (ended) return
    first ??= chunk
    const words = keptIn(chunk, 'anthropic')
    if (words?.whole && !started) {
      started = true
      ended = true
      diverged = true
      return sink.raw(eventsOfMessage(wordsIn(words.text)))
    }
    if (words?.event !== undefined) return passEvent(words.event, chunk, words)
    write(chunk)
  }

  return {
    batch(batch) {
      if (ended) return ''
      const isOwn = batch.format === 'anthropic'
      if (batch.plain !== undefined && started) {
        const isNative = isOwn && native && blocks.open === native.open
        if (isNative && !native?.moved) {
          const { bytes, framed = '' } = batch
          return bytes ?? framed
        }
        diverged = true
        blocks.say(batch.plain)
        return sink.take()
      }
      for (const chunk of batch.chunks) take(chunk)
      const written = sink.take()
      return isOwn && batch.bytes && !diverged ? batch.bytes : written
    },
    end() {
      if (!ended) complete()
      return sink.take()
    },
    error(error) {
      if (ended) return sink.take()
      ended = true
      return sink.take() + eventOf('error', JSON.stringify(toAnthropicError(error, wire)))
    },
    silence: () => ping,
  }
}
