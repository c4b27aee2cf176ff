import { LRUCache } from 'lru-cache'
import { createHash } from 'node:crypto'
import type { Hit } from './find.ts'

/** Texts below that many letters are searched as fast as they are known again. */
const least = 1_024
const texts = 10_000
const mostHits = 64

/**
 * Searches a text once: conversations send all of theirs again with every turn. Kept is where something stands in a text
 * and of which kind, by the text's hash; nothing of the text.
 */
export const recalled = (
  find: (text: string) => readonly Hit[],
): ((text: string) => readonly Hit[]) => {
  const known = new LRUCache<string, readonly Hit[]>({ max: texts })
  return (text) => {
    if (text.length < least) return find(text)
    const key = createHash('sha256').update(text).digest('base64')
    const before = known.get(key)
    if (before) return before
    const hits = find(text)
    if (hits.length <= mostHits) known.set(key, hits)
    return hits
  }
}
