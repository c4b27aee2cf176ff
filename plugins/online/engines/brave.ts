import { v } from 'sluice/plugin'
import { withSites } from '../domains.ts'
import { country, parts, readerOf, text, url, type Engine } from '../engine.ts'
import { given } from '../given.ts'

export const brave = {
  base_url: 'https://api.search.brave.com',
  env: 'BRAVE_API_KEY',
  cost: () => 0.005,
  ask: (wanted, key) => ({
    path: '/res/v1/web/search',
    headers: { 'x-subscription-token': key },
    query: {
      q: withSites(wanted),
      count: String(Math.min(20, wanted.max_results)),
      extra_snippets: 'true',
      text_decorations: 'false',
      ...given('country', country(wanted)),
    },
  }),
  read: readerOf(
    v.object({
      web: v.optional(
        v.object({
          results: v.array(
            v.object({
              url,
              title: text,
              description: text,
              extra_snippets: v.optional(v.array(v.string())),
              page_age: text,
            }),
          ),
        }),
      ),
    }),
    ({ web }) =>
      (web?.results ?? []).map(({ url, title, description, extra_snippets, page_age }) => ({
        url,
        title,
        content: parts(description, extra_snippets),
        date: page_age,
      })),
  ),
} satisfies Engine
