import type { EventSourceMessage } from 'eventsource-parser'
import type { Call, Choice, Chunk, Delta, Endpoint, Operation } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { keepText } from '../kept.ts'
import { rewrite } from '../splice.ts'
import { plainBatch, type Batch } from '../stream.ts'
import { classify } from '../errors/classify.ts'
import type { Dialect, Encoded, StreamEnd, StreamLimits } from './dialect.ts'
import { applyQuirks } from './quirks.ts'
import { createEvents } from './sse.ts'
import { createTemplate } from './template.ts'

type Template = ReturnType<typeof createTemplate>

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const paths = {
  chat: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
} satisfies Partial<Record<Operation, string>>

const operations = Object.keys(paths) as readonly (keyof typeof paths)[]

/** Fields that speak to the router; a provider would refuse them. */
const ours = ['models', 'route'] as const
/** The same, but OpenRouter as a provider knows them. */
const routers = [
  'provider',
  'plugins',
  'preset',
  'transforms',
  'session_id',
  'trace',
  'debug',
] as const

const without = (fields: readonly string[], body: Readonly<Record<string, unknown>>) =>
  fields.some((field) => field in body)
    ? Object.fromEntries(Object.entries(body).filter(([field]) => !fields.includes(field)))
    : body

/** The option as the client wrote it where it asks for usage already. */
const withUsage = (written: unknown) => {
  const known = isObject(written) ? written : {}
  return {
    stream_options: known.include_usage === true ? written : { ...known, include_usage: true },
  }
}

/** The client's own JSON with the model, the usage option and router-only fields changed, all else untouched. */
const encode = (call: Call, { model }: Endpoint, provider: ProviderConfig): Encoded => {
  const { source, request, operation } = call
  const drop = provider.preset === 'openrouter' ? ours : [...ours, ...routers]
  const asksUsage = request.stream === true && provider.quirks.stream_options !== false
  const body = {
    ...without(
      provider.quirks.stream_options === false ? [...drop, 'stream_options'] : drop,
      request,
    ),
    model,
    ...(asksUsage && withUsage(request.stream_options)),
  }
  const fitted = applyQuirks(body, provider.quirks)
  return {
    path: paths[operation as keyof typeof paths],
    body: source?.format === 'openai' ? rewrite(source.json, fitted) : JSON.stringify(fitted),
  }
}

const parse = (text: string): Readonly<Record<string, unknown>> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (!isObject(value)) throw new GatewayError('upstream_invalid_response')
  if (value.error) throw classify({ status: 200, body: value })
  return value
}

/** A whole body as a chunk: each choice's `message` is its `delta`. */
const decodeWhole = (text: string, call: Call): Batch => {
  const body = parse(text)
  if (call.operation === 'embeddings') {
    if (!Array.isArray(body.data)) throw new GatewayError('upstream_invalid_response')
    return { chunks: [keepText(body as Chunk, text, true)] }
  }
  if (!Array.isArray(body.choices)) throw new GatewayError('upstream_invalid_response')
  const choices = body.choices.map((choice: Record<string, unknown>, index): Choice => {
    const { message, ...rest } = choice
    return { index, ...rest, ...(isObject(message) && { delta: message as Delta }) }
  })
  return { chunks: [keepText({ ...body, choices } as Chunk, text, true)] }
}

const decodeData = (data: string): Chunk => keepText(parse(data) as Chunk, data)

const decodeEvent = ({ data, event }: EventSourceMessage): Chunk => {
  const body = parse(data)
  if (event === 'error') throw classify({ status: 200, body: { error: body } })
  // JSON that came over several lines would break the framing of one
  return data.includes('\n') ? (body as Chunk) : keepText(body as Chunk, data)
}

/** A last event without its blank line counts if it is whole; one that was cut off is no event. */
const decodeLast = (message: EventSourceMessage): Chunk[] => {
  try {
    JSON.parse(message.data)
  } catch {
    return []
  }
  return [decodeEvent(message)]
}

/** One read's events in order: runs of nothing but text, and what has to be looked at. */
function* batchesIn(
  messages: readonly EventSourceMessage[],
  template: Template,
  bytes: Uint8Array | undefined,
): Generator<Batch> {
  let texts: string[] = []
  let plain = ''
  let chunks: Chunk[] = []
  const textSoFar = (exact?: Uint8Array): Batch[] => {
    const batch = texts.length > 0 ? [plainBatch(plain, texts, decodeData, exact)] : []
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
    const text = message.event === undefined ? template.match(message.data) : undefined
    if (text !== undefined) {
      yield* chunksSoFar()
      texts.push(message.data)
      plain += text
      continue
    }
    yield* textSoFar()
    let chunk: Chunk
    try {
      chunk = decodeEvent(message)
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

async function* decodeStream(
  reads: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
): AsyncGenerator<Batch, StreamEnd> {
  const events = createEvents(limits.event)
  const template = createTemplate()
  for await (const bytes of reads) {
    const { messages, exact } = events.read(bytes)
    const end = messages.findIndex(({ data }) => data === '[DONE]')
    const wanted = (end === -1 ? messages : messages.slice(0, end)).filter(
      ({ event = 'message' }) => event === 'message' || event === 'error',
    )
    const whole = exact && end === -1 && wanted.length === messages.length
    yield* batchesIn(wanted, template, whole ? bytes : undefined)
    if (end !== -1) return 'done'
  }
  const [last] = events.close().messages
  if (last?.data === '[DONE]') return 'done'
  if (last) yield { chunks: decodeLast(last) }
  return 'eof'
}

export const openai: Dialect = {
  format: 'openai',
  operations,
  encode,
  decodeWhole,
  decodeStream,
}
