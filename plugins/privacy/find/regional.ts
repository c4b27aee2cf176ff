import { v } from 'sluice/plugin'
import { before } from './characters.ts'
import type { Add } from './hit.ts'
import { digitsOf, type Run } from './numbers.ts'

/** Looks for a number as people of a region write it that begins with a group of a run; its last group, or -1. */
export type Regional = (text: string, run: Run, first: number, add: Add) => number

const called =
  /tel|phone|fon|mobil|handy|cell|fax|call|whatsapp|\bsms|\bnr\b|numéro|teléfono|rufnummer/

/** How people write one: one sort of sign between its groups, another after the first perhaps. */
const form =
  /^(?:\d{7,15}|\(?\d{1,6}(?:\)[ -]?|[ -]| ?[/–-] ?)\d{2,9}(?:[ -]\d{2,9}){0,5}|\d{2,6}(?:\.\d{2,9}){1,5})$/

/** Days and amounts are written in groups, too. */
const day = /^(?:\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4})$/
const amount = /^[1-9](?:\d?(?: \d{3}){1,2}|\d{0,2}(?:\.\d{3}){1,4})$/

const thousands = /^\d{3}(?: \d{3})+$/

/** Whether somebody may have meant a telephone number: by its zero or bracket, its groups, or what it is called. */
const isLikely = (text: string, start: number, written: string, groups: number): boolean =>
  form.test(written) &&
  !day.test(written) &&
  !amount.test(written) &&
  (written.startsWith('(') ||
    (written.startsWith('0') && (groups > 1 || written.length > 9)) ||
    groups > 2 ||
    called.test(before(text, start)))

/** Fewer and more digits than any national number has, its zero or the 00 before a country's code included. */
const digits = { least: 7, most: 15 }

/** More groups than two numbers have are a table. */
const mostGroups = 12

const names = new Intl.DisplayNames('en', { type: 'region' })

/** A region as ISO 3166 has them. */
export const region = v.pipe(
  v.string(),
  v.regex(/^[A-Z]{2}$/, 'expected a region such as DE'),
  v.check((code) => names.of(code) !== code, 'expected a region such as DE'),
)

/** Knows the numbers of the regions by libphonenumber. Throws where it is missing, or does not know a region. */
export const createRegional = async (regions: readonly string[]): Promise<Regional> => {
  const [lib, { default: examples }] = await Promise.all([
    import('libphonenumber-js/max'),
    import('libphonenumber-js/mobile/examples'),
  ]).catch((cause: unknown) => {
    throw new Error('regions need the package libphonenumber-js: bun add libphonenumber-js', {
      cause,
    })
  })

  const plans = regions.map((region) => {
    if (!lib.isSupportedCountry(region))
      throw new Error(`regions: libphonenumber knows no ${region}`)
    const metadata = new lib.Metadata()
    metadata.selectNumberingPlan(region)
    const example = lib.getExampleNumber(region, examples)
    const national = example?.formatNational().replace(/\D/g, '') ?? ''
    return {
      region,
      /** What is dialled at home before the number. */
      trunk: national.slice(0, national.length - (example?.nationalNumber.length ?? 0)),
      lengths: new Set(metadata.numberingPlan?.possibleLengths()),
    }
  })

  const isNumber = (dialled: string): boolean =>
    plans.some(({ region, trunk, lengths }) => {
      const isAbroad = dialled.startsWith('00')
      const number = dialled.slice(trunk.length)
      if (!isAbroad && !(dialled.startsWith(trunk) && lengths.has(number.length))) return false
      const parsed = lib.parsePhoneNumberFromString(dialled, region)
      // the library takes a number without its trunk, too, where a day or an amount has as many digits
      return (parsed?.isValid() && (isAbroad || parsed.nationalNumber === number)) ?? false
    })

  return (text, run, first, add) => {
    const joined = run.between[first - 1]
    if (run.starts.length > mostGroups || joined === '.' || joined === '-' || joined === '/')
      return -1
    const begin = run.starts[first] ?? 0
    if (/[+$€£#_-]/.test(text.charAt(begin - 1))) return -1
    const isOpened = text.charAt(begin - 1) === '('
    for (let last = Math.min(run.starts.length - 1, first + 5); last >= first; last--) {
      const dialled = digitsOf(text, run, first, last)
      if (dialled.length < digits.least) return -1
      const next = run.between[last]
      if (dialled.length > digits.most || next === '-' || next === '.') continue
      const end = run.ends[last] ?? begin
      // the end of an amount
      if (joined === ' ' && thousands.test(text.slice(begin, end))) continue
      const start = isOpened && text.slice(begin, end).includes(')') ? begin - 1 : begin
      if (!isLikely(text, start, text.slice(start, end), last - first + 1) || !isNumber(dialled))
        continue
      add('phone', start, end)
      return last
    }
    return -1
  }
}
