import type { Place, TextMapper } from 'sluice/plugin'
import type { Trie } from './trie.ts'
import type { Secret } from './vault.ts'

const isJson = ({ field }: Place): boolean => field === 'arguments' || field === 'function_call'

const escaped = (value: string): string => JSON.stringify(value).slice(1, -1)

/**
 * Puts values back in the place of their placeholders. It holds back no more than what may still become one.
 * @param held hears how many letters are held back, more or less than before
 * @param restored hears what was put back
 */
export const createRestorer = (
  trie: Trie,
  secrets: ReadonlyMap<string, Secret>,
  place: Place,
  held: (letters: number) => void,
  restored: (value: string) => void,
): TextMapper => {
  let pending = ''

  const valueOf = (word: string): string => {
    const { value = word } = secrets.get(word) ?? {}
    restored(value)
    return isJson(place) ? escaped(value) : value
  }

  /** @param last nothing follows, so that nothing can become more than it is */
  const take = (text: string, last: boolean): string => {
    let out = ''
    let from = 0
    const keep = (rest: string): void => {
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
        out += text.slice(from, at) + valueOf(word)
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
