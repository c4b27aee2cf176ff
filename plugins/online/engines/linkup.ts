import { v } from 'sluice/plugin'
import { bearer, hosts, readerOf, text, url, whole, type Engine } from '../engine.ts'
import { given } from '../given.ts'

export const linkup = {
  base_url: 'https://api.linkup.so',
  env: 'LINKUP_API_KEY',
  cost: () => undefined,
  ask: (wanted, key) => ({
    path: '/v1/search',
    headers: bearer(key),
    json: {
      q: wanted.query,
      depth: wanted.mode === 'deep' || wanted.mode === 'advanced' ? 'deep' : 'standard',
      outputType: 'searchResults',
      maxResults: wanted.max_results,
      ...given('includeDomains', hosts(wanted.include)),
      ...given('excludeDomains', whole(wanted.exclude)),
    },
  }),
  read: readerOf(
    v.object({ results: v.array(v.object({ url, name: text, content: text })) }),
    ({ results }) => results.map((one) => ({ ...one, title: one.name })),
  ),
} satisfies Engine
