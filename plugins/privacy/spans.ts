import type { Hit } from './find.ts'
import { isStricter, type Action } from './actions.ts'

/** A stretch of a text that holds something private. */
export interface Span {
  readonly kind: string
  readonly action: Action
  readonly start: number
  readonly end: number
}

/** What was found with what to do about it, from left to right: what overlaps is one, with the stricter action. */
export const spansOf = (hits: readonly Hit[], actionOf: (kind: string) => Action): Span[] => {
  const spans: Span[] = []
  const found = hits
    .map((hit): Span => ({ ...hit, action: actionOf(hit.kind) }))
    .filter(({ action }) => action !== 'off')
    .sort((one, other) => one.start - other.start || other.end - one.end)
  for (const span of found) {
    const last = spans.at(-1)
    if (!last || span.start >= last.end) spans.push(span)
    else {
      const ruling = isStricter(span.action, last.action) ? span : last
      const end = Math.max(last.end, span.end)
      spans[spans.length - 1] = { ...ruling, start: last.start, end }
    }
  }
  return spans
}

interface Range {
  readonly start: number
  readonly end: number
}

const byStart = (one: Range, other: Range): number => one.start - other.start

/** Those that lie over none of the others. @param others none over another; neither need be in order */
export const outside = <T extends Range>(ranges: readonly T[], others: readonly Range[]): T[] => {
  if (others.length === 0) return [...ranges]
  const sorted = others.toSorted(byStart)
  let at = 0
  return ranges.toSorted(byStart).filter(({ start, end }) => {
    for (let other = sorted[at]; other && other.end <= start; other = sorted[at]) at++
    const next = sorted[at]
    return !next || next.start >= end
  })
}
