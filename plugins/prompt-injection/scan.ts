import { isDataUrl } from 'sluice/plugin'
import { createEvasions } from './evasions.ts'
import type { Detector, Hit, Scan } from './hit.ts'
import { patterns, type Pattern } from './patterns.ts'
import { createTriggers } from './triggers.ts'

/** How far a pattern reaches to both sides of a word that it needs. */
const before = 160
const after = 320

/** Nothing is commanded by "never reveal your system prompt". */
const negated =
  /\b(?:never|not|don['’]t|cannot|can['’]t|won['’]t|avoid|refuse to|without)\s{1,4}(?:ever\s{1,4})?$/i

/** A part of a text that is worth a second look, and the patterns that may be found there. */
interface Stretch {
  readonly from: number
  to: number
  readonly patterns: Set<Pattern>
}

/** Looks for the patterns in plain text. */
const createReader = (wanted: ReadonlySet<Detector>): Scan => {
  const triggered = createTriggers(patterns.filter(({ group }) => wanted.has(group)))

  const stretchesIn = (text: string): readonly Stretch[] => {
    const stretches: Stretch[] = []
    for (const [index, some] of triggered(text)) {
      const from = Math.max(0, index - before)
      const open = stretches.at(-1)
      if (open && from <= open.to) {
        open.to = index + after
        for (const one of some) open.patterns.add(one)
      } else stretches.push({ from, to: index + after, patterns: new Set(some) })
    }
    return stretches
  }

  return (text) => {
    const hits: Hit[] = []
    for (const { from, to, patterns: some } of stretchesIn(text)) {
      const piece = text.slice(from, to)
      for (const { group, regex } of some)
        for (const { index, 0: found } of piece.matchAll(regex)) {
          if (negated.test(piece.slice(Math.max(0, index - 24), index))) continue
          hits.push({ start: from + index, end: from + index + found.length, detector: group })
        }
    }
    return hits
  }
}

/** Most phrases say what a text is about, not what is to be done: where one stands, nothing was found. */
const createPardon = (phrases: readonly string[]) => {
  const known = phrases.map((phrase) => phrase.toLowerCase())
  const longest = Math.max(0, ...known.map(({ length }) => length))
  return (text: string, { start, end }: Hit): boolean => {
    const from = Math.max(0, start - longest)
    const around = text.slice(from, end + longest).toLowerCase()
    return known.some((phrase) => {
      for (let at = around.indexOf(phrase); at !== -1; at = around.indexOf(phrase, at + 1))
        if (from + at < end && from + at + phrase.length > start) return true
      return false
    })
  }
}

export interface Scanning {
  readonly detectors: readonly Detector[]
  /** Phrases beside which nothing is found, except by who sees through disguises. */
  readonly allowlist: readonly string[]
}

export const createScan = ({ detectors, allowlist }: Scanning): Scan => {
  const wanted = new Set(detectors)
  const read = createReader(wanted)
  const pardoned = createPardon(allowlist)
  const evasions = createEvasions(wanted, read)
  return (text) => {
    // pictures and files are nothing to read
    if (isDataUrl(text)) return []
    const said = read(text)
    const open = allowlist.length === 0 ? said : said.filter((hit) => !pardoned(text, hit))
    return [...open, ...evasions(text)]
  }
}
