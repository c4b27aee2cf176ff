import { GatewayError, type ErrorDetails } from '../errors.ts'
import type { ErrorCode } from './kinds.ts'
import { retryAfterOf } from './retry-after.ts'

interface Failure {
  /** The HTTP status; 200 for an error that came as a success. */
  readonly status: number
  readonly headers?: Headers
  /** The parsed body, if it was JSON. */
  readonly body?: unknown
}

interface ProviderError {
  readonly message?: string
  readonly type?: string
  readonly param?: string
  readonly code?: string | number
  /** Google's name for the code. */
  readonly status?: string
}

const string = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

/** The error object, wherever providers put it: `{error}`, `[{error}]`, `{message}`, `{error: "text"}`. */
const errorIn = (body: unknown): ProviderError => {
  const outer = (Array.isArray(body) ? body[0] : body) as Record<string, unknown> | null | undefined
  const error = outer?.error ?? outer
  if (typeof error !== 'object' || error === null)
    return { ...(string(error) && { message: String(error) }) }
  const { message, type, param, code, status } = error as Record<string, unknown>
  return {
    ...(string(message) && { message: String(message) }),
    ...(string(type) && { type: String(type) }),
    ...(string(param) && { param: String(param) }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(string(status) && { status: String(status) }),
  }
}

const statusByName: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  invalid_api_key: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  model_not_found: 404,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  overloaded_error: 529,
  overloaded: 529,
  insufficient_quota: 429,
  enforced_spend_limit_reached: 429,
  billing_hard_limit_reached: 429,
  context_length_exceeded: 400,
  content_policy_violation: 400,
  content_filter: 400,
  string_above_max_length: 400,
  invalid_prompt: 400,
  previous_response_not_found: 400,
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
}

const quotaNames = new Set([
  'insufficient_quota',
  'enforced_spend_limit_reached',
  'billing_hard_limit_reached',
])
const contextWords =
  /context.{0,12}(length|window)|maximum context|prompt is too long|too many (input )?tokens|token count.{0,40}exceeds/i
/** Google says 400 to a wrong key. */
const keyWords = /\bAPI key (not valid|expired|not found)/i

/** Responses’ codes for images that it cannot take. */
const imageWords = /(^|_)image(_|$)/

const sizeWords = /too (long|large|big)|maximum|exceed/i

/** The status that an error means, when it came with 200. */
const meant = (status: number, { code, type, status: named }: ProviderError): number => {
  if (status >= 300) return status
  if (typeof code === 'number' && code >= 400 && code < 600) return code
  if (imageWords.test(String(code))) return 400
  return (
    statusByName[String(code)] ?? statusByName[String(type)] ?? statusByName[String(named)] ?? 500
  )
}

const codeFor = (status: number, error: ProviderError): ErrorCode => {
  const names = [String(error.code), String(error.type)]
  if ((status === 402 || status === 429) && names.some((name) => quotaNames.has(name)))
    return 'provider_quota_exhausted'
  switch (status) {
    case 401:
    case 403:
      return 'upstream_auth_failed'
    case 402:
      return 'provider_quota_exhausted'
    case 404:
      return 'upstream_model_not_found'
    case 408:
    case 409:
    case 425:
      return 'upstream_busy'
    case 413:
      return 'payload_too_large'
    case 429:
      return 'rate_limit_exceeded'
    case 522:
    case 524:
      return 'upstream_timeout'
    case 529:
      return 'provider_overloaded'
  }
  if (status >= 500) return 'upstream_error'
  if (status < 400) return 'upstream_redirect'
  if (keyWords.test(error.message ?? '')) return 'upstream_auth_failed'
  if (error.code === 'context_length_exceeded' || contextWords.test(error.message ?? ''))
    return 'context_length_exceeded'
  if (names.some((name) => name === 'content_policy_violation' || name === 'content_filter'))
    return 'content_policy_violation'
  return 'invalid_request_error'
}

/** A provider's refusal as ours. Only what it says about the client's own request keeps the provider's words. */
export const classify = ({ status, headers, body }: Failure): GatewayError => {
  const said = errorIn(body)
  const known = meant(status, said)
  const code = codeFor(known, said)
  // the type of an error in mid-stream is the provider's own: there is no status to tell it
  const details: ErrorDetails = {
    upstreamStatus: known,
    ...(status === 200 && said.type && { wireType: said.type }),
  }
  switch (code) {
    case 'payload_too_large':
      // clients shorten a conversation by what this says; anything else that it says is not for them
      return new GatewayError(code, {
        ...details,
        ...(said.message && sizeWords.test(said.message) && { message: said.message }),
      })
    case 'invalid_request_error':
    case 'context_length_exceeded':
    case 'content_policy_violation':
      return new GatewayError(code, {
        ...details,
        ...(said.message && { message: said.message }),
        ...(said.param && { param: said.param }),
        ...(said.type && { wireType: said.type }),
        ...(typeof said.code === 'string' && { wireCode: said.code }),
      })
    case 'upstream_model_not_found':
      return new GatewayError(code, { ...details, wireCode: 'model_not_found' })
    case 'rate_limit_exceeded':
    case 'provider_overloaded':
    case 'provider_quota_exhausted':
      return new GatewayError(code, { ...details, ...retryAfterOf(headers, body) })
    default:
      return new GatewayError(
        code,
        status >= 500 ? { ...details, ...retryAfterOf(headers, body) } : details,
      )
  }
}

const tlsCodes =
  /^(EPROTO|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_SSL|HOSTNAME_MISMATCH|INVALID_CA|UNKNOWN_CERT)/

/** How far an attempt came: nothing came back yet, a head did, or content. */
export type Stage = 'sent' | 'headed' | 'spoken'

const brokenOff = {
  sent: 'upstream_reset',
  headed: 'upstream_invalid_response',
  spoken: 'upstream_disconnected',
} as const

/** What `fetch` or a read threw, as ours. */
export const classifyThrown = (thrown: unknown, stage: Stage): GatewayError => {
  if (thrown instanceof GatewayError) return thrown
  const code = String((thrown as { code?: unknown } | null)?.code ?? '')
  const cause = { cause: thrown }
  if (
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|FailedToOpenSocket)$/.test(
      code,
    )
  )
    return new GatewayError('upstream_unreachable', cause)
  if (code === 'ETIMEDOUT') return new GatewayError('upstream_connect_timeout', cause)
  if (tlsCodes.test(code)) return new GatewayError('upstream_tls_error', cause)
  if (/Zlib|Brotli|Zstd|Decompress/i.test(code))
    return new GatewayError('upstream_invalid_response', cause)
  if (/^(ECONNRESET|ECONNCLOSED|ConnectionClosed|EPIPE)$/.test(code))
    return new GatewayError(brokenOff[stage], cause)
  return new GatewayError(
    stage === 'spoken' ? 'upstream_disconnected' : 'upstream_invalid_response',
    cause,
  )
}
