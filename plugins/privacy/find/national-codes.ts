import { before, isWord } from './characters.ts'
import { isDay, remainder, weigh } from './checksums.ts'

/** A national id of letters and digits, which begins with a word. */
interface Code {
  readonly pattern: RegExp
  check?(code: string): boolean
  readonly called?: RegExp
}

const letter = 'TRWAGMYFPDXBNJZSQVHLCKE'
const spain = (code: string): boolean => {
  const digits = code.replace('-', '').replace(/^[XYZ]/, (first) => String('XYZ'.indexOf(first)))
  return letter[Number(digits.slice(0, 8)) % 23] === digits[8]
}

/** What a character at an odd place is worth in Italy, 0-9 and A-Z alike. */
const odd = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
]
const italy = (code: string): boolean => {
  let sum = 0
  for (let at = 0; at < 15; at++) {
    const value = Number.parseInt(code.charAt(at), 36)
    const plain = value < 10 ? value : value - 10
    sum += at % 2 === 0 ? (odd[plain] ?? 0) : plain
  }
  return String.fromCharCode(65 + (sum % 26)) === code[15]
}

const finland = (code: string): boolean =>
  isDay(code.slice(2, 4), code.slice(0, 2)) &&
  '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(code.slice(0, 6) + code.slice(7, 10)) % 31] === code[10]

const corsica = (code: string): boolean => {
  const digits = code.replace('2A', '19').replace('2B', '18')
  return 97 - remainder(digits.slice(0, 13), 97) === Number(digits.slice(13))
}

const singapore = (code: string): boolean => {
  const sum = weigh(code.slice(1, 8), [2, 7, 6, 5, 4, 3, 2])
  const rest = (sum + (/^[TG]/.test(code) ? 4 : 0)) % 11
  return (/^[ST]/.test(code) ? 'JZIHGFEDCBA' : 'XWUTRQPNMLK')[rest] === code[8]
}

const mexican = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ'
const mexico = (code: string): boolean => {
  let sum = 0
  for (let at = 0; at < 17; at++) sum += mexican.indexOf(code.charAt(at)) * (18 - at)
  return (10 - (sum % 10)) % 10 === Number(code[17])
}

const ireland = (code: string): boolean => {
  const extra = code.length > 8 ? 9 * (code.charCodeAt(8) - 64) : 0
  return 'WABCDEFGHIJKLMNOPQRSTUV'[(weigh(code, [8, 7, 6, 5, 4, 3, 2]) + extra) % 23] === code[7]
}

const china = (code: string): boolean =>
  isDay(code.slice(10, 12), code.slice(12, 14)) &&
  weigh(code, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11 === 2

/** Prefixes that were never given. */
const unused = /^(?:BG|GB|KN|NK|NT|TN|ZZ)/

const codes: readonly Code[] = [
  {
    pattern: /[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]/y,
    check: (code) => !unused.test(code),
  },
  { pattern: /[XYZ]-?\d{7}-?[A-Z]/y, check: spain },
  { pattern: /\d{8}-?[A-Z]/y, check: spain },
  { pattern: /[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]/y, check: italy },
  { pattern: /[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]/y },
  { pattern: /\d{6}[-+A]\d{3}[0-9A-Y]/y, check: finland },
  { pattern: /[12]\d{4}2[AB]\d{8}/y, check: corsica },
  { pattern: /[STFG]\d{7}[A-Z]/y, check: singapore },
  { pattern: /[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d/y, check: mexico },
  { pattern: /\d{7}[A-W][A-I]?/y, check: ireland, called: /\bpps/ },
  { pattern: /[1-9]\d{5}(?:19|20)\d{9}X/y, check: china },
]

/** Where the national id ends that begins at `start`, or -1. */
export const nationalCodeAt = (text: string, start: number): number => {
  for (const { pattern, check, called } of codes) {
    pattern.lastIndex = start
    const code = pattern.exec(text)?.[0]
    if (code === undefined || isWord(text.charCodeAt(start + code.length))) continue
    if (check && !check(code)) continue
    if (called && !called.test(before(text, start))) continue
    return start + code.length
  }
  return -1
}
