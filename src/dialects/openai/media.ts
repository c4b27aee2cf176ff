import type { Call, Chunk } from '../../chat.ts'
import { classify } from '../../errors/classify.ts'
import { GatewayError } from '../../errors.ts'
import { keep, keepText } from '../../kept.ts'
import type { Batch } from '../../stream.ts'
import type { StreamEnd, StreamLimits } from '../dialect.ts'
import type { Fields } from '../events.ts'
import { createEvents } from '../sse.ts'
import { parse } from './parse.ts'

const invalid = () => new GatewayError('upstream_invalid_response')

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Formats of a transcription that are no JSON. */
const texts = new Set<unknown>(['text', 'srt', 'vtt'])

const isJson = (text: string): boolean => {
  try {
    return isObject(JSON.parse(text))
  } catch {
    return false
  }
}

/** Some give JSON whatever was asked for, and all give errors so. */
const toTranscript = (text: string, { request }: Call): Chunk => {
  if (texts.has(request.response_format) && !isJson(text)) return { text }
  const body = parse(text)
  if (typeof body.text !== 'string') throw invalid()
  return keepText(body as Chunk, text, true)
}

/** Cohere counts searches apart, Voyage calls the results data. */
const toRanking = (text: string): Chunk => {
  const body = parse(text)
  const results = body.results ?? body.data
  if (!Array.isArray(results)) throw invalid()
  const { billed_units } = isObject(body.meta) ? body.meta : {}
  const { search_units } = isObject(billed_units) ? billed_units : {}
  const usage = isObject(body.usage) ? body.usage : undefined
  return keepText(
    {
      ...body,
      results,
      ...((usage ?? search_units !== undefined) && {
        usage: { ...(search_units !== undefined && { search_units }), ...usage },
      }),
    } as Chunk,
    text,
    true,
  )
}

/** The whole answer of an operation without choices. */
export const readMedia = (text: string, call: Call): Chunk => {
  if (call.operation === 'transcriptions') return toTranscript(text, call)
  if (call.operation === 'rerank') return toRanking(text)
  const body = parse(text)
  const list = call.operation === 'moderations' ? body.results : body.data
  if (!Array.isArray(list)) throw invalid()
  return keepText(body as Chunk, text, true)
}

const finals = /\.(done|completed)$/

/** Its streamed answer: events that say by their type what they are. */
export async function* readMediaEvents(
  reads: AsyncIterable<Uint8Array>,
  limits: StreamLimits,
): AsyncGenerator<Batch, StreamEnd> {
  const events = createEvents(limits.event)
  let complete = false
  const toChunk = (data: string, event: string | undefined): Chunk => {
    const body = parse(data)
    if (event === 'error' || body.type === 'error')
      throw classify({ status: 200, body: { error: body } })
    complete ||= finals.test(String(body.type))
    return keep(body as Chunk, {
      format: 'openai',
      text: data,
      whole: false,
      ...(event !== undefined && { event }),
    })
  }
  for await (const bytes of reads) {
    const { messages, exact } = events.read(bytes)
    const end = messages.findIndex(({ data }) => data === '[DONE]')
    const chunks: Chunk[] = []
    for (const { data, event } of end === -1 ? messages : messages.slice(0, end)) {
      try {
        chunks.push(toChunk(data, event))
      } catch (error) {
        if (chunks.length > 0) yield { chunks }
        throw error
      }
    }
    if (chunks.length > 0) yield { chunks, ...(exact && end === -1 && { bytes }) }
    if (end !== -1) return 'done'
  }
  return complete ? 'done' : 'eof'
}
