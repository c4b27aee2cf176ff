import { createEvasions } from './evasions.ts'
import type { Detector, Hit, Scan } from './hit.ts'
import { patterns } from './patterns.ts'

/** How far a pattern reaches to both sides of a word that it needs. */
const before = 160
const after = 320

/** Nothing is commanded by "never reveal your system prompt". */
const negated =
  /\b(?:never|not|don['’]t|cannot|can['’]t|won['’]t|avoid|refuse to|without)\s{1,4}(?:ever\s{1,4})?$/i

/** The stretches of a text that are worth a second look, one after another. */
function* stretches(text: string, words: RegExp): Generator<readonly [number, number]> {
  let open: [number, number] | undefined
  for (const { index } of text.matchAll(words)) {
    const start = Math.max(0, index - before)
    if (open && start <= open[1]) open[1] = index + after
    else {
      if (open) yield open
      open = [start, index + after]
    }
  }
  if (open) yield open
}

/** Looks for what is said openly. */
const createReader = (wanted: ReadonlySet<Detector>): Scan => {
  const used = patterns.filter(({ group }) => wanted.has(group))
  const words = new RegExp(used.map(({ needs }) => needs).join('|'), 'gi')
  return (text) => {
    const hits: Hit[] = []
    if (used.length === 0) return hits
    for (const [from, to] of stretches(text, words)) {
      const piece = text.slice(from, to)
      for (const { group, regex } of used)
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
    if (text.startsWith('data:')) return []
    const said = read(text)
    const open = allowlist.length === 0 ? said : said.filter((hit) => !pardoned(text, hit))
    return [...open, ...evasions(text)]
  }
}
