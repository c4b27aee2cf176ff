import { kinds, type ErrorCode } from './errors/kinds.ts'

/** One send to one endpoint and how it ended. */
export interface Attempt {
  readonly provider: string
  readonly model: string
  /** HTTP status of the provider, 0 when there was none. */
  readonly status: number
  /** `ok`, the error's code, or `cancelled` when it was given up before it said anything. */
  readonly code: string
  /** Milliseconds from the send to the first content or the failure. */
  readonly ms: number
}

/** Why nobody could answer; OpenRouter's `error.availability`. */
export interface Availability {
  readonly code:
    | 'model_not_found'
    | 'no_endpoints'
    | 'constraint_filtered'
    | 'privacy_restricted'
    | 'capacity_exhausted'
    | 'temporarily_unavailable'
    | 'model_unavailable_upstream'
  readonly retryable: boolean
  /** Seconds. */
  readonly retry_after?: number
  readonly requested_models: readonly string[]
  readonly affected_providers?: readonly string[]
  /** The filters that took endpoints out. */
  readonly excluded_by?: readonly string[]
  readonly fallback_models?: readonly string[]
  /** The field of the request that did it, and how, in words for people. */
  readonly constraint?: { readonly field: string; readonly detail: string }
  /** Which filter removed which endpoint. */
  readonly excluded?: readonly {
    readonly provider: string
    readonly model: string
    readonly by: string
    readonly detail: string
  }[]
}

/** How much of a limit is left, and when it opens again. */
export interface RateLimit {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds since 1970. */
  readonly reset: number
}

export interface ErrorDetails {
  readonly status?: number
  readonly message?: string
  /** Overrides the kind's own code on the wire, for a provider's word that clients know (`invalid_image_url`). */
  readonly wireCode?: string
  /** The same for the type. */
  readonly wireType?: string
  readonly param?: string | null
  /** Whether a client may send the same request again. */
  readonly retryable?: boolean
  /** Seconds. */
  readonly retryAfter?: number
  readonly provider?: string
  /** The provider's HTTP status. */
  readonly upstreamStatus?: number
  readonly attempts?: readonly Attempt[]
  readonly availability?: Availability
  /** The limit of the caller's own that was reached. */
  readonly rateLimit?: RateLimit
  /** Safe facts for `error.metadata`; never what a client sent. */
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** Every failure that a client can see: what happened, whose fault it was, and whether to try again. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? kinds[code].message, { cause: details.cause })
    this.code = code
    this.details = details
  }

  get status(): number {
    return this.details.status ?? kinds[this.code].status
  }

  /** OpenAI's `error.type`. */
  get type(): string {
    return this.details.wireType ?? kinds[this.code].type
  }

  /** OpenRouter's stable name over all surfaces. */
  get errorType(): string {
    return kinds[this.code].errorType
  }

  get retryable(): boolean {
    return this.details.retryable ?? kinds[this.code].retryable
  }

  get retryAfter(): number | undefined {
    return this.details.retryAfter ?? kinds[this.code].retryAfter
  }

  /** Whose fault: the client's, ours, the endpoint's, that of the key we used, or nobody's: it is only full. */
  get fault(): 'client' | 'gateway' | 'endpoint' | 'key' | 'nobody' {
    return kinds[this.code].fault
  }

  /** The same failure with more known about it. */
  with(details: ErrorDetails): GatewayError {
    return new GatewayError(this.code, { ...this.details, message: this.message, ...details })
  }
}

/** What was thrown, in words for the log and the operator. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)

/** Anything thrown, as an error a client may see; what is not ours keeps its words to the log. */
export const toGatewayError = (thrown: unknown): GatewayError =>
  thrown instanceof GatewayError ? thrown : new GatewayError('internal_error', { cause: thrown })
