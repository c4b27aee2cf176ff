interface Node {
  readonly next: Map<number, Node>
  word?: string
}

export interface Match {
  readonly start: number
  readonly end: number
  /** What was added. */
  readonly word: string
}

/** Finds words in texts, the longest where several begin. */
export interface Trie {
  readonly size: number
  add(word: string): void
  /** The longest word at that place. `open`: whether it may go on beyond the end of the text. */
  at(text: string, start: number): { readonly word: string | undefined; readonly open: boolean }
  /** Where words stand, from left to right, none over another. */
  find(text: string): Match[]
  /** Whether the text holds a word, or ends in the beginning of one. */
  touches(text: string): boolean
}

export const createTrie = (words: Iterable<string> = []): Trie => {
  const root: Node = { next: new Map() }
  let size = 0

  const add = (word: string): void => {
    let node = root
    for (let at = 0; at < word.length; at++) {
      const code = word.charCodeAt(at)
      const known = node.next.get(code) ?? { next: new Map<number, Node>() }
      node.next.set(code, known)
      node = known
    }
    if (node.word === undefined) size++
    node.word = word
  }
  for (const word of words) add(word)

  const at: Trie['at'] = (text, start) => {
    let node = root
    let word: string | undefined
    for (let place = start; place < text.length; place++) {
      const next = node.next.get(text.charCodeAt(place))
      if (!next) return { word, open: false }
      node = next
      word = node.word ?? word
    }
    return { word, open: node.next.size > 0 }
  }

  return {
    get size() {
      return size
    },
    add,
    at,
    find(text) {
      const found: Match[] = []
      for (let start = 0; start < text.length; start++) {
        if (!root.next.has(text.charCodeAt(start))) continue
        const { word } = at(text, start)
        if (word === undefined) continue
        found.push({ start, end: start + word.length, word })
        start += word.length - 1
      }
      return found
    },
    touches(text) {
      for (let start = 0; start < text.length; start++) {
        if (!root.next.has(text.charCodeAt(start))) continue
        const { word, open } = at(text, start)
        if (open || word !== undefined) return true
      }
      return false
    },
  }
}
