import { isCollection, isMap, isScalar, isSeq, parseDocument, type Document } from 'yaml'
import { Broken, valueWith, written, type Format, type Path } from './format.ts'
import { cutLines, putLines } from './yaml-lines.ts'

/** YAML: by lines where that is enough; where it is not, comments stay but lines may be set anew. */
export const yaml: Format = {
  read: (text) => parse(text).toJS(),
  set(text, path, value) {
    const doc = parse(text)
    const lines = putLines(text, doc, path, value)
    if (says(lines, valueWith(doc.toJS(), path, value))) return lines
    put(doc, path, value)
    return print(doc, text)
  },
  remove(text, path) {
    const doc = parse(text)
    const lines = cutLines(text, doc, path)
    if (says(lines, valueWith(doc.toJS(), path, undefined))) return lines
    const steps = indexed(doc, path)
    if (!doc.hasIn(steps)) return text
    doc.deleteIn(steps)
    return print(doc, text)
  },
}

function parse(text: string): Document.Parsed {
  const doc = parseDocument(text)
  const [fault] = doc.errors
  if (fault) {
    const [message = ''] = fault.message.split(/ at line|\n/)
    throw new Broken(fault.linePos?.[0].line ?? 1, message)
  }
  if (!isMap(doc.contents) && doc.toJS() !== null) throw new Broken(1, 'expected keys with values')
  return doc
}

function says(text: string | undefined, wanted: unknown): text is string {
  if (text === undefined) return false
  const doc = parseDocument(text)
  return doc.errors.length === 0 && Bun.deepEquals(doc.toJS() ?? {}, wanted)
}

/** With the index of a list's element in the place of its name; a new one goes to the end. */
function indexed(doc: Document.Parsed, path: Path): readonly (string | number)[] {
  const steps: (string | number)[] = []
  for (const step of path) {
    const holder = steps.length === 0 ? doc.contents : doc.getIn(steps)
    const items = isSeq(holder) ? holder.items : []
    const index = (name: string) =>
      items.findIndex((item) => isMap(item) && item.get('name') === name)
    if (typeof step === 'string') steps.push(step)
    else steps.push(index(step.name) < 0 ? items.length : index(step.name))
  }
  return steps
}

function put(doc: Document.Parsed, path: Path, value: unknown): void {
  const steps = indexed(doc, path)
  for (let length = 1; length < steps.length; length++) {
    const node = doc.getIn(steps.slice(0, length), true)
    if (node !== undefined && isCollection(node)) continue
    if (isScalar(node) && node.value !== null)
      throw new Broken(1, `${written(path.slice(0, length))} holds no other values`)
    const inner = valueWith(undefined, path.slice(length), value)
    return doc.setIn(steps.slice(0, length), doc.createNode(inner))
  }
  doc.setIn(steps, doc.createNode(value))
}

function print(doc: Document.Parsed, text: string): string {
  const indent = /^( +)(?![ #-])\S/m.exec(text)?.[1]?.length ?? 2
  const flush = /^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(text)
  return doc.toString({
    lineWidth: 0,
    indent: Math.min(indent, 8),
    indentSeq: !flush,
    flowCollectionPadding: !/[[{][^\s\]}]/.test(text),
  })
}
