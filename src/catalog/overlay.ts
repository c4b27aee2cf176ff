import type { Facts } from './facts.ts'
import type { Pricing } from './pricing.ts'

export interface Layer {
  readonly name: string
  readonly facts: Facts
}

/** The YAML's rates over those of one other source; long prompts of another price go with the price they belong to. */
const priced = (written: Pricing | undefined, found: Pricing | undefined): Pricing | undefined => {
  if (!written || !found) return written ?? found
  const { overrides, ...rates } = found
  const ownPrice = written.prompt !== undefined || written.completion !== undefined
  return { ...rates, ...(overrides && !ownPrice && { overrides }), ...written }
}

const nothing: Facts = {}

/**
 * Layers of facts as one, field by field: what stands in an earlier one wins. All prices come from the first that has
 * any, as those of two sources do not belong together, with the YAML's laid over them.
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
    found.find(({ facts }) => facts.pricing !== undefined)?.facts.pricing,
  )
  return { ...merged, ...(pricing && { pricing }), sources }
}
