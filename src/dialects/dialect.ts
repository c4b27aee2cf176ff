import type { Call, Endpoint, Format, Operation, Request, Source } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import type { Secret } from '../secret.ts'
import { splice } from '../splice.ts'
import type { Batch } from '../stream.ts'

/** What goes to a provider, apart from its credentials. */
export interface Encoded {
  /** Below `base_url`. */
  readonly path: string
  readonly body: string | FormData
  readonly headers?: Readonly<Record<string, string>>
  /** What the format cannot say and was left out, in words for the client; never what the client wrote. */
  readonly warnings?: readonly string[]
}

export interface StreamLimits {
  /** Characters of one event. */
  readonly event: number
}

/** Whether the provider said that the answer is complete, or the connection just ended. */
export type StreamEnd = 'done' | 'eof'

/** What a dialect that talks to providers by itself is given for a call. */
export interface Opening {
  readonly secret: Secret | undefined
  /** Sends an HTTP request, without following redirects. */
  readonly send: (
    url: string,
    init: RequestInit & { headers: Record<string, string> },
  ) => Promise<Response>
  readonly signal: AbortSignal
  /** Something arrived. */
  readonly touch: () => void
  /** All that was left out so far, in words for the client. */
  readonly warn: (warnings: readonly string[]) => void
}

/** An answer of such a dialect: a whole one, or one that streams. */
export type Opened =
  { readonly whole: Batch } | { readonly batches: AsyncGenerator<Batch, StreamEnd> }

/** What one network read, or the end of them, completes. */
export interface Decoded {
  readonly batches: readonly Batch[]
  /** Once the answer is over. */
  readonly end?: StreamEnd
  /** What broke it, after the batches. */
  readonly error?: unknown
}

/** One streamed answer, read by read. */
export interface Decoder {
  push(bytes: Uint8Array): Decoded
  close(): Decoded
}

/** The wire format that a provider speaks. */
export interface Dialect {
  readonly format: Format
  readonly operations: readonly Operation[]
  /** Throws GatewayError for what the format cannot carry and may not be dropped. */
  encode(call: Call, endpoint: Endpoint, provider: ProviderConfig): Encoded
  /** A whole answer as one chunk. Throws GatewayError for an error in disguise or for nonsense. */
  decodeWhole(text: string, call: Call, provider?: ProviderConfig): Batch
  /** For a streamed answer: a chunk for each event; one that says nothing to other formats has no choices. */
  decoder(limits: StreamLimits, call: Call, provider?: ProviderConfig): Decoder
  /** Instead of all these, by who does not just send a body: it settles once the provider has begun to answer. */
  open?(call: Call, endpoint: Endpoint, provider: ProviderConfig, opening: Opening): Promise<Opened>
}

type Body = Readonly<Record<string, unknown>>

/** Whether the client speaks the provider's own format. */
export const isAlike = ({ source }: Call, format: Format): boolean => source?.format === format

/** Whether plugins left the client's request alone but for the model. */
export const isUnchanged = ({ request }: Source, now: Request): boolean => {
  const fields = new Set([...Object.keys(request), ...Object.keys(now)])
  fields.delete('model')
  for (const field of fields) if (request[field] !== now[field]) return false
  return true
}

const aboutThinking = ['reasoning', 'reasoning_effort', 'include_reasoning'] as const

/** Whether a plugin says something else than the client about how much to think. */
export const isRethought = ({ source, request }: Call): boolean =>
  source !== undefined &&
  aboutThinking.some((field) => !Bun.deepEquals(source.request[field], request[field]))

/**
 * The body for a provider that speaks the client's format: the client's own bytes, with what plugins changed spliced
 * in, fields that speak to the router taken out, and what the endpoint needs set.
 * @param encode makes a body of a canonical request; what it says of the client's own request must be what the client
 * said, as the difference between the two is what is changed
 * @param routing fields that the provider would refuse
 * @param set fields of the endpoint's own, such as `model`
 */
export const alikeBody = (
  source: Source,
  request: Request,
  encode: (request: Request) => Body,
  routing: readonly string[],
  set: Body = {},
): string => {
  const { value } = source.json
  const removed = Object.fromEntries(
    routing.filter((field) => Object.hasOwn(value, field)).map((field) => [field, value[field]]),
  )
  const replaced = Object.fromEntries(Object.keys(set).map((field) => [field, value[field]]))
  if (isUnchanged(source, request))
    return splice(source.json, { ...removed, ...replaced }, { ...set })
  const before = { ...encode(source.request), ...removed, ...replaced }
  return splice(source.json, before, { ...encode(request), ...set })
}
