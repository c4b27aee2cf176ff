import { isObject, listOf, type Fields } from '../../fields.ts'
import { wordOf } from '../unchecked.ts'

const longest = 64

/** A tool of a namespace as formats without namespaces call it. */
export const flatName = (namespace: unknown, name: string): string => {
  if (typeof namespace !== 'string' || namespace === '') return name
  const flat = `${namespace}__${name}`
  if (flat.length <= longest) return flat
  const mark = Bun.hash.xxHash64(flat).toString(16).padStart(16, '0').slice(0, 8)
  return `${flat.slice(0, longest - 9)}_${mark}`
}

export interface NestedName {
  readonly namespace: string
  readonly name: string
}

/** The nested names of a body's tools by their flat ones. */
export const nestedNames = (tools: unknown): ReadonlyMap<string, NestedName> => {
  const names = new Map<string, NestedName>()
  for (const tool of listOf(tools)) {
    if (!isNamespace(tool)) continue
    const namespace = wordOf(tool.name)
    for (const nested of listOf(tool.tools)) {
      const name = isObject(nested) ? nested.name : undefined
      if (typeof name === 'string') names.set(flatName(namespace, name), { namespace, name })
    }
  }
  return names
}

/** A namespace with something in it; an empty one is kept as it came. */
export const isNamespace = (tool: unknown): tool is Fields =>
  isObject(tool) &&
  tool.type === 'namespace' &&
  typeof tool.name === 'string' &&
  listOf(tool.tools).length > 0
