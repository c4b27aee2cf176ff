import type { Fields } from '../../fields.ts'
import type { GatewayError } from '../../errors.ts'
import { toOpenAIError } from '../openai-error.ts'
import type { Wire } from '../surface.ts'

/** An error's body: OpenAI's, and OpenRouter's name for it on top, where its Responses skin has it. */
export const toResponsesError = (error: GatewayError, wire: Wire): object => ({
  ...toOpenAIError(error, wire),
  error_type: error.errorType,
})

/** The codes that a failed response may have; clients know no others. */
const failureCode = ({ status, code, details }: GatewayError): string => {
  // not in OpenAI's document, but in its answers: coding agents make room when they see it
  if (code === 'context_length_exceeded') return code
  if (details.wireCode?.includes('image')) return details.wireCode
  if (status === 429) return 'rate_limit_exceeded'
  return status < 500 && status !== 499 ? 'invalid_prompt' : 'server_error'
}

/** What a failed response says of its error. */
export const toFailure = (error: GatewayError): Fields => ({
  error: {
    code: failureCode(error),
    message: error.message,
    ...(error.details.availability && { availability: error.details.availability }),
  },
  error_type: error.errorType,
})
