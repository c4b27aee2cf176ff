/** OpenRouter's words, from none to the most. */
export const efforts = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof efforts)[number]

const isEffort = (word: string): word is Effort => (efforts as readonly string[]).includes(word)

/** How much a word means; what nobody knows is as much as `medium`. */
export const rankOf = (word: string): number => efforts.indexOf(isEffort(word) ? word : 'medium')

/** The word one below; the least stays. */
export const lowerThan = (word: string): Effort => efforts[rankOf(word) - 1] ?? 'minimal'

const thinking = (words: readonly string[]): readonly string[] => words.filter(isEffort)

/** The supported word that comes nearest, the cheaper one of two; itself where nothing else is known. */
export const nearest = (word: string, supported: readonly string[] | undefined): string => {
  const known = thinking(supported ?? [])
  if (known.length === 0 || known.includes(word)) return word
  const rank = rankOf(word)
  const distance = (one: string) => Math.abs(rankOf(one) - rank)
  return known.reduce((best, one) => {
    const closer = distance(one) - distance(best)
    return closer < 0 || (closer === 0 && rankOf(one) < rankOf(best)) ? one : best
  })
}

/** The least that a model can be told to think, if it knows words. */
export const leastOf = (supported: readonly string[] | undefined): string | undefined =>
  thinking(supported ?? []).reduce<string | undefined>(
    (least, one) => (least === undefined || rankOf(one) < rankOf(least) ? one : least),
    undefined,
  )
