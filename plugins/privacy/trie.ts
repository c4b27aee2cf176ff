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
  /** The next place from there on where a word may begin; the text's length where none does. */
  next(text: string, from: number): number
  /** The longest word at that place. `open`: whether it may go on beyond the end of the text. */
  at(text: string, start: number): { readonly word: string | undefined; readonly open: boolean }
  /**
   * Where words stand, from left to right, none over another.
   * @param begins whether one may begin there
   */
  find(text: string, begins?: (at: number) => boolean): Match[]
  /** Whether the text holds a word, or ends in the beginning of one. */
  touches(text: string): boolean
}

/** Of two letters a number below 4,096, by which most places of a text are passed over at one look. */
const pairOf = (one: number, other: number): number => ((one * 61) ^ other) & 4_095

/** @param words of two letters or more */
export const createTrie = (words: Iterable<string> = []): Trie => {
  const root: Node = { next: new Map() }
  let pairs: Uint8Array | undefined
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
    pairs ??= new Uint8Array(4_096)
    pairs[pairOf(word.charCodeAt(0), word.charCodeAt(1))] = 1
  }
  for (const word of words) add(word)

  const next = (text: string, from: number): number => {
    const last = text.length - 1
    if (!pairs || last < from) return text.length
    let code = text.charCodeAt(from)
    for (let at = from; at < last; at++) {
      const following = text.charCodeAt(at + 1)
      if (pairs[pairOf(code, following)] === 1) return at
      code = following
    }
    return root.next.has(code) ? last : text.length
  }

  const at: Trie['at'] = (text, start) => {
    let node = root
    let word: string | undefined
    for (let place = start; place < text.length; place++) {
      const following = node.next.get(text.charCodeAt(place))
      if (!following) return { word, open: false }
      node = following
      word = node.word ?? word
    }
    return { word, open: node.next.size > 0 }
  }

  return {
    get size() {
      return size
    },
    add,
    next,
    at,
    find(text, begins = () => true) {
      const found: Match[] = []
      for (let start = next(text, 0); start < text.length; start = next(text, start + 1)) {
        const word = begins(start) ? at(text, start).word : undefined
        if (word === undefined) continue
        found.push({ start, end: start + word.length, word })
        start += word.length - 1
      }
      return found
    },
    touches(text) {
      for (let start = next(text, 0); start < text.length; start = next(text, start + 1)) {
        const { word, open } = at(text, start)
        if (open || word !== undefined) return true
      }
      return false
    },
  }
}
