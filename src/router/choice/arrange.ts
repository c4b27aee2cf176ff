import type { Call } from '../../chat.ts'
import type { Stats } from '../measures/stats.ts'
import type { Group } from '../routes/groups.ts'
import { balanced, isSlow, sorted, weighted, type Priced } from './order.ts'
import type { Rules } from './rules.ts'
import { placeIn } from './slugs.ts'
import { tierOf } from './tiers.ts'

/** A candidate on its way to a place. */
export interface Placed extends Priced {
  readonly group: Group
  readonly rules: Rules
  readonly notes: readonly string[]
}

const sortOf = ({ sort }: Rules) => (typeof sort === 'string' ? sort : (sort?.by ?? undefined))

/** Whether the endpoints of all models are put in one order. */
export const isUnpartitioned = ({ sort }: Rules): boolean =>
  typeof sort === 'object' && sort?.partition === 'none'

/** How the endpoints of a call come into the order in which they are tried. */
export const createArrangement = (stats: Stats, random: () => number) => {
  /** The endpoints of one model, or of all together, in the order to try. */
  const arranged = (list: readonly Placed[], { group, rules }: Placed, call: Call): Placed[] => {
    if (list.length < 2 && list[0]?.target.weight === undefined) return [...list]
    const tier = tierOf(call)
    const cheapest = tier === 'flex' || isUnpartitioned(rules)
    const by = sortOf(rules) ?? (cheapest ? 'price' : undefined)
    const usual = (rest: readonly Placed[]): Placed[] => {
      const fast = ({ target }: Placed) => target.provider.service_tier === 'priority'
      if (tier === 'priority' && rest.some(fast))
        return [
          ...sorted(rest.filter(fast), by ?? 'throughput', stats),
          ...usual(rest.filter((one) => !fast(one))),
        ]
      if (by) return sorted(rest, by, stats)
      if (group.variants.includes('extended'))
        return rest.toSorted(
          ({ target: one }, { target: other }) =>
            (other.facts.context_length ?? 0) - (one.facts.context_length ?? 0),
        )
      if (rest.some(({ target }) => target.weight !== undefined)) return weighted(rest, random)
      if (group.options.balance === 'price' && rest.length > 1)
        return balanced(rest, ({ id }) => stats.failing(id), random)
      return [...rest]
    }
    const { order } = rules
    if (!order) return usual(list)
    const placeOf = ({ target }: Placed) => placeIn(order, target.provider)
    const named = list
      .filter((one) => placeOf(one) !== -1)
      .sort((one, other) => placeOf(one) - placeOf(other))
    return [...named, ...usual(list.filter((one) => placeOf(one) === -1))]
  }

  const slowLast = (list: readonly Placed[]): Placed[] => {
    const slow = list.filter(({ target, rules }) =>
      isSlow(target, rules.preferred_min_throughput, rules.preferred_max_latency, stats),
    )
    if (slow.length === 0) return [...list]
    const late = new Set(slow)
    return [
      ...list.filter((one) => !late.has(one)),
      ...slow.map((one) => ({ ...one, notes: [...one.notes, 'slow'] })),
    ]
  }

  return { arranged, slowLast }
}
