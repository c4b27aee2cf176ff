import { endpointId } from '../../chat.ts'
import type { Excluded } from '../plan.ts'
import type { Target } from '../routes/target.ts'

/** Each endpoint once, without those that another model of the request has made a candidate. */
export const firstReasons = (
  all: readonly Excluded[],
  candidates: readonly { readonly target: Target }[],
): readonly Excluded[] => {
  if (all.length === 0) return all
  const seen = new Set(candidates.map(({ target }) => target.id))
  return all.filter(({ endpoint }) => {
    const id = endpointId(endpoint)
    return !seen.has(id) && seen.add(id)
  })
}
