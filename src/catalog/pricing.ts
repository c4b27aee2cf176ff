export const rateNames = [
  'prompt',
  'completion',
  'internal_reasoning',
  'input_cache_read',
  'input_cache_write',
  'input_cache_write_1h',
  'audio',
  'audio_output',
  'input_audio_cache',
  'image_token',
  'image_output',
  'image',
  'request',
  'web_search',
] as const

/**
 * Prices in US dollars: of a million tokens, unless the name is of something else (`image`, `request`, `web_search`: of
 * one). The names are OpenRouter's; what is absent is not known, and never free.
 */
export type Rates = Readonly<Partial<Record<(typeof rateNames)[number], number>>>

export const weekdays = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const
export type Weekday = (typeof weekdays)[number]

/** Rates for long prompts, or for hours of the day; of several that fit, the last wins for each rate. */
export interface Override extends Rates {
  /** Holds for prompts of more tokens than this. */
  readonly min_prompt_tokens?: number
  /** HHMM as a number, in UTC, from this on … */
  readonly utc_start?: number
  /** … until before this; before `utc_start`, it is that of the next day. */
  readonly utc_end?: number
  readonly utc_days?: readonly Weekday[]
}

export interface Pricing extends Rates {
  readonly overrides?: readonly Override[]
}

const isTime = ({ utc_start, utc_end }: Override, time: number): boolean => {
  if (utc_start === undefined || utc_end === undefined) return true
  return utc_start <= utc_end
    ? time >= utc_start && time < utc_end
    : time >= utc_start || time < utc_end
}

const applies = (override: Override, promptTokens: number, at: Date): boolean => {
  const { min_prompt_tokens, utc_days } = override
  if (min_prompt_tokens !== undefined && promptTokens <= min_prompt_tokens) return false
  if (utc_days && !utc_days.some((day) => day === weekdays[at.getUTCDay()])) return false
  return isTime(override, at.getUTCHours() * 100 + at.getUTCMinutes())
}

/** The rates for a prompt of that many tokens at that time. */
export const ratesFor = (pricing: Pricing, promptTokens: number, at: Date): Rates => {
  if (!pricing.overrides) return pricing
  const { overrides, ...base } = pricing
  let rates: Rates = base
  for (const override of overrides) {
    if (!applies(override, promptTokens, at)) continue
    const {
      min_prompt_tokens: _min,
      utc_start: _start,
      utc_end: _end,
      utc_days: _days,
      ...own
    } = override
    rates = { ...rates, ...own }
  }
  return rates
}

/** Whether all that a plain call costs is known to be nothing. */
export const isFree = (pricing: Pricing | undefined): boolean =>
  pricing !== undefined &&
  pricing.prompt === 0 &&
  pricing.completion === 0 &&
  !pricing.request &&
  !pricing.overrides?.some(({ prompt, completion, request }) => prompt || completion || request)

const perMillion = (tokens: number, rate: number | undefined, otherwise = 0): number =>
  (tokens * (rate ?? otherwise)) / 1_000_000

/** Tokens that a call is taken to need; `cached` are those of the prompt that the provider's cache holds. */
export interface Expected {
  readonly prompt: number
  readonly completion: number
  readonly cached?: number
}

/** Dollars that a call is taken to cost; undefined where the price of its prompt or its answer is not known. */
export const expectedCost = (
  pricing: Pricing | undefined,
  { prompt, completion, cached = 0 }: Expected,
  at: Date,
): number | undefined => {
  if (!pricing) return undefined
  const rates = ratesFor(pricing, prompt, at)
  if (rates.prompt === undefined) return undefined
  if (rates.completion === undefined && completion > 0) return undefined
  const held = Math.min(cached, prompt)
  return (
    (rates.request ?? 0) +
    perMillion(held, rates.input_cache_read, rates.prompt) +
    perMillion(prompt - held, rates.prompt) +
    perMillion(completion, rates.completion)
  )
}
