import { bearer, hosts, readerOf, snippets, whole, type Engine } from '../engine.ts'
import { given } from '../given.ts'

const isDeep = (mode: string | undefined): boolean => mode === 'advanced' || mode === 'deep'

export const tavily = {
  base_url: 'https://api.tavily.com',
  env: 'TAVILY_API_KEY',
  cost: (_, mode) => (isDeep(mode) ? 0.016 : 0.008),
  ask: (wanted, key) => ({
    path: '/search',
    headers: bearer(key),
    json: {
      query: wanted.query,
      max_results: Math.min(20, wanted.max_results),
      search_depth: isDeep(wanted.mode) ? 'advanced' : 'basic',
      ...given('include_domains', hosts(wanted.include)),
      ...given('exclude_domains', whole(wanted.exclude)),
    },
  }),
  read: readerOf(snippets, ({ results }) => results),
} satisfies Engine
