import type { Chunk } from '../../chat.ts'

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
const endOf = (text: string, from: number): number => {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) return at
    at += code === backslash ? 2 : 1
  }
  return -1
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Whether both go on the same but for their numbers. */
const goesOnLike = (text: string, from: number, after: string): boolean => {
  if (text.length - from === after.length && text.endsWith(after)) return true
  let at = from
  let place = 0
  while (at < text.length && place < after.length) {
    const code = text.charCodeAt(at)
    const other = after.charCodeAt(place)
    if (isDigit(code) && isDigit(other)) {
      while (isDigit(text.charCodeAt(at))) at++
      while (isDigit(after.charCodeAt(place))) place++
    } else if (code === other) {
      at++
      place++
    } else return false
  }
  return at === text.length && place === after.length
}

const fields = ['role', 'content']

/** The text of a chunk that adds text to the only candidate and does nothing else. */
const onlyText = ({ choices = [], usage }: Chunk): string | undefined => {
  const [choice] = choices
  if (choices.length !== 1 || usage || choice?.index !== 0 || choice.finish_reason) return undefined
  if (choice.logprobs || !choice.delta?.content) return undefined
  return Object.keys(choice.delta).every((field) => fields.includes(field))
    ? choice.delta.content
    : undefined
}

/**
 * Knows an event that is like the one before but for the text it adds and the tokens it counts, without parsing it: what
 * stands around the text is compared, and the text itself is proved to be a JSON string.
 */
export const createTextEvents = () => {
  let before: string | undefined
  let after = ''
  return {
    /** Takes a parsed event as the pattern if it only adds text. */
    learn(data: string, chunk: Chunk): void {
      const content = onlyText(chunk)
      if (content === undefined) return
      const key = data.indexOf('"text"')
      if (key === -1 || data.includes('"text"', key + 1)) return
      const open = data.indexOf('"', key + '"text"'.length) + 1
      const end = endOf(data, open)
      if (end === -1 || inside(data.slice(open, end)) !== content) return
      before = data.slice(0, open)
      after = data.slice(end)
    },
    /** The text that an event adds, if it is nothing but more of the same. */
    match(data: string): string | undefined {
      if (before === undefined || !data.startsWith(before)) return undefined
      const end = endOf(data, before.length)
      if (end === -1 || !goesOnLike(data, end, after)) return undefined
      return inside(data.slice(before.length, end))
    },
  }
}
