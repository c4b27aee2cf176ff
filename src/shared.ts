import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { Generation } from './ledger/generation.ts'
import type { Breaker } from './router/health/health.ts'
import { logChange } from './router/health/changes.ts'
import { InFlight } from './router/health/in-flight.ts'
import { Callers } from './router/limits/callers.ts'
import { Free } from './router/limits/free.ts'
import { Keys } from './router/health/keys.ts'
import { Limits } from './router/limits/limits.ts'
import { createConversations, type Conversations } from './router/choice/sticky.ts'
import { createStats, type MeasuredStats } from './router/measures/stats.ts'
import type { Memory } from './surfaces/surface.ts'
import { createLearned, type Learned } from './catalog/learned.ts'
import { createRecall, type Recall } from './upstream/recall.ts'

/** What outlives a reload: the record of endpoints and keys, the plugins' stores, what was learned of models. */
export interface Shared {
  readonly keys: Keys
  readonly limits: Limits
  readonly callers: Callers
  readonly free: Free
  readonly breakers: LRUCache<string, Breaker>
  readonly learned: Learned
  readonly inFlight: InFlight
  readonly stats: MeasuredStats
  memory(limits: MemoryLimits): Memory
  readonly recall: Recall
  /** By their ids. */
  readonly generations: LRUCache<string, Generation>
  /** Which endpoint holds which conversation. */
  readonly conversations: Conversations
  /** The directory of what outlives the process. */
  readonly data: string
  store(plugin: string): LRUCache<string, { readonly value: unknown }>
}

const generationAge = 24 * 60 * 60_000

/** Bytes of all that surfaces keep, and milliseconds for which they do. */
export interface MemoryLimits {
  readonly size: number
  readonly age: number
}

type Entries = LRUCache<string, object>

const idOf = (owner: string, id: string): string => `${owner}\n${id}`

/** What surfaces keep; with other limits, what was kept within them goes on. */
const createMemories = () => {
  let entries: Entries | undefined
  let limits: MemoryLimits | undefined
  return ({ size, age }: MemoryLimits): Memory => {
    if (!entries || limits?.size !== size || limits.age !== age) {
      const before = entries?.dump() ?? []
      entries = new LRUCache<string, object>({ maxSize: size, ttl: age })
      limits = { size, age }
      entries.load(before.map(([id, entry]) => [id, { ...entry, ttl: age }]))
    }
    return {
      get: (owner, id) => entries?.get(idOf(owner, id)),
      set: (owner, id, value) =>
        void entries?.set(idOf(owner, id), value, { size: JSON.stringify(value).length }),
      delete: (owner, id) => entries?.delete(idOf(owner, id)) ?? false,
    }
  }
}

/** @param data the directory of what outlives the process; without it, nothing was downloaded, and nothing stays */
export const createShared = (data?: string): Shared => {
  const stores = new Map<string, LRUCache<string, { readonly value: unknown }>>()
  const keys = new Keys(undefined, logChange)
  return {
    keys,
    limits: new Limits(keys),
    inFlight: new InFlight(),
    stats: createStats(),
    callers: new Callers(),
    free: new Free(),
    recall: createRecall(),
    conversations: createConversations(),
    memory: createMemories(),
    breakers: new LRUCache({ max: 10_000 }),
    generations: new LRUCache({ max: 10_000, ttl: generationAge }),
    learned: createLearned(data),
    data: data ?? join(tmpdir(), `sluice-${process.pid}`),
    store(plugin) {
      const store = stores.get(plugin) ?? new LRUCache({ max: 10_000 })
      stores.set(plugin, store)
      return store
    },
  }
}
