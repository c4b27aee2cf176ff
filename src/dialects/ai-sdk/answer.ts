import { objectOf, type Fields } from '../../fields.ts'
import type { Call, Chunk } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { fold } from '../../fold.ts'
import { createCustomCalls, customNames } from '../../formats/custom-tools.ts'
import type { Batch } from '../../stream.ts'
import type { StreamEnd } from '../dialect.ts'
import { type Family } from './family.ts'
import { toFailure } from './failure.ts'
import { createPartReader } from './parts.ts'

type Warned = (warnings: readonly string[]) => void

/** A stream of parts as batches. The signal ends it even where the package does not listen to it. */
export async function* readParts(
  stream: ReadableStream<unknown>,
  { call, family, model }: Answering,
  signal: AbortSignal,
  warned: Warned,
): AsyncGenerator<Batch, StreamEnd> {
  const parts = createPartReader(family, model, warned)
  const custom = createCustomCalls(customNames(call.request))
  const reader = stream.getReader()
  const leave = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', leave, { once: true })
  try {
    for (;;) {
      signal.throwIfAborted()
      const { done, value } = await reader.read().catch((thrown: unknown) => {
        throw toFailure(thrown)
      })
      signal.throwIfAborted()
      if (done) return 'eof'
      const chunk = parts.read(objectOf(value))
      if (chunk) yield { chunks: [custom.restore(chunk)] }
      if (parts.end) return parts.end
    }
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
  }
}

export interface Answering {
  readonly call: Call
  readonly family: Family
  /** As the client shall read it where the package does not say. */
  readonly model: string
}

/** An item of a whole answer as the parts that it would be in a stream. */
const asParts = (item: Fields, at: number): readonly Fields[] => {
  const id = `${at}`
  const { providerMetadata } = item
  switch (item.type) {
    case 'text':
      return [
        { type: 'text-start', id },
        { type: 'text-delta', id, delta: item.text },
        { type: 'text-end', id, citations: item.citations, providerMetadata },
      ]
    case 'reasoning':
      return [
        { type: 'reasoning-delta', id, delta: item.text },
        { type: 'reasoning-end', id, providerMetadata },
      ]
    default:
      return [item]
  }
}

/** A whole answer as one chunk. */
export const readWhole = (
  result: Fields,
  { call, family, model }: Answering,
  warned: Warned,
): Batch => {
  const { content, response, finishReason, usage, providerMetadata, warnings } = result
  if (!Array.isArray(content)) throw new GatewayError('upstream_invalid_response')
  const parts = createPartReader(family, model, warned)
  const { id, modelId } = objectOf(response)
  const all: readonly Fields[] = [
    { type: 'stream-start', warnings },
    { type: 'response-metadata', id, modelId },
    ...content.flatMap((item, at) => asParts(objectOf(item), at)),
    { type: 'finish', finishReason, usage, providerMetadata },
  ]
  const chunks = all.map((part) => parts.read(part)).filter((chunk) => chunk !== undefined)
  const [first, ...more] = chunks
  if (!first) throw new GatewayError('upstream_empty_response')
  const whole = more.reduce<Chunk>(fold, first)
  const finished = whole.choices?.map((choice) => ({
    ...choice,
    finish_reason: choice.finish_reason ?? 'stop',
  }))
  const custom = createCustomCalls(customNames(call.request))
  const chunk = { ...whole, object: 'chat.completion', ...(finished && { choices: finished }) }
  return { chunks: [custom.restore(chunk)] }
}
