import type { Hit } from './find.ts'

/** A letter that is written in another way than as itself, or one that nobody sees. */
const disguise =
  /\\{1,16}u[\da-f]{4}|&#(?:\d{2,7}|x[\da-f]{2,6});|&(?:commat|period|plus|lowbar|hyphen|nbsp|shy);|[\u00AD\u200B-\u200F\u2060-\u2064\uFEFF\uFE6B\uFF0B\uFF0D-\uFF0F\uFF10-\uFF19\uFF20-\uFF3A\uFF3F\uFF41-\uFF5A]|[\u{1D400}-\u{1D7FF}]/giu

const named: Readonly<Record<string, string>> = {
  commat: '@',
  hyphen: '-',
  lowbar: '_',
  nbsp: ' ',
  period: '.',
  plus: '+',
  shy: '',
}

const unseen = /^[\u00AD\u200B-\u200F\u2060-\u2064\uFEFF]$/

/** One letter at most, so that no place is lost. */
const letterOf = (code: number, written: string): string =>
  code > 0 && code <= 0xffff ? String.fromCharCode(code) : written

const said = (written: string): string => {
  const [first] = written
  if (first === '\\') return letterOf(Number.parseInt(written.slice(-4), 16), written)
  if (written.startsWith('&#')) {
    const digits = written.slice(2, -1)
    return letterOf(/^x/i.test(digits) ? Number(`0${digits}`) : Number(digits), written)
  }
  if (first === '&') return named[written.slice(1, -1).toLowerCase()] ?? written
  return unseen.test(written) ? '' : written.normalize('NFKC')
}

interface Range {
  readonly start: number
  readonly end: number
}

export interface Undisguised {
  readonly text: string
  /** Where a stretch of it stands in what was written. */
  placeOf(range: Range): Range
}

/**
 * What a text says to who reads it, where that is not what its letters are: escapes as JSON and HTML have them, wide and
 * mathematical letters, letters without a width. Undefined where nothing is disguised.
 */
export const undisguised = (text: string): Undisguised | undefined => {
  const parts: string[] = []
  /** From here on, letters stand so far further on in what was written. */
  const shifts: { readonly from: number; readonly by: number }[] = [{ from: 0, by: 0 }]
  let length = 0
  let at = 0
  for (const { 0: written, index } of text.matchAll(disguise)) {
    const letter = said(written)
    if (letter === written) continue
    parts.push(text.slice(at, index), letter)
    length += index - at + letter.length
    at = index + written.length
    shifts.push({ from: length, by: at - length })
  }
  if (parts.length === 0) return undefined
  parts.push(text.slice(at))
  const shiftAt = (place: number): number => {
    let low = 0
    let high = shifts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((shifts[middle]?.from ?? 0) <= place) low = middle
      else high = middle
    }
    return shifts[low]?.by ?? 0
  }
  return {
    text: parts.join(''),
    placeOf: ({ start, end }) => ({ start: start + shiftAt(start), end: end + shiftAt(end) }),
  }
}

/** Finds what a text says in disguise, too. */
export const throughDisguise =
  (find: (text: string) => readonly Hit[]) =>
  (text: string): readonly Hit[] => {
    const hits = find(text)
    const meant = undisguised(text)
    if (!meant) return hits
    return [...hits, ...find(meant.text).map((hit) => ({ ...hit, ...meant.placeOf(hit) }))]
  }
