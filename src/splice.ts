import { isObject, type Fields } from './fields.ts'
import type { JsonText } from './json.ts'

/** Where a member's or an element's value stands in a text; a member's own start is that of its key. */
export interface Span {
  /** Of an object's member. */
  readonly key?: string
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

const backslash = 92

/** Where the string that begins at `open` ends: the place of its closing quote. */
const endOfString = (text: string, open: number): number => {
  let end = open
  for (;;) {
    end = text.indexOf('"', end + 1)
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return end
  }
}

const skipSpace = (text: string, from: number): number => {
  let at = from
  while (text.charCodeAt(at) <= 32) at++
  return at
}

/** Past the value that begins at `start`; the text is valid JSON. */
const endOfValue = (text: string, start: number): number => {
  const first = text.charCodeAt(start)
  if (first === 34) return endOfString(text, start) + 1
  if (first !== 123 && first !== 91) {
    let at = start
    while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at++
    return at
  }
  let depth = 0
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) at = endOfString(text, at)
    else if (code === 123 || code === 91) depth++
    else if ((code === 125 || code === 93) && --depth === 0) return at + 1
  }
}

/** What a key says, given what stands between its quotes. */
const keyOf = (written: string): string =>
  written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written

/** What the object or list that begins at `open` holds, in order. */
const spansIn = (text: string, open: number): Span[] => {
  const isList = text.charAt(open) === '['
  const spans: Span[] = []
  let at = skipSpace(text, open + 1)
  while (text.charAt(at) !== (isList ? ']' : '}')) {
    const start = at
    let key: string | undefined
    if (!isList) {
      const quote = endOfString(text, at)
      key = keyOf(text.slice(at + 1, quote))
      at = skipSpace(text, skipSpace(text, quote + 1) + 1)
    }
    const end = endOfValue(text, at)
    spans.push({ ...(key !== undefined && { key }), start, valueStart: at, end })
    at = skipSpace(text, end)
    if (text.charAt(at) === ',') at = skipSpace(text, at + 1)
  }
  return spans
}

/** The places of members that a later one of the same name makes void, as whoever parsed the text took the last. */
const voided = (spans: readonly Span[]): ReadonlySet<number> => {
  const last = new Map(spans.map(({ key }, at) => [key, at]))
  const places = spans.flatMap(({ key }, at) => (last.get(key) === at ? [] : [at]))
  return new Set(places)
}

interface Piece {
  readonly text: string
  /** What it was in the source; without it, the piece is new. */
  readonly at?: number
}

/** Joins pieces; between two that were neighbours stands what stood there. */
const join = (text: string, spans: readonly Span[], pieces: readonly Piece[]): string => {
  let joined = ''
  pieces.forEach((piece, index) => {
    const before = pieces[index - 1]
    const here = piece.at === undefined ? undefined : spans[piece.at]
    const there = before?.at === undefined ? undefined : spans[before.at]
    if (before)
      joined +=
        here && there && piece.at === (before.at ?? 0) + 1 ? text.slice(there.end, here.start) : ','
    joined += piece.text
  })
  return joined
}

const memberOf = (key: string, value: unknown): string =>
  `${JSON.stringify(key)}:${JSON.stringify(value)}`

const spliceObject = (
  text: string,
  open: number,
  close: number,
  [value, before, after]: readonly [Fields, Fields, Fields],
  known?: readonly Span[],
): string => {
  const spans = known ?? spansIn(text, open)
  const skipped = voided(spans)
  const pieces: Piece[] = []
  spans.forEach(({ key = '', start, valueStart, end }, at) => {
    if (skipped.has(at)) return
    const was = Object.hasOwn(before, key) ? before[key] : undefined
    const wanted = Object.hasOwn(after, key) ? after[key] : undefined
    if (wanted === undefined) {
      if (was === undefined) pieces.push({ text: text.slice(start, end), at })
      return
    }
    const next = spliceValue(text, valueStart, end, [value[key], was, wanted])
    pieces.push({ text: text.slice(start, valueStart) + next, at })
  })
  for (const key of Object.keys(after)) {
    const wanted = after[key]
    if (wanted === undefined || Object.hasOwn(value, key)) continue
    if (!Object.hasOwn(before, key) || !same(before[key], wanted))
      pieces.push({ text: memberOf(key, wanted) })
  }
  return frame(text, open, close, spans, pieces)
}

