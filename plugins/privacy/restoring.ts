import type { Place, TextMapper } from 'sluice/plugin'
import type { Trie } from './trie.ts'
import type { Secret } from './vault.ts'

/** @param asked what is said was asked for as JSON */
const isJson = ({ field }: Place, asked: boolean): boolean =>
  field === 'arguments' || field === 'function_call' || (asked && field === 'content')

const escaped = (value: string): string => JSON.stringify(value).slice(1, -1)

export interface Restored {
  readonly value: string
  /** Letters of the run up to the placeholder's end, and by how many more they are now. */
  readonly end: number
  readonly by: number
}

/**
 * Puts values back in the place of their placeholders. It holds back no more than what may still become one.
 * @param held hears how many letters are held back, more or less than before
 * @param restored hears what was put back, and where what it stood for ended
 */
export const createRestorer = (
  trie: Trie,
  secrets: ReadonlyMap<string, Secret>,
  place: Place,
  held: (letters: number) => void,
  restored: (said: Restored) => void,
  asJson = false,
): TextMapper => {
  let pending = ''
  let passed = 0

  const valueOf = (word: string, end: number): string => {
    const { value = word } = secrets.get(word) ?? {}
    const said = isJson(place, asJson) ? escaped(value) : value
    restored({ value, end: passed + end, by: said.length - word.length })
    return said
  }

  /** @param last nothing follows, so that nothing can become more than it is */
  const take = (text: string, last: boolean): string => {
    let out = ''
    let from = 0
    const keep = (rest: string): void => {
      passed += text.length - rest.length
      held(rest.length - pending.length)
      pending = rest
    }
    for (let at = trie.next(text, 0); at < text.length; at = trie.next(text, at)) {
      const { word, open } = trie.at(text, at)
      if (open && !last) {
        keep(text.slice(at))
        return out + text.slice(from, at)
      }
      if (word === undefined) at++
      else {
        out += text.slice(from, at) + valueOf(word, at + word.length)
        at += word.length
        from = at
      }
    }
    keep('')
    return out + text.slice(from)
  }

  return {
    push: (text) => take(pending + text, false),
    end: () => take(pending, true),
  }
}
