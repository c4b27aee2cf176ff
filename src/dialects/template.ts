import type { Chunk } from '../chat.ts'

const plain = /^[^"\\\p{Cc}]*$/u

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

/**
 * Knows an event that is like the one before but for the text it adds, without parsing it. Streams consist of little
 * else: what stands before and after the text is compared, the text itself is proved to be a JSON string, and so the
 * event is as valid as the one that was parsed.
 */
export const createTemplate = () => {
  let before: string | undefined
  let after = ''
  return {
    /** Takes a parsed event as the pattern if it only adds content, and its text stands in it just once. */
    learn(text: string, { choices, usage }: Chunk): void {
      before = undefined
      const [choice] = choices ?? []
      const content = choice?.delta?.content
      if (choices?.length !== 1 || usage || choice?.finish_reason || !content) return
      const written = JSON.stringify(content)
      const at = text.indexOf(written)
      if (at === -1 || text.indexOf(written, at + 1) !== -1) return
      before = text.slice(0, at + 1)
      after = text.slice(at + written.length - 1)
    },
    /** The text that an event adds, if it is nothing but more of the same. */
    match(text: string): string | undefined {
      if (before === undefined || text.length < before.length + after.length) return undefined
      if (!text.startsWith(before) || !text.endsWith(after)) return undefined
      return inside(text.slice(before.length, text.length - after.length))
    },
  }
}
