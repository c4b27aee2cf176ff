/** Invisible characters do not separate words. */
const unseen = /[\u00ad\u200b-\u200d\u2060\ufeff]/g
const letter = /[\p{L}\p{M}\p{N}\u00ad\u200b-\u200d\u2060\ufeff]/u
const strange = /[^\0-\x7f]/

/** A text without differences of case, width or invisible characters. */
export const plain = (text: string): string =>
  strange.test(text) ? text.replace(unseen, '').normalize('NFKC').toLowerCase() : text.toLowerCase()

const words = /[\p{L}\p{M}\p{N}]+/gu
const asciiWords = /[a-z0-9]+/g

/** The words of a text as they are compared. */
export const spelled = (text: string): readonly string[] => {
  const letters = plain(text)
  return letters.match(strange.test(letters) ? words : asciiWords) ?? []
}

const ascii = Array.from({ length: 128 }, (_, code) => letter.test(String.fromCharCode(code)))

/** Whether the letter here belongs to a word; the second half of one belongs where the first does. */
const isIn = (text: string, at: number, before: boolean): boolean => {
  const code = text.charCodeAt(at)
  if (code < 128) return ascii[code] === true
  if (code >= 0xdc00 && code <= 0xdfff) return before
  return letter.test(String.fromCodePoint(text.codePointAt(at) ?? 0))
}

export interface Word {
  readonly start: number
  readonly end: number
}

/** Where the words of a text stand, one after another, from a place on. */
export function* wordsOf(text: string, from = 0): Generator<Word> {
  let start = -1
  for (let at = from; at < text.length; at++) {
    const inside = isIn(text, at, start !== -1)
    if (inside && start === -1) start = at
    else if (!inside && start !== -1) {
      yield { start, end: at }
      start = -1
    }
  }
  if (start !== -1) yield { start, end: text.length }
}
