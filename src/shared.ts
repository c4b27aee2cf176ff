import { LRUCache } from 'lru-cache'
import type { Breaker } from './router/health.ts'
import { Keys } from './router/keys.ts'
import type { Memory } from './surfaces/surface.ts'
import type { Reported } from './catalog/models.ts'
import { createRecall, type Recall } from './upstream/recall.ts'

/** What outlives a reload: the record of endpoints and keys, the plugins' stores, the providers' model lists. */
export interface Shared {
  readonly keys: Keys
  readonly breakers: LRUCache<string, Breaker>
  readonly modelLists: LRUCache<string, readonly Reported[]>
  readonly memory: Memory
  readonly recall: Recall
  store(plugin: string): LRUCache<string, { readonly value: unknown }>
}

const modelListAge = 5 * 60_000

/** Bytes of all that surfaces keep, and milliseconds for which they do. */
const memorySize = 64 * 1024 * 1024
const memoryAge = 60 * 60_000

const createMemory = (): Memory => {
  const entries = new LRUCache<string, object>({ maxSize: memorySize, ttl: memoryAge })
  const idOf = (owner: string, id: string) => `${owner}\n${id}`
  return {
    get: (owner, id) => entries.get(idOf(owner, id)),
    set: (owner, id, value) =>
      void entries.set(idOf(owner, id), value, { size: JSON.stringify(value).length }),
    delete: (owner, id) => entries.delete(idOf(owner, id)),
  }
}

export const createShared = (): Shared => {
  const stores = new Map<string, LRUCache<string, { readonly value: unknown }>>()
  return {
    keys: new Keys(),
    recall: createRecall(),
    memory: createMemory(),
    breakers: new LRUCache({ max: 10_000 }),
    modelLists: new LRUCache({ max: 1_000, ttl: modelListAge }),
    store(plugin) {
      const store = stores.get(plugin) ?? new LRUCache({ max: 10_000 })
      stores.set(plugin, store)
      return store
    },
  }
}
