import type { Catalog } from '../catalog/facts.ts'
import { endpointId, type Call, type Endpoint, type Usage } from '../chat.ts'
import type { Config } from '../config.ts'
import { allowsPrefill } from '../providers/prefill.ts'
import { routerModelOf } from './routes/groups.ts'
import { knownNames } from './asked/known-names.ts'
import { asksForLatest } from './routes/latest.ts'
import { parseName, type KnownNames } from './asked/names.ts'
import { weighted } from './choice/order.ts'
import { plan, type Plan } from './plan.ts'
import { createPlanner, type PlannerParts } from './planner.ts'
import { createRoutes, type Routes } from './routes/routes.ts'
import { createStats } from './measures/stats.ts'
import { conversationOf, createConversations, remember } from './choice/sticky.ts'

export interface Resolved {
  /** The route as the YAML names it, or `provider/*` where the model's prefix named the provider. */
  readonly route: string
  readonly endpoints: readonly Endpoint[]
}

export interface Router {
  /** Where a model may be answered, whatever the call is. Throws `model_not_found`. */
  resolve(model: string): Resolved
  /** The model's name behind its variants and aliases. */
  canonical(model: string): string
  /** What decides whether a colon ends a model's name. */
  readonly names: KnownNames
  /** What all names lead to. */
  readonly routes: Routes
  /** Whether the model stands for others, of which the plan leaves those that the caller may use. */
  stands(model: string): boolean
  /** Where the call may be answered, in the order to try. Throws `model_not_found` and `no_endpoints`. */
  plan(call: Call): Plan
  /** Takes note of an answer that ended well, for the conversation's next turn. */
  served(call: Call, endpoint: Endpoint, usage: Usage | undefined): void
}

export interface RouterParts extends Omit<PlannerParts, 'config' | 'routes' | 'names'> {
  readonly catalog: Catalog
}

/** A catalog in which nothing is known of any model. */
const emptyCatalog: Catalog = { facts: () => ({}), models: () => [], version: 0 }

export const createRouter = (config: Config, given: Partial<RouterParts> = {}): Router => {
  const parts: RouterParts = {
    catalog: emptyCatalog,
    stats: createStats(),
    conversations: createConversations(),
    serves: () => true,
    continues: ({ provider, endpoint }) => allowsPrefill(provider, endpoint.model),
    random: Math.random,
    now: Date.now,
    ...given,
  }
  const { catalog, conversations, random } = parts
  const routes = createRoutes(config, catalog)
  const known = knownNames(config, routes)

  return {
    names: known,
    canonical: (model) => routes.canonical(parseName(model, known).base),
    routes,
    stands(model) {
      const { base } = parseName(model, known)
      return routerModelOf(base, config) !== undefined || asksForLatest(base)
    },
    plan: createPlanner({ config, routes, names: known, ...parts }),
    resolve(model) {
      const { name, targets } = routes.find(parseName(model, known).base)
      const list = targets.map((target) => ({ target, cost: undefined }))
      const drawn = targets.some(({ weight }) => weight !== undefined)
        ? weighted(list, random)
        : list
      return { route: name, endpoints: drawn.map(({ target }) => target.endpoint) }
    },
    served(call, endpoint, usage) {
      const planned = call.vars.get(plan)
      if (!planned || planned.options.sticky === false) return
      // where one may be asked alone, there were others all the same
      if (planned.candidates.length < 2 && planned.fallbacks) return
      const provider = config.providers.get(endpoint.provider)
      const conversation = conversationOf(call, planned.requested[0] ?? call.request.model)
      if (!provider || !conversation) return
      const { model } = endpoint
      const facts = catalog.facts(provider.name, model)
      const target = { id: endpointId(endpoint), endpoint, provider, facts }
      remember(conversations, conversation, call, target, usage)
    },
  }
}
