import { Elysia } from 'elysia'
import { caller } from '../chat.ts'
import { describe } from '../docs/describe.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { withCost } from '../ledger/generation.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import { admit } from './admit.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { report } from './report.ts'

/** Where OpenRouter's clients demand a number, it is the one by which OpenRouter itself marks an unknown price. */
const unknownPrice = -1

/** The same words for what is not there and for what is another caller's. */
const missing = (id: string) =>
  new GatewayError('not_found', {
    param: 'id',
    message: `No generation ${/^gen-[\w-]{1,64}$/.test(id) ? id : 'with that id'} is kept here for this key.`,
  })

const answered = async (arrival: Arrival): Promise<Response> => {
  const { request, gateway, wire } = arrival
  const began = performance.now()
  const subject = { id: wire.id, operation: 'history' } as const
  try {
    const vars = await admit(arrival, subject.operation)
    const id = new URL(request.url).searchParams.get('id') ?? ''
    if (id === '')
      throw new GatewayError('invalid_request_error', { param: 'id', message: 'id is missing.' })
    const generation = gateway.generations.get(id)
    if (!generation || generation.owner !== vars.get(caller)?.name) throw missing(id)
    report(subject, undefined, began, {})
    const data = withCost(generation, wire.codes === 'status' ? unknownPrice : null)
    return Response.json(
      { data },
      { headers: { 'x-request-id': wire.requestId, 'x-generation-id': wire.id } },
    )
  } catch (thrown) {
    const error = toGatewayError(thrown)
    report(subject, undefined, began, { error })
    return refuse(error, { error: toOpenAIError }, wire)
  }
}

/** What became of a call, for the caller who made it. */
export const generationRoute = (prefix: string, arrive: (request: Request) => Arrival) =>
  new Elysia().get(`${prefix}/generation`, ({ request }) => answered(arrive(request)), {
    detail: describe(`${prefix}/generation`),
  })
