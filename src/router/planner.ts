import { expectedCost } from '../catalog/pricing.ts'
import { caller, type Call } from '../chat.ts'
import type { Config } from '../config.ts'
import { sift, type Circumstances, type Sifted } from './choice/filter.ts'
import { firstReasons } from './choice/first-reasons.ts'
import { createArrangement, isUnpartitioned, type Placed } from './choice/arrange.ts'
import { createGroups, type Group } from './routes/groups.ts'
import { needsOf, type Needs } from './choice/needs.ts'
import { toNoEndpoints } from './choice/no-endpoints.ts'
import { matches } from './routes/pattern.ts'
import { continuing, type Candidate, type Excluded, type Plan } from './plan.ts'
import { rulesOf, type Rules } from './choice/rules.ts'
import type { KnownNames } from './asked/names.ts'
import { preferencesOf } from './asked/request-preferences.ts'
import type { Routes } from './routes/routes.ts'
import type { Stats } from './measures/stats.ts'
import { conversationOf, paysToReturn, type Conversations } from './choice/sticky.ts'
import type { Target } from './routes/target.ts'
import { tierOf, tiersFor } from './choice/tiers.ts'
import { variantParameters, variantPreferences } from './asked/variants.ts'

export interface PlannerParts {
  readonly config: Config
  readonly routes: Routes
  readonly names: KnownNames
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

/** One that stands behind the only one that may be asked. */
const toSpare = ({ target, group }: Placed): Excluded => ({
  model: group.nameOf(target),
  endpoint: target.endpoint,
  by: 'allow_fallbacks',
  detail: 'provider.allow_fallbacks is false, and another comes first',
})

/** Two models of a request may lead to one endpoint. */
const onceEach = (list: readonly Placed[]): readonly Placed[] => {
  if (list.length < 2) return list
  const seen = new Set<string>()
  return list.filter(({ target: { id } }) => !seen.has(id) && seen.add(id))
}

export const createPlanner = (parts: PlannerParts): ((call: Call) => Plan) => {
  const { config, routes, names, stats, conversations, serves, continues, random, now } = parts
  const groupsFor = createGroups({ config, routes, names, random })
  const { arranged, slowLast } = createArrangement(stats, random)

  const rulesFor = (group: Group, call: Call): Rules =>
    rulesOf([
      config.routing.provider,
      ...group.preferences,
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

  const sifted = (
    group: Group,
    rules: Rules,
    call: Call,
    needs: Needs,
    at: Date,
    targets = group.targets,
  ): Sifted => {
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
    return sift(targets, circumstances)
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

  /** The endpoint for when nobody else can be reached; it keeps to the rules of its route as the others do. */
  const lastOf = (
    groups: readonly Group[],
    rulesOf: (group: Group) => Rules,
    call: Call,
    needs: Needs,
    at: Date,
  ): Placed | undefined => {
    for (const group of groups) {
      if (!group.offline) continue
      const rules = rulesOf(group)
      const [target] = sifted(group, rules, call, needs, at, [group.offline]).left
      if (target) return { target, cost: undefined, group, rules, notes: ['offline'] }
    }
    return undefined
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
    const { groups, strategy, summary, lacking } = groupsFor(call, needs, clears)
    const removed: Excluded[] = []
    const found = groups.map((group): Placed[] => {
      const rules = rulesOfGroup(group)
      const sieve = sifted(group, rules, call, needs, at)
      for (const { target, by, detail } of sieve.removed)
        removed.push({ model: group.nameOf(target), endpoint: target.endpoint, by, detail })
      return sieve.left.map((target) => {
        const cost = expectedCost(target.facts.pricing, needs, at)
        return { target, cost, group, rules, notes: [] }
      })
    })
    const { model, models = [] } = call.request
    const requested = models.length === 0 ? [model] : [...new Set([model, ...models])]
    const last = lastOf(groups, rulesOfGroup, call, needs, at)
    // an answer that was begun is gone on with by whoever can
    const alone = found.every((list) => list.length === 0) && call.vars.get(continuing)
    const lists = last && alone ? [[last]] : found
    const all = lists.flat()
    const [head] = all
    if (!head) throw toNoEndpoints(requested, removed, lacking)
    const { rules, group } = head
    const ordered = isUnpartitioned(rules)
      ? arranged(all, head, call)
      : lists.flatMap((list) => (list[0] ? arranged(list, list[0], call) : []))
    const order = stuck(slowLast(onceEach(ordered)), head, call, needs, at)
    const single = rules.allow_fallbacks === false && !rules.order
    const placed = single ? order.slice(0, 1) : order
    const excluded = single ? [...removed, ...order.slice(1).map(toSpare)] : removed
    return {
      requested,
      strategy,
      candidates: placed.map(toCandidate),
      ...(last && rules.allow_fallbacks !== false && { offline: toCandidate(last) }),
      excluded: firstReasons(excluded, placed),
      options: group.options,
      fallbacks: !single,
      summary,
    }
  }
}
