import { describe, expect, test } from 'bun:test'
import { costOf } from '../../src/catalog/cost.ts'
import { ofEach, ofTokens, roundedUp, toDollars } from '../../src/catalog/money.ts'
import { expectedCost, type Pricing } from '../../src/catalog/pricing.ts'
import { createRandom } from '../support/random.ts'

const noon = new Date('2026-11-24T12:00:00Z')
const cost = (usage: object | null, pricing: Pricing | undefined, at = noon) =>
  costOf(usage as Readonly<Record<string, unknown>> | null, pricing, at)

describe('money', () => {
  test('is whole billionths of a dollar, rounded up from what is exact', () => {
    expect(roundedUp(ofTokens(1, 0.0001))).toBe(1)
    expect(roundedUp(ofTokens(3, 0.3))).toBe(900)
    expect(roundedUp(ofTokens(10, 0.07))).toBe(700)
    expect(roundedUp(ofTokens(1_000_001, 0.075))).toBe(75_000_075)
    expect(roundedUp(ofTokens(7, 0.0028))).toBe(20)
    expect(roundedUp(ofEach(3, 0.00516))).toBe(15_480_000)
    expect(roundedUp(ofEach(1, 0.01))).toBe(10_000_000)
    expect(roundedUp(ofTokens(0, 5))).toBe(0)
    expect(toDollars(1_250_000_000)).toBe(1.25)
  })

  test('of any price with six digits and any number of tokens agrees with arithmetic on digits', () => {
    const random = createRandom(7)
    for (let round = 0; round < 20_000; round++) {
      const digits = 10 ** Math.floor(random() * 7)
      const micros = Math.floor(random() * digits * 100)
      const tokens = Math.floor(random() * 10 ** Math.ceil(random() * 9))
      const exact = BigInt(tokens) * BigInt(micros)
      const nanos = (exact + 999n) / 1_000n
      expect(roundedUp(ofTokens(tokens, micros / 1e6))).toBe(Number(nanos))
    }
  })
})

const claude: Pricing = {
  prompt: 3,
  completion: 15,
  input_cache_read: 0.3,
  input_cache_write: 3.75,
  input_cache_write_1h: 6,
  web_search: 0.01,
  overrides: [
    { min_prompt_tokens: 200_000, prompt: 6, completion: 22.5, input_cache_read: 0.6 },
    { utc_start: 2200, utc_end: 600, completion: 7.5 },
  ],
}

