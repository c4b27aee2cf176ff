import { without } from '../fields.ts'
import type { Facts } from './facts.ts'
import type { Pricing } from './pricing.ts'

export interface Layer {
  readonly name: string
  readonly facts: Facts
}

/**
 * The prices of the first source that has any. What it does not name is taken from a later one only where both agree on
 * the price of tokens, as the parts of two price lists do not belong together; a search costs the same in all of them.
 */
const listedPrice = (prices: readonly Pricing[]): Pricing | undefined =>
  prices.reduce<Pricing | undefined>((first, { overrides, ...rates }) => {
    if (!first) return { ...rates, ...(overrides && { overrides }) }
    if (first.prompt === rates.prompt && first.completion === rates.completion)
      return { ...rates, ...first }
    const { web_search } = rates
    return { ...(web_search !== undefined && { web_search }), ...first }
  }, undefined)

const conditions = ['min_prompt_tokens', 'utc_start', 'utc_end', 'utc_days']

/** The YAML's rates over those found, at every hour and length; what it does not name stays as it was. */
const priced = (written: Pricing | undefined, found: Pricing | undefined): Pricing | undefined => {
  if (!written || !found) return written ?? found
  const { overrides = [], ...rates } = found
  const left = overrides
    .map((override) => without(override, Object.keys(written)))
    .filter((override) => Object.keys(override).some((field) => !conditions.includes(field)))
  return { ...rates, ...(left.length > 0 && { overrides: left }), ...written }
}

const nothing: Facts = {}

/**
 * Layers of facts as one, field by field: what stands in an earlier one wins.
 */
export const overlay = (written: Facts | undefined, found: readonly Layer[]): Facts => {
  const layers = written ? [{ name: 'yaml', facts: written }, ...found] : found
  const merged: Record<string, unknown> = {}
  const sources: string[] = []
  for (const { name, facts } of layers) {
    let used = false
    for (const [field, value] of Object.entries(facts)) {
      if (value === undefined || field in merged) continue
      merged[field] = value
      used = true
    }
    if (used) sources.push(name)
  }
  if (sources.length === 0) return nothing
  const pricing = priced(
    written?.pricing,
    listedPrice(found.flatMap(({ facts }) => facts.pricing ?? [])),
  )
  return { ...merged, ...(pricing && { pricing }), sources }
}
