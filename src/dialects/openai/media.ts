import { parsed } from '../../json.ts'
import { isObject } from '../../fields.ts'
import type { Call, Chunk } from '../../chat.ts'
import { classify } from '../../errors/classify.ts'
import { GatewayError } from '../../errors.ts'
import { keepText } from '../../kept.ts'
import { createDecoder, type EventReader } from '../decoder.ts'
import type { Decoder, StreamLimits } from '../dialect.ts'
import { parse } from './parse.ts'

const invalid = () => new GatewayError('upstream_invalid_response')

/** Formats of a transcription that are no JSON. */
const texts = new Set<unknown>(['text', 'srt', 'vtt'])

const isJson = (text: string): boolean => isObject(parsed(text))

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

const createEventReader = (): EventReader => {
  let complete = false
  let ended = false
  const read = (data: string, event?: string): Chunk | undefined => {
    ended ||= data === '[DONE]'
    if (ended) return undefined
    const body = parse(data)
    if (event === 'error' || body.type === 'error')
      throw classify({ status: 200, body: { error: body } })
    complete ||= finals.test(String(body.type))
    return body as Chunk
  }
  return {
    read,
    again: (data) => parse(data) as Chunk,
    provable: false,
    get ended() {
      return ended
    },
    get complete() {
      return complete
    },
  }
}

/** Its streamed answer: events that say by their type what they are. */
export const mediaDecoder = (limits: StreamLimits): Decoder =>
  createDecoder({ format: 'openai' }, limits, createEventReader())
