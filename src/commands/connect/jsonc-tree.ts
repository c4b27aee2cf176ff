import { Broken, lineAt } from './format.ts'

export interface Node {
  readonly start: number
  readonly end: number
  readonly value: unknown
  /** Of an object only. */
  readonly members?: readonly Member[]
}

export interface Member {
  readonly key: string
  readonly start: number
  readonly node: Node
  /** Where the comma after it stands, or -1. */
  readonly comma: number
}

const gap = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y
const literal = /"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y

/** Parses JSON with comments and commas at the end, remembering where everything stands. */
export function jsoncTree(text: string): Node {
  let at = 0

  const fail = (message: string): never => {
    throw new Broken(lineAt(text, at), message)
  }
  const skip = () => {
    gap.lastIndex = at
    gap.test(text)
    at = gap.lastIndex
  }
  const take = (character: string): boolean => {
    if (text[at] !== character) return false
    at += 1
    return true
  }
  /** The values of a list or object with the place of the comma after each. */
  const inside = <Item>(close: string, item: () => Item): (readonly [Item, comma: number])[] => {
    const found: (readonly [Item, number])[] = []
    at += 1
    for (;;) {
      skip()
      if (take(close)) return found
      const value = item()
      skip()
      const comma = take(',') ? at - 1 : -1
      found.push([value, comma])
      skip()
      if (comma < 0 && text[at] !== close) fail(`expected a comma or ${close}`)
    }
  }
  const scalar = (): unknown => {
    literal.lastIndex = at
    const [found] = literal.exec(text) ?? []
    if (found === undefined) return fail(at >= text.length ? 'ends too early' : 'expected a value')
    try {
      const value: unknown = JSON.parse(found)
      at += found.length
      return value
    } catch {
      return fail(`${found.startsWith('"') ? 'a string' : 'a number'} that is none`)
    }
  }
  const node = (): Node => {
    const start = at
    if (text[at] === '{') {
      const members = inside('}', member).map(([found, comma]) => ({ ...found, comma }))
      const value = Object.fromEntries(members.map(({ key, node }) => [key, node.value]))
      return { start, end: at, value, members }
    }
    if (text[at] === '[') {
      const value = inside(']', node).map(([item]) => item.value)
      return { start, end: at, value }
    }
    const value = scalar()
    return { start, end: at, value }
  }
  const member = () => {
    const start = at
    const key = text[at] === '"' ? scalar() : fail('expected a key in quotes')
    skip()
    if (!take(':')) fail('expected a colon')
    skip()
    return { key: String(key), start, node: node() }
  }

  skip()
  const root = node()
  skip()
  if (at < text.length) fail('goes on after its end')
  return root
}
