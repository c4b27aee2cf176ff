import { LRUCache } from 'lru-cache'
import { join } from 'node:path'
import { messageOf, type Host } from 'sluice/plugin'
import { openDisk, type Disk, type Kept } from './disk.ts'
import { decode, encode } from './encoded.ts'
import type { Entry } from './entry.ts'
import type { AskedOptions, Options } from './options.ts'

/** Where answers are kept: in memory, and on the disk behind it. */
export interface Shelf {
  get(key: string): Entry | undefined
  /** It can be got at once; settles when it is kept, or cannot be. */
  set(key: string, entry: Entry): Promise<void>
  delete(key: string): void
}

type Memory = LRUCache<string, Kept>

/** Bytes that an entry takes beside its own. */
const overhead = 256

/** What was in memory before a reload is still there, within the limit of now. */
const memoryOf = (host: Host<AskedOptions>, limit: number): Memory => {
  const name = `memory/${limit}`
  const known = host.store.get(name)
  if (known instanceof LRUCache) return known as Memory
  const memory: Memory = new LRUCache({
    maxSize: limit,
    sizeCalculation: ({ bytes }, key) => bytes.byteLength + key.length + overhead,
  })
  host.store.set(name, memory)
  return memory
}

export const createShelf = (host: Host<AskedOptions>, options: Options): Shelf => {
  const memory = memoryOf(host, options.memory)
  const disk: Disk | undefined =
    options.disk === false
      ? undefined
      : openDisk(join(host.directory(), 'answers-1.sqlite'), options.disk, (error) =>
          host.log.warn('the cache’s file fails: answers are kept in memory only', {
            reason: messageOf(error),
          }),
        )
  /** Entries that are being made ready. */
  const coming = new Map<string, Entry>()
  const underWay = new Set<Promise<void>>()

  host.onClose(async () => {
    await Promise.all(underWay)
    disk?.close()
  })

  const remember = (key: string, kept: Kept): void => {
    const ttl = kept.expires - Date.now()
    if (ttl > 0) memory.set(key, kept, { ttl })
  }

  const keptAt = (key: string): Kept | undefined => {
    const near = memory.get(key)
    if (near) return near
    const far = disk?.get(key)
    if (far) remember(key, far)
    return far
  }

  const forget = (key: string): void => {
    coming.delete(key)
    memory.delete(key)
    disk?.delete(key)
  }

  const keep = async (key: string, entry: Entry): Promise<void> => {
    coming.set(key, entry)
    try {
      const kept = { bytes: await encode(entry), expires: entry.expires }
      remember(key, kept)
      disk?.set(key, kept)
    } catch (error) {
      host.log.warn('an answer could not be kept', {
        id: entry.source,
        reason: messageOf(error),
      })
    } finally {
      if (coming.get(key) === entry) coming.delete(key)
    }
  }

  return {
    get(key) {
      const soon = coming.get(key)
      if (soon) return soon
      const kept = keptAt(key)
      if (!kept || kept.expires <= Date.now()) return undefined
      const entry = decode(kept.bytes)
      if (!entry) forget(key)
      return entry
    },
    set(key, entry) {
      const kept = keep(key, entry).finally(() => underWay.delete(kept))
      underWay.add(kept)
      return kept
    },
    delete: forget,
  }
}
