import type { Edit } from './edits.ts'

/** Whether its strings hold escapes. */
export const isEscapedJson = (text: string): boolean => {
  if (!text.includes('\\') || !/^\s*[[{"]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The place of the quote that closes the string that begins at `open`. */
const closing = (text: string, open: number): number => {
  for (let at = open + 1; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === '"') return at
    if (letter === '\\') at++
  }
  return text.length
}

/** Where each letter of a JSON string begins in what is written of it, and where the last ends. */
const placesIn = (written: string): number[] => {
  const places: number[] = []
  for (let at = 0; at < written.length;) {
    places.push(at)
    if (written.charAt(at) !== '\\') at += 1
    else at += written.charAt(at + 1) === 'u' ? 6 : 2
  }
  places.push(written.length)
  return places
}

type Editor = (said: string) => readonly Edit[]

const editsInString = (written: string, edit: Editor): readonly Edit[] => {
  if (!written.includes('\\')) return edit(written)
  const made = edit(String(JSON.parse(`"${written}"`)))
  if (made.length === 0) return made
  const places = placesIn(written)
  const placeOf = (at: number): number => places[at] ?? at
  return made.map((one) => ({ ...one, start: placeOf(one.start), end: placeOf(one.end) }))
}

const moved = (edits: readonly Edit[], by: number): Edit[] =>
  edits.map(({ start, end, ...edit }) => ({ ...edit, start: start + by, end: end + by }))

/**
 * The edits that `edit` makes of each string of a JSON text, and of what stands between them (numbers), as edits of that
 * text. What they put there needs no escape.
 */
export const editsInJson = (text: string, edit: Editor): Edit[] => {
  const edits: Edit[] = []
  let at = 0
  while (at < text.length) {
    const quote = text.indexOf('"', at)
    const open = quote === -1 ? text.length : quote
    const between = text.slice(at, open)
    if (/\d/.test(between)) edits.push(...moved(edit(between), at))
    if (open === text.length) break
    const close = closing(text, open)
    edits.push(...moved(editsInString(text.slice(open + 1, close), edit), open + 1))
    at = close + 1
  }
  return edits
}
