import { v } from 'sluice/plugin'
import { country, hosts, parts, readerOf, text, url, whole, type Engine } from '../engine.ts'
import { given } from '../given.ts'

/** Dollars of a search with up to ten results, by how it is made. */
const prices: Readonly<Record<string, number>> = {
  instant: 0.007,
  fast: 0.007,
  auto: 0.007,
  'deep-lite': 0.012,
  deep: 0.012,
  'deep-reasoning': 0.015,
}

/** Modes of other engines are ignored. */
const modeOf = (mode: string | undefined): string =>
  mode !== undefined && Object.hasOwn(prices, mode) ? mode : 'auto'

export const exa = {
  base_url: 'https://api.exa.ai',
  env: 'EXA_API_KEY',
  cost: (results, mode) => (prices[modeOf(mode)] ?? 0) + Math.max(0, results - 10) * 0.001,
  ask: (wanted, key) => ({
    path: '/search',
    headers: { 'x-api-key': key },
    json: {
      query: wanted.query,
      numResults: wanted.max_results,
      type: modeOf(wanted.mode),
      ...given('includeDomains', hosts(wanted.include)),
      ...given('excludeDomains', whole(wanted.exclude)),
      ...given('userLocation', country(wanted)?.toUpperCase()),
      contents: { text: { maxCharacters: wanted.characters } },
    },
  }),
  read: readerOf(
    v.object({
      results: v.array(
        v.object({
          url,
          title: text,
          text,
          highlights: v.optional(v.array(v.string())),
          publishedDate: text,
        }),
      ),
    }),
    ({ results }) =>
      results.map(({ url, title, text, highlights, publishedDate }) => ({
        url,
        title,
        content: text || parts('', highlights),
        date: publishedDate,
      })),
  ),
} satisfies Engine
