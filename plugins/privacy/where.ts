import { plan, served, type Call, type Candidate, type Host } from 'sluice/plugin'
import type { Options } from './options.ts'

/** Whether a provider may read all as it is. */
const mayRead =
  ({ local, providers }: Options) =>
  ({ provider }: Pick<Candidate, 'provider'>): boolean =>
    (providers[provider.name] ?? (provider.local ? local : 'on')) === 'off'

const candidatesOf = (call: Call, host: Host): readonly Candidate[] => {
  const { endpoint } = call
  if (!endpoint) {
    const { candidates, offline } = host.plan(call)
    return offline ? [...candidates, offline] : candidates
  }
  const chosen = call.vars.get(served)
  const planned = [...(chosen ? [chosen] : []), ...(call.vars.get(plan)?.candidates ?? [])]
  const known = planned.find(({ provider }) => provider.name === endpoint.provider)
  return known ? [known] : []
}

/** Whether whoever may be asked is one that may read all as it is: the endpoint's provider, or all of the plan's. */
export const createOpen = (settings: Options, host: Host): ((call: Call) => boolean) => {
  const anybody = settings.local === 'off' || Object.values(settings.providers).includes('off')
  const may = mayRead(settings)
  return (call) => {
    if (!anybody) return false
    const candidates = candidatesOf(call, host)
    return candidates.length > 0 && candidates.every(may)
  }
}
