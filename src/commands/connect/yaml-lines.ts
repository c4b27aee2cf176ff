import { Document, isMap, isNode, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml'
import { isFields, valueWith, type Path } from './format.ts'

/** A scalar in the place of another, or new lines below the last of a map or list; a proposal. */
export function putLines(
  text: string,
  doc: Document.Parsed,
  path: Path,
  value: unknown,
): string | undefined {
  const { holder, rest } = innermost(doc, path)
  const [step, ...inner] = rest
  if (step === undefined) {
    const old = doc.getIn(path, true)
    if (!isScalar(old) || !old.range || isFields(value)) return undefined
    return text.slice(0, old.range[0]) + show(value).trimEnd() + text.slice(old.range[1])
  }
  const item = valueWith(undefined, inner, value)
  const lines = show(typeof step === 'string' ? { [step]: item } : [item])
  if (!holder) return join(text, lines)
  const range = holder.range
  if (holder.flow || !range) return undefined
  const start = lineStart(text, range[0])
  const indent = /^ */.exec(text.slice(start))?.[0] ?? ''
  const end = lineEnd(text, text.slice(0, range[1]).trimEnd().length)
  return join(text.slice(0, end), lines.replaceAll(/^(?=.)/gm, indent)) + text.slice(end)
}

/** Without the lines of a key or of an element of a list; a proposal. */
export function cutLines(text: string, doc: Document.Parsed, path: Path): string | undefined {
  const { holder, rest } = innermost(doc, path.slice(0, -1))
  const last = path.at(-1)
  if (rest.length > 0 || last === undefined || !holder || holder.flow) return undefined
  const [from, to] = isMap(holder) ? pair(holder, last) : element(holder, last)
  if (from === undefined || to === undefined) return undefined
  const end = lineEnd(text, text.slice(0, to).trimEnd().length)
  return text.slice(0, lineStart(text, from)) + text.slice(end)
}

/** The map or list deepest on the path, and what of the path it lacks; none in an empty file. */
function innermost(
  doc: Document.Parsed,
  path: Path,
): { readonly holder?: YAMLMap | YAMLSeq; readonly rest: Path } {
  if (!isMap(doc.contents)) return { rest: path }
  let holder: YAMLMap | YAMLSeq = doc.contents
  for (const [index, step] of path.entries()) {
    const next = isMap(holder)
      ? holder.get(typeof step === 'string' ? step : '', true)
      : holder.items.find((item) => isMap(item) && isNamed(item, step))
    if (next === undefined) return { holder, rest: path.slice(index) }
    if (!isMap(next) && !isSeq(next)) return { holder, rest: path.slice(index + 1) }
    holder = next
  }
  return { holder, rest: [] }
}

const isNamed = (item: YAMLMap, step: Path[number]): boolean =>
  typeof step !== 'string' && item.get('name') === step.name

type Span = readonly [from?: number, to?: number]

function pair(map: YAMLMap, step: Path[number]): Span {
  const found = map.items.find(({ key }) => isScalar(key) && key.value === step)
  if (!found || !isScalar(found.key)) return []
  const end = isNode(found.value) ? found.value.range?.[1] : undefined
  return [found.key.range?.[0], end ?? found.key.range?.[1]]
}

function element(list: YAMLSeq, step: Path[number]): Span {
  const found = list.items.find((item) => isMap(item) && isNamed(item, step))
  return isMap(found) ? [found.range?.[0], found.range?.[1]] : []
}

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1

const lineEnd = (text: string, offset: number): number => {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}

const join = (text: string, lines: string): string =>
  text + (text === '' || text.endsWith('\n') ? '' : '\n') + lines

const show = (value: unknown): string => new Document(value).toString({ lineWidth: 0 })
