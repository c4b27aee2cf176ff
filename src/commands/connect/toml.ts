import { Broken, type Format, type Path } from './format.ts'
import { tomlLines, type Statement } from './toml-lines.ts'

/** TOML by lines: what is added stands in lines of its own, tables are never rewritten. */
export const toml: Format = {
  read,
  set(text, path, value) {
    const keys = path.map(String)
    const statements = tomlLines(text)
    const found = pairAt(statements, keys)
    if (found) return text.slice(0, found.valueStart) + show(value) + text.slice(found.valueEnd)
    const table = keys.slice(0, -1)
    const line = `${key(keys.at(-1) ?? '')} = ${show(value)}\n`
    const place = placeIn(statements, table)
    if (place !== undefined) return insert(text, place, line, table.length === 0)
    const gap = text.trim() === '' ? '' : `${text.endsWith('\n') ? '' : '\n'}\n`
    return `${text}${gap}[${table.map(key).join('.')}]\n${line}`
  },
  remove(text, path) {
    const keys = path.map(String)
    const statements = tomlLines(text)
    const found = pairAt(statements, keys) ?? emptyTable(statements, keys)
    if (!found) return text
    const before = text.slice(0, found.start)
    // the empty line that set a table off
    const gap = found.kind === 'table' && before.endsWith('\n\n') ? 1 : 0
    return before.slice(0, before.length - gap) + text.slice(found.end)
  },
}

/** Bun knows what is wrong, the shortest beginning with that fault knows where. */
function read(text: string): unknown {
  const statements = tomlLines(text)
  try {
    return Bun.TOML.parse(text)
  } catch (cause) {
    const fault = statements.find(({ end }) => !parses(text.slice(0, end)))
    const line = text.slice(0, fault?.start).split('\n').length
    const message = cause instanceof Error ? cause.message : 'not TOML'
    throw new Broken(line, message.replace('TOML Parse error: ', ''))
  }
}

function parses(text: string): boolean {
  try {
    Bun.TOML.parse(text)
    return true
  } catch {
    return false
  }
}

const same = (one: readonly string[], other: Path): boolean =>
  one.length === other.length && one.every((step, index) => step === other[index])

const pairAt = (statements: readonly Statement[], path: Path): Statement | undefined =>
  statements.find((it) => it.kind === 'pair' && !it.listed && same(it.path, path))

function emptyTable(statements: readonly Statement[], path: Path): Statement | undefined {
  const index = statements.findIndex((it) => it.kind === 'table' && same(it.path, path))
  return statements[index + 1]?.kind === 'pair' ? undefined : statements[index]
}

/** After the last pair of a table that stands there; of the root, also where it has none yet. */
function placeIn(statements: readonly Statement[], table: Path): number | undefined {
  const index = statements.findIndex((it) => it.kind === 'table' && same(it.path, table))
  if (index < 0 && table.length > 0) return undefined
  const next = statements.findIndex((it, at) => at > index && it.kind !== 'pair')
  const last = statements[(next < 0 ? statements.length : next) - 1]
  return last?.end ?? 0
}

function insert(text: string, place: number, line: string, root: boolean): string {
  const before = text.slice(0, place)
  const after = text.slice(place)
  const newline = before === '' || before.endsWith('\n') ? '' : '\n'
  // a key of the root shall not look as if it belonged to what comes after it
  const set = root && after !== '' && (before === '' || after.startsWith('['))
  return before + newline + line + (set && !after.startsWith('\n') ? '\n' : '') + after
}

const key = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))

/** Strings, numbers and booleans are written as in JSON; nothing else is asked for. */
const show = (value: unknown): string => JSON.stringify(value)
