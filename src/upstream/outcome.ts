import type { Call, Endpoint, Usage } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import type { GatewayError } from '../errors.ts'

/** How one attempt went, told once when it has ended: by itself, by a failure, or because it was given up. */
export interface Outcome {
  readonly endpoint: Endpoint
  readonly provider: ProviderConfig
  /** Which of the provider's keys was used. */
  readonly key: number
  /** Absent for an answer, and for one that was given up, as when another endpoint was faster. */
  readonly error?: GatewayError
  /** Whether the answer came to its own end. */
  readonly complete: boolean
  /** Whether it was asked for in one piece: its first content is all of it. */
  readonly whole: boolean
  /** Milliseconds from the send to the end. */
  readonly ms: number
  /** Milliseconds from the send to the first content; absent when there was none. */
  readonly first?: number
  /** Milliseconds of it that the client left unread what had been said. */
  readonly held: number
  /** As the provider counted, else estimated, when asked for, from what was said; undefined when nothing was. */
  readonly usage: Usage | undefined
  /** Whether its reasoning could be read. */
  readonly reasoned: boolean
  /** The provider's own id for the answer, and its name for the model. */
  readonly id?: string
  readonly model?: string
  readonly finish?: string
  /** Whether the tool calls of the answer were sound; absent when it made none. */
  readonly tools?: boolean
}

/** Hears how every attempt ended. It must not throw. */
export type Listener = (call: Call, outcome: Outcome) => void
