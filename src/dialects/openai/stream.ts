import type { EventSourceMessage } from 'eventsource-parser'
import type { Chunk } from '../../chat.ts'
import { classify } from '../../errors/classify.ts'
import { keepText } from '../../kept.ts'
import { plainBatch, type Batch } from '../../stream.ts'
import type { StreamEnd, StreamLimits } from '../dialect.ts'
import { createEvents } from '../sse.ts'
import { createTemplate } from '../template.ts'
import type { Meaning } from './answer.ts'
import { parse } from './parse.ts'

type Template = ReturnType<typeof createTemplate>

const createDecoder = (meaning: Meaning) => {
  const data = (text: string): Chunk => keepText(meaning.of(parse(text) as Chunk), text)
  const event = (message: EventSourceMessage): Chunk => {
    const body = parse(message.data)
    if (message.event === 'error') throw classify({ status: 200, body: { error: body } })
    const chunk = meaning.of(body as Chunk)
    // JSON that came over several lines would break the framing of one
    return message.data.includes('\n') ? chunk : keepText(chunk, message.data)
  }
  /** A last event without its blank line counts if it is whole; one that was cut off is no event. */
  const last = (message: EventSourceMessage): Chunk[] => {
    try {
      JSON.parse(message.data)
    } catch {
      return []
    }
    return [event(message)]
  }
  return { data, event, last }
}

type Decoder = ReturnType<typeof createDecoder>

/** One read's events in order: runs of nothing but text, and what has to be looked at. */
function* batchesIn(
  messages: readonly EventSourceMessage[],
  template: Template,
  decoder: Decoder,
  meaning: Meaning,
  bytes: Uint8Array | undefined,
): Generator<Batch> {
  let texts: string[] = []
  let plain = ''
  let chunks: Chunk[] = []
  const textSoFar = (exact?: Uint8Array): Batch[] => {
    const batch = texts.length > 0 ? [plainBatch(plain, texts, decoder.data, exact)] : []
    texts = []
    plain = ''
    return batch
  }
  const chunksSoFar = (): Batch[] => {
    const batch = chunks.length > 0 ? [{ chunks }] : []
    chunks = []
    return batch
  }
  for (const message of messages) {
    const text =
      message.event === undefined && meaning.plain ? template.match(message.data) : undefined
    if (text !== undefined) {
      yield* chunksSoFar()
      texts.push(message.data)
      plain += text
      continue
    }
    yield* textSoFar()
    let chunk: Chunk
    try {
      chunk = decoder.event(message)
    } catch (error) {
      yield* chunksSoFar()
      throw error
    }
    template.learn(message.data, chunk)
    chunks.push(chunk)
  }
  if (bytes && chunks.length === messages.length) yield { chunks, bytes }
  else yield* chunksSoFar()
  yield* textSoFar(texts.length === messages.length ? bytes : undefined)
}

/** A stream of chat or legacy completions. */
export async function* readChunks(
  reads: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
  meaning: Meaning,
): AsyncGenerator<Batch, StreamEnd> {
  const events = createEvents(limits.event)
  const template = createTemplate()
  const decoder = createDecoder(meaning)
  for await (const bytes of reads) {
    const { messages, exact } = events.read(bytes)
    const end = messages.findIndex(({ data }) => data === '[DONE]')
    const wanted = (end === -1 ? messages : messages.slice(0, end)).filter(
      ({ event = 'message' }) => event === 'message' || event === 'error',
    )
    const whole = exact && end === -1 && wanted.length === messages.length
    // `yield*` would await each batch several times over
    for (const batch of batchesIn(wanted, template, decoder, meaning, whole ? bytes : undefined))
      yield batch
    if (end !== -1) return 'done'
  }
  const [last] = events.close().messages
  if (last?.data === '[DONE]') return 'done'
  if (last) yield { chunks: decoder.last(last) }
  return 'eof'
}
