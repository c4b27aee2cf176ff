import { isObject, without } from '../fields.ts'
import { ownFields, routing } from '../formats/routing.ts'
import {
  continuing,
  isSpoken,
  type Call,
  type Endpoint,
  type Operation,
  type Request,
} from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { keepText } from '../kept.ts'
import { prefillOf } from '../providers/prefill.ts'
import { rewrite } from '../splice.ts'
import type { Batch } from '../stream.ts'
import { isAlike, isRethought, type Dialect, type Encoded } from './dialect.ts'
import { createMeaning } from './openai/answer.ts'
import { familyOf, type Family } from './openai/family.ts'
import { toForeign } from './openai/foreign.ts'
import { readMedia, mediaDecoder } from './openai/media.ts'
import { parse } from './openai/parse.ts'
import { withPrefill } from './openai/prefill.ts'
import { toSound } from './openai/sound.ts'
import { chunkDecoder } from './openai/stream.ts'
import { toStrict } from './openai/strict.ts'
import { withThinking } from './openai/thinking.ts'
import { toForm } from './openai/transcription.ts'
import { applyQuirks } from './quirks.ts'

type Body = Readonly<Record<string, unknown>>

const paths = {
  chat: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
  images: '/images/generations',
  moderations: '/moderations',
  rerank: '/rerank',
  speech: '/audio/speech',
  transcriptions: '/audio/transcriptions',
} satisfies Partial<Record<Operation, string>>

const operations = Object.keys(paths) as readonly (keyof typeof paths)[]

/** The option as the client wrote it where it asks for usage already. */
const withUsage = (written: unknown) => {
  const known = isObject(written) ? written : {}
  return {
    stream_options: known.include_usage === true ? written : { ...known, include_usage: true },
  }
}

/** OpenAI's own models take the limit that a plugin has set by its newer name only. */
const withNewLimit = ({ source, request }: Call, { own }: Family): Request => {
  const { max_tokens, ...rest } = request
  const isOurs = own && source !== undefined && source.request.max_tokens === undefined
  return isOurs && typeof max_tokens === 'number' && rest.max_completion_tokens === undefined
    ? { ...rest, max_completion_tokens: max_tokens }
    : request
}

/** What the request says, as this provider takes it. */
const understood = (
  call: Call,
  model: string,
  provider: ProviderConfig,
  warn: (w: string) => void,
): Body => {
  const { request, operation, source } = call
  if (operation !== 'chat') return request
  const rethought = isRethought(call)
  if (source && !isAlike(call, 'openai'))
    return toForeign(request, model, provider, warn, rethought)
  const family = familyOf(provider, model)
  if (family.strict) return toStrict(withNewLimit(call, family), model, family)
  return rethought && !family.router ? withThinking(request, model, provider, warn) : request
}

const pathOf = (operation: Operation, { preset }: ProviderConfig): string =>
  operation === 'images' && preset === 'openrouter'
    ? '/images'
    : paths[operation as keyof typeof paths]

/** The client's own JSON with the model, the usage option and router-only fields changed, all else untouched. */
const encode = (call: Call, { model }: Endpoint, provider: ProviderConfig): Encoded => {
  const { source, request, operation } = call
  const native = !source || isAlike(call, 'openai')
  const drop = provider.preset === 'openrouter' ? ownFields : routing
  const path = pathOf(operation, provider)
  if (operation === 'transcriptions' && !(source && provider.preset === 'openrouter'))
    return { path, body: toForm(request, model, [...drop, ...(provider.quirks.drop ?? [])]) }
  const refusesUsage = provider.quirks.stream_options === false
  const asksUsage = isSpoken(call) && request.stream === true && !refusesUsage
  const warnings = new Set<string>()
  const said = understood(call, model, provider, (warning) => warnings.add(warning))
  const body = {
    ...without(said, refusesUsage ? [...drop, 'stream_options'] : drop),
    model,
    ...(asksUsage && withUsage(request.stream_options)),
  }
  const begun = call.vars.get(continuing) ? withPrefill(body, prefillOf(provider, model)) : body
  const fitted = applyQuirks(begun, provider.quirks, native)
  return {
    path,
    body: source && native ? rewrite(source.json, fitted) : JSON.stringify(fitted),
    ...(warnings.size > 0 && { warnings: [...warnings] }),
  }
}

/** A whole body as a chunk: each choice's `message` is its `delta`. */
const decodeWhole = (text: string, call: Call, provider?: ProviderConfig): Batch => {
  if (!isSpoken(call)) return { chunks: [readMedia(text, call)] }
  const body = parse(text)
  if (!Array.isArray(body.choices)) throw new GatewayError('upstream_invalid_response')
  const choices = body.choices.map((choice: unknown, index) => {
    if (!isObject(choice)) return choice
    const { message, ...rest } = choice
    return { index, ...rest, ...(isObject(message) && { delta: message }) }
  })
  const chunk = createMeaning(call, provider).of(toSound({ ...body, choices }))
  return { chunks: [keepText(chunk, text, true)] }
}

export const openai: Dialect = {
  format: 'openai',
  operations,
  encode,
  decodeWhole,
  decoder: (limits, call, provider) =>
    isSpoken(call) ? chunkDecoder(limits, createMeaning(call, provider)) : mediaDecoder(limits),
}
