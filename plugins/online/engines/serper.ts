import { v } from 'sluice/plugin'
import { withSites } from '../domains.ts'
import { country, readerOf, text, url, type Engine } from '../engine.ts'
import { given } from '../given.ts'

export const serper = {
  base_url: 'https://google.serper.dev',
  env: 'SERPER_API_KEY',
  cost: () => 0.001,
  ask: (wanted, key) => ({
    path: '/search',
    headers: { 'x-api-key': key },
    json: { q: withSites(wanted), num: wanted.max_results, ...given('gl', country(wanted)) },
  }),
  read: readerOf(
    v.object({
      organic: v.optional(
        v.array(v.object({ link: url, title: text, snippet: text, date: text })),
        [],
      ),
    }),
    ({ organic }) => organic.map((one) => ({ ...one, url: one.link, content: one.snippet })),
  ),
} satisfies Engine
