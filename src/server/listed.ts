import { toModel, type Model } from '../catalog/model.ts'
import { caller, type Caller } from '../chat.ts'
import { toGatewayError } from '../errors.ts'
import { collect } from '../fold.ts'
import { Vars } from '../pipeline.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { report } from './report.ts'
import type { Shape } from './shapes.ts'

/** What a client may ask for, and who it is. */
export interface Listed {
  readonly models: readonly Model[]
  readonly caller: Caller | undefined
}

/** What a plugin says of a model that it lists by itself. */
type Bare = Pick<Model, 'id'> & Partial<Omit<Model, 'endpoints'>> & { readonly endpoints?: never }

const completed = (model: Model | Bare): Model =>
  model.endpoints ? model : toModel(model.id, model.owned_by ?? 'sluice', [], model)

/** The list, through the pipeline like any other call. */
export const listedFor = async ({
  request,
  server,
  gateway,
  wire,
  headers = request.headers,
}: Arrival): Promise<Listed> => {
  const leave = gateway.enter()
  const vars = new Vars()
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
        vars,
      }),
    )
    const models = (chunk?.data ?? []) as readonly (Model | Bare)[]
    return { models: models.map(completed), caller: vars.get(caller) }
  } finally {
    leave()
  }
}

export const listed = async (arrival: Arrival): Promise<readonly Model[]> =>
  (await listedFor(arrival)).models

/** An answer made of the list; what is thrown on the way has the client's own form. */
export const answerWith = async (
  arrival: Arrival,
  errors: Shape,
  toBody: (listed: Listed) => object,
): Promise<Response> => {
  const { wire } = arrival
  const began = performance.now()
  const subject = { id: wire.id, operation: 'models' } as const
  try {
    const body = toBody(await listedFor(arrival))
    report(subject, undefined, began, {})
    return Response.json(body, {
      headers: {
        ...errors.headers?.(wire),
        'x-request-id': wire.requestId,
        'x-generation-id': wire.id,
      },
    })
  } catch (thrown) {
    const error = toGatewayError(thrown)
    report(subject, undefined, began, { error })
    return refuse(error, errors, wire)
  }
}
