import { describe, expect, test } from 'bun:test'
import type { Facts } from '../../../src/catalog/facts.ts'
import { removalOf, sift } from '../../../src/router/choice/filter.ts'
import type { Rules } from '../../../src/router/choice/rules.ts'
import { circumstances, costs, target } from '../targets.ts'

const by = (
  facts: Facts,
  rules: Partial<Rules>,
  request: Record<string, unknown> = {},
  provider = {},
) =>
  removalOf(
    target('host/m', facts, provider),
    circumstances({ rules: { allowed: [], ...rules } }, request),
  )

describe('an endpoint is removed', () => {
  test.each([
    ['allowed_providers', {}, { allowed: [['other']] }],
    ['ignored_providers', {}, { ignore: ['HOST'] }],
    ['data_policy:zdr', {}, { zdr: true }],
    ['data_policy:training', {}, { data_collection: 'deny' }],
    ['distillable', {}, { enforce_distillable_text: true }],
    ['quantization', { quantization: 'int4' }, { quantizations: ['fp8'] }],
    ['quantization', {}, { quantizations: ['fp8'] }],
    ['max_price', costs(2), { max_price: { prompt: 1 } }],
    ['max_price', costs(1, 9), { max_price: { prompt: 1, completion: 8 } }],
    ['max_price', {}, { max_price: { prompt: 1 } }],
  ] as const)('by %s: %p, %p', (filter, facts, rules) => {
    expect(by(facts, rules as Partial<Rules>)?.by).toBe(filter)
  })

  test('by the modality that it does not take or make', () => {
    const image = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'u' } }] }]
    const facts = { input_modalities: ['text'], output_modalities: ['text'] }
    expect(by(facts, {}, { messages: image })).toEqual({
      by: 'modality',
      detail: 'the request has image content, and it takes text',
    })
    expect(by(facts, {}, { modalities: ['text', 'audio'] })?.by).toBe('modality')
    expect(by({}, {}, { messages: image })).toBeUndefined()
  })

  test('by parameters that it is not known to take, when all are required', () => {
    const request = { tools: [{ type: 'function' }], seed: 1 }
    const rules = { require_parameters: true }
    expect(by({ supported_parameters: ['tools'] }, rules, request)?.detail).toContain('seed')
    expect(by({}, rules, request)?.by).toBe('require_parameters')
    expect(by({ supported_parameters: ['tools', 'seed'] }, rules, request)).toBeUndefined()
    expect(by({}, rules)).toBeUndefined()
  })

  test('by its price only where it is used', () => {
    const rules = { max_price: { prompt: 1, image: 0.001, audio: 5, request: 0 } }
    expect(by(costs(1), rules)).toBeUndefined()
    expect(by({ pricing: { ...costs(1).pricing, image: 9 } }, rules)).toBeUndefined()
    expect(by({ pricing: { ...costs(1).pricing, request: 0.01 } }, rules)?.detail).toBe(
      'provider.max_price.request is 0, and it costs $0.01 a request',
    )
    const image = [{ role: 'user', content: [{ type: 'image_url' }] }]
    expect(by(costs(1), rules, { messages: image })?.detail).toContain('max_price.image')
  })

  test('by the price of a prompt that is as long as this one', () => {
    const overrides = [{ min_prompt_tokens: 1_000, prompt: 4 }]
    const facts = { pricing: { prompt: 1, completion: 1, overrides } }
    const rules = { max_price: { prompt: 2 } }
    expect(by(facts, rules)).toBeUndefined()
    const messages = [{ role: 'user', content: 'x'.repeat(8_000) }]
    expect(by(facts, rules, { messages })?.detail).toContain('costs $4')
  })

  test('when it costs something and only free ones are wanted', () => {
    const removal = (facts: Facts) =>
      removalOf(target('host/m', facts), circumstances({ free: true }))?.by
    expect(removal(costs(0))).toBeUndefined()
    expect(removal(costs(0, 1))).toBe('free')
    expect(removal({})).toBe('free')
  })
})

