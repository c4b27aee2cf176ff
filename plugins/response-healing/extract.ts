/** Pieces that are tried, at most. */
const most = 8

const thoughts = /^\s*<(think|thinking)>[^]*?<\/\1>/

/** Where the value that begins here ends, brackets in its texts not counted; -1 where it does not. */
const endOf = (text: string, start: number): number => {
  let depth = 0
  let quoted = false
  for (let at = start; at < text.length; at++) {
    const letter = text[at]
    if (letter === '\\' && quoted) at++
    else if (letter === '"') quoted = !quoted
    else if (quoted) continue
    else if (letter === '{' || letter === '[') depth++
    else if ((letter === '}' || letter === ']') && --depth === 0) return at + 1
  }
  return -1
}

/** The objects and lists that stand in a text one after another; one that does not end goes to the end. */
const valuesIn = (text: string): string[] => {
  const found: string[] = []
  let at = 0
  while (found.length < most) {
    const start = text.slice(at).search(/[{[]/)
    if (start === -1) break
    const end = endOf(text, at + start)
    found.push(text.slice(at + start, end === -1 ? undefined : end))
    if (end === -1) break
    at = end
  }
  return found
}

/** The inside of fences, of one that was not closed too. */
const fencedIn = (text: string): string[] =>
  text
    .split(/^[ \t]*```[^\n{[]*/m)
    .filter((_, at) => at % 2 === 1)
    .map((piece) => piece.trim())
    .slice(0, most)

/** Where the JSON of an answer may stand, the likeliest first. */
export const candidatesIn = (answer: string): readonly string[] => {
  const text = answer.replace(thoughts, '').trim()
  const first = text.search(/[{[]/)
  const last = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'))
  const found = [
    ...fencedIn(text),
    ...valuesIn(text),
    ...(first !== -1 && last > first ? [text.slice(first, last + 1)] : []),
    ...(first !== -1 ? [text.slice(first)] : []),
    // members of an object without its braces
    ...(first === -1 && /^"[^"]*"\s*:/.test(text) ? [`{${text}}`] : []),
    text,
  ]
  return [...new Set(found)]
}
