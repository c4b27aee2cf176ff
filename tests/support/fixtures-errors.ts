import type { Dialect } from './fixtures.ts'

const anthropicTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

const googleStatuses: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

const openaiTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  403: 'invalid_request_error',
  404: 'invalid_request_error',
  429: 'requests',
}

const openaiCodes: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
}

export interface ErrorRest {
  readonly param?: string | null
  readonly code?: string | null
  /** Google's `details`. */
  readonly details?: readonly unknown[]
}

/** The body of an error in a provider's own form. */
export const errorOf = (
  dialect: Dialect,
  status: number,
  message: string,
  { param = null, code, details }: ErrorRest = {},
): unknown => {
  if (dialect === 'anthropic') {
    const type = anthropicTypes[status] ?? 'api_error'
    return { type: 'error', error: { type, message }, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' }
  }
  if (dialect === 'gemini') {
    return {
      error: {
        code: status,
        message,
        status: googleStatuses[status] ?? 'UNKNOWN',
        ...(details && { details }),
      },
    }
  }
  const type = openaiTypes[status] ?? 'server_error'
  return { error: { message, type, param, code: code ?? openaiCodes[status] ?? null } }
}

/** Waiting times as Google tells them, in the body. */
export const retryInfo = (seconds: number): readonly unknown[] => [
  {
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [
      {
        quotaMetric: 'generativelanguage.googleapis.com/generate_requests',
        quotaId: 'GenerateRequestsPerMinutePerProjectPerModel',
      },
    ],
  },
  { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` },
]
