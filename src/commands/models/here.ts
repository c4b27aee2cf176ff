import { createCatalog } from '../../catalog/catalog.ts'
import { createLearned } from '../../catalog/learned.ts'
import { toWireEndpoints } from '../../catalog/listing/endpoints-page.ts'
import { keeps } from '../../catalog/listing/keeps.ts'
import { readListQuery } from '../../catalog/listing/list-query.ts'
import { toWireModel } from '../../catalog/listing/wire-model.ts'
import { listModels } from '../../catalog/models.ts'
import type { Config, Env } from '../../config.ts'
import { dataDirectory } from '../../data-directory.ts'
import type { Fields } from '../../fields.ts'
import { createRouter } from '../../router/router.ts'
import { createStats } from '../../router/measures/stats.ts'

/** Nobody has been asked for an answer yet. */
const unseen = {
  stats: createStats(),
  health: { wait: () => 0, keyWait: () => 0, suspect: () => false },
}

/**
 * The models of a config and of what lies on this machine, each with its endpoints. Only runtimes on this machine are
 * asked for theirs.
 */
export const modelsHere = async (
  config: Config,
  query: URLSearchParams,
  env: Env,
): Promise<readonly Fields[]> => {
  const learned = createLearned(dataDirectory(env))
  await learned.look()
  const near = [...config.providers.values()].filter(
    ({ local, models, base_url }) => local && models.length === 0 && base_url !== 'demo:',
  )
  await Promise.all(near.map((provider) => learned.ask(provider)))
  const catalog = createCatalog(config, learned)
  const models = listModels({ config, catalog, router: createRouter(config, { catalog }) })
  const wanted = readListQuery(query, 'all')
  const known = { providers: config.providers, stats: unseen.stats, now: Date.now() }
  return models
    .filter((model) => keeps(wanted, model, known))
    .map((model) => ({
      ...toWireModel(model),
      endpoints: toWireEndpoints(model, config, unseen),
    }))
}
