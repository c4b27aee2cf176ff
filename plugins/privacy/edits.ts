/** What is to stand in place of a stretch of a text. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly with: string
}

export const inOrder = (edits: readonly Edit[]): Edit[] =>
  edits.toSorted((one, other) => one.start - other.start)

/** @param edits from left to right, none over another */
export const edited = (text: string, edits: readonly Edit[]): string => {
  if (edits.length === 0) return text
  let out = ''
  let at = 0
  for (const edit of edits) {
    out += text.slice(at, edit.start) + edit.with
    at = edit.end
  }
  return out + text.slice(at)
}
