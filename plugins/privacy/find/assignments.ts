import type { Add } from './hit.ts'
import { isFilled, isRandom } from './random.ts'

/** Names of what is secret, at the end of which an assignment follows; `[_-]?` because people write all three. */
const names =
  /(?:api[_-]?key|secret[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key|shared[_-]?access[_-]?key|auth[_-]?key|license[_-]?key|encryption[_-]?key|signing[_-]?key|passw(?:or)?d|passphrase|passwort|contraseña|mot de passe|pwd|secret|token|credentials?|authorization|bearer|connection[_-]?string)/gi

/** What stands between a name and its value: `_ID"`, `: "`, ` = '`, `\": \"`, `>`. */
const between =
  /[\w-]{0,24}\\{0,3}["'`\])]{0,2}[ \t]{0,4}(?::=|=>|[:=>]|[ \t]is[ \t])[ \t]{0,4}(?:[bru]?\\{0,3}["'`]|(?:Bearer|Basic|token)[ \t])?(?:(?:Bearer|Basic|token)[ \t])?/y
const after = /(?:[ \t](?:is[ \t])?|[ \t]*:[ \t]*)(?:(?:Bearer|Basic)[ \t])?/y

const value = /[^\s"'`,;:=<>(){}[\]\\|]{8,512}={0,2}/y
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
const isCode = /^[A-Za-z_$][\w$?]*\.[\w$.?!]*$|^[./~$%]|^process\.|&&/

/** Values that are assigned to a secret's name, if they look like one. */
export const findAssignments = (text: string, add: Add): void => {
  names.lastIndex = 0
  for (let name = names.exec(text); name; name = names.exec(text)) {
    let at = names.lastIndex
    between.lastIndex = at
    let gap = between.exec(text)?.[0]
    if (gap === undefined && opaque.test(name[0])) {
      after.lastIndex = at
      gap = after.exec(text)?.[0]
    }
    if (gap === undefined) continue
    at += gap.length
    value.lastIndex = at
    const found = value.exec(text)?.[0]?.replace(/[.:!?]+$/, '')
    if (found === undefined || found.length < 8) continue
    const isLong = found.length >= 16
    const isOpen = !isCode.test(found) && !isExpression(text, gap, at, at + found.length)
    if (isOpen && ((isLong && isRandom(found)) || (word.test(name[0]) && isPassword(found))))
      add('secret', at, at + found.length)
    names.lastIndex = at
  }
}
