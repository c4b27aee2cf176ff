import { jsonrepair } from 'jsonrepair'
import { candidatesIn } from './extract.ts'
import type { Wanted } from './wanted.ts'

/**
 * Characters of a text that is repaired: the parser works on the event loop, mostly a millisecond for four thousand, and
 * for the square of their number where something is missing all along.
 */
const longest = 100_000

/** What an answer should have said. */
export interface Healed {
  readonly text: string
  readonly changed: boolean
  /** What is still wrong with it, in words for a model. */
  readonly problem?: string
}

interface Found {
  readonly text: string
  readonly value: unknown
}

const parse = (text: string): Found | undefined => {
  try {
    return { text, value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

const repair = (text: string): Found | undefined => {
  try {
    return parse(jsonrepair(text))
  } catch {
    return undefined
  }
}

/** JSON that was written into a text of JSON. */
const unwrapped = ({ value }: Found): readonly Found[] => {
  const found = typeof value === 'string' ? parse(value) : undefined
  return found ? [found] : []
}

const isBare = (text: string): boolean => !/^\s*[{["]/.test(text)

/** The values that a text has in it, those that need no repair first. */
function* foundIn(answer: string): Generator<Found> {
  const candidates = candidatesIn(answer)
  for (const text of candidates) {
    const found = parse(text)
    if (!found) continue
    yield found
    yield* unwrapped(found)
  }
  let left = longest
  for (const text of candidates) {
    left -= text.length
    if (left < 0 || isBare(text)) continue
    const found = repair(text)
    if (found) yield found
  }
}

const isStructure = ({ value }: Found): boolean => typeof value === 'object' && value !== null

/** Without a schema a list will do, too: the request may have asked for one in words. */
const isAnything = (found: Found, { anything }: Wanted): boolean => anything && isStructure(found)

/** The JSON in an answer: untouched where it is right, else the first that is, else the longest that is JSON at all. */
export const heal = (answer: string, wanted: Wanted): Healed => {
  const whole = parse(answer)
  if (whole && (wanted.problemOf(whole.value) === undefined || isAnything(whole, wanted)))
    return { text: answer, changed: false }
  let best: (Found & { readonly problem: string }) | undefined
  for (const found of foundIn(answer)) {
    const problem = wanted.problemOf(found.value)
    if (problem === undefined) return { text: found.text, changed: true }
    if (!isStructure(found)) continue
    if (!best || found.text.length > best.text.length) best = { ...found, problem }
  }
  if (!best) return { text: answer, changed: false, problem: 'It is not JSON.' }
  const changed = best.text !== answer
  return isAnything(best, wanted)
    ? { text: best.text, changed }
    : { text: best.text, changed, problem: best.problem }
}
