import { isWord } from './characters.ts'
import { isFilled } from './random.ts'
import { vendors } from './vendors.ts'

/** The first two characters that a pattern's text can have; the alternatives that some begin with included. */
const beginnings = ({ source }: RegExp): string[] => {
  const [, alternatives] = /^\(\?:([\w|]+)\)/.exec(source) ?? []
  if (alternatives !== undefined) return alternatives.split('|').map((word) => word.slice(0, 2))
  if (source.startsWith('\\d'))
    return Array.from({ length: 100 }, (_, at) => `${at}`.padStart(2, '0'))
  return [source.slice(0, 2)]
}

const index = new Map<number, RegExp[]>()
for (const vendor of vendors)
  for (const two of beginnings(vendor)) {
    const id = two.charCodeAt(0) * 128 + two.charCodeAt(1)
    index.set(id, [...(index.get(id) ?? []), vendor])
  }
const known = Uint8Array.from({ length: 128 * 128 }, (_, id) => (index.has(id) ? 1 : 0))

/** Whether a vendor's key may begin with the word at `start`: next to nothing, and rarely wrong. */
export const mayBeKey = (text: string, start: number): boolean => {
  const second = text.charCodeAt(start + 1)
  return second < 128 && known[text.charCodeAt(start) * 128 + second] === 1
}

/** Where a vendor's key ends that begins with the word at `start`, or -1. */
export const keyAt = (text: string, start: number): number => {
  for (const vendor of index.get(text.charCodeAt(start) * 128 + text.charCodeAt(start + 1)) ?? []) {
    vendor.lastIndex = start
    const key = vendor.exec(text)?.[0]
    if (key === undefined || isWord(text.charCodeAt(start + key.length))) continue
    if (isFilled(key) && /\d|[A-Z]/.test(key.slice(4))) return start + key.length
  }
  return -1
}
