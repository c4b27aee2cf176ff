import { v } from 'sluice/plugin'
import { bearer, country, hosts, readerOf, text, url, whole, type Engine } from '../engine.ts'
import { given } from '../given.ts'

export const perplexity = {
  base_url: 'https://api.perplexity.ai',
  env: 'PERPLEXITY_API_KEY',
  cost: () => 0.005,
  ask: (wanted, key) => ({
    path: '/search',
    headers: bearer(key),
    json: {
      query: wanted.query,
      max_results: Math.min(20, wanted.max_results),
      max_tokens_per_page: Math.ceil(wanted.characters / 4),
      ...given('country', country(wanted)?.toUpperCase()),
      // the filter takes one list: the other is applied to the results
      ...(wanted.include.length > 0
        ? given('search_domain_filter', hosts(wanted.include))
        : given(
            'search_domain_filter',
            whole(wanted.exclude).map((host) => `-${host}`),
          )),
    },
  }),
  read: readerOf(
    v.object({ results: v.array(v.object({ url, title: text, snippet: text, date: text })) }),
    ({ results }) => results.map((one) => ({ ...one, content: one.snippet })),
  ),
} satisfies Engine
