import { afterEscape, beginsWord, isUpper, isWord } from './characters.ts'
import type { Add } from './hit.ts'
import { topLevelDomains } from './tlds.ts'

/** As RFC 5321 bounds them. */
const longest = { local: 64, domain: 255 }

const inLocal = (code: number): boolean =>
  isWord(code) || code === 46 || code === 95 || code === 43 || code === 45
const inDomain = (code: number): boolean => isWord(code) || code === 46 || code === 45

/** Where the domain that begins at `start` ends; -1 when it is none. */
const domainEnd = (text: string, start: number): number => {
  let end = start
  while (end - start < longest.domain && inDomain(text.charCodeAt(end))) end++
  while (end > start && /[.-]/.test(text.charAt(end - 1))) end--
  const labels = text.slice(start, end).split('.')
  // a sentence that goes on without a space
  while (labels.length > 2 && isUpper((labels.at(-1) ?? '').charCodeAt(0)) && !isTop(labels.at(-1)))
    labels.pop()
  // a file that is called by somebody's address
  if (labels.length > 2 && !isTop(labels.at(-1)) && fileEnd.test(labels.at(-1) ?? '')) labels.pop()
  const isDomain =
    labels.length > 1 &&
    labels.every((label) => label !== '' && !label.startsWith('-') && !label.endsWith('-')) &&
    isTop(labels.at(-1))
  return isDomain ? start + labels.join('.').length : -1
}

const fileEnd =
  /^(?:asc|csv|docx?|eml|gif|gz|html?|ics|jpe?g|json|log|mbox|mp[34]|msg|odt|pdf|pem|png|pptx?|rtf|tar|txt|vcf|wav|webp|xlsx?|xml|ya?ml)$/i

const isTop = (label = ''): boolean =>
  topLevelDomains.has(label.toLowerCase()) || /^xn--[a-z0-9-]+$/i.test(label)

/** Where the name before the @ begins; `at` when there is none. */
const localStart = (text: string, at: number): number => {
  let start = at
  while (at - start < longest.local && inLocal(text.charCodeAt(start - 1))) start--
  if (at - start === longest.local) return at
  // the letters of an escape that stands right before
  for (const length of [2, 3, 6]) {
    const escape = start - length + (length === 3 ? 2 : length - 1)
    const after = afterEscape(text, escape)
    if (after > start && after <= at) start = after
  }
  while (start < at && !isWord(text.charCodeAt(start))) start++
  return start
}

/** After `//` and before the next part of a URL. */
const inAuthority = /\/\/[^\s"'`<>/?#@]{0,98}$/

/** Whether it is the user of a URL or of a path on a host (`git@github.com:a/b.git`), not somebody's address. */
const isLogin = (text: string, start: number, at: number, end: number): boolean => {
  const sign = text.charAt(start - 1)
  if (sign === '@' || text.slice(start, at) === 'git') return true
  if (/[/:%\w]/.test(sign) && inAuthority.test(text.slice(Math.max(0, start - 100), start)))
    return true
  if (text.charAt(end) !== ':') return false
  return /^:(?:[~/]|[\w.-]{1,64}\/|[\w.-]{1,64}\.git)/.test(text.slice(end, end + 70))
}

/** E-mail addresses, by their @; in URLs it may be written %40. */
export const findEmails = (text: string, add: Add): void => {
  for (const sign of ['@', '%40']) {
    for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + sign.length)) {
      const start = localStart(text, at)
      if (start === at || text.charCodeAt(at - 1) === 46) continue
      const end = domainEnd(text, at + sign.length)
      if (end < 0 || !beginsWord(text, start) || isLogin(text, start, at, end)) continue
      if (!text.slice(start, at).includes('..')) add('email', start, end)
    }
  }
}
