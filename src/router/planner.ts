import { expectedCost } from '../catalog/pricing.ts'
import { caller, type Call } from '../chat.ts'
import type { Config } from '../config.ts'
import { sift, type Circumstances, type Sifted } from './filter.ts'
import { firstReasons } from './first-reasons.ts'
import { createGroups, type Group } from './groups.ts'
import { needsOf, type Needs } from './needs.ts'
import { toNoEndpoints } from './no-endpoints.ts'
import { balanced, isSlow, sorted, weighted, type Priced } from './order.ts'
import { matches } from './pattern.ts'
import { continuing, type Candidate, type Excluded, type Plan } from './plan.ts'
import { rulesOf, type Rules } from './preferences.ts'
import { preferencesOf } from './request-preferences.ts'
import type { Routes } from './routes.ts'
import { placeIn } from './slugs.ts'
import type { Stats } from './stats.ts'
import { conversationOf, paysToReturn, type Conversations } from './sticky.ts'
import type { Target } from './target.ts'
import { tierOf, tiersFor } from './tiers.ts'
import { variantParameters, variantPreferences } from './variants.ts'

export interface PlannerParts {
  readonly config: Config
  readonly routes: Routes
  readonly stats: Stats
  readonly conversations: Conversations
  /** Whether a provider's formats know the call's operation. */
  readonly serves: (target: Target, call: Call) => boolean
  /** Whether an endpoint can go on with what another began to say. */
  readonly continues: (target: Target) => boolean
  readonly random: () => number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A candidate on its way to a place. */
interface Placed extends Priced {
  readonly group: Group
  readonly rules: Rules
  readonly notes: readonly string[]
}

const sortOf = ({ sort }: Rules) => (typeof sort === 'string' ? sort : (sort?.by ?? undefined))

const isUnpartitioned = ({ sort }: Rules): boolean =>
  typeof sort === 'object' && sort?.partition === 'none'

/** One that stands behind the only one that may be asked. */
const toSpare = ({ target, group }: Placed): Excluded => ({
  model: group.nameOf(target),
  endpoint: target.endpoint,
  by: 'allow_fallbacks',
  detail: 'provider.allow_fallbacks is false, and another comes first',
})

export const createPlanner = (parts: PlannerParts): ((call: Call) => Plan) => {
  const { config, routes, stats, conversations, serves, continues, random, now } = parts
  const groupsFor = createGroups({ config, routes, random })

  const rulesFor = (group: Group, call: Call): Rules =>
    rulesOf([
      config.routing.provider,
      group.preferences,
      call.vars.get(caller)?.provider,
      group.variants.length > 0 ? variantPreferences(group.variants, config) : undefined,
      preferencesOf(call.request),
    ])

  const mayUse = (group: Group, call: Call) => {
    const models = call.vars.get(caller)?.models
    if (!models) return () => true
    return (target: Target) => {
      const name = group.nameOf(target)
      return [name, routes.canonical(name)].some((known) =>
        models.some((pattern) => matches(pattern, known)),
      )
    }
  }

  const sifted = (group: Group, rules: Rules, call: Call, needs: Needs, at: Date): Sifted => {
    const circumstances: Circumstances = {
      rules,
      needs,
      at,
      tiers: tiersFor(group.variants, rules, call),
      tier: tierOf(call) === 'flex' ? 'flex' : undefined,
      free: group.free,
      serves: (target) => serves(target, call),
      may: mayUse(group, call),
      continues: call.vars.get(continuing) ? continues : undefined,
    }
    return sift(group.targets, circumstances)
  }

  /** The endpoints of one model, or of all together, in the order to try. */
  const arranged = (list: readonly Placed[], { group, rules }: Placed, call: Call): Placed[] => {
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

  /** Not to who is ill or slow, nor to another model that only stood in for the one that was asked for. */
  const mayReturn = (back: Placed, first: Placed, rules: Rules): boolean =>
    !stats.failing(back.target.id) &&
    (!back.notes.includes('slow') || first.notes.includes('slow')) &&
    (back.group.written === first.group.written || isUnpartitioned(rules))

  /** The conversation's own endpoint first, if that pays. */
  const stuck = (
    list: readonly Placed[],
    { rules, group }: Placed,
    call: Call,
    needs: Needs,
    at: Date,
  ): readonly Placed[] => {
    const [first] = list
    if (!first || list.length < 2 || conversations.size === 0) return list
    if (rules.order || group.options.sticky === false) return list
    const conversation = conversationOf(call, call.request.model)
    const held = conversation && conversations.get(conversation.key)
    const back = held && list.find(({ target }) => target.id === held.endpoint)
    if (!back) return list
    if (back !== first && !mayReturn(back, first, rules)) return list
    if (back !== first && !paysToReturn(held, back.target, first.target, needs, at)) return list
    const noted = { ...back, notes: [...back.notes, 'sticky'] }
    return [noted, ...list.filter((one) => one !== back)]
  }

  const toCandidate = ({ target, cost, group, notes }: Placed): Candidate => {
    const patch = group.variants.length > 0 ? variantParameters(group.variants, config) : undefined
    return {
      model: group.nameOf(target),
      route: group.route,
      endpoint: target.endpoint,
      provider: target.provider,
      facts: target.facts,
      ...(cost !== undefined && { cost }),
      notes: stats.failing(target.id) ? [...notes, 'failing'] : notes,
      ...(group.variants.includes('free') && { free: true }),
      ...(patch && { patch }),
    }
  }

  return (call) => {
    const needs = needsOf(call)
    const at = new Date(now())
    let latest: { readonly of: Group; readonly rules: Rules } | undefined
    // of thousands of models that sluice/auto looks at, most prefer the same
    const rulesOfGroup = (group: Group): Rules => {
      const { preferences, variants } = group
      if (latest?.of.preferences === preferences && latest?.of.variants === variants)
        return latest.rules
      latest = { of: group, rules: rulesFor(group, call) }
      return latest.rules
    }
    const clears = (group: Group) =>
      sifted(group, rulesOfGroup(group), call, needs, at).left.length > 0
    const { groups, strategy, summary } = groupsFor(call, needs, clears)
    const removed: Excluded[] = []
    const lists = groups.map((group): Placed[] => {
      const rules = rulesOfGroup(group)
      const sieve = sifted(group, rules, call, needs, at)
      for (const { target, by, detail } of sieve.removed)
        removed.push({ model: group.nameOf(target), endpoint: target.endpoint, by, detail })
      return sieve.left.map((target) => {
        const cost = expectedCost(target.facts.pricing, needs, at)
        return { target, cost, group, rules, notes: [] }
      })
    })
    const requested = [...new Set([call.request.model, ...(call.request.models ?? [])])]
    const all = lists.flat()
    const [head] = all
    if (!head) throw toNoEndpoints(requested, removed)
    const { rules, group } = head
    const ordered = isUnpartitioned(rules)
      ? arranged(all, head, call)
      : lists.flatMap((list) => (list[0] ? arranged(list, list[0], call) : []))
    const seen = new Set<string>()
    const once = ordered.filter(({ target: { id } }) => !seen.has(id) && seen.add(id))
    const order = stuck(slowLast(once), head, call, needs, at)
    const alone = rules.allow_fallbacks === false && !rules.order
    const placed = alone ? order.slice(0, 1) : order
    const excluded = alone ? [...removed, ...order.slice(1).map(toSpare)] : removed
    const begun = call.vars.get(continuing)
    const offline = groups.find(({ offline }) => offline && (!begun || continues(offline)))
    return {
      requested,
      strategy,
      candidates: placed.map(toCandidate),
      ...(offline?.offline &&
        rules.allow_fallbacks !== false && {
          offline: toCandidate({
            target: offline.offline,
            cost: undefined,
            group: offline,
            rules,
            notes: ['offline'],
          }),
        }),
      excluded: firstReasons(excluded, placed),
      options: group.options,
      fallbacks: !alone,
      summary,
    }
  }
}
