import type { EventSourceMessage } from 'eventsource-parser'
import type { Call, Chunk } from '../../chat.ts'
import { keep } from '../../kept.ts'
import { plainBatch, type Batch } from '../../stream.ts'
import type { StreamEnd, StreamLimits } from '../dialect.ts'
import { parseObject } from '../events.ts'
import { createEvents } from '../sse.ts'
import { createReader } from './answer.ts'
import { createTextEvents } from './text-event.ts'

const chunkObject = 'chat.completion.chunk'

/** JSON that came over several lines would break the framing of one. */
const worded = (chunk: Chunk, text: string): Chunk =>
  text.includes('\n') ? chunk : keep(chunk, { format: 'gemini', text, whole: false })

const createDecoder = (call: Call) => {
  const reader = createReader(call, chunkObject)
  const texts = createTextEvents()
  const aside = createReader(call, chunkObject)
  let created: number | undefined

  const decode = (data: string): Chunk => {
    const chunk = reader.read(parseObject(data))
    created = chunk.created
    texts.learn(data, chunk)
    return worded(chunk, data)
  }
  /** What a run of text is for who looks at it after all. */
  const parse = (data: string): Chunk => {
    const chunk = aside.read(parseObject(data))
    return worded(created === undefined ? chunk : { ...chunk, created }, data)
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
      const batch = run.length > 0 ? [plainBatch(plain, run, parse, exact, 'gemini')] : []
      run = []
      plain = ''
      return batch
    }
    const takeChunks = (exact?: Uint8Array): Batch[] => {
      const batch: Batch[] =
        chunks.length > 0 ? [{ chunks, format: 'gemini', ...(exact && { bytes: exact }) }] : []
      chunks = []
      return batch
    }
    for (const { data } of messages) {
      const text = texts.match(data)
      if (text !== undefined) {
        yield* takeChunks()
        run.push(data)
        plain += text
        reader.skip(text)
        continue
      }
      yield* takeRun()
      try {
        chunks.push(decode(data))
      } catch (error) {
        yield* takeChunks()
        throw error
      }
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

/** An answer's events. Google’s stream has no end of its own: it may still count or cite after the finish. */
export async function* decodeStream(
  reads: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
  call: Call,
): AsyncGenerator<Batch, StreamEnd> {
  const events = createEvents(limits.event)
  const { decode, batches } = createDecoder(call)
  for await (const bytes of reads) {
    const { messages, exact } = events.read(bytes)
    yield* batches(messages, exact ? bytes : undefined)
  }
  const [last] = events.close().messages
  // one that was cut off is no event
  if (last && isWhole(last.data)) yield { chunks: [decode(last.data)], format: 'gemini' }
  return 'eof'
}
