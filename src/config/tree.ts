import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Path } from './model.ts'

/** One node of a YAML document, with the key it stands under. */
export interface Place {
  readonly path: Path
  readonly key?: Node
  readonly node: Node | null
}

export type Anchors = ReadonlyMap<Node, Node>

/** What lies below this many levels is not looked at. */
export const MAX_DEPTH = 100

/** Every node in the order of the text; as aliases are not followed, it always ends. */
export function* walk(node: unknown, path: Path = [], key?: Node): Generator<Place> {
  yield { path, node: asNode(node), ...(key && { key }) }
  if (path.length >= MAX_DEPTH) return
  if (isMap(node)) {
    for (const pair of node.items) {
      yield* walk(pair.value, [...path, keyOf(pair)], asNode(pair.key) ?? undefined)
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) yield* walk(item, [...path, index])
  }
}

/** Goes down a path as far as the document has it, through aliases and merged mappings. */
export function seek(contents: Node | null, path: Path, anchors: Anchors): Place {
  let place: Place = { path: [], node: contents }
  for (const step of path) {
    const next = child(place, step, anchors)
    if (!next) break
    place = next
  }
  return place
}

export function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function child(place: Place, step: string | number, anchors: Anchors): Place | undefined {
  const parent = follow(place.node, anchors)
  const path = [...place.path, step]
  if (isSeq(parent) && typeof step === 'number') {
    const item = asNode(parent.items[step])
    return item ? { path, node: item } : undefined
  }
  const pair = isMap(parent) ? pairOf(parent, String(step), anchors) : undefined
  const key = asNode(pair?.key)
  return pair && { path, node: asNode(pair.value), ...(key && { key }) }
}

function pairOf(map: YAMLMap, key: string, anchors: Anchors, depth = 0): Pair | undefined {
  const own = map.items.findLast((pair) => keyOf(pair) === key)
  if (own || depth > 8) return own
  const merged = map.items.filter((pair) => keyOf(pair) === '<<')
  const sources = merged.flatMap(({ value }) => {
    const target = follow(asNode(value), anchors)
    return isSeq(target) ? target.items.map((item) => follow(asNode(item), anchors)) : [target]
  })
  for (const source of sources) {
    const found = isMap(source) ? pairOf(source, key, anchors, depth + 1) : undefined
    if (found) return found
  }
  return undefined
}

function follow(node: Node | null, anchors: Anchors): Node | null {
  return isAlias(node) ? (anchors.get(node) ?? null) : node
}

function asNode(value: unknown): Node | null {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : null
}
