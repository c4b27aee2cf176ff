const escaped = (letter: string): string =>
  letter === ' ' ? '\\s{1,8}' : letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')

/** Any of the words, letter by letter; of those that begin with another one, that is enough. */
const branches = (words: readonly string[]): string => {
  if (words.includes('')) return ''
  const byFirst = Map.groupBy(words, (word) => word.charAt(0))
  const sources = [...byFirst].map(
    ([first, some]) => escaped(first) + branches(some.map((word) => word.slice(1))),
  )
  return sources.length === 1 ? sources.join('') : `(?:${sources.join('|')})`
}

const isLetter = (word: string): boolean => /^[a-z]/.test(word)

const source = (words: readonly string[]): string => `(?=(${branches(words)}))`

/**
 * Finds the places where a word begins as one that somebody needs, and tells who: every text is looked through for all
 * of them, so it must be fast.
 */
export const createTriggers = <Needing extends { readonly needs: readonly string[] }>(
  all: readonly Needing[],
) => {
  const words = all.flatMap(({ needs }) => needs)
  const letters = words.filter(isLetter)
  const signs = words.filter((word) => !isLetter(word))
  const sources = [
    ...(letters.length > 0 ? [`(?<![a-z])${source(letters)}`] : []),
    ...(signs.length > 0 ? [source(signs)] : []),
  ]
  const regex = new RegExp(sources.join('|'), 'gi')
  const whose = new Map(
    words.map((found) => [
      found,
      all.filter(({ needs }) => needs.some((word) => word.startsWith(found))),
    ]),
  )
  return function* triggered(text: string): Generator<readonly [number, readonly Needing[]]> {
    if (all.length === 0) return
    for (const { index, 1: word, 2: sign } of text.matchAll(regex)) {
      const found = (word ?? sign ?? '').toLowerCase().replace(/\s+/g, ' ')
      yield [index, whose.get(found) ?? []]
    }
  }
}
