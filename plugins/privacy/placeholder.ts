import { createHmac } from 'node:crypto'

/** What stands for a value in a conversation; with another `attempt`, another. */
export type Placeholder = (kind: string, value: string, attempt: number) => string

/** Numbers below a limit, out of the bytes of a hash. */
interface Dice {
  below(limit: number): number
}

const createDice = (seed: Buffer): Dice => {
  let at = 0
  return { below: (limit) => (seed[at++ % seed.length] ?? 0) % limit }
}

const consonants = 'bdfgklmnprstvz'
const vowels = 'aeio'

const syllables = (dice: Dice, count: number): string =>
  Array.from(
    { length: count },
    () =>
      consonants.charAt(dice.below(consonants.length)) + vowels.charAt(dice.below(vowels.length)),
  ).join('')

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const email = (dice: Dice): string => `${syllables(dice, 4)}.${syllables(dice, 4)}@example.com`

/** In a private network, with three digits everywhere, so that none is the beginning of another. */
const ipv4 = (dice: Dice): string =>
  ['10', ...Array.from({ length: 3 }, () => 100 + dice.below(156))].join('.')

const words = (dice: Dice, count: number): string =>
  Array.from({ length: count }, () => capital(syllables(dice, 4))).join(' ')

const longest = 48
const leastRandom = 7

/** What is told of a value's origin: a key's prefix, a country. */
const prefixOf = (kind: string, value: string): string => {
  if (/^\+\d/.test(value)) return value.slice(0, 3)
  if (kind === 'iban') return value.slice(0, 2)
  return /^(?:[A-Za-z]{2,8}[-_]){1,3}/.exec(value)?.[0] ?? ''
}

const rolled = (dice: Dice, letter: string): string => {
  if (/\d/.test(letter)) return String(1 + dice.below(9))
  const code = letter < 'a' ? 65 : 97
  return String.fromCharCode(code + dice.below(26))
}

/** Of the same shape: digits for digits, letters for letters; undefined for what has too few of them. */
const shaped = (dice: Dice, kind: string, value: string): string | undefined => {
  const prefix = prefixOf(kind, value)
  const body = value.slice(prefix.length, longest)
  if ((body.match(/[A-Za-z0-9]/g)?.length ?? 0) < leastRandom) return undefined
  const kept = body.replace(/[^A-Za-z0-9 ().+/:=_-]/g, '')
  return (prefix + kept.replace(/[A-Za-z0-9]/g, (letter) => rolled(dice, letter))).trim()
}

const hex = (dice: Dice): string => dice.below(16).toString(16)

const ipv6 = (dice: Dice): string =>
  ['fd00', ...Array.from({ length: 4 }, () => `a${hex(dice)}${hex(dice)}${hex(dice)}`)].join(':')

const isNamed = (value: string): boolean => /^[\p{L}\p{M}'’. -]+$/u.test(value)

const make = (dice: Dice, kind: string, value: string): string => {
  if (/^[^\s@]+@[^\s@]+$/.test(value)) return email(dice)
  if (/^\d+(?:\.\d+){3}$/.test(value)) return ipv4(dice)
  if (kind.startsWith('ip') && value.includes(':')) return ipv6(dice)
  if (value.startsWith('-----BEGIN')) return `PRIVATE-KEY-${syllables(dice, 12).toUpperCase()}`
  const several = /\s/.test(value) ? 2 : 1
  if (kind !== 'secret' && isNamed(value)) return words(dice, several)
  return shaped(dice, kind, value) ?? words(dice, several)
}

/**
 * Looks to a model like what it stands for, and needs no escape in JSON. The same value has the same in all of a
 * conversation, so that the provider's prompt cache survives; without the secret nobody can tell which value it was.
 */
export const createPlaceholder =
  (secret: string, conversation: string): Placeholder =>
  (kind, value, attempt) => {
    const seed = createHmac('sha512', secret)
      .update(JSON.stringify([conversation, kind, attempt, value]))
      .digest()
    return make(createDice(seed), kind, value)
  }