describe('an endpoint stays', () => {
  test('in every precision of a family', () => {
    expect(by({ quantization: 'mxfp4' }, { quantizations: ['fp4'] })).toBeUndefined()
    expect(by({ quantization: 'fp4' }, { quantizations: ['mxfp4'] })?.by).toBe('quantization')
    expect(by({}, { quantizations: ['unknown'] })).toBeUndefined()
  })

  test('when its tag begins with the name, but a service tier only when it is named or asked for', () => {
    const regional = { tag: 'google-vertex/us-east5' }
    expect(by({}, { allowed: [['google-vertex']] }, {}, regional)).toBeUndefined()
    expect(by({}, { allowed: [['google-vertex/us-west1']] }, {}, regional)?.by).toBe(
      'allowed_providers',
    )
    const tier = { tag: 'openai/flex', preset: 'openai', service_tier: 'flex' }
    expect(by({}, {}, {}, tier)?.by).toBe('service_tier')
    expect(by({}, { allowed: [['openai']] }, {}, tier)?.by).toBe('allowed_providers')
    expect(by({}, { only: ['openai/flex'], allowed: [['openai/flex']] }, {}, tier)).toBeUndefined()
    expect(
      removalOf(target('host/m', {}, { service_tier: 'flex' }), circumstances({ tiers: ['flex'] })),
    ).toBeUndefined()
  })

  test('by the name of its preset', () => {
    expect(by({}, { allowed: [['openai']] }, {}, { preset: 'openai' })).toBeUndefined()
  })
})

describe('what is known of sizes and parameters gives way rather than leave nobody', () => {
  const long = { messages: [{ role: 'user', content: 'x'.repeat(40_000) }] }
  const names = (targets: readonly { id: string }[]) => targets.map(({ id }) => id)
  const small = target('small/m', { context_length: 4_000 })
  const large = target('large/m', { context_length: 100_000 })

  test('a context that is surely too small', () => {
    const all = sift([small, large], circumstances({}, long))
    expect(names(all.left)).toEqual(['large/m'])
    expect(all.removed.map(({ by, target }) => [target.id, by])).toEqual([
      ['small/m', 'context_length'],
    ])
    expect(names(sift([small], circumstances({}, long)).left)).toEqual(['small/m'])
    // 10,000 tokens by four characters might be fewer than 7,000
    const close = target('close/m', { context_length: 7_000 })
    expect(names(sift([close, large], circumstances({}, long)).left)).toEqual([
      'close/m',
      'large/m',
    ])
  })

  test('where all are too small, the largest are nearest', () => {
    const tiny = target('tiny/m', { context_length: 1_000 })
    const short = target('short/m', { context_length: 2_000 })
    expect(names(sift([tiny, small], circumstances({}, long)).left)).toEqual(['small/m'])
    expect(names(sift([tiny, short], circumstances({}, long)).left)).toEqual(['short/m'])
  })

  test('an answer that is too long', () => {
    const brief = target('brief/m', { max_completion_tokens: 4_096 })
    const request = { max_tokens: 8_000 }
    const { left, removed } = sift([brief, large], circumstances({}, request))
    expect(names(left)).toEqual(['large/m'])
    expect(removed[0]).toMatchObject({
      by: 'max_tokens',
      detail: 'max_tokens is 8000, and it answers with 4096 at most',
    })
    expect(sift([brief], circumstances({}, request)).left).toHaveLength(1)
  })

  test('tools and response_format, which others take', () => {
    const plain = target('plain/m', { supported_parameters: ['seed'] })
    const able = target('able/m', { supported_parameters: ['tools'] })
    const request = { tools: [{ type: 'function' }], seed: 1 }
    expect(names(sift([plain, able], circumstances({}, request)).left)).toEqual(['able/m'])
    expect(names(sift([plain], circumstances({}, request)).left)).toEqual(['plain/m'])
    expect(names(sift([plain, able], circumstances({}, { seed: 1 })).left)).toHaveLength(2)
    // who says nothing of its parameters may take them
    const silent = target('silent/m')
    expect(names(sift([plain, silent], circumstances({}, request)).left)).toEqual(['silent/m'])
  })
})
