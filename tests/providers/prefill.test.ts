import { expect, test } from 'bun:test'
import { parseConfig, type ProviderConfig } from '../../src/config.ts'
import { prefillOf } from '../../src/providers/prefill.ts'

const provider = (name: string, rest = ''): ProviderConfig => {
  const text = `providers: { ${name}: { api_key: k, ${rest} } }`
  return parseConfig(text, { file: 'c.yaml', directory: '.', env: {} }).providers.get(name)!
}

test('Claude is told to go on up to 4.5, by whatever name; from 4.6 on it refuses', () => {
  const anthropic = provider('anthropic')
  const goOn = [
    'claude-3-5-haiku-20241022',
    'claude-3-7-sonnet-latest',
    'claude-sonnet-4-20250514',
    'claude-opus-4-1-20250805',
    'claude-haiku-4-5',
    'claude-sonnet-4.5',
    'anthropic.claude-opus-4-5-20251101-v1:0',
  ]
  for (const model of goOn) expect([model, prefillOf(anthropic, model)]).toEqual([model, 'plain'])
  const refuse = [
    'claude-opus-4-6',
    'us.anthropic.claude-opus-4-6-v1',
    'claude-sonnet-4.6',
    'claude-opus-4-7',
    'claude-sonnet-5',
    'claude-mythos-preview',
  ]
  for (const model of refuse) expect([model, prefillOf(anthropic, model)]).toEqual([model, false])
  expect(prefillOf(provider('openrouter'), 'anthropic/claude-opus-4.6')).toBe(false)
  expect(prefillOf(provider('openrouter'), 'anthropic/claude-sonnet-4.5')).toBe('plain')
})

test('OpenAI’s models begin anew, wherever they are', () => {
  expect(prefillOf(provider('openai'), 'gpt-4o')).toBe(false)
  for (const model of ['openai/gpt-5', 'openai/o3', 'openai/gpt-oss-120b'])
    expect(prefillOf(provider('openrouter'), model)).toBe(false)
  expect(prefillOf(provider('openrouter'), 'meta-llama/llama-3.3-70b')).toBe('plain')
})

test('hosts have their own ways, and those of which nothing is known are not asked', () => {
  expect(prefillOf(provider('mistral'), 'mistral-large')).toBe('prefix')
  expect(prefillOf(provider('gemini'), 'gemini-2.5-pro')).toBe('plain')
  expect(prefillOf(provider('deepseek'), 'deepseek-chat')).toBe(false)
  const beta = 'base_url: "https://api.deepseek.com/beta"'
  expect(prefillOf(provider('deepseek', beta), 'deepseek-chat')).toBe('prefix')
  expect(prefillOf(provider('groq'), 'llama-3.3-70b')).toBe(false)
  expect(prefillOf(provider('box', 'base_url: http://x'), 'llama')).toBe(false)
  expect(prefillOf(provider('box', 'base_url: http://x, dialect: anthropic'), 'm')).toBe('plain')
})

test('the YAML knows better about a provider', () => {
  const box = provider('box', 'base_url: http://x, quirks: { prefill: vllm }')
  expect(prefillOf(box, 'llama')).toBe('vllm')
  expect(prefillOf(provider('mistral', 'quirks: { prefill: false }'), 'm')).toBe(false)
})
