import type { Config } from '../../config.ts'
import type { Fields } from '../../fields.ts'
import type { Model } from '../model.ts'
import { toWireEndpoint, type Seen } from './wire-endpoint.ts'
import { toArchitecture } from './wire-model.ts'

/** The endpoints of a model as OpenRouter shows them. */
export const toWireEndpoints = (
  model: Model,
  { providers }: Pick<Config, 'providers'>,
  seen: Seen,
): readonly Fields[] =>
  model.endpoints.flatMap((endpoint) => {
    const provider = providers.get(endpoint.provider)
    return provider ? [toWireEndpoint(endpoint, provider, model, seen)] : []
  })

/** `GET /models/{author}/{slug}/endpoints` */
export const toEndpointsPage = (
  model: Model,
  config: Pick<Config, 'providers'>,
  seen: Seen,
): Fields => ({
  id: model.id,
  name: model.name,
  created: model.created,
  description: model.description ?? '',
  architecture: toArchitecture(model),
  endpoints: toWireEndpoints(model, config, seen),
})
