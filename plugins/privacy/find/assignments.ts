import type { Add } from './hit.ts'
import { isFilled, isRandom } from './random.ts'

/** Names of what is secret, at the end of which an assignment follows; `[_-]?` because people write all three. */
const names =
  /(?:api[_-]?key|secret[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key|shared[_-]?access[_-]?key|auth[_-]?key|license[_-]?key|encryption[_-]?key|signing[_-]?key|passw(?:or)?d|passphrase|passwort|contraseña|mot de passe|pwd|secret|token|credentials?|authorization|bearer|connection[_-]?string)/gi

/** What stands between a name and its value: `_ID"`, `: "`, ` = '`, `\": \"`, `>`. */
const between =
  /[\w-]{0,24}\\{0,3}["'`\])*]{0,2}[ \t]{0,4}(?::=|=>|[:=>]|[ \t]is[ \t])[ \t]{0,4}(?:[bru]?\\{0,3}["'`]|(?:Bearer|Basic|token)[ \t])?(?:(?:Bearer|Basic|token)[ \t])?/y
/** Where the value stands apart: `Bearer abc`, `--api-key abc`, `"name": "API_KEY", "value": "abc"`. */
const after = /(?:[ \t](?:is[ \t])?|[ \t]{0,4}:[ \t]{0,4})(?:(?:Bearer|Basic)[ \t])?/y
const flag = /[\w-]{0,24}[ \t]["']?/y
const pair = /\\?["'],?[ \t]{0,4}\\?["']?value\\?["']?[ \t]{0,4}[:=][ \t]{0,4}\\?["']/iy

const bare = /[^\s"'`,;:=<>(){}[\]\\|]{8,512}={0,2}/y
const quoted = /[^\s"'`\\]{8,512}(?=\\{0,3}["'`])/y
/** Tokens that are no secrets: they say where a page or a list goes on. */
const place = /(?:page|sync|continuation|cancellation|cursor|(?:^|[^a-z])next)[_-]?$/i
const word = /pass|pwd|contrase|mot de/i
const opaque = /authorization|bearer/i

/** Three of small, capital, digit, sign: what people are told to make passwords of. */
const isPassword = (text: string): boolean =>
  [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(text)).length >= 3 &&
  /\d/.test(text) &&
  !/^[@#]|^\d[\d.-]*$/.test(text) &&
  isFilled(text)

/** The value of a variable, or what a function returns. */
const isExpression = (text: string, gap: string, at: number, end: number): boolean =>
  /[([{]/.test(text.charAt(end)) ||
  (/[ \t]$/.test(gap) &&
    /[,;)]/.test(text.charAt(end)) &&
    /^[A-Za-z_$][\w$]*$/.test(text.slice(at, end)))

/** What is written in code: members of objects, paths, variables of shells. */
const isCode = /^[A-Za-z_$][\w$?]*\.[\w$.?!]*$|^[.~$%]|^\/.{0,30}$|&&/

const take = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Values that are assigned to a secret's name, if they look like one. */
export const findAssignments = (text: string, add: Add): void => {
  names.lastIndex = 0
  for (let found = names.exec(text); found; found = names.exec(text)) {
    const [name] = found
    const end = names.lastIndex
    const lead = text.slice(Math.max(0, found.index - 26), found.index)
    if (place.test(lead)) continue
    const isFlag = /--[\w-]{0,24}$/.test(lead)
    const gap =
      take(between, text, end) ??
      take(pair, text, end) ??
      (opaque.test(name) ? take(after, text, end) : undefined) ??
      (isFlag ? take(flag, text, end) : undefined)
    if (gap === undefined) continue
    const at = end + gap.length
    names.lastIndex = at
    const isQuoted = /["'`]$/.test(gap)
    const value =
      (isQuoted ? take(quoted, text, at) : undefined) ??
      take(bare, text, at)?.replace(/[.!?]+$/, '')
    if (value === undefined || value.length < 8) continue
    if (isCode.test(value) || isExpression(text, gap, at, at + value.length)) continue
    if ((value.length >= 16 && isRandom(value)) || (word.test(name) && isPassword(value)))
      add('secret', at, at + value.length)
  }
}
