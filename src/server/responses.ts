import { Elysia } from 'elysia'
import { describe } from '../docs/describe.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { toResponsesError } from '../surfaces/responses/error.ts'
import { forget, inputPage, recall } from '../surfaces/responses/history.ts'
import { admit } from './admit.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { report } from './report.ts'

const missing = () =>
  new GatewayError('not_found', {
    param: 'response_id',
    message: 'No response with that id is kept here for this key.',
  })

/** A kept answer is whole. */
const refuseStream = ({ url }: Request): void => {
  if (new URL(url).searchParams.get('stream') === 'true')
    throw new GatewayError('invalid_request_error', {
      param: 'stream',
      wireCode: 'unsupported_parameter',
      message: 'A response that is kept is not streamed again.',
    })
}

const answered = async (
  arrival: Arrival,
  answer: (room: Parameters<typeof recall>[0]) => object | undefined,
): Promise<Response> => {
  const { request, gateway, wire } = arrival
  const began = performance.now()
  const subject = { id: wire.id, operation: 'history' } as const
  try {
    await admit(arrival, 'history')
    const body = answer({ headers: request.headers, memory: gateway.memory })
    if (!body) throw missing()
    report(subject, undefined, began, {})
    return Response.json(body, {
      headers: { 'x-request-id': wire.requestId, 'x-generation-id': wire.id },
    })
  } catch (thrown) {
    const error = toGatewayError(thrown)
    report(subject, undefined, began, { error })
    return refuse(error, { error: toResponsesError }, wire)
  }
}

/** What clients ask about responses that were kept. */
export const responsesRoutes = (prefix: string, arrive: (request: Request) => Arrival) =>
  new Elysia()
    .get(
      `${prefix}/responses/:id`,
      ({ request, params: { id } }) =>
        answered(arrive(request), (room) => {
          refuseStream(request)
          return recall(room, id)?.response
        }),
      { detail: describe(`${prefix}/responses/:id`) },
    )
    .delete(
      `${prefix}/responses/:id`,
      ({ request, params: { id } }) =>
        answered(arrive(request), (room) =>
          forget(room, id) ? { id, object: 'response', deleted: true } : undefined,
        ),
      { detail: describe(`DELETE ${prefix}/responses/:id`) },
    )
    .get(
      `${prefix}/responses/:id/input_items`,
      ({ request, params: { id } }) =>
        answered(arrive(request), (room) => {
          const kept = recall(room, id)
          return kept && inputPage(id, kept.input, new URL(request.url).searchParams)
        }),
      { detail: describe(`${prefix}/responses/:id/input_items`) },
    )
