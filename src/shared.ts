import { LRUCache } from 'lru-cache'
import type { Breaker } from './router/health.ts'
import { Keys } from './router/keys.ts'
import type { Reported } from './catalog/models.ts'

/** What outlives a reload: the record of endpoints and keys, the plugins' stores, the providers' model lists. */
export interface Shared {
  readonly keys: Keys
  readonly breakers: LRUCache<string, Breaker>
  readonly modelLists: LRUCache<string, readonly Reported[]>
  store(plugin: string): LRUCache<string, { readonly value: unknown }>
}

const modelListAge = 5 * 60_000

export const createShared = (): Shared => {
  const stores = new Map<string, LRUCache<string, { readonly value: unknown }>>()
  return {
    keys: new Keys(),
    breakers: new LRUCache({ max: 10_000 }),
    modelLists: new LRUCache({ max: 1_000, ttl: modelListAge }),
    store(plugin) {
      const store = stores.get(plugin) ?? new LRUCache({ max: 10_000 })
      stores.set(plugin, store)
      return store
    },
  }
}
