import { GatewayError, toGatewayError } from '../errors.ts'
import { Vars } from '../pipeline.ts'
import { collect } from '../fold.ts'
import type { Model } from '../catalog/models.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { report } from './report.ts'

const openAI = { error: toOpenAIError }

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
  body: (models: readonly Model[]) => object,
): Promise<Response> => {
  const { wire } = arrival
  const began = performance.now()
  const subject = { id: wire.id, operation: 'models' } as const
  try {
    const models = body(await listed(arrival))
    report(subject, undefined, began, {})
    return Response.json(models, {
      headers: { 'x-request-id': wire.requestId, 'x-generation-id': wire.id },
    })
  } catch (thrown) {
    const error = toGatewayError(thrown)
    report(subject, undefined, began, { error })
    return refuse(error, openAI, wire)
  }
}

/** `GET /v1/models` */
export const listRoute = (arrival: Arrival): Promise<Response> =>
  answerWith(arrival, (data) => ({ object: 'list', data }))

/** `GET /v1/models/{id}`; the id's slashes may be encoded or not. */
export const modelRoute = (arrival: Arrival, written: string): Promise<Response> =>
  answerWith(arrival, (models) => {
    let id = written
    try {
      id = decodeURIComponent(written)
    } catch {
      // a name with a stray % is taken as it is
    }
    const model = models.find((candidate) => candidate.id === id)
    if (!model)
      throw new GatewayError('model_not_found', { param: 'model', message: 'No such model.' })
    return model
  })
