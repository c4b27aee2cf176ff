const zero = 48

const digit = (digits: string, at: number): number => digits.charCodeAt(at) - zero

/** The sum of digits, each times its weight; weights beyond the digits do not count. */
export const weigh = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * digit(digits, at), 0)

/** Luhn: cards, Canada, Sweden, South Africa … */
export const luhn = (digits: string): boolean => {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const value = digit(digits, at)
    const doubled = (digits.length - at) % 2 === 0
    sum += doubled ? (value > 4 ? value * 2 - 9 : value * 2) : value
  }
  return sum % 10 === 0
}

const columns = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const dihedral = (one: number, other: number): number =>
  one < 5
    ? other < 5
      ? (one + other) % 5
      : ((one + other) % 5) + 5
    : other < 5
      ? ((one - other + 5) % 5) + 5
      : (one - other + 5) % 5
const turn = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
const turned = (times: number, value: number): number =>
  times === 0 ? value : turned(times - 1, turn[value] ?? 0)
const turns = columns.slice(0, 8).map((times) => columns.map((value) => turned(times, value)))

/** Verhoeff: India. */
export const verhoeff = (digits: string): boolean => {
  let check = 0
  for (let at = 0; at < digits.length; at++) {
    const value = digit(digits, digits.length - 1 - at)
    check = dihedral(check, turns[at % 8]?.[value] ?? 0)
  }
  return check === 0
}

/** ISO 7064 mod 11,10: Germany, Croatia. */
export const mod11and10 = (digits: string): boolean => {
  let product = 10
  for (let at = 0; at < digits.length - 1; at++) {
    const sum = (digit(digits, at) + product) % 10 || 10
    product = (sum * 2) % 11
  }
  return (11 - product) % 10 === digit(digits, digits.length - 1)
}

/** The remainder of a number of any length. */
export const remainder = (digits: string, divisor: number): number => {
  let rest = 0
  for (let at = 0; at < digits.length; at++) rest = (rest * 10 + digit(digits, at)) % divisor
  return rest
}

/** ISO 7064 mod 97,10 over letters and digits: IBAN. */
export const mod97 = (text: string): boolean => {
  let rest = 0
  for (const char of text) {
    const value = Number.parseInt(char, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

/** Whether the digits can be a day: month and day in range. */
export const isDay = (month: string, day: string): boolean =>
  Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31
