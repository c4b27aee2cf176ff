import { v } from 'sluice/plugin'
import { withSites } from '../domains.ts'
import { readerOf, text, url, type Engine } from '../engine.ts'

export const searxng = {
  base_url: 'http://127.0.0.1:8888',
  cost: () => 0,
  ask: (wanted) => ({ path: '/search', query: { q: withSites(wanted), format: 'json' } }),
  read: readerOf(
    v.object({
      results: v.array(v.object({ url, title: text, content: text, publishedDate: text })),
    }),
    ({ results }) => results.map((one) => ({ ...one, date: one.publishedDate })),
  ),
} satisfies Engine
