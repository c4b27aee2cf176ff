import type { Config, ProviderConfig } from '../config.ts'
import type { Catalog, Facts } from './facts.ts'
import { listAge } from './reported-lists.ts'
import type { Learned } from './learned.ts'
import { namedFacts } from './named.ts'
import { overlay } from './overlay.ts'
import { isUnbilled, yaml } from './own-sources.ts'

/** The catalog of one config. Looking into it is synchronous and asks nobody. */
export interface LiveCatalog extends Catalog {
  /** Asks the providers whose models the YAML does not list for their lists, each at most every five minutes. */
  ask(): Promise<void>
  /** Keeps it fresh, called every now and then: runtimes of this machine, and who was looked up since. */
  tend(): Promise<void>
}

interface Remembered {
  readonly facts: Map<string, Facts>
  models?: readonly string[]
}

/** Clients can ask for any name: of so many, those of one provider are forgotten. */
const mostModels = 20_000

/** Milliseconds after which a remote provider that is used is asked again. */
const remoteAge = 60 * 60_000

/** Milliseconds after which a runtime that did not answer is asked again: it may have been started. */
const silentAge = 30_000

const none: Facts = {}

export const createCatalog = ({ providers }: Config, learned: Learned): LiveCatalog => {
  let remembered = new Map<string, Remembered>()
  let version = learned.version
  const used = new Set<ProviderConfig>()

  const memoryOf = (name: string): Remembered => {
    if (version !== learned.version) {
      version = learned.version
      remembered = new Map()
    }
    const known = remembered.get(name)
    if (known) return known
    const fresh = { facts: new Map<string, Facts>() }
    remembered.set(name, fresh)
    return fresh
  }

  /** Of what is known at all, the name tells the rest. */
  const gather = (provider: ProviderConfig, model: string): Facts => {
    const found = learned.sources.flatMap((source) => {
      const facts = source.facts(provider, model)
      return facts ? [{ name: source.name, facts }] : []
    })
    const facts = overlay(yaml.facts(provider, model), found)
    return facts.sources ? { ...namedFacts(model), ...facts } : facts
  }

  const modelsOf = (provider: ProviderConfig): readonly string[] => {
    for (const source of [yaml, ...learned.sources]) {
      const models = source.models(provider)
      if (models) return models
    }
    return []
  }

  return {
    get version() {
      return learned.version
    },
    facts(name, model) {
      const { facts } = memoryOf(name)
      const known = facts.get(model)
      if (known) return known
      const provider = providers.get(name)
      if (!provider) return none
      used.add(provider)
      if (facts.size >= mostModels) facts.clear()
      const gathered = gather(provider, model)
      facts.set(model, gathered)
      return gathered
    },
    models(name) {
      const memory = memoryOf(name)
      if (memory.models) return memory.models
      const provider = providers.get(name)
      if (!provider) return []
      used.add(provider)
      return (memory.models = modelsOf(provider))
    },
    async ask() {
      const unlisted = [...providers.values()].filter(({ models }) => models.length === 0)
      await Promise.all(unlisted.map((provider) => learned.ask(provider)))
    },
    async tend() {
      await learned.look()
      const asked = [...providers.values()].filter(
        (provider) => provider.base_url !== 'demo:' && (isUnbilled(provider) || used.has(provider)),
      )
      await Promise.all(
        asked.map((provider) =>
          isUnbilled(provider)
            ? learned.ask(provider, listAge, silentAge)
            : learned.ask(provider, remoteAge, listAge),
        ),
      )
    },
  }
}
