/** For each UTF-16 unit: a digit 2, another character of a word 1. Scripts without spaces between words have none. */
const classes = Uint8Array.from({ length: 0x10000 }, (_, code) => {
  if (code >= 48 && code <= 57) return 2
  const isLatin = (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
  return isLatin || (code >= 0xc0 && code < 0x250) || (code >= 0x370 && code < 0x2000) ? 1 : 0
})

export const isDigit = (code: number): boolean => code >= 48 && code <= 57

export const isUpper = (code: number): boolean => code >= 65 && code <= 90

const isHex = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)

/** Whether a letter or digit, 0 when neither, 2 when a digit. Beyond the text it is 0. */
export const classOf = (text: string, at: number): number => classes[text.charCodeAt(at)] ?? 0

export const isWord = (code: number): boolean => (classes[code] ?? 0) > 0

/**
 * Where the text goes on after an escape that begins at `at` (`\n` or `\u00fc` in JSON, `%20` in a URL); `at` itself when
 * none does. Its letters belong to no word.
 */
export const afterEscape = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  const next = text.charCodeAt(at + 1)
  if (code === 37) return isHex(next) && isHex(text.charCodeAt(at + 2)) ? at + 3 : at
  if (code !== 92) return at
  // n r t b f
  if (next === 110 || next === 114 || next === 116 || next === 98 || next === 102) return at + 2
  if (next !== 117) return at
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(text.charCodeAt(digit))) return at
  return at + 6
}

/** Whether a word may begin here: after anything but a letter or digit, or after an escape that ends in one. */
export const beginsWord = (text: string, at: number): boolean => {
  if (at === 0 || !isWord(text.charCodeAt(at - 1))) return true
  for (const length of [2, 3, 6])
    if (at >= length && afterEscape(text, at - length) === at) return true
  return false
}

/** The words before, in lower case: what a bare number is called there. */
export const before = (text: string, at: number): string =>
  text
    .slice(Math.max(0, at - 60), at)
    .replace(/\\[nrtbf]|_|(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
