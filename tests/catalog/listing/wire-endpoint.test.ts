import { expect, test } from 'bun:test'
import type { Facts } from '../../../src/catalog/facts.ts'
import { toWireEndpoint, type Seen } from '../../../src/catalog/listing/wire-endpoint.ts'
import { measured, type Measured } from '../../router/targets.ts'
import { configOf } from '../config.ts'

const { providers } = configOf({
  a: { base_url: 'https://a.example/v1', api_key: 'k', tag: 'a/eu' },
  claude: { preset: 'anthropic', api_key: 'k' },
})

const well: Seen = {
  stats: measured({}),
  health: { wait: () => 0, keyWait: () => 0, suspect: () => false },
}

const shown = (facts: Facts, seen: Partial<Seen> = {}, provider = 'a') =>
  toWireEndpoint(
    { provider, model: 'm', facts },
    providers.get(provider)!,
    { id: 'route', name: 'A route' },
    { ...well, ...seen },
  )

test('what is not known is null, or what the clients of OpenRouter take for it', () => {
  expect(shown({})).toEqual({
    name: 'a | m',
    provider_name: 'a',
    tag: 'a/eu',
    model_id: 'route',
    model_name: 'A route',
    context_length: 0,
    max_completion_tokens: null,
    max_prompt_tokens: null,
    quantization: null,
    pricing: { prompt: '-1', completion: '-1' },
    supported_parameters: [],
    supports_implicit_caching: false,
    supports_tool_choice: { auto: false, none: false, required: false, function: false },
    supports_voice_cloning: false,
    status: 0,
    uptime_last_5m: null,
    uptime_last_30m: null,
    uptime_last_1d: null,
    latency_last_30m: null,
    throughput_last_30m: null,
  })
})

test('measures are percent, milliseconds and tokens a second', () => {
  const stats = {
    ...measured({ 'a/m': { latency: 0.25, throughput: 40.5 } }),
    uptime: (id: string, within: number) =>
      id === 'a/m' ? (within === 300_000 ? 0.12345 : within === 1_800_000 ? 0.5 : 1) : undefined,
  }
  expect(shown({}, { stats })).toMatchObject({
    uptime_last_5m: 12.35,
    uptime_last_30m: 50,
    uptime_last_1d: 100,
    latency_last_30m: { p50: 250, p75: 250, p90: 250, p99: 250 },
    throughput_last_30m: { p50: 40.5 },
  })
})

test.each<[status: number, health: Partial<Seen['health']>, known: Measured]>([
  [0, {}, {}],
  [-1, { suspect: () => true }, {}],
  [-1, {}, { failing: true }],
  [-2, { keyWait: () => 5, wait: () => 5 }, { failing: true }],
  [-3, { wait: () => 5, suspect: () => true }, {}],
])('the status is %d', (status, health, known) => {
  const seen = { stats: measured({ 'a/m': known }), health: { ...well.health, ...health } }
  expect(shown({}, seen).status).toBe(status)
})

test('a choice of tools is as free as is known', () => {
  const choice = (...supported_parameters: string[]) =>
    shown({ supported_parameters }).supports_tool_choice
  expect(choice('tools')).toEqual({ auto: true, none: false, required: false, function: false })
  expect(choice('tools', 'tool_choice')).toEqual({
    auto: true,
    none: true,
    required: true,
    function: true,
  })
})

test('whoever has a price for cached prompts caches them, by itself where requests have no marks for it', () => {
  const facts = { pricing: { prompt: 3, input_cache_read: 0.3 } }
  expect(shown(facts).supports_implicit_caching).toBe(true)
  expect(shown(facts, {}, 'claude').supports_implicit_caching).toBe(false)
})
