import { isFree } from '../../catalog/pricing.ts'
import type { Config } from '../../config.ts'
import { chosen, optionsFor, type Option } from './auto.ts'
import type { Route, Routes } from './routes.ts'
import type { Target } from './target.ts'

/** An option with where it leads. */
interface Offer extends Option {
  readonly route: Route
}

/** What router models choose from; made anew when the catalog has learned something. */
export interface Offered {
  /** What `sluice/auto` may choose for calls that are not difficult, the cheapest first, and for those that are. */
  auto(): { readonly easy: readonly Offer[]; readonly hard: readonly Offer[] }
  /** All that a router model may stand for. */
  all(): readonly Target[]
  /** All that costs nothing. */
  free(): readonly Target[]
  /** All that runtimes of the user's own have. */
  local(): readonly Target[]
}

/** Whether a router model may stand for it. */
const isOffered = ({ facts: { output_modalities, deprecated } }: Target): boolean =>
  deprecated !== true && (output_modalities === undefined || output_modalities.includes('text'))

/** Dollars of a million tokens, three quarters of them prompt. */
const blended = ({ facts: { pricing } }: Target): number | undefined =>
  pricing?.prompt === undefined || pricing.completion === undefined
    ? undefined
    : (3 * pricing.prompt + pricing.completion) / 4

const difficult = { score: 1, because: '' }

/** What is made of all endpoints, kept as long as they are the same. */
export const keptOf = <T>(
  all: () => readonly Target[],
  make: (all: readonly Target[]) => T,
): (() => T) => {
  let kept: { readonly of: readonly Target[]; readonly made: T } | undefined
  return () => {
    const of = all()
    if (kept?.of !== of) kept = { of, made: make(of) }
    return kept.made
  }
}

export const createOffered = (
  { routes: written, routing: { auto } }: Pick<Config, 'routes' | 'routing'>,
  routes: Pick<Routes, 'all' | 'canonical' | 'find'>,
): Offered => {
  const optionsOf = (all: readonly Target[]): Offer[] => {
    const own = [...written.keys()].filter((name) => !name.includes('*'))
    const names = auto.models || own.length === 0 ? [...own, ...all.map(({ id }) => id)] : own
    const models = new Set<string>()
    return chosen(names, auto).flatMap((name): Offer[] => {
      // an alias is no other model
      const model = routes.canonical(name)
      if (models.has(model)) return []
      models.add(model)
      const route = routes.find(name)
      const prices = route.targets
        .filter(isOffered)
        .map(blended)
        .filter((price) => price !== undefined)
      return prices.length > 0 ? [{ name, price: Math.min(...prices), route }] : []
    })
  }

  const offered = keptOf(routes.all, (all) => all.filter(isOffered))

  return {
    all: offered,
    auto: keptOf(routes.all, (all) => {
      const easy = optionsOf(all).sort((one, other) => one.price - other.price)
      return { easy, hard: optionsFor(easy, difficult, auto) }
    }),
    free: keptOf(offered, (all) => all.filter(({ facts }) => isFree(facts.pricing))),
    local: keptOf(offered, (all) => all.filter(({ provider }) => provider.local)),
  }
}
