import type { Call, Middleware, Request } from '../../chat.ts'
import { toGatewayError, type GatewayError } from '../../errors.ts'
import { key } from '../../pipeline.ts'

/** Why the call cannot be answered, whoever asks. */
const refusal = key<GatewayError | undefined>('refusal', () => undefined)

/** The call with what its request means; one that cannot be understood stays as it is, to be refused. */
export const acceptor =
  (intake: (request: Request) => Request) =>
  (call: Call): Call => {
    try {
      const request = intake(call.request)
      return request === call.request ? call : { ...call, request }
    } catch (thrown) {
      call.vars.set(refusal, toGatewayError(thrown))
      return call
    }
  }

/** The same, which throws at once what is wrong: for who is known. */
export const acceptedBy =
  (accept: (call: Call) => Call) =>
  (call: Call): Call => {
    const accepted = accept(call)
    const error = accepted.vars.get(refusal)
    if (error) throw error
    return accepted
  }

/** Stands behind whoever decides who gets in: a stranger does not learn what is configured. */
export const refuseUnaccepted: Middleware = (call, next) => {
  const error = call.vars.get(refusal)
  if (error) throw error
  return next(call)
}
