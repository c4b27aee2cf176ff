import type { Options } from './options.ts'
import { charactersOf, type Wanted } from './wanted.ts'
import type { Wish } from './wishes.ts'

/** What is asked of engines by a request: its own wishes, and the YAML's where it has none. */
export const settle = (options: Options, wish: Wish): Omit<Wanted, 'query'> => ({
  max_results: wish.max_results ?? options.max_results,
  characters:
    wish.max_characters ?? charactersOf[wish.search_context_size ?? options.search_context_size],
  include: wish.include_domains ?? options.include_domains,
  // what the operator excludes stays so
  exclude: [...new Set([...options.exclude_domains, ...(wish.exclude_domains ?? [])])],
  location: wish.user_location ?? options.user_location,
  ...(wish.mode && { mode: wish.mode }),
})

/** The wish with the YAML's domains, for those who search by themselves. */
export const wholeWish = (options: Options, wish: Wish): Wish => {
  const { include, exclude, location } = settle(options, wish)
  return {
    ...wish,
    include_domains: [...include],
    exclude_domains: [...exclude],
    user_location: location,
  }
}
