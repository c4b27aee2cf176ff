import type { EventSourceMessage } from 'eventsource-parser'
import type { Call, Chunk } from '../../chat.ts'
import { createCustomCalls, customNames, type CustomCalls } from '../../formats/custom-tools.ts'
import { keep, type Words } from '../../kept.ts'
import { plainBatch, type Batch } from '../../stream.ts'
import type { StreamEnd, StreamLimits } from '../dialect.ts'
import { parseObject, type Fields } from '../events.ts'
import { createEvents } from '../sse.ts'
import { createReader, type MessageReader } from './reader.ts'
import { createTextDeltas } from './text-delta.ts'

const deltaEvent = 'content_block_delta'

const wordsOf = (text: string, event: string | undefined): Words => ({
  format: 'anthropic',
  text,
  whole: false,
  ...(event !== undefined && { event }),
})

/** What a run of text is for who looks at it after all. */
const toTextChunk =
  (head: Chunk) =>
  (data: string): Chunk => {
    const { delta } = JSON.parse(data) as { readonly delta: { readonly text: string } }
    const choice = { index: 0, delta: { content: delta.text }, finish_reason: null }
    return keep({ ...head, choices: [choice] }, wordsOf(data, deltaEvent))
  }

const headOf = ({ id, object, created, model }: Chunk): Chunk => ({
  ...(id !== undefined && { id }),
  ...(object !== undefined && { object }),
  ...(created !== undefined && { created }),
  ...(model !== undefined && { model }),
})

const createDecoder = (reader: MessageReader, { restore }: CustomCalls) => {
  const texts = createTextDeltas()
  let parse = toTextChunk({})
  const decode = ({ data, event }: EventSourceMessage): Chunk => {
    const body: Fields = parseObject(data)
    const name = event ?? (typeof body.type === 'string' ? body.type : undefined)
    const chunk = restore(reader.read(body, name))
    if (name === 'message_start') parse = toTextChunk(headOf(chunk))
    texts.learn(data)
    // JSON that came over several lines would break the framing of one
    return data.includes('\n') ? chunk : keep(chunk, wordsOf(data, name))
  }
  /** One read's events in order: runs of nothing but text, and what has to be looked at. */
  function* batches(
    messages: readonly EventSourceMessage[],
    bytes: Uint8Array | undefined,
  ): Generator<Batch> {
    let run: string[] = []
    let plain = ''
    let chunks: Chunk[] = []
    const takeRun = (exact?: Uint8Array): Batch[] => {
      const batch = run.length > 0 ? [plainBatch(plain, run, parse, exact, 'anthropic')] : []
      run = []
      plain = ''
      return batch
    }
    const takeChunks = (exact?: Uint8Array): Batch[] => {
      const batch: Batch[] =
        chunks.length > 0 ? [{ chunks, format: 'anthropic', ...(exact && { bytes: exact }) }] : []
      chunks = []
      return batch
    }
    for (const message of messages) {
      const text = message.event === deltaEvent ? texts.match(message.data) : undefined
      if (text !== undefined) {
        yield* takeChunks()
        run.push(message.data)
        plain += text
        reader.skip(text)
        continue
      }
      yield* takeRun()
      try {
        chunks.push(decode(message))
      } catch (error) {
        yield* takeChunks()
        throw error
      }
      if (reader.ended) break
    }
    yield* takeChunks(chunks.length === messages.length ? bytes : undefined)
    yield* takeRun(run.length === messages.length ? bytes : undefined)
  }
  return { decode, batches }
}

const isWhole = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A message's events; what came before a failure comes out before it. */
export async function* decodeStream(
  reads: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
  call: Call,
): AsyncGenerator<Batch, StreamEnd> {
  const events = createEvents(limits.event)
  const reader = createReader()
  const { decode, batches } = createDecoder(reader, createCustomCalls(customNames(call.request)))
  for await (const bytes of reads) {
    const { messages, exact } = events.read(bytes)
    // clients of this format go by the events' names
    const named = messages.every(({ event }) => event !== undefined)
    yield* batches(messages, exact && named ? bytes : undefined)
    if (reader.ended) return 'done'
  }
  const [last] = events.close().messages
  // one that was cut off is no event
  if (last && isWhole(last.data)) yield { chunks: [decode(last)], format: 'anthropic' }
  return reader.ended ? 'done' : 'eof'
}
