import { afterAll, beforeAll, expect, test } from 'bun:test'
import { asks, surfaces } from './support/explanations.ts'
import { startProvider, type Provider } from './support/provider.ts'
import { startSluice, type Sluice } from './support/sluice.ts'

let sluice: Sluice
let provider: Provider
beforeAll(async () => {
  provider = await startProvider()
  const one = { base_url: provider.url, api_key: 'sk-1' }
  sluice = await startSluice({
    config: JSON.stringify({
      server: { drain: '1s', discover: false },
      providers: {
        dear: { ...one, models: { m: { pricing: { prompt: 2.5, completion: 10 } } } },
        other: { ...one, models: { m: { pricing: { prompt: 9, completion: 9 } } } },
      },
      routes: {
        strict: {
          endpoints: ['dear/m', 'other/m'],
          provider: { ignore: ['other'], max_price: { prompt: 1 } },
        },
      },
      plugins: ['fallback'],
    }),
  })
})
afterAll(async () => {
  await sluice.stop()
  await provider.stop()
})

const words =
  'No endpoint of strict is left: dear/m is out because provider.max_price.prompt is 1, and it costs $2.5 a million tokens; other/m because provider.ignore has [other].'

for (const surface of surfaces)
  for (const stream of [false, true])
    test(`a ${stream ? 'stream' : 'whole answer'} in the ${surface} format is refused in words that name every filter`, async () => {
      const response = await asks(sluice.url, surface, {
        model: 'strict',
        stream,
        headers: { 'x-openrouter-metadata': 'enabled' },
      })
      const body: any = await response.json()
      expect(response.status).toBe(404)
      expect(response.headers.get('x-should-retry')).toBe('false')
      expect(surface === 'ollama' ? body.error : body.error.message).toBe(words)
      expect(body.openrouter_metadata).toMatchObject({
        requested: 'strict',
        attempt: 0,
        attempts: [],
        summary: 'available=0, excluded=2',
        endpoints: { total: 2, available: [] },
        excluded: [
          { provider: 'dear', model: 'm', by: 'max_price' },
          { provider: 'other', model: 'm', by: 'ignored_providers' },
        ],
      })
      expect(body.openrouter_metadata.generation_time).toBeUndefined()
      if (surface === 'ollama') return
      const availability =
        surface === 'gemini' ? body.error.details.at(-1) : body.error.availability
      expect(availability).toMatchObject({
        code: 'constraint_filtered',
        retryable: false,
        requested_models: ['strict'],
        excluded_by: ['max_price', 'ignored_providers'],
        constraint: { field: 'provider.max_price.prompt' },
      })
      expect(provider.requests).toBeEmpty()
    })
