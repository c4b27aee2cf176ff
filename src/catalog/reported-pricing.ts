import { given, isObject, objectOf, type Fields } from '../fields.ts'
import { weekdays, type Override, type Pricing, type Rates } from './pricing.ts'
import type { Reported } from './reported.ts'

/** A price as number or text; one below zero says that it is not fixed. */
const priceOf = (value: unknown): number | undefined => {
  const price = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof price === 'number' && Number.isFinite(price) && price >= 0 ? price : undefined
}

/** Names that lists have for a price of tokens. */
const tokenPrices: Readonly<Record<string, keyof Rates>> = {
  prompt: 'prompt',
  input: 'prompt',
  input_tokens: 'prompt',
  completion: 'completion',
  output: 'completion',
  output_tokens: 'completion',
  internal_reasoning: 'internal_reasoning',
  input_cache_read: 'input_cache_read',
  cache_read_tokens: 'input_cache_read',
  cached_input: 'input_cache_read',
  input_cache_write: 'input_cache_write',
  input_cache_write_1h: 'input_cache_write_1h',
  audio: 'audio',
  audio_output: 'audio_output',
  input_audio_cache: 'input_audio_cache',
  image_token: 'image_token',
  image_output: 'image_output',
}

const unitPrices = ['image', 'request', 'web_search'] as const

/** Digits that a price may have; what is beyond came from binary fractions. */
const digits = 12

const rounded = (price: number): number => Number(price.toPrecision(digits))

const ratesIn = (prices: Fields, perMillion: number): Rates => {
  const rates: Partial<Record<keyof Rates, number>> = {}
  for (const [name, rate] of Object.entries(tokenPrices)) {
    const price = priceOf(prices[name])
    if (price !== undefined) rates[rate] ??= rounded(price * perMillion)
  }
  for (const name of unitPrices) {
    const price = priceOf(prices[name])
    if (price !== undefined) rates[name] = price
  }
  return rates
}

const overridesIn = (list: unknown, perMillion: number): readonly Override[] =>
  Array.isArray(list)
    ? list
        .filter(isObject)
        .map(({ min_prompt_tokens, utc_start, utc_end, utc_days, ...prices }) => {
          const days = Array.isArray(utc_days)
            ? weekdays.filter((day) => utc_days.includes(day))
            : undefined
          return {
            ...given({
              min_prompt_tokens: priceOf(min_prompt_tokens),
              utc_start: priceOf(utc_start),
              utc_end: priceOf(utc_end),
              utc_days: days,
            }),
            ...ratesIn(prices, perMillion),
          }
        })
    : []

/** Dollars: no token costs so much, but a million of the cheapest costs more. */
const dearestToken = 0.001

const listed = (prices: Fields): Pricing | undefined => {
  const asked = [prices.prompt, prices.input, prices.input_tokens, prices.completion]
  const dearest = Math.max(...[...asked, prices.output].map((price) => priceOf(price) ?? 0))
  const perMillion = dearest < dearestToken ? 1_000_000 : 1
  const rates = ratesIn(prices, perMillion)
  // who tells prices by the hour writes 0 where tokens are not sold
  const isRented = 'hourly' in prices && !Object.values(rates).some((price) => price > 0)
  if (Object.keys(rates).length === 0 || isRented) return undefined
  const overrides = overridesIn(prices.overrides, perMillion)
  return { ...rates, ...(overrides.length > 0 && { overrides }) }
}

/** Novita tells ten-thousandths of a dollar for a million tokens. */
const novita = (model: Reported): Pricing | undefined => {
  const prompt = priceOf(model.input_token_price_per_m)
  const completion = priceOf(model.output_token_price_per_m)
  if (prompt === undefined || completion === undefined) return undefined
  return { prompt: rounded(prompt / 10_000), completion: rounded(completion / 10_000) }
}

/** Venice tells each price in several currencies. */
const inDollars = (prices: Fields): Fields =>
  Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, objectOf(price).usd]))

/**
 * The prices in a provider's own list: of a token as OpenRouter tells them, or of a million as others do; which of the
 * two is seen by their size. What is no price of tokens that we know is none.
 */
export const reportedPricing = (model: Reported): Pricing | undefined =>
  listed(objectOf(model.pricing)) ??
  listed(objectOf(objectOf(model.metadata).pricing)) ??
  listed(inDollars(objectOf(objectOf(model.model_spec).pricing))) ??
  novita(model)
