type Mark = ' ' | '-' | '+'
type Line = readonly [mark: Mark, text: string]

const CONTEXT = 2
/** Above this many pairs of lines, all old lines are shown removed and all new ones added. */
const PAIRS = 4_000_000

/** What changed, as the lines of a unified diff without its file names. */
export function diffLines(before: string, after: string): readonly string[] {
  const lines = compare(split(before), split(after))
  const shown = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(([mark]) => mark !== ' '),
  )
  const out: string[] = []
  let [old, next] = [1, 1]
  for (const [at, [mark, text]] of lines.entries()) {
    if (shown[at] && !shown[at - 1]) out.push(header(lines, shown, at, old, next))
    if (shown[at]) out.push(mark + text)
    if (mark !== '+') old += 1
    if (mark !== '-') next += 1
  }
  return out
}

const split = (text: string): readonly string[] =>
  text === '' ? [] : text.replace(/\n$/, '').split('\n')

function header(
  lines: readonly Line[],
  shown: readonly boolean[],
  from: number,
  old: number,
  next: number,
): string {
  const end = shown.indexOf(false, from)
  const hunk = lines.slice(from, end < 0 ? undefined : end)
  const count = (but: Mark) => hunk.filter(([mark]) => mark !== but).length
  const place = (start: number, length: number) => `${length === 0 ? start - 1 : start},${length}`
  return `@@ -${place(old, count('+'))} +${place(next, count('-'))} @@`
}

function compare(old: readonly string[], next: readonly string[]): readonly Line[] {
  const shorter = Math.min(old.length, next.length)
  let head = 0
  while (head < shorter && old[head] === next[head]) head += 1
  let tail = 0
  while (tail < shorter - head && old.at(-1 - tail) === next.at(-1 - tail)) tail += 1
  const same = (text: string): Line => [' ', text]
  return [
    ...old.slice(0, head).map(same),
    ...between(old.slice(head, old.length - tail), next.slice(head, next.length - tail)),
    ...old.slice(old.length - tail).map(same),
  ]
}

/** By the longest common subsequence. */
function between(old: readonly string[], next: readonly string[]): readonly Line[] {
  if (old.length * next.length > PAIRS) {
    return [...old.map((text): Line => ['-', text]), ...next.map((text): Line => ['+', text])]
  }
  const width = next.length + 1
  const common = new Uint32Array((old.length + 1) * width)
  const at = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      const longest = Math.max(at(i + 1, j), at(i, j + 1))
      common[i * width + j] = old[i] === next[j] ? at(i + 1, j + 1) + 1 : longest
    }
  }
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < next.length) {
    const [left, right] = [old[i], next[j]]
    if (left !== undefined && left === right) {
      lines.push([' ', left])
      i += 1
      j += 1
    } else if (right === undefined || (left !== undefined && at(i + 1, j) >= at(i, j + 1))) {
      lines.push(['-', left ?? ''])
      i += 1
    } else {
      lines.push(['+', right])
      j += 1
    }
  }
  return lines
}
