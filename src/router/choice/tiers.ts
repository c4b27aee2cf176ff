import type { Call } from '../../chat.ts'
import type { ProviderConfig } from '../../config.ts'
import type { Rules } from './rules.ts'

export type Tier = NonNullable<ProviderConfig['service_tier']>

/** The tier that the request asks for in its own words. */
export const tierOf = ({ request: { service_tier } }: Call): Tier | undefined => {
  if (service_tier === 'flex') return 'flex'
  return service_tier === 'priority' || service_tier === 'fast' ? 'priority' : undefined
}

/** Tiers that may serve the call; those of its variants only where the request itself says nothing of tiers or providers. */
export const tiersFor = (variants: readonly string[], { order }: Rules, call: Call): Tier[] => {
  const asked = tierOf(call)
  const silent = !order && call.request.service_tier !== 'default'
  const tiers: Tier[] = []
  if (asked === 'priority' || (silent && variants.includes('nitro'))) tiers.push('priority')
  if (asked === 'flex' || (silent && variants.includes('floor'))) tiers.push('flex')
  return tiers
}
