import type { Call, Endpoint } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import type { Batch } from '../stream.ts'

/** What goes to a provider, apart from its credentials. */
export interface Encoded {
  /** Below `base_url`. */
  readonly path: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface StreamLimits {
  /** Characters of one event. */
  readonly event: number
}

/** Whether the provider said that the answer is complete, or the connection just ended. */
export type StreamEnd = 'done' | 'eof'

/** The wire format that a provider speaks. */
export interface Dialect {
  encode(call: Call, endpoint: Endpoint, provider: ProviderConfig): Encoded
  /** A whole answer as one chunk. Throws GatewayError for an error in disguise or for nonsense. */
  decodeWhole(text: string, call: Call): Batch
  decodeStream(
    reads: AsyncIterable<Uint8Array>,
    limits: StreamLimits,
  ): AsyncGenerator<Batch, StreamEnd>
}
