import { bearer, hosts, readerOf, snippets, some, whole, type Engine } from '../engine.ts'

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
      ...some('include_domains', hosts(wanted.include)),
      ...some('exclude_domains', whole(wanted.exclude)),
    },
  }),
  read: readerOf(snippets, ({ results }) => results),
} satisfies Engine
