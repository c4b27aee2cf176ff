import { isDay, luhn, mod11and10, remainder, verhoeff, weigh } from './checksums.ts'
import type { NumberRule } from './numbers.ts'

type Check = (digits: string) => boolean

const id = (check: Check, shapes: readonly string[], called?: RegExp): NumberRule => ({
  kind: 'national_id',
  shapes,
  check,
  ...(called && { called }),
})

const last = (digits: string): number => Number(digits.at(-1))

/** Two digits each from `at`: year, month, day. */
const birthday =
  (at: number, day = 0): Check =>
  (digits) =>
    isDay(
      digits.slice(at + 2, at + 4),
      String((Number(digits.slice(at + 4, at + 6)) + 80 - day) % 80 || 99),
    )
const born = birthday(0)
/** Day first. */
const bornDay: Check = (digits) => isDay(digits.slice(2, 4), digits.slice(0, 2))

const ssn: Check = (digits) => {
  const area = digits.slice(0, 3)
  const group = Number(digits.slice(3, 5))
  if (area === '000' || area === '666' || group === 0 || digits.endsWith('0000')) return false
  // from 900 on, those of taxpayers without a social security number
  return area < '900' || group >= 50
}

const germany: Check = (digits) => {
  const first = digits.slice(0, 10)
  const most = Math.max(...[...first].map((char) => first.split(char).length - 1))
  return digits[0] !== '0' && (most === 2 || most === 3) && mod11and10(digits)
}

const health: Check = (digits) => {
  const check = 11 - (weigh(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)
  return (check === 11 ? 0 : check) === last(digits) && digits !== '0000000000'
}

const france: Check = (digits) => {
  const month = Number(digits.slice(3, 5))
  const isMonth = (month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50
  return (
    /^[1278]/.test(digits) &&
    isMonth &&
    97 - remainder(digits.slice(0, 13), 97) === Number(digits.slice(13))
  )
}

const netherlands: Check = (digits) =>
  !digits.startsWith('00') && weigh(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0

const poland: Check = (digits) =>
  isDay(String(Number(digits.slice(2, 4)) % 20), digits.slice(4, 6)) &&
  weigh(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0

const sweden: Check = (digits) => {
  const short = digits.slice(-10)
  const isBorn = born(short) || birthday(0, 60)(short)
  return isBorn && luhn(short) && (digits.length === 10 || /^(19|20)/.test(digits))
}

const brazilDigit = (digits: string, length: number): boolean => {
  const weights = Array.from({ length }, (_, at) => length + 1 - at)
  return ((weigh(digits, weights) * 10) % 11) % 10 === Number(digits[length])
}
const brazil: Check = (digits) =>
  !/^(\d)\1+$/.test(digits) && brazilDigit(digits, 9) && brazilDigit(digits, 10)

const australia: Check = (digits) => weigh(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0

const belgium: Check = (digits) => {
  const [number, check] = [digits.slice(0, 9), Number(digits.slice(9))]
  return [number, `2${number}`].some((full) => 97 - remainder(full, 97) === check) && born(digits)
}

const austria: Check = (digits) =>
  weigh(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === Number(digits[3]) && digits[0] !== '0'

const swiss: Check = (digits) =>
  digits.startsWith('756') && weigh(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0

const norway: Check = (digits) =>
  weigh(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
  weigh(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0

const portugal: Check = (digits) => {
  const rest = weigh(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
  return /^[1-35689]/.test(digits) && (rest < 2 ? 0 : 11 - rest) === last(digits)
}

const czechia: Check = (digits) => {
  const month = Number(digits.slice(2, 4)) % 50
  return (
    isDay(String(month > 20 ? month - 20 : month), digits.slice(4, 6)) &&
    remainder(digits, 11) === 0
  )
}

const china: Check = (digits) =>
  /^[1-9]\d{5}(19|20)/.test(digits) &&
  isDay(digits.slice(10, 12), digits.slice(12, 14)) &&
  weigh(digits, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1]) % 11 === 1

const japan: Check = (digits) => {
  const rest = weigh(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
  return (rest < 2 ? 0 : 11 - rest) === last(digits)
}

const turkey: Check = (digits) => {
  const sum = weigh(digits, [7, -1, 7, -1, 7, -1, 7, -1, 7])
  return (
    digits[0] !== '0' &&
    ((sum % 10) + 10) % 10 === Number(digits[9]) &&
    weigh(
      digits,
      Array.from({ length: 10 }, () => 1),
    ) %
      10 ===
      last(digits)
  )
}

const argentina: Check = (digits) => {
  const check = 11 - (weigh(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)
  return /^2[03478]/.test(digits) && (check === 11 ? 0 : check) === last(digits)
}

export const socialSecurity: readonly NumberRule[] = [
  { kind: 'ssn', shapes: ['3-2-4'], check: ssn },
  {
    kind: 'ssn',
    shapes: ['9', '3 2 4'],
    check: ssn,
    called: /ssn|social.?sec|soc\.? sec|\bitin\b/,
  },
]

/** Where a check digit and a shape leave room for chance, the number's name must stand before it. */
export const nationalNumbers: readonly NumberRule[] = [
  id(germany, ['11', '2 3 3 3'], /steuer|\bid-?nr|tax.?(id|num)|\btin\b/),
  id(health, ['10', '3 3 4', '3-3-4'], /\bnhs/),
  id(france, ['15', '13 2', '1 2 2 2 3 3 2']),
  id(netherlands, ['9', '3 3 3', '4.2.3'], /\bbsn|burgerservice|\bsofi/),
  id(poland, ['11'], /pesel/),
  id(sweden, ['6-4', '8-4']),
  id(sweden, ['10', '12'], /person.?n|\bpnr|samordning/),
  id(brazil, ['3.3.3-2']),
  id(brazil, ['11', '9-2'], /\bcpf/),
  id(verhoeff, ['12', '4 4 4', '4-4-4'], /aadha+r|\buidai|आधार/),
  id(luhn, ['9', '3 3 3', '3-3-3'], /\bsin\b|social insurance|assurance sociale|\bnas\b/),
  id(australia, ['9', '3 3 3'], /\btfn|tax.?file/),
  id(belgium, ['2.2.2-3.2']),
  id(belgium, ['11'], /rijksregister|registre national|\binsz|\bniss|national.?(number|register)/),
  id(austria, ['10', '4 6'], /sozialvers|\bsvnr|\bsv.n/),
  id(swiss, ['3.4.4.2']),
  id(swiss, ['13'], /\bahv|\bavs|\bnavs/),
  id(bornDay, ['6-4', '10'], /\bcpr|personnummer/),
  id(norway, ['11', '6 5'], /f[øo]dsels|personnummer|\bfnr/),
  id(portugal, ['9', '3 3 3'], /\bnif\b|contribuinte/),
  id(czechia, ['6/4']),
  id(czechia, ['10'], /rodn/),
  id((digits) => born(digits) && /^.{6}[1-8]/.test(digits), ['6-7']),
  id(china, ['18']),
  id(japan, ['12', '4 4 4', '4-4-4'], /my.?number|マイナンバー|個人番号/),
  id((digits) => born(digits) && luhn(digits), ['13'], /\bid\b|identity/),
  id(turkey, ['11'], /\btckn|\btc\b|t\.c\.|kimlik/),
  id(argentina, ['2-8-1']),
]
