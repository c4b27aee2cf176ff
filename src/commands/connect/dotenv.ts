import { Broken, type Format } from './format.ts'

const assignment =
  /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*('(?:\\'|[^'])*'|"(?:\\"|[^"])*"|`(?:\\`|[^`])*`|[^#\r\n]*)/gm

/** `NAME=value` lines; of a name that is set twice, the last counts. */
export const dotenv: Format = {
  read: (text) =>
    Object.fromEntries(
      [...text.matchAll(assignment)].map(([, name, value]) => [name, bare(value)]),
    ),
  set(text, [name], value) {
    const put = quoted(String(value))
    const found = lineOf(text, String(name))
    if (!found) {
      const end = text === '' || text.endsWith('\n') ? '' : '\n'
      return `${text}${end}${String(name)}=${put}\n`
    }
    const [line, , old = ''] = found
    const space = old.slice(old.trimEnd().length)
    const start = found.index + line.length - old.length
    return text.slice(0, start) + put + space + text.slice(start + old.length)
  },
  remove(text, [name]) {
    const found = lineOf(text, String(name))
    if (!found) return text
    const end = text.indexOf('\n', found.index + found[0].length)
    return text.slice(0, found.index) + (end < 0 ? '' : text.slice(end + 1))
  },
}

const lineOf = (text: string, name: string) =>
  [...text.matchAll(assignment)].findLast(([, found]) => found === name)

function bare(value = ''): string {
  const text = value.trim()
  const quote = text[0]
  if (text.length < 2 || !quote || !`'"\``.includes(quote) || !text.endsWith(quote)) return text
  const inner = text.slice(1, -1)
  return quote === '"' ? inner.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : inner
}

function quoted(value: string): string {
  if (/^[\w./:@+,=~-]*$/.test(value)) return value
  const quote = [`'`, '`', '"'].find((quote) => !value.includes(quote))
  if (quote === undefined) throw new Broken(1, 'no quotes are left for this value')
  return quote + value + quote
}
