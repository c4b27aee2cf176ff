import type { Message, Part } from 'sluice/plugin'
import { isParts, tokensOf } from './tokens.ts'

const gap = '\n[…]\n'

/** Fewer characters are not worth shortening. */
const least = 200

/** Letters that are given up so that no word is cut: of half an address nobody further in knows that it is private. */
const longestWord = 100

const wholeHead = (head: string): string => {
  const end = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\n'))
  return end > head.length - longestWord ? head.slice(0, end) : head
}

const wholeTail = (tail: string): string => {
  const start = tail.search(/\s/)
  return start !== -1 && start < longestWord ? tail.slice(start + 1) : tail
}

/** The text without about so many tokens from its middle, cut between letters. */
export const shortenedText = (text: string, tokens: number): string => {
  const share = Math.min(1, (Math.max(16, tokens) / Math.max(1, tokensOf(text))) * 1.05)
  const left = Math.max(least, Math.floor(text.length * (1 - share)) - gap.length)
  if (left >= text.length) return text
  const head = text.slice(0, Math.ceil(left / 2))
  const tail = text.slice(text.length - Math.floor(left / 2))
  return (
    wholeHead(head).replace(/[\ud800-\udbff]$/, '') +
    gap +
    wholeTail(tail).replace(/^[\udc00-\udfff]/, '')
  )
}

/** Characters of the message's longest text. */
export const longestIn = ({ content }: Message): number =>
  isParts(content)
    ? Math.max(0, ...content.map(({ text }) => text?.length ?? 0))
    : (content?.length ?? 0)

/** The message without so many tokens from the middle of its longest text. */
export const shortened = (message: Message, tokens: number): Message => {
  const { content } = message
  if (!content) return message
  if (!isParts(content)) return { ...message, content: shortenedText(content, tokens) }
  const longest = content.reduce<Part | undefined>(
    (best, part) => ((part.text?.length ?? 0) > (best?.text?.length ?? 0) ? part : best),
    undefined,
  )
  if (longest?.text === undefined) return message
  const text = shortenedText(longest.text, tokens)
  return {
    ...message,
    content: content.map((part) => (part === longest ? { ...part, text } : part)),
  }
}
