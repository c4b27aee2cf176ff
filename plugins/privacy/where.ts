import { chosen, type Call, type Candidate, type Host } from 'sluice/plugin'
import type { Options } from './options.ts'

/** Whether a provider may read all as it is. */
const mayRead =
  ({ local, providers }: Options) =>
  ({ provider }: Pick<Candidate, 'provider'>): boolean =>
    (providers[provider.name] ?? (provider.local ? local : 'on')) === 'off'

/** Also who is asked only when nobody else can be reached. */
const candidatesOf = (call: Call, host: Host): readonly Candidate[] => {
  if (call.endpoint) {
    const asked = chosen(call)
    return asked ? [asked] : []
  }
  const { candidates, offline } = host.plan(call)
  return offline ? [...candidates, offline] : candidates
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
