import type { Catalog } from '../../catalog/facts.ts'
import type { Endpoint } from '../../chat.ts'
import type { Config } from '../../config.ts'
import type { Listings } from '../asked/known-names.ts'

/** The models of all providers, by their names. */
export interface ModelIndex extends Listings {
  /** Who has a model that no route names: by exactly that name, or, behind a maker's name, by the rest of it. */
  endpoints(model: string): readonly Endpoint[]
  /** All that providers have, without `demo`. */
  everything(): readonly Endpoint[]
}

/** Made anew when the catalog has learned something, and not before somebody asks. */
export const createIndex = ({ providers }: Config, catalog: Catalog): ModelIndex => {
  const real = [...providers.values()].filter(({ base_url }) => base_url !== 'demo:')
  let version: number | undefined
  let byModel = new Map<string, Endpoint[]>()

  const current = () => {
    if (version === catalog.version) return byModel
    version = catalog.version
    byModel = new Map()
    for (const { name } of real)
      for (const model of catalog.models(name)) {
        const known = byModel.get(model)
        const endpoint = { provider: name, model }
        if (known) known.push(endpoint)
        else byModel.set(model, [endpoint])
      }
    return byModel
  }

  /** `openai/gpt-4o` is what the providers of the preset `openai` call `gpt-4o`. */
  const ofMaker = (model: string): Endpoint[] => {
    const slash = model.indexOf('/')
    if (slash < 1) return []
    const rest = model.slice(slash + 1)
    const maker = model.slice(0, slash)
    return real
      .filter(({ preset }) => preset === maker)
      .map(({ name }) => ({ provider: name, model: rest }))
  }

  return {
    endpoints: (model) => [...(current().get(model) ?? []), ...ofMaker(model)],
    lists: (provider, model) =>
      current()
        .get(model)
        ?.some((endpoint) => endpoint.provider === provider) ?? false,
    has: (model) => current().has(model),
    everything: () => [...current().values()].flat(),
  }
}
