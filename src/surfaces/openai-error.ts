import type { GatewayError } from '../errors.ts'
import type { Wire } from './surface.ts'

const publicCode = (error: GatewayError): string =>
  error.details.wireCode ??
  (error.code === 'upstream_model_not_found' ? 'model_not_found' : error.code)

/** OpenAI's error object, with OpenRouter's metadata. */
export const toOpenAIError = (error: GatewayError, wire: Wire) => {
  const { param = null, provider, attempts, availability, metadata } = error.details
  return {
    error: {
      message: error.message,
      type: error.type,
      param,
      code: wire.codes === 'status' ? error.status : publicCode(error),
      metadata: {
        error_type: error.errorType,
        ...(wire.codes === 'status' && { error_code: publicCode(error) }),
        ...(provider !== undefined && { provider }),
        ...(attempts && attempts.length > 0 && { attempts }),
        ...metadata,
        request_id: wire.requestId,
      },
      ...(availability && { availability }),
    },
  }
}
