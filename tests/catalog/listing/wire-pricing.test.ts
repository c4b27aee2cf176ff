import { expect, test } from 'bun:test'
import { toDecimal, toWirePricing } from '../../../src/catalog/listing/wire-pricing.ts'
import { createRandom } from '../../support/random.ts'

test.each([
  [0.15, '0.00000015'],
  [0.1, '0.0000001'],
  [15, '0.000015'],
  [0, '0'],
  [2.5, '0.0000025'],
  [0.00000001, '0.00000000000001'],
  [1_000_000, '1'],
  [123_456_789, '123.456789'],
  [75, '0.000075'],
  // what a provider’s price of a token becomes when it is computed with
  [0.00000015 * 1_000_000, '0.00000015'],
  [0.0000011 * 1_000_000, '0.0000011'],
  [0.1 + 0.2, '0.0000003'],
] as const)('%p dollars of a million are %p of one', (rate, text) => {
  expect(toDecimal(rate, 6)).toBe(text)
})

test('any price survives the way there and back, and has no exponent', () => {
  const random = createRandom(7)
  for (let round = 0; round < 2_000; round++) {
    const rate = Number((random() * 10 ** Math.floor(random() * 9 - 4)).toPrecision(10))
    const text = toDecimal(rate, 6)
    expect(text).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/)
    expect(Number((Number(text) * 1e6).toPrecision(10))).toBe(rate)
  }
})

test('what is not known is -1, never 0, and what is free is 0', () => {
  expect(toWirePricing(undefined)).toEqual({ prompt: '-1', completion: '-1' })
  expect(toWirePricing({ prompt: 1 })).toEqual({ prompt: '0.000001', completion: '-1' })
  expect(toWirePricing({ prompt: 0, completion: 0 })).toEqual({ prompt: '0', completion: '0' })
})

test('images, requests and searches are priced by one, tokens of whatever kind by one token', () => {
  const pricing = {
    prompt: 3,
    completion: 15,
    input_cache_read: 0.3,
    input_cache_write: 3.75,
    input_cache_write_1h: 6,
    image: 0.0048,
    request: 0.005,
    web_search: 0.01,
    image_token: 10,
  }
  expect(toWirePricing(pricing)).toEqual({
    prompt: '0.000003',
    completion: '0.000015',
    input_cache_read: '0.0000003',
    input_cache_write: '0.00000375',
    input_cache_write_1h: '0.000006',
    image: '0.0048',
    request: '0.005',
    web_search: '0.01',
    image_token: '0.00001',
  })
})

test('overrides keep their conditions as numbers and their prices as texts', () => {
  const overrides = [
    { min_prompt_tokens: 200_000, prompt: 2.5, completion: 15 },
    { utc_start: 30, utc_end: 1630, utc_days: ['monday'], prompt: 0.27 },
  ] as const
  expect(toWirePricing({ prompt: 1.25, completion: 10, overrides })).toEqual({
    prompt: '0.00000125',
    completion: '0.00001',
    overrides: [
      { min_prompt_tokens: 200_000, prompt: '0.0000025', completion: '0.000015' },
      { utc_start: 30, utc_end: 1630, utc_days: ['monday'], prompt: '0.00000027' },
    ],
  })
})
