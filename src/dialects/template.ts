import type { Chunk } from '../chat.ts'

const plain = /^[^"\\\p{Cc}]*$/u
const quote = 34
const backslash = 92

/** What a JSON string holds, given its inside; undefined when that is not the inside of one. */
const inside = (text: string): string | undefined => {
  if (plain.test(text)) return text
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Where the string whose inside begins there ends, or -1. */
const endOfString = (text: string, from: number): number => {
  let end = text.indexOf('"', from)
  while (end !== -1 && text.charCodeAt(end - 1) === backslash) {
    let slashes = 1
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
  return end
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Past a number without sign and fraction, or -1. */
const endOfNumber = (text: string, from: number): number => {
  let end = from
  while (isDigit(text.charCodeAt(end))) end++
  const padded = end - from > 1 && text.charCodeAt(from) === 48
  return end === from || padded ? -1 : end
}

const isWord = (code: number): boolean => isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 122)

const endOfWord = (text: string, from: number): number => {
  let end = from
  while (isWord(text.charCodeAt(end))) end++
  return text.charCodeAt(end) === quote ? end : -1
}

type Hole = 'text' | 'number' | 'word' | 'blank'

/** Past what fills a hole, or -1. */
const ends: Readonly<Record<Hole, (text: string, from: number) => number>> = {
  text: endOfString,
  number: endOfNumber,
  word: endOfWord,
  blank(text, from) {
    let end = from
    while (text.charCodeAt(end) === 32) end++
    return end
  },
}

/** What stands before a hole, and the hole; the last piece has none. */
interface Piece {
  readonly literal: string
  readonly hole?: Hole
}

/** What may differ between two events that only add text: counters, and what hides an event's length. */
const counters =
  /"(?:sequence_number|\w*TokenCount)": ?(\d+)|"obfuscation": ?"([A-Za-z0-9]*)"|}( *)(?=}$)/g

interface Place {
  readonly from: number
  readonly to: number
  readonly hole: Hole
}

const piecesOf = (text: string, content: Place): Piece[] => {
  const places: Place[] = [content]
  for (const match of text.matchAll(counters)) {
    const { index, 0: all, 1: number, 2: word, 3: blank } = match
    const to = index + all.length - (word === undefined ? 0 : 1)
    const from = to - (number ?? word ?? blank ?? '').length
    if (to >= content.from && from <= content.to) continue
    if (number !== undefined) places.push({ from, to, hole: 'number' })
    else places.push({ from, to, hole: word === undefined ? 'blank' : 'word' })
  }
  places.sort((one, other) => one.from - other.from)
  let at = 0
  const pieces = places.map(({ from, to, hole }): Piece => {
    const literal = text.slice(at, from)
    at = to
    return { literal, hole }
  })
  return [...pieces, { literal: text.slice(at) }]
}

/** The text of a chunk that adds text to the first choice and does nothing else. */
const onlyText = ({ choices, usage }: Chunk): string | undefined => {
  const [choice] = choices ?? []
  if (!choice || choice.index !== 0 || choices?.length !== 1 || usage) return undefined
  const { delta, finish_reason, logprobs } = choice
  if (finish_reason || logprobs || !delta?.content) return undefined
  for (const field in delta)
    if (field !== 'content' && field !== 'role' && delta[field]) return undefined
  return delta.content
}

export interface Matched {
  /** The text that the event adds. */
  readonly content: string
  /** Where the event's JSON ends. */
  readonly end: number
}

/**
 * Knows an event that is like the one before but for the text it adds, without parsing it. Streams consist of little
 * else: what stands around the text is compared, the text itself is proved to be a JSON string, and so the event is as
 * valid as the one that was parsed.
 */
export const createTemplate = () => {
  let pieces: readonly Piece[] | undefined
  return {
    get known() {
      return pieces !== undefined
    },
    /** Takes a parsed event as the pattern if it only adds text, and its text stands in it just once. */
    learn(text: string, chunk: Chunk): void {
      pieces = undefined
      const content = onlyText(chunk)
      if (content === undefined) return
      const written = JSON.stringify(content)
      const at = text.indexOf(written)
      if (at === -1 || text.indexOf(written, at + 1) !== -1) return
      pieces = piecesOf(text, { from: at + 1, to: at + written.length - 1, hole: 'text' })
    },
    /** What the event that begins there adds, if it is nothing but more of the same. */
    match(text: string, from = 0): Matched | undefined {
      if (!pieces) return undefined
      let at = from
      let content: string | undefined
      for (const { literal, hole } of pieces) {
        if (!text.startsWith(literal, at)) return undefined
        at += literal.length
        if (hole === undefined) break
        const start = at
        at = ends[hole](text, at)
        if (at === -1) return undefined
        if (hole === 'text' && (content = inside(text.slice(start, at))) === undefined)
          return undefined
      }
      return content === undefined ? undefined : { content, end: at }
    },
  }
}
