import type { Caller } from '../../chat.ts'
import { sift, type Circumstances } from '../../router/choice/filter.ts'
import { needsOf } from '../../router/choice/needs.ts'
import { rulesOf } from '../../router/choice/rules.ts'
import { placeIn } from '../../router/choice/slugs.ts'
import type { Target } from '../../router/routes/target.ts'
import { toListedEndpoint, toModel, type Model } from '../model.ts'
import type { Listing } from '../models.ts'
import { routerModels } from '../router-models.ts'

type Scope = Parameters<typeof rulesOf>[0][number]

/** The endpoints that preferences leave to a call that demands nothing. */
const left = (targets: readonly Target[], scopes: readonly Scope[]): readonly Target[] => {
  const rules = rulesOf(scopes)
  const { order, allow_fallbacks } = rules
  const circumstances: Circumstances = {
    rules,
    needs: needsOf({ request: { model: '' } }),
    tiers: ['priority', 'flex'],
    free: false,
    at: new Date(),
    serves: () => true,
    may: () => true,
    continues: undefined,
  }
  const { left } = sift(targets, circumstances)
  return order && allow_fallbacks === false
    ? left.filter(({ provider }) => placeIn(order, provider) !== -1)
    : left
}

/**
 * The models of which the preferences of the config, of the route and of the caller leave an endpoint, and what is known of
 * them at those that are left.
 */
export const usable = (
  models: readonly Model[],
  caller: Caller | undefined,
  { config, router }: Listing,
): readonly Model[] => {
  const { routes } = router
  const everywhere = config.routing.provider
  const choice = new Set(
    routerModels(config, left(routes.all(), [everywhere, caller?.provider])).map(({ id }) => id),
  )
  return models.flatMap((model) => {
    if (model.router) return choice.has(model.id) ? [model] : []
    // a plugin's own, or a name for one that chooses
    if (model.endpoints.length === 0) return [model]
    const { targets, preferences } = routes.find(model.id)
    const mine = left(targets, [everywhere, preferences, caller?.provider])
    if (mine.length === targets.length) return [model]
    if (mine.length === 0) return []
    const { id, owned_by, name, alias_target } = model
    const named = owned_by === 'sluice' ? { name, ...(alias_target && { alias_target }) } : {}
    return [toModel(id, owned_by, mine.map(toListedEndpoint), named)]
  })
}
