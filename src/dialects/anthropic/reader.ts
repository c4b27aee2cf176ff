import { isObject, type Fields } from '../../fields.ts'
import type { Chunk, Delta, Usage } from '../../chat.ts'
import { classify } from '../../errors/classify.ts'
import { toFinish } from '../../formats/anthropic.ts'
import { fromAnthropicUsage } from '../../formats/anthropic/usage.ts'
import { createBlock, type Block, type Counters } from './block.ts'

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** What is known is not undone by what is missing later. */
const withKnown = (before: Fields, more: Fields): Fields => ({
  ...before,
  ...Object.fromEntries(
    Object.entries(more).filter(([, value]) => value !== null && value !== undefined),
  ),
})

export interface MessageReader {
  /** The chunk that an event is, without choices where it says nothing; throws for an error event. */
  read(body: Fields, event: string | undefined): Chunk
  /** Whether the event that was read last was the answer's end. */
  readonly ended: boolean
  /** Text that was added by events which nobody read. */
  skip(text: string): void
}

/** One message's events as chunks. */
export const createReader = (): MessageReader => {
  const blocks = new Map<number, Block>()
  const counters: Counters = { tools: 0, thoughts: 0, length: 0 }
  let head: Chunk = {
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1_000),
  }
  let counted: Fields = {}
  let finished = false
  let ended = false

  const chunk = (delta?: Delta): Chunk => ({
    ...head,
    choices: delta ? [{ index: 0, delta, finish_reason: null }] : [],
  })

  const start = (message: Fields): Chunk => {
    head = {
      ...head,
      ...(typeof message.id === 'string' && { id: message.id }),
      ...(typeof message.model === 'string' && { model: message.model }),
    }
    if (isObject(message.usage)) counted = message.usage
    return chunk({ role: 'assistant', content: '' })
  }

  const finish = ({ delta, usage }: Fields): Chunk => {
    const { stop_reason, stop_details } = isObject(delta) ? delta : ({} as Fields)
    let total: Usage | undefined
    if (isObject(usage)) {
      counted = withKnown(counted, usage)
      total = fromAnthropicUsage(counted)
    }
    if (typeof stop_reason !== 'string') return { ...chunk(), ...(total && { usage: total }) }
    finished = true
    const refusal = isObject(stop_details) ? stop_details.explanation : undefined
    return {
      ...head,
      choices: [
        {
          index: 0,
          delta: typeof refusal === 'string' && refusal !== '' ? { refusal } : {},
          finish_reason: toFinish(stop_reason),
          native_finish_reason: stop_reason,
        },
      ],
      ...(total && { usage: total }),
    }
  }

  const read = (body: Fields, event: string | undefined): Chunk => {
    const type = typeof body.type === 'string' ? body.type : event
    const index = numberOf(body.index)
    switch (type) {
      case 'message_start':
        return start(isObject(body.message) ? body.message : {})
      case 'content_block_start': {
        const block = createBlock(isObject(body.content_block) ? body.content_block : {}, counters)
        blocks.set(index, block)
        return chunk(block.start)
      }
      case 'content_block_delta':
        return chunk(isObject(body.delta) ? blocks.get(index)?.add(body.delta) : undefined)
      case 'content_block_stop': {
        const rest = blocks.get(index)?.stop()
        blocks.delete(index)
        return chunk(rest)
      }
      case 'message_delta':
        return finish(body)
      case 'message_stop':
        ended = true
        if (finished) return chunk()
        return { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
      case 'error':
        throw classify({ status: 200, body: { error: body.error ?? body } })
      default:
        return chunk()
    }
  }

  return {
    read,
    skip: (text) => void (counters.length += text.length),
    get ended() {
      return ended
    },
  }
}
