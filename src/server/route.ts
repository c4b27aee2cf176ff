import { Elysia } from 'elysia'
import { describe } from '../docs/describe.ts'
import { toGatewayError } from '../errors.ts'
import { toDecision } from '../router/decision.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import { admit } from './admit.ts'
import { readBody } from './body.ts'
import { decide } from './decide.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { report } from './report.ts'

const answered = async (arrival: Arrival): Promise<Response> => {
  const { request, gateway, wire } = arrival
  const began = performance.now()
  const subject = { id: wire.id, operation: 'history' } as const
  try {
    const vars = await admit(arrival, subject.operation)
    const { value: body } = await readBody(request, gateway.config.server)
    const decision = toDecision(await decide(gateway, { body, headers: request.headers, vars }))
    report(subject, undefined, began, {})
    return Response.json(decision, {
      headers: { 'x-request-id': wire.requestId, 'x-generation-id': wire.id },
    })
  } catch (thrown) {
    const error = toGatewayError(thrown)
    report(subject, undefined, began, { error })
    return refuse(error, { error: toOpenAIError }, wire)
  }
}

/** Where a request would be answered, and why there. */
export const decisionRoute = (arrive: (request: Request) => Arrival) =>
  new Elysia().post('/api/route', ({ request }) => answered(arrive(request)), {
    parse: 'none',
    detail: describe('POST /api/route'),
  })
