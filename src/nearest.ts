/** `; did you mean x?`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates)
  return found === undefined ? '' : `; did you mean ${found}?`
}

/** The candidate that is at most a third of its letters away from `word`. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  return [...candidates]
    .map((candidate) => ({
      candidate,
      away: distance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ away, candidate }) => away <= limit && away < candidate.length)
    .toSorted((a, b) => a.away - b.away)[0]?.candidate
}

/** Insertions, deletions, replacements and swaps of neighbours; words above 64 letters are cut. */
function distance(a: string, b: string): number {
  const left = a.slice(0, 64)
  const right = b.slice(0, 64)
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1]
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
      row[j] = Math.min(
        at(row, j - 1) + 1,
        at(rows[i - 1], j) + 1,
        at(rows[i - 1], j - 1) + (same ? 0 : 1),
        swapped ? at(rows[i - 2], j - 2) + 1 : Infinity,
      )
    }
    rows.push(row)
  }
  return at(rows.at(-1), right.length)
}

function at(row: readonly number[] | undefined, column: number): number {
  return row?.[column] ?? Infinity
}
