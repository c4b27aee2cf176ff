import { v } from 'sluice/plugin'
import { withSites } from '../domains.ts'
import { bearer, country, readerOf, text, url, type Engine } from '../engine.ts'
import { given } from '../given.ts'

export const jina = {
  base_url: 'https://s.jina.ai',
  env: 'JINA_API_KEY',
  cost: () => undefined,
  ask: (wanted, key) => ({
    path: '/',
    headers: { ...bearer(key), 'x-respond-with': 'no-content' },
    query: { q: withSites(wanted), ...given('gl', country(wanted)) },
  }),
  read: readerOf(
    v.object({
      data: v.array(v.object({ url, title: text, description: text, content: text, date: text })),
    }),
    ({ data }) => data.map((one) => ({ ...one, content: one.content || one.description })),
  ),
} satisfies Engine
