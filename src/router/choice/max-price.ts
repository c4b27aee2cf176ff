import { ratesFor } from '../../catalog/pricing.ts'
import type { Circumstances } from './filter.ts'
import type { Target } from '../routes/target.ts'

const priceNames = ['prompt', 'completion', 'image', 'audio', 'request'] as const
const unitOf = {
  prompt: 'a million tokens',
  completion: 'a million tokens',
  audio: 'a million tokens',
  image: 'an image',
  request: 'a request',
}

/** Why the endpoint is dearer for this call than it may be; a price that is not known may be any, but for a request's own. */
export const tooDear = (
  { facts: { pricing } }: Target,
  { rules: { max_price }, needs, at }: Circumstances,
): string | undefined => {
  if (!max_price) return undefined
  const rates = pricing && ratesFor(pricing, needs.prompt, at)
  for (const name of priceNames) {
    const limit = max_price[name]
    if (limit === null || limit === undefined) continue
    // what this call does not use may cost what it will
    if ((name === 'image' || name === 'audio') && !needs.modalities.includes(name)) continue
    const price = rates?.[name]
    if (price === undefined) {
      if (name !== 'request')
        return `provider.max_price.${name} is ${limit}, and its price is not known`
    } else if (price > limit)
      return `provider.max_price.${name} is ${limit}, and it costs $${price} ${unitOf[name]}`
  }
  return undefined
}
