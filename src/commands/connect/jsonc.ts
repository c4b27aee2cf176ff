import { Broken, lineAt, type Format, type Path } from './format.ts'
import { jsoncTree, type Member, type Node } from './jsonc-tree.ts'

/** JSON and JSON with comments; an edit moves nothing that it does not change. */
export const jsonc: Format = {
  read: (text) => jsoncTree(orEmpty(text)).value,
  set(given, path, value) {
    const text = orEmpty(given)
    const { parent, found, rest } = walk(text, path)
    if (found) return splice(text, found.node.start, found.node.end, show(text, found, value))
    const [key = '', ...inner] = rest
    return insert(
      text,
      parent,
      key,
      inner.reduceRight<unknown>((put, at) => ({ [at]: put }), value),
    )
  },
  remove(text, path) {
    const { parent, found } = walk(orEmpty(text), path)
    return found ? without(text, parent, found) : text
  },
}

const orEmpty = (text: string): string => (text.trim() === '' ? '{}\n' : text)

const splice = (text: string, start: number, end: number, put: string): string =>
  text.slice(0, start) + put + text.slice(end)

/** The innermost object on the path that is there, and the member at its end. */
function walk(
  text: string,
  path: Path,
): { readonly parent: Node; readonly found?: Member; readonly rest: readonly string[] } {
  const keys = path.map(String)
  let parent = jsoncTree(text)
  for (const [index, key] of keys.entries()) {
    if (!parent.members) {
      const name = keys.slice(0, index).join('.') || 'the file'
      throw new Broken(lineAt(text, parent.start), `${name} is not an object`)
    }
    const member = parent.members.findLast((member) => member.key === key)
    if (!member) return { parent, rest: keys.slice(index) }
    if (index === keys.length - 1) return { parent, found: member, rest: [] }
    parent = member.node
  }
  return { parent, rest: [] }
}

const indentOf = (text: string, offset: number): string => {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? ''
}

const unitOf = (text: string): string => /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '

const pretty = (text: string, value: unknown, indent: string): string =>
  JSON.stringify(value, null, unitOf(text)).replaceAll('\n', `\n${indent}`)

const show = (text: string, member: Member, value: unknown): string =>
  pretty(text, value, indentOf(text, member.start))

function insert(text: string, parent: Node, key: string, value: unknown): string {
  const last = parent.members?.at(-1)
  const onOneLine = !text.slice(parent.start, parent.end).includes('\n')
  if (last && onOneLine) {
    const put = `${last.comma < 0 ? ',' : ''} ${JSON.stringify(key)}: ${JSON.stringify(value)}`
    const place = last.comma < 0 ? last.node.end : last.comma + 1
    return splice(text, place, place, put)
  }
  const outer = indentOf(text, parent.start)
  const indent = last && !onOneLine ? indentOf(text, last.start) : outer + unitOf(text)
  const put = `\n${indent}${JSON.stringify(key)}: ${pretty(text, value, indent)}`
  const place = text.slice(0, parent.end - 1).trimEnd().length
  const onOwnLine = text.slice(place, parent.end - 1).includes('\n')
  const inserted = onOwnLine
    ? splice(text, place, place, put)
    : splice(text, place, parent.end - 1, `${put}\n${outer}`)
  return last && last.comma < 0 ? splice(inserted, last.node.end, last.node.end, ',') : inserted
}

function without(text: string, parent: Node, member: Member): string {
  const before = parent.members?.[parent.members.indexOf(member) - 1]
  const end = member.comma < 0 ? member.node.end : member.comma + 1
  const lineStart = text.lastIndexOf('\n', member.start - 1) + 1
  const own = text.slice(lineStart, member.start).trim() === ''
  const tail = /^[ \t]*\n/.exec(text.slice(end))?.[0]
  const removed =
    own && tail !== undefined && lineStart > parent.start
      ? splice(text, lineStart, end + tail.length, '')
      : splice(text, member.start, end + (/^ */.exec(text.slice(end))?.[0].length ?? 0), '')
  // the comma of the one before would now stand at the end, which JSON forbids
  return member.comma < 0 && before ? splice(removed, before.comma, before.comma + 1, '') : removed
}
