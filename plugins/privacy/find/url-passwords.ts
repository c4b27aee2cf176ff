import { afterEscape } from './characters.ts'
import type { Add } from './hit.ts'
import { isFilled } from './random.ts'

/** What stands for a password in a document. */
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
