import { isIPv6 } from 'node:net'
import { before, beginsWord, isDigit, isUpper, isWord } from './characters.ts'
import type { Add } from './hit.ts'

/** Of this machine, of no machine, of all machines, of documentation (RFC 1122, 3927, 5737, 5771). */
const nobody =
  /^(?:0|127|22[4-9]|2[345]\d)\.|^169\.254\.|^192\.0\.2\.|^198\.51\.100\.|^203\.0\.113\./
const part = /^(?:0|[1-9]\d{0,2})$/

/** A version has four parts as well: after a `v` or `==`, a name and a slash (`Chrome/120.0.6099.109`), or the word. */
const isVersion = (text: string, start: number, end: number): boolean => {
  const sign = text.charAt(start - 1)
  if (/[vV@^~]/.test(sign)) return true
  if (sign !== '/')
    return /(?:version|release|\bver|\boid)\W{0,4}$|[=<>~!]= ?$|[a-z]-$/.test(before(text, start))
  let at = start - 1
  while (start - at < 20 && isWord(text.charCodeAt(at - 1))) at--
  // Chrome/120.0.6099.109 and /project/opencv-python/4.6.0.66/
  return at < start - 1 && (isUpper(text.charCodeAt(at)) || text.charCodeAt(end) === 47)
}

/** The next of several numbers, as drawings have them: `-2.12 3.51.98.32`. */
const isDrawn = (text: string, start: number): boolean =>
  /(?:^|[^.\d])\d{0,9}\.\d{1,9}[ ,-]$/.test(text.slice(Math.max(0, start - 21), start))

/** A section of a document or a release, after its word or at the beginning of a line. */
const isHeading = (text: string, start: number, parts: readonly string[]): boolean =>
  parts.every((digits) => Number(digits) < 40) &&
  parts[0] !== '10' &&
  (/(?:section|sec\.|step|chapter|clause|appendix|figure|table|§)\W{0,4}$|\n\W*$/.test(
    before(text, start),
  ) ||
    /\b[A-Z][A-Za-z]{0,20} $/.test(text.slice(Math.max(0, start - 24), start)))

/** Where the IPv4 address ends whose first digits stand at `start`, or -1. */
export const ipv4At = (text: string, start: number): number => {
  const parts: string[] = []
  let at = start
  for (;;) {
    let end = at
    while (isDigit(text.charCodeAt(end))) end++
    parts.push(text.slice(at, end))
    at = end
    if (parts.length === 4) break
    if (text.charCodeAt(at) !== 46) return -1
    at++
  }
  if (!parts.every((digits) => part.test(digits) && Number(digits) < 256)) return -1
  const next = text.charCodeAt(at)
  if (isWord(next) || (/[.-]/.test(text.charAt(at)) && isWord(text.charCodeAt(at + 1)))) return -1
  if (nobody.test(text.slice(start, at)) || parts.every((digits) => digits.length === 1)) return -1
  if (parts.slice(1).every((digits) => digits === '0')) return -1
  // a network, not a machine
  if (parts[3] === '0' && text.charCodeAt(at) === 47) return -1
  if (isVersion(text, start, at) || isDrawn(text, start)) return -1
  return isHeading(text, start, parts) ? -1 : at
}

const isPart = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)

/** Global addresses and those of a site; not of documentation (RFC 3849, 9637). */
const somebody = /^(?:[23][\da-f]{3}|f[cd][\da-f]{2}):/i
const documentation = /^(?:2001:0?db8|3fff:0)/i

/** IPv6 addresses, by their colons. */
export const findIpv6 = (text: string, add: Add): void => {
  let from = 0
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', from)) {
    from = colon + 1
    let start = colon
    while (start > 0 && colon - start < 5 && isPart(text.charCodeAt(start - 1))) start--
    if (colon - start !== 4) continue
    let end = colon
    while (end - start < 46 && (text.charCodeAt(end) === 58 || isPart(text.charCodeAt(end)))) end++
    from = end
    if (!beginsWord(text, start) || isWord(text.charCodeAt(end))) continue
    if (text.charCodeAt(end - 1) === 58 && text.charCodeAt(end - 2) !== 58) end--
    const address = text.slice(start, end)
    const isNetwork = address.endsWith('::')
    if (!isNetwork && somebody.test(address) && !documentation.test(address) && isIPv6(address))
      add('ip_address', start, end)
  }
}
