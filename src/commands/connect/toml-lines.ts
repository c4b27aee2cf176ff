import { Broken, lineAt } from './format.ts'

/** One table header or one `key = value`, whole lines and with its comment. */
export interface Statement {
  readonly kind: 'table' | 'element' | 'pair'
  /** From the root of the file; of an element of a list of tables, without the index. */
  readonly path: readonly string[]
  readonly start: number
  readonly end: number
  /** Of the value of a pair. */
  readonly valueStart: number
  readonly valueEnd: number
  /** Whether it stands in an element of a list of tables. */
  readonly listed: boolean
}

const blank = /(?:[ \t\r]*(?:#[^\n]*)?(?:\n|$))+/y
const key = /[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]+)[ \t]*/y
const quoted = /"""(?:[^\\]|\\[^])*?"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y
// a date and its time may have a space between them
const plain = /\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,[\]{}"'#=]+/y
const spaces = /[ \t\r]+/y

/** Splits TOML into statements; what a value means is not looked at. */
export function tomlLines(text: string): readonly Statement[] {
  const statements: Statement[] = []
  let at = 0
  let table: readonly string[] = []
  let listed = false

  const fail = (message: string): never => {
    throw new Broken(lineAt(text, at), message)
  }
  const match = (pattern: RegExp): string | undefined => {
    if (at >= text.length) return undefined
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (!found || found[0] === '') return undefined
    at = pattern.lastIndex
    return found[1] ?? found[0]
  }
  const keys = (): readonly string[] => {
    const path: string[] = []
    do {
      const found = match(key) ?? fail('expected a key')
      path.push(unquoted(found))
    } while (text[at] === '.' && (at += 1))
    return path
  }
  const value = (): void => {
    let depth = 0
    do {
      if (depth > 0) match(blank)
      match(spaces)
      if (match(quoted) ?? match(plain)) continue
      const mark = text[at] ?? ''
      if (mark === '[' || mark === '{') depth += 1
      else if (depth > 0 && (mark === ']' || mark === '}')) depth -= 1
      else if (depth === 0 || (mark !== ',' && mark !== '=')) fail('expected a value')
      at += 1
    } while (depth > 0)
  }
  const lineEnd = (): void => {
    match(spaces)
    if (text[at] === '#') at = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at)
    if (at < text.length && text[at] !== '\n') fail('expected the end of the line')
    at = Math.min(at + 1, text.length)
  }

  for (;;) {
    match(blank)
    if (at >= text.length) return statements
    const start = text.lastIndexOf('\n', at) + 1
    match(spaces)
    if (text[at] === '[') {
      listed = text[at + 1] === '['
      at += listed ? 2 : 1
      table = keys()
      if (!text.startsWith(listed ? ']]' : ']', at)) fail('expected ]')
      at += listed ? 2 : 1
      lineEnd()
      const kind = listed ? 'element' : 'table'
      statements.push({ kind, path: table, start, end: at, valueStart: at, valueEnd: at, listed })
      continue
    }
    const path = [...table, ...keys()]
    if (text[at] !== '=') fail('expected =')
    at += 1
    match(spaces)
    const valueStart = at
    value()
    const valueEnd = at
    lineEnd()
    statements.push({ kind: 'pair', path, start, end: at, valueStart, valueEnd, listed })
  }
}

function unquoted(key: string): string {
  if (key.startsWith("'")) return key.slice(1, -1)
  if (!key.startsWith('"')) return key
  try {
    return String(JSON.parse(key))
  } catch {
    return key
  }
}
