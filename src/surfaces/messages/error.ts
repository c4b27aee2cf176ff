import type { GatewayError } from '../../errors.ts'
import type { Wire } from '../surface.ts'

const byErrorType: Readonly<Record<string, string>> = {
  authentication: 'authentication_error',
  permission_denied: 'permission_error',
  payment_required: 'billing_error',
  not_found: 'not_found_error',
  rate_limit_exceeded: 'rate_limit_error',
  provider_overloaded: 'overloaded_error',
  timeout: 'timeout_error',
  payload_too_large: 'request_too_large',
  server: 'api_error',
  provider_unavailable: 'api_error',
}

/** A model that a key may not use is a mistake of the request: clients with a list of their own would else give up. */
const isDenied = ({ code }: GatewayError): boolean => code === 'model_not_allowed'

const typeOf = (error: GatewayError): string => {
  if (isDenied(error)) return 'invalid_request_error'
  const known = byErrorType[error.errorType]
  return known ?? (error.status < 500 ? 'invalid_request_error' : 'api_error')
}

/** Anthropic's error body, with OpenRouter's stable name and the attempts. */
export const toAnthropicError = (error: GatewayError, { requestId }: Pick<Wire, 'requestId'>) => {
  const { provider, attempts, availability, metadata } = error.details
  return {
    type: 'error',
    error: {
      type: typeOf(error),
      message: error.message,
      error_type: error.errorType,
      ...(metadata && { details: metadata }),
      ...(provider !== undefined && { provider }),
      ...(attempts && attempts.length > 0 && { attempts }),
      ...(availability && { availability }),
    },
    request_id: requestId,
  }
}

const toStatus = (error: GatewayError): number => {
  if (isDenied(error)) return 400
  return error.errorType === 'provider_overloaded' ? 529 : error.status
}

/** Errors as Anthropic's clients know them, and the header that the SDK calls `_request_id`. */
export const anthropicShape = {
  error: toAnthropicError,
  status: toStatus,
  headers: ({ requestId }: Pick<Wire, 'requestId'>) => ({ 'request-id': requestId }),
} as const
