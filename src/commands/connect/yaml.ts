import { Document, isMap, isScalar, isSeq, parseDocument, YAMLMap, type YAMLSeq } from 'yaml'
import { Broken, isFields, valueAt, valueWith, type Format, type Path } from './format.ts'

/** YAML: comments stay; what can be added or replaced without touching other lines is. */
export const yaml: Format = {
  read: (text) => parse(text).toJS(),
  set(text, path, value) {
    const doc = parse(text)
    const light = lightly(text, doc, path, value)
    const wanted = valueWith(doc.toJS(), path, value)
    if (light !== undefined && Bun.deepEquals(readable(light), wanted)) return light
    const { holder, key } = holderOf(doc, path)
    if (holder) holder.set(key, doc.createNode(value))
    else add(doc, path, value)
    return print(doc, text)
  },
  remove(text, path) {
    const doc = parse(text)
    const { holder, key } = holderOf(doc, path)
    if (!holder?.has(key)) return text
    holder.delete(key)
    return print(doc, text)
  },
}

function parse(text: string): Document.Parsed {
  const doc = parseDocument(text)
  const [fault] = doc.errors
  if (fault) throw new Broken(fault.linePos?.[0].line ?? 1, fault.message.split(/ at line|\n/)[0] ?? '')
  if (doc.contents !== null && !isMap(doc.contents) && doc.toJS() !== null)
    throw new Broken(1, 'expected keys with values')
  return doc
}

const readable = (text: string): unknown => {
  try {
    return parse(text).toJS()
  } catch {
    return undefined
  }
}

/** A new key goes below the last line, a new scalar in the place of the old. */
function lightly(
  text: string,
  doc: Document.Parsed,
  path: Path,
  value: unknown,
): string | undefined {
  const old = path.every((step) => typeof step === 'string') ? doc.getIn(path, true) : undefined
  const put = (what: unknown) => new Document(what).toString({ lineWidth: 0 })
  if (isScalar(old) && old.range && !isFields(value)) {
    return text.slice(0, old.range[0]) + put(value).trimEnd() + text.slice(old.range[1])
  }
  const [top] = path
  if (typeof top !== 'string' || valueAt(doc.toJS(), [top]) !== undefined) return undefined
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${put(valueWith({}, path, value))}`
}

/** The map or list that holds the last step, and its key or index there. */
function holderOf(
  doc: Document.Parsed,
  path: Path,
): { readonly holder?: YAMLMap | YAMLSeq; readonly key: string | number } {
  const last = path.at(-1)
  const holder = path.length > 1 ? doc.getIn(path.slice(0, -1)) : doc.contents
  if (typeof last === 'string') return isMap(holder) ? { holder, key: last } : { key: last }
  if (!isSeq(holder)) return { key: -1 }
  const key = holder.items.findIndex((item) => isMap(item) && item.get('name') === last?.name)
  return key < 0 ? { key } : { holder, key }
}

function add(doc: Document.Parsed, path: Path, value: unknown): void {
  const last = path.at(-1)
  const parent = path.slice(0, -1)
  if (typeof last === 'string') return doc.setIn(path, doc.createNode(value))
  const list = doc.getIn(parent)
  if (isSeq(list)) list.add(doc.createNode(value))
  else doc.setIn(parent, doc.createNode([value]))
}

function print(doc: Document.Parsed, text: string): string {
  const indent = /^( +)(?![ #-])\S/m.exec(text)?.[1]?.length ?? 2
  const flush = /^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(text)
  const padded = !/\{\S/.test(text)
  return doc.toString({
    lineWidth: 0,
    indent: Math.min(indent, 8),
    indentSeq: !flush,
    flowCollectionPadding: padded,
  })
}
