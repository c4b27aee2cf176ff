import { isObject, without } from '../fields.ts'
import { ownFields, routing } from '../formats/routing.ts'
import { continuing, isSpoken, type Call, type Endpoint, type Operation } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { keepText } from '../kept.ts'
import { prefillOf } from '../providers/prefill.ts'
import { rewrite } from '../splice.ts'
import type { Batch } from '../stream.ts'
import { isAlike, type Dialect, type Encoded } from './dialect.ts'
import { createMeaning } from './openai/answer.ts'
import { familyOf } from './openai/family.ts'
import { toForeign } from './openai/foreign.ts'
import { readMedia, mediaDecoder } from './openai/media.ts'
import { parse } from './openai/parse.ts'
import { withPrefill } from './openai/prefill.ts'
import { toSound } from './openai/sound.ts'
import { chunkDecoder } from './openai/stream.ts'
import { toStrict } from './openai/strict.ts'
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

/** What the request says, as this provider takes it. */
const understood = (
  call: Call,
  model: string,
  provider: ProviderConfig,
  warn: (w: string) => void,
): Body => {
  const { request, operation, source } = call
  if (operation !== 'chat') return request
  if (source && !isAlike(call, 'openai')) return toForeign(request, model, provider, warn)
  const family = familyOf(provider, model)
  return family.strict ? toStrict(request, model, family) : request
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
