/** The words, names and numbers of a question. */
export interface Wording {
  readonly words: ReadonlySet<string>
  /** Names, numbers, addresses: what a question is about, whatever else it says. */
  readonly names: readonly string[]
}

const endsSentence = /[.!?:]$/
const isNumbered = /[\d@/_]/
const isCapital = /^\p{Lu}/u
/** From its first letter or digit to its last. */
const inner = /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/u

export const wordingOf = (text: string): Wording => {
  const written = text.split(/\s+/).filter(Boolean)
  const bare = written.map((word) => inner.exec(word)?.[0] ?? '')
  const names = bare.filter((word, at) => {
    if (isNumbered.test(word)) return true
    const before = written[at - 1]
    const begins = before === undefined || endsSentence.test(before)
    return !begins && word.length > 1 && isCapital.test(word)
  })
  const lower = (word: string) => word.toLowerCase()
  return { words: new Set(bare.map(lower)), names: names.map(lower) }
}

/** Whether neither names what the other does not: questions about two people are alike, and their answers are not. */
export const namesTheSame = (one: Wording, other: Wording): boolean =>
  one.names.every((name) => other.words.has(name)) &&
  other.names.every((name) => one.words.has(name))