/** The pieces between the brackets, with the space that stood at both ends. */
const frame = (
  text: string,
  open: number,
  close: number,
  spans: readonly Span[],
  pieces: readonly Piece[],
): string => {
  const first = spans[0]
  const last = spans.at(-1)
  const head = text.slice(open, first ? first.start : open + 1)
  const tail = text.slice(last ? last.end : close - 1, close)
  return head + join(text, spans, pieces) + tail
}

const same = (one: unknown, other: unknown): boolean => one === other || Bun.deepEquals(one, other)

/** For each item after, the place before that it is the same as, in order; others have none. */
const aligned = (before: readonly unknown[], after: readonly unknown[]): (number | undefined)[] => {
  const places = new Map<string, number[]>()
  before.forEach((item, at) => {
    const text = JSON.stringify(item) ?? ''
    places.set(text, [...(places.get(text) ?? []), at])
  })
  let next = 0
  return after.map((item) => {
    const at = places.get(JSON.stringify(item) ?? '')?.find((place) => place >= next)
    if (at !== undefined) next = at + 1
    return at
  })
}

/** Whether each item of a list as long stands where it stood or is another: none has moved. */
const inPlace = (before: readonly unknown[], after: readonly unknown[]): boolean => {
  if (before.length !== after.length) return false
  const changed = after.flatMap((item, at) => (same(before[at], item) ? [] : [at]))
  if (changed.length < 2) return true
  const left = new Set(changed.map((at) => JSON.stringify(before[at])))
  return !changed.some((at) => left.has(JSON.stringify(after[at])))
}

/** Runs of changed items stand for runs as long of what was there before; of other lengths they are new. */
const paired = (before: readonly unknown[], after: readonly unknown[]): (number | undefined)[] => {
  if (inPlace(before, after)) return after.map((_, at) => at)
  const places = aligned(before, after)
  const ends = [...places, before.length]
  let from = 0
  let run = 0
  ends.forEach((place, at) => {
    if (place === undefined) {
      run++
      return
    }
    if (run > 0 && place - from === run)
      for (let step = 0; step < run; step++) places[at - run + step] = from + step
    from = place + 1
    run = 0
  })
  return places
}

const spliceList = (
  text: string,
  open: number,
  close: number,
  [value, before, after]: readonly [readonly unknown[], readonly unknown[], readonly unknown[]],
): string => {
  const spans = spansIn(text, open)
  const pieces = paired(before, after).map((at, index): Piece => {
    const span = at === undefined ? undefined : spans[at]
    if (at === undefined || !span) return { text: JSON.stringify(after[index]) }
    const values = [value[at], before[at], after[index]] as const
    return { text: spliceValue(text, span.valueStart, span.end, values), at }
  })
  return frame(text, open, close, spans, pieces)
}

const spliceValue = (
  text: string,
  start: number,
  end: number,
  [value, before, after]: readonly [unknown, unknown, unknown],
): string => {
  if (same(before, after)) return text.slice(start, end)
  if (isObject(value) && isObject(before) && isObject(after))
    return spliceObject(text, start, end, [value, before, after])
  if (Array.isArray(value) && Array.isArray(before) && Array.isArray(after))
    return value.length === before.length
      ? spliceList(text, start, end, [value, before, after])
      : JSON.stringify(after)
  return JSON.stringify(after)
}

/** `next` as JSON, where `next` is the source's own value with changes. */
export const rewrite = (source: JsonText, next: Fields): string =>
  splice(source, source.value, next)

/**
 * The source with the difference between `before` and `after` made in its own text: what both agree on keeps its
 * bytes, and so does everything that neither of them mentions. Of members that repeat, the last stays. `before` is what was understood of the source.
 */
export const splice = (source: JsonText, before: Fields, after: Fields): string => {
  if (same(before, after)) return source.text
  const open = source.text.indexOf('{')
  const close = source.text.lastIndexOf('}') + 1
  return (
    source.text.slice(0, open) +
    spliceObject(source.text, open, close, [source.value, before, after], source.members) +
    source.text.slice(close)
  )
}
