import { afterEscape, beginsWord } from './characters.ts'
import type { Add } from './hit.ts'
import { isFilled } from './random.ts'

const begin = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
const end = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
/** What may stand inside: base64 in lines, however they are written in code, and the headers of old forms. */
const inside = /[A-Za-z0-9+/=\s\\"',:.()-]/

/** Longer keys than these are none. */
const longest = 20_000

/** Private keys as PEM. */
export const findPrivateKeys = (text: string, add: Add): void => {
  const opening = '-----BEGIN '
  let from = 0
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, from)) {
    from = at + opening.length
    begin.lastIndex = at
    const head = begin.exec(text)?.[0]
    if (head === undefined) continue
    from = at + head.length
    const stop = text.indexOf('-----', from)
    if (stop < 0) return
    const body = text.slice(from, Math.min(stop, from + longest))
    end.lastIndex = stop
    const tail = end.exec(text)?.[0]
    from = stop
    if (tail === undefined || body.length < 64 || ![...body].every((char) => inside.test(char)))
      continue
    from = stop + tail.length
    add('secret', at, from)
  }
}

const jwt =
  /eyJ[\w-]{10,}\.(?:eyJ[\w-]{6,}\.[\w-]{10,}|[\w-]{0,1000}\.[\w-]{10,100}\.[\w-]{6,}\.[\w-]{16,100})/y

/** Signed and encrypted tokens, by the JSON that their header begins with. */
export const findTokens = (text: string, add: Add): void => {
  let from = 0
  for (let at = text.indexOf('eyJ'); at >= 0; at = text.indexOf('eyJ', from)) {
    from = at + 3
    if (!beginsWord(text, at)) continue
    jwt.lastIndex = at
    const token = jwt.exec(text)?.[0]
    if (token === undefined) {
      while (/[\w-]/.test(text.charAt(from))) from++
      continue
    }
    from = at + token.length
    add('secret', at, from)
  }
}

const stand =
  /^(?:(?:my|your|the|proxy|db)[-_]?)?(?:pass(?:word|wd|phrase)?\d*|pwd|secret|user(?:name)?|token|key|foo|bar|test\d*|example|x+|\*+|\.+|root|admin|guest|postgres|mysql|redis|\$.*|<.*|\{.*|%[a-z].*|\[.*)$/i

/** Passwords in URLs: the password alone, so that what it opens stays readable. */
export const findUrlPasswords = (text: string, add: Add): void => {
  let from = 0
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', from)) {
    from = at + 3
    let colon = -1
    let sign = -1
    for (let end = from; end < from + 300; end++) {
      const char = text.charAt(end)
      if (
        char === '' ||
        /[\s"'`<>/?#,]/.test(char) ||
        (char === '\\' && afterEscape(text, end) > end)
      )
        break
      if (char === ':' && colon < 0) colon = end
      if (char === '@') sign = end
    }
    if (colon < 0 || sign < colon + 7) continue
    const password = text.slice(colon + 1, sign)
    if (
      !stand.test(password) &&
      isFilled(password) &&
      /[A-Za-z\d]/.test(password) &&
      !/[${}()]/.test(password)
    )
      add('secret', colon + 1, sign)
  }
}
