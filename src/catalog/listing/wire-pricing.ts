import type { Override, Pricing, Rates } from '../pricing.ts'

/** Digits that a price can have; what is beyond them came from computing with fractions. */
const precision = 12

/** Rates of one, not of a million tokens. */
const single: ReadonlySet<string> = new Set(['image', 'request', 'web_search'])

/** Exact, and never with an exponent: 0.15 divided by a million is `0.00000015`. */
export const toDecimal = (amount: number, shift: number): string => {
  const [digits = '0', exponent = '0'] = amount.toExponential(precision - 1).split('e')
  const [whole = '', fraction = ''] = digits.split('.')
  const point = whole.length + Number(exponent) - shift
  const all = (whole + fraction).replace(/0+$/, '')
  if (all === '') return '0'
  if (point <= 0) return `0.${'0'.repeat(-point)}${all}`
  return all.length <= point ? all.padEnd(point, '0') : `${all.slice(0, point)}.${all.slice(point)}`
}

const toTexts = (rates: Rates): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(rates)
      .filter(([, rate]) => typeof rate === 'number')
      .map(([name, rate]) => [name, toDecimal(rate, single.has(name) ? 0 : 6)]),
  )

const toOverride = ({
  min_prompt_tokens,
  utc_start,
  utc_end,
  utc_days,
  ...rates
}: Override): object => ({
  ...(min_prompt_tokens !== undefined && { min_prompt_tokens }),
  ...(utc_start !== undefined && { utc_start }),
  ...(utc_end !== undefined && { utc_end }),
  ...(utc_days && { utc_days }),
  ...toTexts(rates),
})

/** What OpenRouter writes where a price is not fixed; a price that is not known is never 0. */
const unpriced = { prompt: '-1', completion: '-1' }

/** Prices as OpenRouter writes them: text, in dollars of one token, image, request or search. */
export const toWirePricing = (pricing: Pricing | undefined): object => {
  const { overrides, ...rates } = pricing ?? {}
  return {
    ...unpriced,
    ...toTexts(rates),
    ...(overrides && { overrides: overrides.map(toOverride) }),
  }
}
