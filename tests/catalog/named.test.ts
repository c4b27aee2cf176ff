import { expect, test } from 'bun:test'
import { namedFacts } from '../../src/catalog/named.ts'
import { quantizationOf } from '../../src/catalog/quantization.ts'

test.each([
  ['claude-sonnet-4-5-20250929', 'claude-sonnet'],
  ['claude-3-5-haiku-latest', 'claude-haiku'],
  ['us.anthropic.claude-opus-4-1-20250805-v1:0', 'claude-opus'],
  ['claude-sonnet-4@20250514', 'claude-sonnet'],
  ['anthropic/claude-opus-4.6', 'claude-opus'],
  ['gpt-4o', 'gpt'],
  ['gpt-5', 'gpt'],
  ['gpt-5-mini-2025-08-07', 'gpt-mini'],
  ['gpt-image-1', 'gpt-image'],
  ['o3', 'o'],
  ['o4-mini', 'o-mini'],
  ['gemini-2.5-flash-lite', 'gemini-flash-lite'],
  ['meta-llama/Llama-3.3-70B-Instruct', 'llama'],
  ['qwen3:8b', 'qwen'],
  ['Qwen/Qwen3-235B-A22B-Instruct', 'qwen'],
  ['kimi-k2-0905-preview', 'kimi-k2'],
  ['mistral-large-2411', 'mistral-large'],
  ['text-embedding-3-small', 'text-embedding-small'],
  ['7b', undefined],
])('%s is of the family %p', (model, family) => {
  expect(namedFacts(model).family).toBe(family!)
})

test('a date in the name is the day of the model, and a number is none', () => {
  const seconds = (date: string) => Date.parse(date) / 1_000
  expect(namedFacts('claude-sonnet-4-5-20250929').created).toBe(seconds('2025-09-29'))
  expect(namedFacts('gpt-4o-2024-08-06').created).toBe(seconds('2024-08-06'))
  expect(namedFacts('kimi-k2-0905').created).toBeUndefined()
  expect(namedFacts('model-202509291').created).toBeUndefined()
  expect(namedFacts('model-20259929').created).toBeUndefined()
})

test.each([
  ['FP8', 'fp8'],
  ['Q4_K_M', 'int4'],
  ['Q4_0', 'int4'],
  ['Q8_0', 'int8'],
  ['F16', 'fp16'],
  ['BF16', 'bf16'],
  ['MXFP4', 'mxfp4'],
  ['4bit', 'int4'],
  ['Q5_K_M', undefined],
  ['unknown', undefined],
  ['', undefined],
])('the precision %s is %p', (written, name) => {
  expect(quantizationOf(written)).toBe(name!)
})
