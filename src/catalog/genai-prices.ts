import type { ConditionalPrice, ModelInfo, ModelPrice, TieredPrices } from '@pydantic/genai-prices'
import type { ProviderConfig } from '../config.ts'
import { given } from '../fields.ts'
import type { Facts } from './facts.ts'
import { listedAs } from './listed-as.ts'
import type { Override, Pricing, Rates } from './pricing.ts'
import type { Source } from './source.ts'

type Package = typeof import('@pydantic/genai-prices')

/** Its price keys that have a name here; kinds of bills besides (audio by the hour, pages) are not known to us. */
const keys: Readonly<Record<string, readonly [rate: keyof Rates, of: number]>> = {
  input_mtok: ['prompt', 1],
  output_mtok: ['completion', 1],
  output_reasoning_mtok: ['internal_reasoning', 1],
  cache_read_mtok: ['input_cache_read', 1],
  cache_write_mtok: ['input_cache_write', 1],
  cache_write_1h_mtok: ['input_cache_write_1h', 1],
  input_audio_mtok: ['audio', 1],
  output_audio_mtok: ['audio_output', 1],
  cache_audio_read_mtok: ['input_audio_cache', 1],
  input_image_mtok: ['image_token', 1],
  output_image_mtok: ['image_output', 1],
  web_searches_kcount: ['web_search', 1_000],
  requests_kcount: ['request', 1_000],
}

type Price = number | TieredPrices

const known = (prices: ModelPrice): readonly (readonly [keyof Rates, number, Price])[] =>
  Object.entries(prices).flatMap(([key, price]) => {
    const name = keys[key]
    return name && price !== undefined ? [[...name, price] as const] : []
  })

const baseOf = (prices: ModelPrice): Rates =>
  Object.fromEntries(
    known(prices).map(([rate, of, price]) => [
      rate,
      (typeof price === 'number' ? price : price.base) / of,
    ]),
  )

/** Its tiers, each as what is different for prompts longer than its start. */
const tiersOf = (prices: ModelPrice): readonly Override[] => {
  const byStart = new Map<number, Record<string, number>>()
  for (const [rate, of, price] of known(prices))
    if (typeof price !== 'number')
      for (const { start, price: higher } of price.tiers)
        byStart.set(start, { ...byStart.get(start), [rate]: higher / of })
  return [...byStart]
    .sort(([one], [other]) => one - other)
    .map(([min_prompt_tokens, rates]) => ({ min_prompt_tokens, ...rates }))
}

/** `00:30:00Z` is 30. */
const timeOf = (text: string): number => Number(text.slice(0, 2)) * 100 + Number(text.slice(3, 5))

const startsLater = ({ constraint }: ConditionalPrice, today: Date): boolean =>
  constraint?.type === 'start_date' && new Date(constraint.start_date) > today

/** Of the prices that have begun the last without an hour holds, and those with one that stand after it. */
const pricingOf = (prices: ModelInfo['prices'], today: Date): Pricing | undefined => {
  const begun = Array.isArray(prices)
    ? prices.filter((price) => !startsLater(price, today))
    : [{ prices }]
  const at = begun.findLastIndex(({ constraint }) => constraint?.type !== 'time_of_date')
  const base = begun[Math.max(at, 0)]?.prices ?? {}
  const hours = begun.slice(at + 1).flatMap(({ constraint, prices: then }) => {
    if (constraint?.type !== 'time_of_date') return []
    const when = { utc_start: timeOf(constraint.start_time), utc_end: timeOf(constraint.end_time) }
    return [{ ...when, ...baseOf(then) }, ...tiersOf(then).map((tier) => ({ ...when, ...tier }))]
  })
  const rates = baseOf(base)
  const overrides = [...tiersOf(base), ...hours]
  if (Object.keys(rates).length === 0) return undefined
  return { ...rates, ...(overrides.length > 0 && { overrides }) }
}

const toFacts = ({ name, description, context_window, deprecated, prices }: ModelInfo): Facts =>
  given({
    name,
    description,
    context_length: context_window,
    deprecated,
    pricing: pricingOf(prices, new Date()),
  })

export interface GenaiPrices extends Source {
  /** The package is large and read once; before that, this source knows nothing. */
  load(): Promise<void>
}

/** The prices that are bundled with the daemon, as of the package's date. */
export const createGenaiPrices = (): GenaiPrices => {
  let bundle: Package | undefined
  /** Nobody is found by a model's name alone: the same name costs something else at every host. */
  const ownerOf = (provider: ProviderConfig) => {
    if (!bundle) return undefined
    const { genai: providerId } = listedAs(provider)
    if (providerId !== undefined) return bundle.findProvider({ providerId })
    if (provider.preset !== undefined || provider.local) return undefined
    return bundle.findProvider({ providerApiUrl: provider.base_url })
  }
  return {
    name: 'genai-prices',
    async load() {
      bundle ??= await import('@pydantic/genai-prices')
    },
    facts(provider, model) {
      const owner = ownerOf(provider)
      try {
        const found = owner && bundle?.calcPrice({}, model, { providerId: owner.id })
        return found ? toFacts(found.model) : undefined
      } catch {
        // it refuses bills of a kind that it does not know; then neither do we
        return undefined
      }
    },
    models(provider) {
      const models = ownerOf(provider)?.models.filter(({ deprecated }) => deprecated !== true)
      return models?.map(({ id }) => id)
    },
  }
}
