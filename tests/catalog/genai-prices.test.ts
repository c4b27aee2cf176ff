import { beforeAll, expect, test } from 'bun:test'
import * as bundle from '@pydantic/genai-prices'
import { createGenaiPrices } from '../../src/catalog/genai-prices.ts'
import { expectedCost, ratesFor } from '../../src/catalog/pricing.ts'
import { configOf } from './config.ts'

const prices = createGenaiPrices()
beforeAll(() => prices.load())

const { providers } = configOf({
  openai: { api_key: 'k' },
  anthropic: { api_key: 'k' },
  google: { preset: 'gemini', api_key: 'k' },
  deepseek: { api_key: 'k' },
  azure: { api_key: 'k', base_url: 'https://mine.openai.azure.com/openai/v1' },
  bedrock: { api_key: 'k', base_url: 'https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1' },
  'vertex-anthropic': { api_key: 'k', base_url: 'https://us-aiplatform.googleapis.com/v1' },
  router: { base_url: 'https://openrouter.ai/api/v1', api_key: 'k' },
  mistral: { base_url: 'https://api.mistral.ai/v1', api_key: 'k' },
  stranger: { base_url: 'https://llm.example.com/v1', api_key: 'k' },
  here: { base_url: 'http://127.0.0.1:9/v1', api_key: 'k' },
  'moonshot-cn': { api_key: 'k' },
})
const facts = (provider: string, model: string) => prices.facts(providers.get(provider)!, model)

test('before it is loaded, nothing is known', () => {
  expect(createGenaiPrices().facts(providers.get('openai')!, 'gpt-5')).toBeUndefined()
})

test('a model of a preset has its context and its prices, of a million tokens and of one search', () => {
  expect(facts('openai', 'gpt-5')).toMatchObject({
    name: 'GPT-5',
    context_length: 400_000,
    pricing: { prompt: 1.25, input_cache_read: 0.125, completion: 10, web_search: 0.01 },
  })
})

test('writing to the cache for an hour has a price of its own', () => {
  const { pricing } = facts('anthropic', 'claude-sonnet-4-5')!
  expect(pricing).toMatchObject({
    prompt: 3,
    completion: 15,
    input_cache_write: 3.75,
    input_cache_write_1h: 6,
    input_cache_read: 0.3,
  })
})

test('long prompts are an override', () => {
  const { pricing } = facts('google', 'gemini-2.5-pro')!
  const at = new Date()
  expect(ratesFor(pricing!, 200_000, at).prompt).toBe(1.25)
  expect(ratesFor(pricing!, 200_001, at).prompt).toBe(2.5)
  expect(ratesFor(pricing!, 200_001, at).completion).toBe(15)
})

test('hours of the day are overrides', () => {
  const { pricing } = facts('deepseek', 'deepseek-chat')!
  expect(pricing!.overrides).toContainEqual({
    utc_start: 30,
    utc_end: 1630,
    prompt: 0.27,
    input_cache_read: 0.07,
    completion: 1.1,
  })
  expect(ratesFor(pricing!, 1, new Date('2026-01-01T16:29:00Z')).prompt).toBe(0.27)
  expect(ratesFor(pricing!, 1, new Date('2026-01-01T16:30:00Z')).prompt).toBe(0.135)
})

test('hosts of others’ models are priced as the package prices them', () => {
  expect(facts('azure', 'gpt-4o')?.pricing?.prompt).toBe(2.5)
  expect(facts('vertex-anthropic', 'claude-sonnet-4-5')?.pricing?.prompt).toBe(3)
  expect(facts('bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0')?.pricing?.prompt).toBe(
    3.3,
  )
})

test('a host without a preset is known by its address', () => {
  expect(facts('router', 'openai/gpt-4o')?.pricing?.prompt).toBe(2.5)
  expect(facts('mistral', 'mistral-large-latest')?.pricing?.prompt).toBeNumber()
})

test('a known name at an unknown host has no price, nor has it on this machine or in another currency', () => {
  expect(facts('stranger', 'gpt-4o')).toBeUndefined()
  expect(facts('here', 'gpt-4o')).toBeUndefined()
  expect(facts('moonshot-cn', 'kimi-k2-0905-preview')).toBeUndefined()
  expect(facts('openai', 'no-such-model')).toBeUndefined()
  expect(prices.models(providers.get('stranger')!)).toBeUndefined()
})

test('what is billed by the hour has no price of tokens', () => {
  expect(facts('openai', 'whisper-1')?.pricing).toBeUndefined()
})

test('a provider has the models of the package that are not deprecated', () => {
  const models = prices.models(providers.get('openai')!)!
  expect(models).toContain('gpt-5')
  expect(models.length).toBeGreaterThan(20)
})

test('every price agrees with the package’s own arithmetic, at every hour and length', () => {
  const input = { openai: 'openai', anthropic: 'anthropic', google: 'google', deepseek: 'deepseek' }
  let compared = 0
  for (const [name, providerId] of Object.entries(input))
    for (const model of bundle.findProvider({ providerId })!.models)
      for (const hour of [0, 3, 9, 17])
        for (const prompt of [1_000, 250_000]) {
          const at = new Date()
          at.setUTCHours(hour, 45, 0, 0)
          const options = { providerId, timestamp: at }
          const usage = { input_tokens: prompt, output_tokens: 1_000 }
          const theirs = bundle.calcPrice({}, model.id, options)?.model_price
          if (theirs?.input_mtok === undefined || theirs.output_mtok === undefined) continue
          if (theirs.requests_kcount !== undefined || theirs.input_text_messages_kcount) continue
          const { pricing } = facts(name, model.id)!
          const ours = expectedCost(pricing, { prompt, completion: 1_000 }, at)
          const { total_price } = bundle.calcPrice(usage, model.id, options)!
          expect({ model: model.id, hour, prompt, cost: ours?.toFixed(9) }).toEqual({
            model: model.id,
            hour,
            prompt,
            cost: total_price.toFixed(9),
          })
          compared++
        }
  expect(compared).toBeGreaterThan(500)
})
