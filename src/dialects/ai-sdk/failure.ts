import { parsed } from '../../json.ts'
import { objectOf, type Fields } from '../../fields.ts'
import { classify } from '../../errors/classify.ts'
import { GatewayError } from '../../errors.ts'
import { stringOf } from './family.ts'

/** What the server said when it refused a call, or said nonsense. */
const ofCall = (error: Fields): GatewayError | undefined => {
  const { statusCode: status, responseHeaders, responseBody, data } = error
  if (typeof status !== 'number') return undefined
  const body = (typeof responseBody === 'string' ? parsed(responseBody) : undefined) ?? data
  const headers = new Headers(objectOf(responseHeaders) as Record<string, string>)
  if (status >= 300) return classify({ status, headers, body })
  return objectOf(body).error === undefined
    ? new GatewayError('upstream_invalid_response')
    : classify({ status: 200, headers, body })
}

const keyless = 'The provider’s package found no key or setting that it needs.'

/** The errors of `@ai-sdk/provider` by name: packages bring copies of their own. */
const named = (name: unknown, error: Fields): GatewayError | undefined => {
  switch (name) {
    case 'AI_APICallError':
      return ofCall(error)
    case 'AI_LoadAPIKeyError':
    case 'AI_LoadSettingError':
      return new GatewayError('upstream_auth_failed', { message: keyless })
    case 'AI_NoSuchModelError':
      return new GatewayError('upstream_model_not_found', { wireCode: 'model_not_found' })
    case 'AI_UnsupportedFunctionalityError':
      return new GatewayError('invalid_request_error', {
        message: `Not supported by the provider’s package: ${String(error.functionality).slice(0, 120)}.`,
      })
    case 'AI_InvalidPromptError':
    case 'AI_InvalidArgumentError':
      return new GatewayError('invalid_request_error')
    case 'AI_EmptyResponseBodyError':
      return new GatewayError('upstream_empty_response')
    case 'AI_InvalidResponseDataError':
    case 'AI_JSONParseError':
    case 'AI_TypeValidationError':
    case 'AI_NoContentGeneratedError':
      return new GatewayError('upstream_invalid_response')
    default:
      return undefined
  }
}

/** An error and what caused it, the outermost first. */
const chainOf = (thrown: unknown): readonly unknown[] => {
  const chain: unknown[] = []
  for (let error = thrown; error instanceof Error && !chain.includes(error); error = error.cause)
    chain.push(error)
  return chain
}

/**
 * What a package threw, as ours. What is not known comes back as an error with nothing but its name and code: theirs
 * hold the whole request.
 */
export const toFailure = (thrown: unknown): Error => {
  const chain = chainOf(thrown)
  for (const error of chain) {
    if (error instanceof GatewayError) return error
    const known = named(Reflect.get(Object(error), 'name'), error as unknown as Fields)
    if (known) return known
  }
  const codes = chain.map((error) => stringOf(Reflect.get(Object(error), 'code')))
  const name = thrown instanceof Error ? thrown.name : typeof thrown
  return Object.assign(new Error(name), { code: codes.find((code) => code !== undefined) })
}

/** An `error` part of a stream: a server's own words, or something thrown. */
export const toStreamFailure = (error: unknown): Error => {
  if (error instanceof Error) {
    const known = toFailure(error)
    return known instanceof GatewayError ? known : classify({ status: 200, body: { error: {} } })
  }
  const inner = objectOf(error).error ?? error
  return classify({ status: 200, body: { error: inner } })
}
