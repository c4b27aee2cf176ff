import { beginsWord, isWord } from './characters.ts'
import type { Detector } from './hit.ts'

interface Node {
  readonly next: Map<number, Node>
  kind?: string
}

const fold = (code: number): number => {
  if (code >= 65 && code <= 90) return code + 32
  if (code < 128) return code >= 9 && code <= 13 ? 32 : code
  if (code === 0xa0) return 32
  const lower = String.fromCharCode(code).toLowerCase()
  return lower.length === 1 ? lower.charCodeAt(0) : code
}

/** Finds words of lists, whatever their case, as whole words; the longest where several begin. */
export const createWords = (lists: Readonly<Record<string, readonly string[]>>): Detector => {
  const root: Node = { next: new Map() }
  for (const [kind, words] of Object.entries(lists))
    for (const word of words) {
      let node = root
      for (let at = 0; at < word.length; at++) {
        const code = fold(word.charCodeAt(at))
        const next = node.next.get(code) ?? { next: new Map() }
        node.next.set(code, next)
        node = next
      }
      node.kind ??= kind
    }

  return (text, add) => {
    for (let start = 0; start < text.length; start++) {
      let node = root.next.get(fold(text.charCodeAt(start)))
      if (!node || !beginsWord(text, start)) continue
      let end = start
      let kind: string | undefined
      for (let at = start + 1; node; at++) {
        const ends = !isWord(text.charCodeAt(at)) || !isWord(text.charCodeAt(at - 1))
        if (node.kind !== undefined && ends) {
          end = at
          kind = node.kind
        }
        node = node.next.get(fold(text.charCodeAt(at)))
      }
      if (kind === undefined) continue
      add(kind, start, end)
      start = end - 1
    }
  }
}
