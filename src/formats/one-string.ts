/**
 * Finds the one string in `{"input": "…"}` while it is still arriving, cut anywhere. What is no object is taken for the
 * text itself.
 */
export interface OneString {
  /** What this piece adds to the string. */
  push(piece: string): string
  /** What is left when nothing more comes: all of it, where it had another shape. */
  end(): string
}

type Place = 'start' | 'key' | 'colon' | 'value' | 'string' | 'after' | 'raw' | 'other'

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)

const isHigh = (code: number): boolean => code >= 0xd800 && code < 0xdc00

/** The end of the run in `piece` that has nothing to be read in it. */
const runEnd = (piece: string, from: number): number => {
  let at = from
  while (at < piece.length) {
    const code = piece.charCodeAt(at)
    if (code === 34 || code === 92 || isHigh(code)) return at
    at++
  }
  return at
}

export const createOneString = (): OneString => {
  let place: Place = 'start'
  /** Where the key's string is when a backslash was just seen. */
  let skipping = false
  /** A backslash and what came of its escape. */
  let escape = ''
  /** Half a surrogate pair, which is no text without the other. */
  let high = ''
  /** All of it, while no string was found. */
  let all = ''

  const unit = (text: string): string => {
    if (high === '' && text.length === 1 && isHigh(text.charCodeAt(0))) {
      high = text
      return ''
    }
    const whole = high + text
    high = ''
    return whole
  }

  const escaped = (char: string): string => {
    escape += char
    if (escape.charAt(1) !== 'u') {
      escape = ''
      return unit(escapes[char] ?? char)
    }
    if (escape.length < 6) return ''
    const code = Number.parseInt(escape.slice(2), 16)
    const text = Number.isNaN(code) ? escape : String.fromCharCode(code)
    escape = ''
    return unit(text)
  }

  /** The string's own characters; comes back with where it stopped. */
  const inString = (piece: string, from: number): readonly [text: string, at: number] => {
    let text = ''
    let at = from
    while (at < piece.length) {
      const char = piece.charAt(at)
      if (escape !== '') text += escaped(char)
      else if (char === '\\') escape = char
      else if (char === '"') {
        place = 'after'
        return [text + high, at + 1]
      } else {
        const end = high === '' ? runEnd(piece, at) : at
        if (end > at) {
          text += piece.slice(at, end)
          at = end
          continue
        }
        text += unit(char)
      }
      at++
    }
    return [text, at]
  }

  const before = (char: string): void => {
    if (place === 'key') {
      if (skipping) skipping = false
      else if (char === '\\') skipping = true
      else if (char === '"') place = 'colon'
      return
    }
    if (isSpace(char.charCodeAt(0)) || (place === 'colon' && char === ':')) return
    if (place === 'start') place = char === '{' ? 'value' : char === '"' ? 'other' : 'raw'
    else if (place === 'value') place = char === '"' ? 'key' : 'other'
    else place = char === '"' ? 'string' : 'other'
  }

  const isRaw = (): boolean => place === 'raw'

  return {
    push(piece) {
      let text = ''
      let at = 0
      while (at < piece.length) {
        if (place === 'after') return text
        if (place === 'string') {
          const [more, next] = inString(piece, at)
          text += more
          at = next
          continue
        }
        if (place === 'raw') return text + piece.slice(at)
        if (place === 'other') {
          all += piece.slice(at)
          return text
        }
        const char = piece.charAt(at)
        all += char
        before(char)
        if (isRaw()) {
          text = all
          all = ''
        }
        at++
      }
      return text
    },
    end: () => (place === 'string' || place === 'after' || place === 'raw' ? '' : soleText(all)),
  }
}

/** What JSON of another shape most likely means: its only string, or itself. */
const soleText = (json: string): string => {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'string') return value
    const members = Object.values(value ?? {})
    const strings = members.filter((item) => typeof item === 'string')
    if (members.length === 0) return ''
    return strings.length === 1 ? String(strings[0]) : json
  } catch {
    return json
  }
}
