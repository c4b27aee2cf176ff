import { plain, spelled, wordsOf } from './words.ts'

/** Scripts that put no spaces between words: what is written in them is found within others. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u

const wordsIn = (phrase: string): readonly string[] =>
  [...wordsOf(phrase)].map(({ start, end }) => plain(phrase.slice(start, end)))

/** Whether there is anything to look for in a phrase. */
export const isFindable = (phrase: string): boolean => wordsIn(phrase).length > 0

/** Finds words and phrases, whatever their case and what stands between the words. */
export interface Matcher {
  /** @param open more may follow: a word at the very end may become another one */
  has(text: string, open?: boolean): boolean
  /** From where on the end of a text may be the beginning of a phrase. */
  unsure(text: string): number
}

/** No more is held back of words without end. */
const mostUnsure = 1_000

/** Where the words that stand here end, if they do; -1 else. */
const endOf = (text: string, from: number, words: readonly string[]): number => {
  let n = 0
  let last = from
  for (const { start, end } of words.length > 0 ? wordsOf(text, from) : []) {
    if (plain(text.slice(start, end)) !== words[n]) return -1
    last = end
    if (++n === words.length) return last
  }
  return n === words.length ? last : -1
}

export const createMatcher = (phrases: readonly string[]): Matcher => {
  const byFirst = new Map<string, (readonly string[])[]>()
  const within: string[] = []
  let longest = 1
  for (const phrase of phrases) {
    if (unspaced.test(phrase)) {
      within.push(plain(phrase))
      continue
    }
    const [first, ...rest] = wordsIn(phrase)
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

  const hasWords = (text: string, open: boolean): boolean => {
    // mostly there is none, and that is soon told
    if (!spelled(text).some((word) => byFirst.has(word))) return false
    for (const { start, end } of wordsOf(text)) {
      const rests = byFirst.get(plain(text.slice(start, end)))
      for (const rest of rests ?? []) {
        const last = endOf(text, end, rest)
        if (last !== -1 && (!open || last < text.length)) return true
      }
    }
    return false
  }

  return {
    has: (text, open = false) => (byFirst.size > 0 && hasWords(text, open)) || hasWithin(text),
    unsure(text) {
      const words = [...wordsOf(text)]
      const start = words.at(-longest)?.start ?? (words.length > 0 ? 0 : text.length)
      const from = Math.min(start, text.length - deepest)
      return Math.max(0, text.length - mostUnsure, from)
    },
  }
}
