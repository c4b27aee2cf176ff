import { Elysia } from 'elysia'
import { describe } from '../docs/describe.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { collect } from '../fold.ts'
import { Vars } from '../pipeline.ts'
import { toResponsesError } from '../surfaces/responses/error.ts'
import { forget, inputPage, recall } from '../surfaces/responses/history.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { report } from './report.ts'

/** The client through the pipeline, like any other: who may not ask may not read either. */
const admit = async ({ request, server, gateway, wire }: Arrival): Promise<void> => {
  const leave = gateway.enter()
  try {
    await collect(
      gateway.handle({
        id: wire.id,
        operation: 'history',
        request: { model: '' },
        headers: request.headers,
        address: () => server?.requestIP(request)?.address ?? '',
        signal: request.signal,
        vars: new Vars(),
      }),
    )
  } finally {
    leave()
  }
}

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
    await admit(arrival)
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
