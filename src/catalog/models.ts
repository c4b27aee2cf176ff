import { caller, type Call, type Chunk } from '../chat.ts'
import type { Config, ProviderConfig } from '../config.ts'
import { matches } from '../router/pattern.ts'
import type { Router } from '../router/router.ts'
import type { Shared } from '../shared.ts'
import type { Reported } from './reported.ts'

export type { Reported }

export interface Model extends Reported {
  readonly object: 'model'
  readonly created: number
  readonly owned_by: string
  readonly name: string
}

/** What a provider serves: as the YAML says, else as it says itself, asked at most every five minutes. */
const listOf = async (
  provider: ProviderConfig,
  { learned }: Shared,
): Promise<readonly Reported[]> =>
  provider.models.length > 0 ? provider.models.map((id) => ({ id })) : learned.ask(provider)

const started = Math.floor(Date.now() / 1_000)

const toModel = (id: string, owner: string, reported?: Reported): Model => ({
  ...reported,
  id,
  object: 'model',
  created: typeof reported?.created === 'number' ? reported.created : started,
  owned_by: owner,
  name: typeof reported?.name === 'string' ? reported.name : id,
})

/** Everything that a client may ask for: routes first, then each provider's own models under its name. */
export const listModels = async (config: Config, shared: Shared): Promise<readonly Model[]> => {
  const providers = [...config.providers.values()]
  const lists = new Map(
    await Promise.all(
      providers.map(async (provider) => [provider.name, await listOf(provider, shared)] as const),
    ),
  )
  const models = new Map<string, Model>()
  const add = (model: Model) => void (models.has(model.id) || models.set(model.id, model))
  for (const [pattern, target] of config.routes) {
    if (!pattern.includes('*')) add(toModel(pattern, 'sluice'))
    else if ('endpoints' in target)
      for (const { endpoint } of target.endpoints)
        for (const reported of lists.get(endpoint.replace(/\/\*$/, '')) ?? []) {
          const id = pattern.replace('*', () => reported.id)
          if (matches(pattern, id)) add(toModel(id, endpoint, reported))
        }
  }
  for (const [name, list] of lists)
    for (const reported of list) add(toModel(`${name}/${reported.id}`, name, reported))
  return [...models.values()]
}

/** The `models` operation's answer: the list, without what the caller may not use. */
export const modelsChunk = async (
  call: Call,
  config: Config,
  { canonical }: Router,
  shared: Shared,
): Promise<Chunk> => {
  const allowed = call.vars.get(caller)?.models
  const all = await listModels(config, shared)
  const may = (id: string) =>
    allowed?.some((pattern) => matches(pattern, id) || matches(pattern, canonical(id))) ?? true
  return { object: 'list', data: all.filter(({ id }) => may(id)) }
}
