import type { Config } from '../../config.ts'
import { builtInVariants, presetMark, type KnownNames } from './names.ts'

const builtIn: ReadonlySet<string> = new Set(builtInVariants)

/** What providers are known to have besides, as they told. */
export interface Listings {
  lists(provider: string, model: string): boolean
  /** Whether any of them has a model of exactly that name. */
  has(model: string): boolean
}

const noListings: Listings = { lists: () => false, has: () => false }

/**
 * The names of a config: its routes, the models that it lists, its variants.
 */
export const knownNames = (
  {
    routes,
    providers,
    variants,
    presets,
  }: Pick<Config, 'routes' | 'providers' | 'variants' | 'presets'>,
  listings: Listings = noListings,
): KnownNames => {
  /**
   * OpenRouter's models come with its own variants and presets, which it knows better than we do; `:online` is told to it
   * as the plugin that it stands for, unless that has been done here.
   */
  const isOpenRouters = (model: string): boolean => {
    const [name = '', ...suffixes] = model.split(':')
    const [, preset] = name.split(presetMark)
    if (preset !== undefined) return !presets.has(preset)
    const isIts = (name: string) => builtIn.has(name) && name !== 'online' && !variants.has(name)
    return suffixes.length > 0 && suffixes.every(isIts)
  }
  return {
    variant: (name) => builtIn.has(name) || variants.has(name),
    exists(name) {
      if (routes.has(name) || listings.has(name)) return true
      const slash = name.indexOf('/')
      const provider = providers.get(name.slice(0, Math.max(slash, 0)))
      if (!provider) return false
      const model = name.slice(slash + 1)
      return (
        provider.models.includes(model) ||
        Object.hasOwn(provider.facts, model) ||
        (provider.preset === 'openrouter' && isOpenRouters(model)) ||
        listings.lists(provider.name, model)
      )
    },
  }
}
