import { toEndpointsPage } from '../catalog/listing/endpoints-page.ts'
import { findModel } from '../catalog/listing/find.ts'
import type { Model } from '../catalog/model.ts'
import { GatewayError } from '../errors.ts'
import type { Arrival } from './dispatch.ts'
import { answerWith, type Listed } from './listed.ts'
import { listShapeFor } from './model-list.ts'

const endpoints = /\/endpoints$/

/** An id as it stands in an address; its slashes may be encoded or not. */
export const idIn = (written: string): string => {
  try {
    return decodeURIComponent(written)
  } catch {
    // a name with a stray % is taken as it is
    return written
  }
}

/** The model that an address names. Throws `model_not_found`. */
export const modelIn = ({ models, caller }: Listed, id: string, { gateway }: Arrival): Model => {
  const model = findModel(models, id, caller, gateway)
  if (!model)
    throw new GatewayError('model_not_found', { param: 'model', message: 'No such model.' })
  return model
}

/** `GET /v1/models` */
export const listRoute = (arrival: Arrival): Promise<Response> => {
  const { request } = arrival
  const shape = listShapeFor(request.headers)
  return answerWith(arrival, shape.errors, ({ models }) =>
    shape.list(models, new URL(request.url).searchParams, arrival),
  )
}

/** `GET /v1/models/{id}`, and `GET /v1/models/{id}/endpoints` where that is no model's id itself. */
export const modelRoute = (arrival: Arrival, written: string): Promise<Response> => {
  const shape = listShapeFor(arrival.request.headers)
  return answerWith(arrival, shape.errors, (listed) => {
    const { config, stats, health } = arrival.gateway
    const id = idIn(written)
    if (!endpoints.test(written) || listed.models.some((model) => model.id === id))
      return shape.one(modelIn(listed, id, arrival))
    const model = modelIn(listed, idIn(written.replace(endpoints, '')), arrival)
    return { data: toEndpointsPage(model, config, { stats, health }) }
  })
}
