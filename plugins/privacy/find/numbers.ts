import { before, isDigit, isWord } from './characters.ts'
import type { Add } from './hit.ts'

/** A number of a fixed shape. */
export interface NumberRule {
  readonly kind: string
  /** Lengths of its groups of digits with what stands between: `3-2-4`. */
  readonly shapes: readonly string[]
  /** Whether the digits alone can be one. */
  check(digits: string): boolean
  /** What must stand before it, in lower case, where its digits say too little. */
  readonly called?: RegExp
}

/** Groups of digits with little between them. */
export interface Run {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** The character after each group when it alone stands before the next, else a space for several. */
  readonly between: readonly string[]
}

/** No run is longer, so that what looks at one from each group stays linear. */
const longest = 64

/** What may stand between groups, as the shapes write it; brackets only beside another. */
const separators = new Map(
  [' ', '-', '.', '/', '(', ')', '\u00a0', '\u202f', '\u2011', '\u2013'].map((sign) => [
    sign.charCodeAt(0),
    /[\u00a0\u202f]/.test(sign) ? ' ' : /[\u2011\u2013]/.test(sign) ? '-' : sign,
  ]),
)

/** The run that begins with the digits at `start`; every other group is digits only, too. */
export const runAt = (text: string, start: number): Run => {
  const starts: number[] = []
  const ends: number[] = []
  const between: string[] = []
  let at = start
  while (starts.length < longest) {
    let end = at
    while (isDigit(text.charCodeAt(end))) end++
    if (end === at || isWord(text.charCodeAt(end))) break
    starts.push(at)
    ends.push(end)
    let next = end
    while (next < end + 3 && separators.has(text.charCodeAt(next))) next++
    if (next === end || !isDigit(text.charCodeAt(next))) break
    between.push(next > end + 1 ? '  ' : (separators.get(text.charCodeAt(end)) ?? ''))
    at = next
  }
  return { starts, ends, between: between.slice(0, Math.max(0, starts.length - 1)) }
}

/** The digits of the groups from `first` to `last`. */
export const digitsOf = (text: string, run: Run, first: number, last: number): string => {
  let digits = ''
  for (let at = first; at <= last; at++) digits += text.slice(run.starts[at], run.ends[at])
  return digits
}

const oneBefore = /[\da-f]{4,5}\s$/i
const twoBefore = /[\da-f]{4,5}\s[\da-f]{4,5}\s$/i
const oneAfter = /^\s[\da-f]{4,5}(?![\da-z])/i
const twoAfter = /^\s[\da-f]{4,5}\s[\da-f]{4,5}(?![\da-z])/i

/** Whether two more groups of four or five go on before or after, or one on each side: tables of numbers. */
const isAmongMore = (text: string, start: number, end: number): boolean => {
  const lead = text.slice(Math.max(0, start - 12), start)
  const rest = text.slice(end, end + 13)
  return (
    twoBefore.test(lead) || twoAfter.test(rest) || (oneBefore.test(lead) && oneAfter.test(rest))
  )
}

/** No number that we know has more digits, nor more groups. */
const most = { digits: 19, groups: 7 }

/** Looks for numbers of fixed shapes that begin with a group of a run; the last group of the first that fits, or -1. */
export const createShapes = (rules: readonly NumberRule[]) => {
  const known = new Map<string, NumberRule[]>()
  for (const rule of rules)
    for (const shape of rule.shapes) known.set(shape, [...(known.get(shape) ?? []), rule])

  return (text: string, run: Run, first: number, add: Add): number => {
    const joined = run.between[first - 1]
    // the fraction of a number, or the middle of a longer one
    if (joined === '.' || joined === '-') return -1
    const start = run.starts[first] ?? 0
    let shape = ''
    let digits = 0
    let found = -1
    let kind = ''
    for (let last = first; last < run.starts.length && last < first + most.groups; last++) {
      const length = (run.ends[last] ?? 0) - (run.starts[last] ?? 0)
      digits += length
      if (digits > most.digits) break
      shape += length
      const next = run.between[last]
      const rulesOfShape = digits < 7 || next === '.' || next === '-' ? undefined : known.get(shape)
      if (
        rulesOfShape &&
        !(shape.includes(' ') && isAmongMore(text, start, run.ends[last] ?? start))
      ) {
        const value = digitsOf(text, run, first, last)
        for (const rule of rulesOfShape) {
          if (!rule.check(value) || (rule.called && !rule.called.test(before(text, start))))
            continue
          found = last
          kind = rule.kind
          break
        }
      }
      shape += next ?? ''
    }
    if (found >= 0) add(kind, start, run.ends[found] ?? start)
    return found
  }
}
