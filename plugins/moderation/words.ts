/** A text is looked through word by word; letters that are not seen part no words. */
const word = /[\p{L}\p{M}\p{N}\u00ad\u200b-\u200d\u2060\ufeff]+/gu
const unseen = /[\u00ad\u200b-\u200d\u2060\ufeff]/g

/** Scripts that put no spaces between words: what is written in them is found within others. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u

const plain = (text: string): string => text.replace(unseen, '').normalize('NFKC').toLowerCase()

interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

const wordsIn = (text: string): readonly Word[] =>
  [...text.matchAll(word)].map(({ index, 0: found }) => ({
    text: plain(found),
    start: index,
    end: index + found.length,
  }))

/** Whether there is anything to look for in a phrase. */
export const isFindable = (phrase: string): boolean => wordsIn(phrase).length > 0

/** Finds words and phrases, whatever their case and what stands between the words. */
export interface Matcher {
  /** @param open more may follow: a word at the very end may become another one */
  has(text: string, open?: boolean): boolean
  /** How much of the end of a text may be the beginning of a phrase, from where. */
  unsure(text: string): number
}

/** No more is held back of words without end. */
const mostUnsure = 1_000

export const createMatcher = (phrases: readonly string[]): Matcher => {
  const byFirst = new Map<string, (readonly string[])[]>()
  const within: string[] = []
  let longest = 1
  for (const phrase of phrases) {
    if (unspaced.test(phrase)) {
      within.push(plain(phrase))
      continue
    }
    const [first, ...rest] = wordsIn(phrase).map(({ text }) => text)
    if (first === undefined) continue
    longest = Math.max(longest, rest.length + 1)
    const known = byFirst.get(first)
    if (known) known.push(rest)
    else byFirst.set(first, [rest])
  }
  const deepest = Math.max(0, ...within.map(({ length }) => length - 1))

  const hasWithin = (text: string): boolean => {
    if (within.length === 0) return false
    const letters = plain(text)
    return within.some((part) => letters.includes(part))
  }

  return {
    has(text, open = false) {
      const words = wordsIn(text)
      const isWhole = (end: number) => !open || end < text.length
      const found = words.some(({ text: first }, at) =>
        byFirst.get(first)?.some((rest) => {
          const last = words[at + rest.length]
          return (
            last !== undefined &&
            isWhole(last.end) &&
            rest.every((one, n) => words[at + 1 + n]?.text === one)
          )
        }),
      )
      return found || hasWithin(text)
    },
    unsure(text) {
      const words = wordsIn(text)
      const start = words.at(-longest)?.start ?? (words.length > 0 ? 0 : text.length)
      const from = Math.min(start, text.length - deepest)
      return Math.max(0, text.length - mostUnsure, from)
    },
  }
}
