import type { GatewayError } from '../../errors.ts'
import type { Wire } from '../surface.ts'

const statuses: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  415: 'INVALID_ARGUMENT',
  422: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  504: 'DEADLINE_EXCEEDED',
}

const statusOf = (status: number): string =>
  statuses[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE')

/** Google's error, which tells by its details what happened and when to come again. */
export const toGeminiError = (error: GatewayError, wire: Wire) => {
  const { retryAfter, details } = error
  const { availability } = details
  return {
    error: {
      code: error.status,
      message: error.message,
      status: statusOf(error.status),
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: error.code.toUpperCase(),
          domain: 'sluice',
          metadata: {
            error_type: error.errorType,
            request_id: wire.requestId,
            ...(details.provider !== undefined && { provider: details.provider }),
          },
        },
        ...(availability
          ? [{ '@type': 'type.googleapis.com/sluice.Availability', ...availability }]
          : []),
        ...(retryAfter === undefined
          ? []
          : [
              {
                '@type': 'type.googleapis.com/google.rpc.RetryInfo',
                retryDelay: `${Math.ceil(retryAfter)}s`,
              },
            ]),
      ],
    },
  }
}