describe('the cost of a call', () => {
  test('has a line for everything that is billed', () => {
    const usage = {
      prompt_tokens: 10_000,
      completion_tokens: 500,
      total_tokens: 10_500,
      prompt_tokens_details: {
        cached_tokens: 6_000,
        cache_write_tokens: 3_000,
        cache_write_5m_tokens: 2_000,
        cache_write_1h_tokens: 1_000,
      },
      completion_tokens_details: { reasoning_tokens: 200 },
      server_tool_use: { web_search_requests: 2 },
    }
    // by hand: 1,000 × $3; 6,000 × $0.30; 2,000 × $3.75 + 1,000 × $6; 500 × $15; 2 × 1 ¢
    expect(cost(usage, claude)).toEqual({
      total: 3_000_000 + 1_800_000 + 13_500_000 + 7_500_000 + 20_000_000,
      lines: {
        prompt: 3_000_000,
        cache_read: 1_800_000,
        cache_write: 13_500_000,
        completion: 7_500_000,
        web_search: 20_000_000,
      },
    })
  })

  test('counts cached tokens as part of the prompt, at its price where the cache has none', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 0,
      prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 10 },
    }
    expect(cost(usage, { prompt: 2, completion: 8 })).toEqual({
      total: 200_000,
      lines: { prompt: 100_000, cache_read: 80_000, cache_write: 20_000 },
    })
  })

  test('of a prompt longer than a limit is dearer in all its parts, from the first token above', () => {
    const usage = (prompt_tokens: number) => ({ prompt_tokens, completion_tokens: 1_000 })
    expect(cost(usage(200_000), claude)?.total).toBe(600_000_000 + 15_000_000)
    expect(cost(usage(200_001), claude)?.total).toBe(1_200_006_000 + 22_500_000)
  })

  test('depends on the hour when it was sent', () => {
    const usage = { prompt_tokens: 0, completion_tokens: 1_000 }
    const at = (time: string) => cost(usage, claude, new Date(`2026-11-24T${time}:00Z`))?.total
    expect(at('21:59')).toBe(15_000_000)
    expect(at('22:00')).toBe(7_500_000)
    expect(at('05:59')).toBe(7_500_000)
    expect(at('06:00')).toBe(15_000_000)
  })

  test('has a line for reasoning that costs another price', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 100,
      completion_tokens_details: { reasoning_tokens: 60 },
    }
    const pricing = { prompt: 1, completion: 2, internal_reasoning: 5 }
    expect(cost(usage, pricing)).toEqual({
      total: 10_000 + 80_000 + 300_000,
      lines: { prompt: 10_000, completion: 80_000, reasoning: 300_000 },
    })
  })

  test('counts reasoning that stands beside the answer in the total', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 315,
      completion_tokens_details: { reasoning_tokens: 300 },
    }
    expect(cost(usage, { prompt: 1, completion: 2 })?.lines).toEqual({
      prompt: 10_000,
      completion: 610_000,
    })
  })

  test('has prices of their own for sounds and images', () => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 1_000,
      prompt_tokens_details: { audio_tokens: 100, image_tokens: 300 },
      completion_tokens_details: { audio_tokens: 200, image_tokens: 500 },
    }
    const pricing = {
      prompt: 1,
      completion: 2,
      audio: 10,
      image_token: 5,
      audio_output: 20,
      image_output: 30,
      request: 0.005,
    }
    expect(cost(usage, pricing)?.lines).toEqual({
      prompt: 600_000 + 1_000_000 + 1_500_000,
      completion: 600_000 + 4_000_000 + 15_000_000,
      request: 5_000_000,
    })
  })

  test('of a prompt alone needs no price of an answer', () => {
    expect(cost({ prompt_tokens: 5, total_tokens: 5 }, { prompt: 0.02 })?.total).toBe(100)
  })

  test('of what runs here is nothing, however much it was', () => {
    const free = { prompt: 0, completion: 0 }
    expect(cost({ prompt_tokens: 9, completion_tokens: 9 }, free)).toEqual({ total: 0, lines: {} })
    expect(cost(null, free)).toEqual({ total: 0, lines: {} })
  })

  test('of images that free words come with is theirs', () => {
    const usage = {
      prompt_tokens: 9,
      completion_tokens: 1_000,
      completion_tokens_details: { image_tokens: 900 },
    }
    const pricing = { prompt: 0, completion: 0, image_output: 30 }
    expect(cost(usage, pricing)).toEqual({ total: 27_000_000, lines: { completion: 27_000_000 } })
    expect(cost(null, pricing)).toBeUndefined()
  })

  test.each([
    ['the price', { prompt_tokens: 1, completion_tokens: 1 }, undefined],
    ['the price of the answer', { prompt_tokens: 1, completion_tokens: 1 }, { prompt: 1 }],
    ['the price of the prompt', { prompt_tokens: 1, completion_tokens: 1 }, { completion: 1 }],
    [
      'the price of a search',
      { prompt_tokens: 1, completion_tokens: 1, server_tool_use: { web_search_requests: 1 } },
      { prompt: 1, completion: 1 },
    ],
    [
      'the price of an hour in the cache',
      {
        prompt_tokens: 2,
        completion_tokens: 1,
        prompt_tokens_details: { cache_write_tokens: 2, cache_write_1h_tokens: 1 },
      },
      { prompt: 1, completion: 1, input_cache_write: 1.25 },
    ],
    ['what was used', null, { prompt: 1, completion: 1 }],
    ['what was used, in tokens', { type: 'duration', seconds: 3 }, { prompt: 1, completion: 1 }],
  ])('is not told, and not 0, without %s', (_, usage, pricing) => {
    expect(cost(usage, pricing)).toBeUndefined()
  })

  test('is never below nothing, whatever a provider counts', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: -5,
      prompt_tokens_details: { cached_tokens: 50, cache_write_tokens: '7', audio_tokens: NaN },
      completion_tokens_details: { reasoning_tokens: -9 },
    }
    expect(cost(usage, claude)).toEqual({ total: 3_000, lines: { cache_read: 3_000 } })
  })

  test('is what was expected, where nothing is cached', () => {
    const random = createRandom(11)
    for (let round = 0; round < 2_000; round++) {
      const prompt = Math.floor(random() * 400_000)
      const completion = Math.floor(random() * 100_000)
      const at = new Date(Date.UTC(2026, 10, 24, Math.floor(random() * 24)))
      const total = cost(
        { prompt_tokens: prompt, completion_tokens: completion },
        claude,
        at,
      )?.total
      const expected = expectedCost(claude, { prompt, completion }, at)!
      expect(Math.abs(toDollars(total!) - expected)).toBeLessThan(3e-9)
    }
  })

  test('grows with every token, and the parts of a prompt never cost more than the dearest rate', () => {
    const random = createRandom(13)
    for (let round = 0; round < 2_000; round++) {
      const prompt_tokens = Math.floor(random() * 100_000)
      const cached_tokens = Math.floor(random() * 120_000)
      const cache_write_tokens = Math.floor(random() * 120_000)
      const completion_tokens = Math.floor(random() * 1_000)
      const prompt_tokens_details = { cached_tokens, cache_write_tokens }
      const usage = { prompt_tokens, completion_tokens, prompt_tokens_details }
      const { total } = cost(usage, claude)!
      const more = cost({ ...usage, completion_tokens: completion_tokens + 1 }, claude)!
      expect(more.total).toBe(total + 15_000)
      expect(total).toBeLessThanOrEqual(prompt_tokens * 3_750 + completion_tokens * 15_000 + 3)
      expect(total).toBeGreaterThanOrEqual(prompt_tokens * 300 + completion_tokens * 15_000)
    }
  })
})
