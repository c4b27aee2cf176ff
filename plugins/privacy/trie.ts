/** Letters that only one word has there are one step: words by the thousand take no more room than their letters. */
interface Node {
  /** The letters that lead here. */
  steps: string
  next?: Map<number, Node>
  word?: string
}

/** How many letters of the text from there on are those. */
const sharedWith = (letters: string, text: string, from: number): number => {
  let shared = 0
  while (
    shared < letters.length &&
    from + shared < text.length &&
    letters.charCodeAt(shared) === text.charCodeAt(from + shared)
  )
    shared++
  return shared
}

/** The node with its first letters as a node of their own. */
const split = (node: Node, letters: number): Node => {
  const before: Node = { steps: node.steps.slice(0, letters) }
  node.steps = node.steps.slice(letters)
  before.next = new Map([[node.steps.charCodeAt(0), node]])
  return before
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
  const root: Node = { steps: '' }
  let pairs: Uint8Array | undefined
  let size = 0

  const nodeOf = (word: string): Node => {
    let node = root
    for (let at = 0; at < word.length;) {
      const code = word.charCodeAt(at)
      const next = (node.next ??= new Map<number, Node>())
      const known = next.get(code)
      if (!known) {
        const end = { steps: word.slice(at) }
        next.set(code, end)
        return end
      }
      const shared = sharedWith(known.steps, word, at)
      node = shared < known.steps.length ? split(known, shared) : known
      next.set(code, node)
      at += shared
    }
    return node
  }

  const add = (word: string): void => {
    const node = nodeOf(word)
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
    return root.next?.has(code) ? last : text.length
  }

  const at: Trie['at'] = (text, start) => {
    let node = root
    let word: string | undefined
    for (let place = start; place < text.length;) {
      const following = node.next?.get(text.charCodeAt(place))
      if (!following) return { word, open: false }
      const shared = sharedWith(following.steps, text, place)
      place += shared
      if (shared < following.steps.length) return { word, open: place === text.length }
      node = following
      word = node.word ?? word
    }
    return { word, open: node.next !== undefined }
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
