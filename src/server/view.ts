import type { Operation } from '../chat.ts'
import { toGatewayError } from '../errors.ts'
import type { Vars } from '../pipeline.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import { admit } from './admit.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { report } from './report.ts'

/** Something to look at as JSON, for whoever the pipeline lets in; every look is logged. Errors have OpenAI's shape. */
export const view = async (
  arrival: Arrival,
  operation: Operation,
  see: (vars: Vars) => object | Promise<object>,
): Promise<Response> => {
  const { id, requestId } = arrival.wire
  const began = performance.now()
  const subject = { id, operation }
  try {
    const seen = await see(await admit(arrival, operation))
    report(subject, undefined, began, {})
    return Response.json(seen, { headers: { 'x-request-id': requestId, 'x-generation-id': id } })
  } catch (thrown) {
    const error = toGatewayError(thrown)
    report(subject, undefined, began, { error })
    return refuse(error, { error: toOpenAIError }, arrival.wire)
  }
}
