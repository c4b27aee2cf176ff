import { v } from 'sluice/plugin'
import { withSites } from '../domains.ts'
import { bearer, readerOf, text, url, type Engine } from '../engine.ts'

export const firecrawl = {
  base_url: 'https://api.firecrawl.dev',
  env: 'FIRECRAWL_API_KEY',
  cost: () => undefined,
  ask: (wanted, key) => ({
    path: '/v2/search',
    headers: key === '' ? {} : bearer(key),
    json: { query: withSites(wanted), limit: wanted.max_results },
  }),
  read: readerOf(
    v.object({
      data: v.object({
        web: v.optional(
          v.array(v.object({ url, title: text, description: text, markdown: text })),
          [],
        ),
      }),
    }),
    ({ data }) => data.web.map((one) => ({ ...one, content: one.markdown || one.description })),
  ),
} satisfies Engine
