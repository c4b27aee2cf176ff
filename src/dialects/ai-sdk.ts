import type { Fields } from '../fields.ts'
import type { Call, Endpoint } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { readParts, readWhole } from './ai-sdk/answer.ts'
import { embed } from './ai-sdk/embeddings.ts'
import { toFailure } from './ai-sdk/failure.ts'
import { toOptions } from './ai-sdk/options.ts'
import { embeddingModel, languageModel } from './ai-sdk/package.ts'
import { hear } from './ai-sdk/transport.ts'
import type { Dialect, Opened, Opening } from './dialect.ts'

const isNoModel = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === 'AI_NoSuchModelError'

/** What the package does to the end, or the signal's reason as soon as that aborts. */
const unlessAborted = async <T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work, promise])
  } catch (thrown) {
    throw signal.aborted ? thrown : toFailure(thrown)
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

const openEmbeddings = async (
  call: Call,
  { model }: Endpoint,
  provider: ProviderConfig,
  { secret, send, signal }: Opening,
): Promise<Opened> => {
  const embedder = await embeddingModel(provider, model, secret, send).catch((thrown) => {
    throw isNoModel(thrown) ? new GatewayError('operation_not_supported') : thrown
  })
  return { whole: await embed(embedder, call.request, model, signal) }
}

const openChat = async (
  call: Call,
  { model }: Endpoint,
  provider: ProviderConfig,
  { secret, send, signal, warn }: Opening,
): Promise<Opened> => {
  const { family, doGenerate, doStream } = await languageModel(provider, model, secret, send)
  const ours = new Set<string>()
  const said = toOptions(call.request, model, family, (warning) => ours.add(warning))
  const warned = (theirs: readonly string[]) => warn([...ours, ...theirs])
  warned([])
  const options: Fields = { ...said, abortSignal: signal }
  const answering = { call, family, model }
  if (call.request.stream !== true)
    return { whole: readWhole(await doGenerate(options), answering, warned) }
  const { stream } = await doStream(options)
  if (!(stream instanceof ReadableStream)) throw new GatewayError('upstream_invalid_response')
  return { batches: readParts(stream, answering, signal, warned) }
}

/** Only reached by who does not ask whether it opens calls itself. */
const isNoFormat = (): never => {
  throw new GatewayError('operation_not_supported')
}

/** Whatever a provider package of the Vercel AI SDK makes of a call. What the package has no word for is lost. */
export const aiSdk: Dialect = {
  format: 'openai',
  operations: ['chat', 'embeddings'],
  encode: isNoFormat,
  decodeWhole: isNoFormat,
  decoder: isNoFormat,
  open: (call, endpoint, provider, opening) => {
    hear(opening.signal, opening.touch)
    const open = call.operation === 'embeddings' ? openEmbeddings : openChat
    return unlessAborted(open(call, endpoint, provider, opening), opening.signal)
  },
}
