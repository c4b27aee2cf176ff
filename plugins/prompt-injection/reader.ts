import { pause } from 'sluice/plugin'
import type { Hit, Scan } from './hit.ts'

/** Characters that are read at one go: no more than a few milliseconds for which everybody else waits. */
const slice = 16_384
/** What two slices have in common, so that nothing is cut in two. */
const overlap = 1_024

/** The texts in which something was found. */
export type Found = ReadonlyMap<string, readonly Hit[]>

export const isShort = (texts: readonly string[]): boolean => {
  let length = 0
  for (const text of texts) if ((length += text.length) > slice) return false
  return true
}

/** Reads texts that are short together. */
export const readAtOnce = (texts: readonly string[], scan: Scan): Found => {
  const found = new Map<string, readonly Hit[]>()
  for (const text of texts) {
    const hits = scan(text)
    if (hits.length > 0) found.set(text, hits)
  }
  return found
}

/** Reads texts of any length, and lets others have their turn between. */
export const readInSlices = async (
  texts: Iterable<string>,
  scan: Scan,
  signal: AbortSignal,
): Promise<Found> => {
  const found = new Map<string, readonly Hit[]>()
  let since = 0
  for (const text of texts) {
    const hits: Hit[] = []
    for (let from = 0; from < text.length && !signal.aborted; from += slice) {
      const piece = text.slice(from, from + slice + overlap)
      for (const { start, end, detector } of scan(piece))
        hits.push({ start: from + start, end: from + end, detector })
      since += piece.length
      if (since < slice) continue
      since = 0
      await pause()
    }
    if (hits.length > 0) found.set(text, hits)
  }
  return found
}
