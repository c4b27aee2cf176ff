import { GatewayError, toGatewayError } from '../errors.ts'
import { Vars } from '../pipeline.ts'
import { collect } from '../fold.ts'
import type { Model } from '../catalog/models.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { listShapeFor, type ListShape } from './model-list.ts'
import { report } from './report.ts'

/** The list, through the pipeline like any other call. */
export const listed = async ({
  request,
  server,
  gateway,
  wire,
  headers = request.headers,
}: Arrival): Promise<readonly Model[]> => {
  const leave = gateway.enter()
  server?.timeout(request, 0)
  try {
    const chunk = await collect(
      gateway.handle({
        id: wire.id,
        operation: 'models',
        request: { model: '' },
        headers,
        address: () => server?.requestIP(request)?.address ?? '',
        signal: request.signal,
        vars: new Vars(),
      }),
    )
    return (chunk?.data ?? []) as readonly Model[]
  } finally {
    leave()
  }
}

const answerWith = async (
  arrival: Arrival,
  body: (models: readonly Model[], shape: ListShape) => object,
): Promise<Response> => {
  const { wire, request } = arrival
  const began = performance.now()
  const subject = { id: wire.id, operation: 'models' } as const
  const shape = listShapeFor(request.headers)
  try {
    const models = body(await listed(arrival), shape)
    report(subject, undefined, began, {})
    return Response.json(models, {
      headers: {
        ...shape.errors.headers?.(wire),
        'x-request-id': wire.requestId,
        'x-generation-id': wire.id,
      },
    })
  } catch (thrown) {
    const error = toGatewayError(thrown)
    report(subject, undefined, began, { error })
    return refuse(error, shape.errors, wire)
  }
}

/** `GET /v1/models` */
export const listRoute = (arrival: Arrival): Promise<Response> =>
  answerWith(arrival, (models, shape) =>
    shape.list(models, new URL(arrival.request.url).searchParams),
  )

/** `GET /v1/models/{id}`; the id's slashes may be encoded or not. */
export const modelRoute = (arrival: Arrival, written: string): Promise<Response> =>
  answerWith(arrival, (models, shape) => {
    let id = written
    try {
      id = decodeURIComponent(written)
    } catch {
      // a name with a stray % is taken as it is
    }
    const model = models.find((candidate) => candidate.id === id)
    if (!model)
      throw new GatewayError('model_not_found', { param: 'model', message: 'No such model.' })
    return shape.one(model)
  })
