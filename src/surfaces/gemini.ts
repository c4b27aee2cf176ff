import { isObject, type Fields } from '../fields.ts'
import * as v from 'valibot'
import type { Chunk, Request } from '../chat.ts'
import { bareModel, objectsIn } from '../formats/gemini.ts'
import { marked } from '../formats/gemini/marks.ts'
import { usualNames } from '../formats/gemini/written.ts'
import { wholeText } from '../kept.ts'
import { readConfig } from './gemini/config.ts'
import { readContents, readInstruction } from './gemini/contents.ts'
import { readEmbedding, writeEmbedding } from './gemini/embeddings.ts'
import { toGeminiError } from './gemini/error.ts'
import { geminiEvents } from './gemini/events.ts'
import { readToolConfig, readTools } from './gemini/tools.ts'
import { geminiAnswer } from './gemini/whole.ts'
import type { Place, Surface, Wire } from './surface.ts'

export const content = v.looseObject({
  role: v.optional(v.nullable(v.string())),
  parts: v.optional(v.array(v.looseObject({}))),
})
const contents = v.pipe(
  v.array(content),
  v.description('The conversation, in turns of `user` and `model`.'),
  v.examples([[{ role: 'user', parts: [{ text: 'Say hello.' }] }]]),
)

/** Fields that speak to the router, as on the other surfaces. */
const routed = ['models', 'provider', 'plugins', 'route', 'preset', 'session_id', 'user'] as const

const readChat = (body: Fields, { model = '' }: Place): Request => {
  const { serviceTier } = body
  const tools = readTools(body.tools)
  return {
    model: bareModel(model),
    ...Object.fromEntries(
      routed.filter((field) => body[field] !== undefined).map((field) => [field, body[field]]),
    ),
    messages: [
      ...readInstruction(body.systemInstruction),
      ...readContents(objectsIn(body.contents)),
    ],
    ...(tools.length > 0 && { tools }),
    ...readToolConfig(body.toolConfig),
    ...readConfig(body.generationConfig),
    ...((serviceTier === 'flex' || serviceTier === 'priority') && { service_tier: serviceTier }),
  }
}

const shared = { format: 'gemini', error: toGeminiError } as const

const streams = ({ method }: Pick<Place, 'method'>): boolean => method === 'streamGenerateContent'

/** `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent` */
export const geminiChat: Surface = {
  ...shared,
  operation: 'chat',
  request: v.looseObject({ contents }),
  decode: (body, place) => ({
    ...readChat(usualNames(body), place),
    ...(streams(place) && { stream: true }),
  }),
  whole: geminiAnswer,
  events: geminiEvents,
  streamType: ({ place }: Wire) =>
    place?.query.get('alt') === 'sse' ? 'text/event-stream' : 'application/json; charset=UTF-8',
}

const countOf = (chunk: Chunk): number => {
  const [count] = objectsIn(chunk.data)
  return typeof count?.tokens === 'number' ? count.tokens : 0
}

/** `POST /v1beta/models/{model}:countTokens` */
export const geminiCount: Surface = {
  ...shared,
  operation: 'count_tokens',
  request: v.looseObject({
    contents: v.optional(contents),
    generateContentRequest: v.optional(v.looseObject({ contents: v.optional(contents) })),
  }),
  decode(written, place) {
    const body = usualNames(written)
    const { generateContentRequest: inner } = body
    return isObject(inner)
      ? marked(readChat(inner, place), { nested: true })
      : readChat(body, place)
  },
  whole: (chunk) => wholeText(chunk, 'gemini') ?? JSON.stringify({ totalTokens: countOf(chunk) }),
}

/** `POST /v1beta/models/{model}:embedContent` and `:batchEmbedContents` */
export const geminiEmbeddings: Surface = {
  ...shared,
  operation: 'embeddings',
  request: v.looseObject({
    content: v.optional(content),
    requests: v.optional(v.array(v.looseObject({ content: v.optional(content) }))),
  }),
  decode: (body, place) => {
    const request = readEmbedding(usualNames(body), place)
    return { ...request, model: bareModel(request.model) }
  },
  whole: (chunk, { place }) =>
    wholeText(chunk, 'gemini') ??
    JSON.stringify(writeEmbedding(chunk, place?.method === 'batchEmbedContents')),
}

/** By the method that follows the model's name. */
export const geminiMethods: Readonly<Record<string, Surface>> = {
  generateContent: geminiChat,
  streamGenerateContent: geminiChat,
  countTokens: geminiCount,
  embedContent: geminiEmbeddings,
  batchEmbedContents: geminiEmbeddings,
}
