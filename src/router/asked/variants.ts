import type { Request } from '../../chat.ts'
import type { Bundle, Config } from '../../config.ts'
import { listOf, objectOf, type Fields } from '../../fields.ts'
import type { Preferences } from '../../preferences.ts'
import { builtInVariants, type BuiltInVariant } from './names.ts'

interface Variant {
  readonly provider?: Preferences
  /** Fields for a request that has none of its own. */
  readonly parameters?: Fields
}

/** What they mean besides, an endpoint's tier, price or context, is the planner's business. */
const builtIn: Readonly<Record<BuiltInVariant, Variant>> = {
  nitro: { provider: { sort: 'throughput' } },
  floor: { provider: { sort: 'price' } },
  exacto: { provider: { sort: 'exacto' } },
  free: {},
  extended: {},
  thinking: { parameters: { reasoning: { enabled: true } } },
  online: { parameters: { plugins: [{ id: 'web' }] } },
}

type Variants = Pick<Config, 'variants'>

const fromBundle = ({ provider = {}, model: _model, ...parameters }: Bundle): Variant => ({
  provider,
  parameters,
})

const isBuiltIn = (name: string): name is BuiltInVariant =>
  (builtInVariants as readonly string[]).includes(name)

const variantsOf = (names: readonly string[], { variants }: Variants): readonly Variant[] =>
  names.flatMap((name) => {
    const own = variants.get(name)
    if (own) return [fromBundle(own)]
    return isBuiltIn(name) ? [builtIn[name]] : []
  })

/** What variants together prefer; the later wins, but quality comes first only where nothing else does. */
export const variantPreferences = (names: readonly string[], config: Variants): Preferences => {
  let all: Preferences = {}
  for (const { provider } of variantsOf(names, config)) {
    const { sort } = all
    all = { ...all, ...provider, ...(provider?.sort === 'exacto' && sort && { sort }) }
  }
  return all
}

/** Entries of OpenRouter's `plugins`, each id once; the first one wins. */
export const withPlugins = (plugins: unknown, more: unknown): readonly unknown[] => {
  const own = listOf(plugins)
  const ids = new Set(own.map((plugin) => objectOf(plugin).id))
  return [...own, ...listOf(more).filter((plugin) => !ids.has(objectOf(plugin).id))]
}

/** What variants together ask for, for a request that says nothing else; the later wins. */
export const variantParameters = (
  names: readonly string[],
  config: Variants,
): Readonly<Partial<Request>> => {
  let all: Fields = {}
  for (const { parameters = {} } of variantsOf(names, config)) {
    const { plugins } = parameters
    const both = all.plugins && plugins ? { plugins: withPlugins(plugins, all.plugins) } : undefined
    all = { ...all, ...parameters, ...both }
  }
  return all
}
