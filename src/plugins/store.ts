import type { Store } from './host.ts'
import type { Shared } from '../shared.ts'

/** What one plugin keeps. */
export const storeOf = (shared: Shared, plugin: string): Store => {
  const entries = shared.store(plugin)
  return {
    get: (key) => entries.get(key)?.value,
    set: (key, value, { ttl, keepTtl } = {}) =>
      void entries.set(
        key,
        { value },
        { ...(ttl !== undefined && { ttl }), ...(keepTtl && { noUpdateTTL: true }) },
      ),
    delete: (key) => void entries.delete(key),
  }
}
