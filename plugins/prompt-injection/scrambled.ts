const verbs = ['ignore', 'bypass', 'override', 'reveal', 'delete']
const nouns = ['system', 'prompt', 'instructions']

const signature = (word: string): string =>
  word.charAt(0) + Array.from(word.slice(1, -1)).sort().join('') + word.slice(-1)

const known = new Map(
  [...verbs, ...nouns].map((word) => [signature(word), { word, isVerb: verbs.includes(word) }]),
)

/** Words that begin and end as one of the known and are as long. */
const alike =
  /\b(?:i[a-z]{4}e|b[a-z]{4}s|o[a-z]{6}e|r[a-z]{4}l|d[a-z]{4}e|s[a-z]{4}m|p[a-z]{4}t|i[a-z]{10}s)\b/gi

/** Letters between a verb and what it is about. */
const reach = 80

/**
 * Where a verb and its object are near each other and one of them has its inner letters in another order: people read
 * over that, and so do models. A single typo does not count.
 */
export const scrambledIn = (text: string): readonly (readonly [number, number])[] => {
  const found: [number, number][] = []
  let verb: { readonly start: number; readonly end: number; readonly mixed: boolean } | undefined
  for (const { index, 0: written } of text.matchAll(alike)) {
    const word = written.toLowerCase()
    const meant = known.get(signature(word))
    if (!meant) continue
    const end = index + word.length
    const mixed = meant.word !== word
    if (meant.isVerb) {
      if (!verb || mixed || !verb.mixed || index - verb.end > reach)
        verb = { start: index, end, mixed }
    } else if (verb && index - verb.end <= reach && (mixed || verb.mixed))
      found.push([verb.start, end])
  }
  return found
}
