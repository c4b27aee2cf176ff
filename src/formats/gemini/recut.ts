/** Where the pieces of a text that was changed end now: what did not change keeps its place in its piece. */
const moved = (before: string, ends: readonly number[], after: string): readonly number[] => {
  let head = 0
  const shorter = Math.min(before.length, after.length)
  while (head < shorter && before.charCodeAt(head) === after.charCodeAt(head)) head++
  let tail = 0
  while (
    tail < shorter - head &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail++
  return ends.map((end) => {
    if (end <= head && end < before.length) return end
    return end >= before.length - tail ? end + after.length - before.length : after.length - tail
  })
}

/** A text in the pieces that it came in. */
export const recut = (before: string, ends: readonly number[], after: string): string[] => {
  const places = before === after ? ends : moved(before, ends, after)
  return places.map((end, at) => after.slice(at === 0 ? 0 : places[at - 1], end))
}
