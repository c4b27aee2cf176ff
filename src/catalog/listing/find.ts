import type { Caller } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'
import { asksForLatest, latestOf } from '../../router/routes/latest.ts'
import { toListedEndpoint, toModel, type Model } from '../model.ts'
import { mayUse, type Listing } from '../models.ts'

/** What nobody lists, but what a name leads to all the same; nothing for names that lead nowhere. */
const unlisted = (name: string, { router, catalog }: Listing): Model | undefined => {
  const { routes } = router
  const targets = () =>
    asksForLatest(name) ? latestOf(name, routes.all()) : routes.find(name).targets
  try {
    const known = targets().filter(({ endpoint: { provider, model } }) =>
      catalog.models(provider).includes(model),
    )
    const [first] = known
    if (!first) return undefined
    const model = toModel(name, first.provider.name, known.map(toListedEndpoint))
    const target = { name: first.facts.name ?? first.id, slug: first.id }
    return asksForLatest(name) ? { ...model, alias_target: target } : model
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'model_not_found') return undefined
    throw error
  }
}

/** The model that a caller means: one of the list, else what is behind the aliases and variants of its name. */
export const findModel = (
  models: readonly Model[],
  name: string,
  caller: Caller | undefined,
  listing: Listing,
): Model | undefined => {
  const find = (id: string) => models.find((model) => model.id === id)
  const listed = find(name) ?? find(listing.router.canonical(name))
  if (listed) return listed
  return mayUse(caller, listing.router)(name)
    ? unlisted(listing.router.canonical(name), listing)
    : undefined
}
