import { isIPv6 } from 'node:net'
import { before, isDigit, isUpper, isWord } from './characters.ts'
import type { Add } from './hit.ts'

/** Of this machine, of no machine, of all machines, of documentation (RFC 1122, 3927, 5737, 5771). */
const nobody =
  /^(?:0|127|22[4-9]|2[345]\d)\.|^169\.254\.|^192\.0\.2\.|^198\.51\.100\.|^203\.0\.113\./
const part = /^(?:0|[1-9]\d{0,2})$/

/** A version has four parts as well: after a `v`, a name and a slash (`Chrome/120.0.6099.109`), or the word. */
const isVersion = (text: string, start: number): boolean => {
  const sign = text.charAt(start - 1)
  if (/[vV@^~]/.test(sign)) return true
  if (sign !== '/') return /(?:version|release|\bver)\W{0,4}$/.test(before(text, start))
  let at = start - 1
  while (start - at < 20 && isWord(text.charCodeAt(at - 1))) at--
  return at < start - 1 && isUpper(text.charCodeAt(at))
}

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
  return isVersion(text, start) ? -1 : at
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
    if (isWord(text.charCodeAt(start - 1)) || isWord(text.charCodeAt(end))) continue
    if (text.charCodeAt(end - 1) === 58 && text.charCodeAt(end - 2) !== 58) end--
    const address = text.slice(start, end)
    if (somebody.test(address) && !documentation.test(address) && isIPv6(address))
      add('ip_address', start, end)
  }
}
