import { undisguised } from './disguised.ts'
import { encodedIn } from './encoded.ts'
import type { Detector, Hit, Scan } from './hit.ts'
import { scrambledIn } from './scrambled.ts'

/** Seven letters or more that stand alone, with what is between them. */
const apart = /(?<![\p{L}\p{N}])\p{L}(?:[\s.\-_*|/,]{1,3}\p{L}(?![\p{L}\p{N}])){9,400}/gu

/** Commands without the spaces between their words. */
const joined =
  /(?:ignore|disregard|forget|bypass|override|reveal|show|print|delete)(?:(?:all|any|every|the|of|your|my|these|previous|prior|above|earlier|system|safety|hidden|secret|me){0,5})(?:instructions?|prompts?|rules|guidelines|filters?)/i

const spacedIn = (text: string): Hit[] =>
  [...text.matchAll(apart)]
    .filter(([run]) => joined.test(run.replace(/[^\p{L}]/gu, '')))
    .map(({ index, 0: run }) => ({ start: index, end: index + run.length, detector: 'spaced' }))

/** Looks through disguises. @param read finds what is said openly */
export const createEvasions =
  (wanted: ReadonlySet<Detector>, read: Scan): Scan =>
  (text) => {
    const hits: Hit[] = []
    const letters = wanted.has('disguised_letters') ? undisguised(text) : undefined
    if (letters)
      for (const { start, end } of read(letters.text)) {
        const at = letters.placeOf(start)
        hits.push({ start: at, end: letters.placeOf(end), detector: 'disguised_letters' })
      }
    if (wanted.has('typoglycemia'))
      for (const [start, end] of scrambledIn(text))
        hits.push({ start, end, detector: 'typoglycemia' })
    if (wanted.has('encoded'))
      for (const { start, end, decoded } of encodedIn(text))
        if (read(decoded).length > 0) hits.push({ start, end, detector: 'encoded' })
    if (wanted.has('spaced')) hits.push(...spacedIn(text))
    return hits
  }
