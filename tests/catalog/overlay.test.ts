import { expect, test } from 'bun:test'
import { overlay } from '../../src/catalog/overlay.ts'

test('what stands in an earlier layer wins, and each that gave something is named', () => {
  const layers = [
    { name: 'provider', facts: { context_length: 1, deprecated: false } },
    { name: 'models.dev', facts: { context_length: 2, name: 'M' } },
    { name: 'genai-prices', facts: { context_length: 3 } },
  ]
  expect(overlay({ quantization: 'fp8' }, layers)).toEqual({
    quantization: 'fp8',
    context_length: 1,
    deprecated: false,
    name: 'M',
    sources: ['yaml', 'provider', 'models.dev'],
  })
  expect(overlay(undefined, [])).toEqual({})
  expect(overlay({}, [])).toEqual({})
})

const dev = { prompt: 5, completion: 25, input_cache_write: 6.25 }
const genai = { ...dev, input_cache_write_1h: 10, web_search: 0.01 }
const long = [{ min_prompt_tokens: 200_000, prompt: 10 }]

const pricing = (written: object | undefined, ...found: object[]) =>
  overlay(
    written && { pricing: written },
    found.map((prices) => ({ name: 'x', facts: { pricing: prices } })),
  ).pricing

test('two lists that agree on the price of tokens complete each other', () => {
  expect(pricing(undefined, dev, genai)).toEqual(genai)
})

test('a list that disagrees adds no token price, and long prompts cost what the first list says', () => {
  const older = { ...genai, prompt: 6, overrides: long }
  expect(pricing(undefined, dev, older)).toEqual({ ...dev, web_search: 0.01 })
  expect(pricing(undefined, dev, { ...genai, overrides: long })).toEqual(genai)
  expect(pricing(undefined, { ...dev, overrides: long }, genai)).toEqual({
    ...genai,
    overrides: long,
  })
})

test('a rate of the YAML holds at every hour and length, the others stay as they were found', () => {
  const hours = { utc_start: 0, utc_end: 600, completion: 5 }
  const found = { ...dev, overrides: [{ ...long[0]!, input_cache_write: 9 }, hours] }
  expect(pricing({ input_cache_write: 7 }, found)).toEqual({
    ...dev,
    input_cache_write: 7,
    overrides: [...long, hours],
  })
  expect(pricing({ prompt: 1, completion: 2 }, found)).toEqual({
    prompt: 1,
    completion: 2,
    input_cache_write: 6.25,
    overrides: [{ min_prompt_tokens: 200_000, input_cache_write: 9 }],
  })
  expect(pricing({ prompt: 1 }, { ...dev, overrides: long })).toEqual({ ...dev, prompt: 1 })
  expect(pricing({ overrides: [] }, { ...dev, overrides: long })).toEqual({ ...dev, overrides: [] })
})
