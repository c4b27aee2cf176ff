import { isObject, type Fields as Body, type Fields } from '../fields.ts'
import type { Call, Endpoint, Request } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { withoutCustomTools } from '../formats/custom-tools.ts'
import { bareModel } from '../formats/gemini.ts'
import { originOf } from '../formats/gemini/marks.ts'
import { keep } from '../kept.ts'
import type { Batch } from '../stream.ts'
import { isAlike, type Dialect, type Encoded } from './dialect.ts'
import { parseObject } from './parse.ts'
import { writeAlike } from './gemini/alike.ts'
import { createReader, refuseError } from './gemini/answer.ts'
import { writeConfig } from './gemini/config.ts'
import { writeContents } from './gemini/contents.ts'
import { isBatch, readEmbeddings, writeEmbedding, writeInstances } from './gemini/embeddings.ts'
import { eventDecoder } from './gemini/stream.ts'
import { writeToolChoice, writeTools } from './gemini/tools.ts'
import type { Warn } from './gemini/warn.ts'
import { applyQuirks } from './quirks.ts'

const writeChat = (written: Request, model: string, warn: Warn): Fields => {
  const request = withoutCustomTools(written)
  const tools = writeTools(request.tools, warn)
  const generationConfig = writeConfig(request, model)
  const { service_tier: tier } = request
  return {
    ...writeContents(request.messages ?? [], model, warn),
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && writeToolChoice(request)),
    ...(generationConfig && { generationConfig }),
    ...((tier === 'flex' || tier === 'priority') && { serviceTier: tier }),
  }
}

/** Only the nested form counts more than the conversation; Vertex has but the flat one, which counts all. */
const writeCount = (request: Request, model: string, vertex: boolean, warn: Warn): Fields => {
  const { generationConfig: _, serviceTier: __, ...counted } = writeChat(request, model, warn)
  const nested = originOf<{ nested?: boolean }>(request)?.nested
  if (nested) return { generateContentRequest: counted }
  if (vertex || Object.keys(counted).length === 1) return counted
  return { generateContentRequest: { model: `models/${model}`, ...counted } }
}

/** Below `base_url`; a model that stands in a folder of its own keeps it. */
const pathOf = (model: string, method: string): string => {
  const [, folder = 'models', name = model] = /^(tunedModels|endpoints)\/(.+)$/.exec(model) ?? []
  return `/${folder}/${encodeURIComponent(name)}:${method}`
}

const encode = (call: Call, endpoint: Endpoint, provider: ProviderConfig): Encoded => {
  const { operation, source } = call
  const model = bareModel(endpoint.model)
  const vertex = /\/publishers\/[^/]+$/.test(provider.base_url)
  const warnings = new Set<string>()
  const warn: Warn = (what) => void warnings.add(what)
  const request = applyQuirks(call.request, provider.quirks) as Request
  const alike = isAlike(call, 'gemini') ? source : undefined
  const body = (write: (from: Request) => Fields, fresh = write): string =>
    alike ? writeAlike(alike, request, write, `models/${model}`) : JSON.stringify(fresh(request))
  const path = (method: string) => pathOf(model, method)

  switch (operation) {
    case 'embeddings':
      if (vertex && !alike)
        return { path: path('predict'), body: JSON.stringify(writeInstances(request)) }
      return {
        path: path(isBatch(request) ? 'batchEmbedContents' : 'embedContent'),
        body: body(writeEmbedding, (from) => writeEmbedding(from, model)),
      }
    case 'count_tokens':
      return {
        path: path('countTokens'),
        body: body(
          (from) =>
            originOf<{ nested?: boolean }>(from)?.nested
              ? writeCount(from, model, vertex, warn)
              : writeCount(from, model, true, warn),
          (from) => writeCount(from, model, vertex, warn),
        ),
        warnings: [...warnings],
      }
    default: {
      const streams = request.stream === true
      const text = body((from) => writeChat(from, model, warn))
      return {
        path: path(streams ? 'streamGenerateContent?alt=sse' : 'generateContent'),
        body: text,
        warnings: [...warnings],
      }
    }
  }
}

const countOf = (body: Body): number => {
  if (typeof body.totalTokens === 'number') return body.totalTokens
  throw new GatewayError('upstream_invalid_response')
}

/** Without `alt=sse`, or from a server that does not know it, a stream comes as one list. */
const answersIn = (text: string): readonly Body[] => {
  if (!text.trimStart().startsWith('[')) return [parseObject(text)]
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw new GatewayError('upstream_invalid_response')
  }
  return Array.isArray(list) ? list.filter(isObject) : []
}

const isAnswer = (body: Body): boolean =>
  Array.isArray(body.candidates) || isObject(body.promptFeedback) || isObject(body.usageMetadata)

const decodeWhole = (text: string, call: Call): Batch => {
  const whole = { format: 'gemini', text, whole: true } as const
  if (call.operation === 'embeddings')
    return { chunks: [keep(readEmbeddings(text, call.request), whole)], format: 'gemini' }
  const bodies = answersIn(text)
  if (call.operation === 'count_tokens') {
    const [body = {}] = bodies
    refuseError(body)
    const count = { object: 'token_count', data: [{ tokens: countOf(body) }] }
    return { chunks: [keep(count, whole)], format: 'gemini' }
  }
  const [only] = bodies
  const object = bodies.length === 1 ? 'chat.completion' : 'chat.completion.chunk'
  const reader = createReader(call, object)
  const chunks = bodies.map((body) => reader.read(body))
  if (!only || !bodies.some(isAnswer)) throw new GatewayError('upstream_invalid_response')
  if (bodies.length > 1 || text.trimStart().startsWith('[')) return { chunks }
  return { chunks: chunks.map((chunk) => keep(chunk, whole)), format: 'gemini' }
}

export const gemini: Dialect = {
  format: 'gemini',
  operations: ['chat', 'count_tokens', 'embeddings'],
  encode,
  decodeWhole,
  decoder: eventDecoder,
}
