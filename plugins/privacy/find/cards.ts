import { luhn } from './checksums.ts'
import type { NumberRule } from './numbers.ts'

const within = (digits: string, ranges: readonly (readonly [from: string, to: string])[]) =>
  ranges.some(([from, to]) => {
    const prefix = digits.slice(0, from.length)
    return prefix >= from && prefix <= to
  })

/** First digits of the issuers, by the length of their numbers. */
const issuers: Readonly<Record<number, readonly (readonly [string, string])[]>> = {
  13: [['4', '4']],
  14: [
    ['300', '305'],
    ['309', '309'],
    ['36', '36'],
    ['38', '39'],
  ],
  15: [
    ['34', '34'],
    ['37', '37'],
  ],
  16: [
    ['4', '4'],
    ['51', '55'],
    ['2221', '2720'],
    ['6011', '6011'],
    ['622126', '622925'],
    ['644', '659'],
    ['3528', '3589'],
    ['62', '62'],
    ['5018', '5018'],
    ['5020', '5020'],
    ['5038', '5038'],
    ['6304', '6304'],
    ['6759', '6763'],
    ['2200', '2204'],
  ],
  19: [
    ['4', '4'],
    ['62', '62'],
    ['6304', '6304'],
    ['6759', '6763'],
  ],
}

const isCard = (digits: string): boolean =>
  within(digits, issuers[digits.length] ?? []) && luhn(digits) && !/^(\d)\1+$|0{7}$/.test(digits)

const spellings = (shape: string): string[] => [shape, shape.replaceAll(' ', '-')]

export const cards: readonly NumberRule[] = [
  {
    kind: 'credit_card',
    shapes: ['14', '15', '16', ...['4 4 4 4', '4 6 5', '4 6 4'].flatMap(spellings)],
    check: isCard,
  },
  {
    // barcodes and database ids have as many digits
    kind: 'credit_card',
    shapes: ['13', '19', ...['4 4 4 4 3', '4 3 3 3'].flatMap(spellings)],
    check: isCard,
    called: /card|visa|maestro|karte|carte|tarjeta|cart[aã]o|unionpay|\bpan\b|payment|\bcc\b/,
  },
]
