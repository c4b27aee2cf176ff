import type { TextMapper } from 'sluice/plugin'
import { wordFor, type AnswerAction } from './actions.ts'
import { edited } from './edits.ts'
import type { Hit } from './find.ts'
import type { Trie } from './trie.ts'

export interface Watch {
  readonly find: (text: string) => readonly Hit[]
  readonly actionOf: (kind: string) => AnswerAction
  /** What stands for values of the client's own. */
  readonly placeholders: Trie
  /** Values that the client sent itself. */
  readonly sent: ReadonlySet<string>
  readonly note: (kind: string, action: AnswerAction) => void
}

/** Letters that are held back: what is looked for is rarely longer. */
const usual = 64
/** A run without spaces is let go after so many letters. */
const mostOfWord = 1_024
/** Letters of a private key, which has lines; no more are held back. */
const mostOfKey = 8_192
/** Letters before, by which some things are known. */
const context = 64

/** The text with what is not to be said replaced. */
export const watched = (text: string, watch: Watch, from = 0): string => {
  const own = watch.placeholders.find(text)
  const edits = watch.find(text).flatMap(({ kind, start, end }) => {
    const action = watch.actionOf(kind)
    const isOwn = own.some((one) => start < one.end && end > one.start)
    if (end <= from || action === 'off' || isOwn || watch.sent.has(text.slice(start, end)))
      return []
    watch.note(kind, action)
    return action === 'redact' ? [{ start: Math.max(start, from), end, with: wordFor(kind) }] : []
  })
  return edited(text, edits).slice(from)
}

/** Up to where a text may be judged and go on. */
const safeEnd = (text: string, from: number, { find }: Watch): number => {
  let end = text.length - usual
  if (end <= from) return from
  const key = text.indexOf('-----BEGIN', from)
  if (key !== -1 && key < end && !text.includes('-----END', key) && text.length - key < mostOfKey)
    end = key
  const space = Math.max(text.lastIndexOf(' ', end), text.lastIndexOf('\n', end)) + 1
  if (space > from) end = Math.min(end, space)
  else if (text.length - from < mostOfWord) return from
  if (text.length - from > mostOfKey) return end
  const crossing = find(text).find((hit) => hit.start < end && hit.end > end)
  return crossing ? Math.max(from, crossing.start) : end
}

/** Watches over what a model says: a text goes on as soon as nothing that follows could make it another. */
export const createWatcher = (watch: Watch): TextMapper => {
  let text = ''
  let from = 0
  return {
    push(more) {
      text += more
      const end = safeEnd(text, from, watch)
      if (end <= from) return ''
      const said = watched(text.slice(0, end), watch, from)
      const kept = Math.max(0, end - context)
      text = text.slice(kept)
      from = end - kept
      return said
    },
    end: () => watched(text, watch, from),
  }
}
