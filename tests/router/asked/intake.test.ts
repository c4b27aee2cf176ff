import { describe, expect, test } from 'bun:test'
import type { Request } from '../../../src/chat.ts'
import type { Bundle, Config, ProviderConfig } from '../../../src/config.ts'
import { createIntake } from '../../../src/router/asked/intake.ts'
import { knownNames } from '../../../src/router/asked/known-names.ts'
import { preferencesOf } from '../../../src/router/asked/request-preferences.ts'
import { variantParameters, variantPreferences } from '../../../src/router/asked/variants.ts'

const messages = [{ role: 'user', content: 'Hi' }]

const intakeOf = (
  presets: Readonly<Record<string, Bundle>>,
  variants: Readonly<Record<string, Bundle>> = {},
) => {
  const config = {
    routes: new Map() as Config['routes'],
    providers: new Map([['p', { name: 'p', models: [], facts: {} } as unknown as ProviderConfig]]),
    presets: new Map(Object.entries(presets)),
    variants: new Map(Object.entries(variants)),
  }
  const intake = createIntake(config, knownNames(config))
  return (request: object) => intake({ messages, ...request } as unknown as Request)
}

const server = (type: string, name?: string) => ({ type, ...(name && { parameters: { name } }) })
const tool = (name: string, more: object = {}) => ({
  type: 'function',
  function: { name, ...more },
})

describe('a request', () => {
  test('without a preset and without parameters of a variant is the same object', () => {
    const config = { routes: new Map(), providers: new Map(), presets: new Map() }
    const variants = new Map([['mine', { provider: { sort: 'price' as const } }]])
    const intake = createIntake({ ...config, variants }, knownNames({ ...config, variants }))
    for (const model of ['p/m', 'p/m:nitro', 'p/m:free:floor', 'p/m:mine', 'x:8b']) {
      const request = { model, messages, provider: { order: ['p'] }, models: ['p/n:exacto'] }
      expect(intake(request)).toBe(request)
    }
  })

  test('keeps what is hidden in it', () => {
    const hidden = Symbol('hidden')
    expect(intakeOf({ a: { seed: 1 } })({ model: 'p/m@preset/a', [hidden]: 1 })).toMatchObject({
      model: 'p/m',
      seed: 1,
      [hidden]: 1,
    })
  })
})

describe('a preset', () => {
  test('is laid under the request field by field', () => {
    const preset = {
      model: 'p/m',
      temperature: 1,
      stop: ['a'],
      provider: { sort: 'price', zdr: true },
      stream: true,
    } as const
    const asked = { preset: 'a', stop: null, provider: { only: ['p'] } }
    expect(intakeOf({ a: preset })(asked)).toEqual({
      model: 'p/m',
      messages,
      stop: null,
      provider: { only: ['p'] },
      temperature: 1,
    })
  })

  test('does not say in other words what the request says', () => {
    const preset = {
      model: 'p/m',
      max_tokens: 5,
      reasoning: { effort: 'low' },
      reasoning_effort: 'low',
    }
    const intake = intakeOf({ a: preset })
    expect(intake({ preset: 'a', max_completion_tokens: 9, reasoning_effort: 'high' })).toEqual({
      model: 'p/m',
      messages,
      max_completion_tokens: 9,
      reasoning_effort: 'high',
    })
    expect(intake({ preset: 'a' })).toMatchObject({ max_tokens: 5, reasoning: { effort: 'low' } })
  })

  test('brings its tools first, each once by what it is', () => {
    const tools = [
      tool('a'),
      server('openrouter:web_search'),
      server('openrouter:advisor', 'x'),
      tool('b'),
    ]
    const own = [
      tool('c'),
      tool('b', { description: 'own' }),
      { ...server('openrouter:web_search'), own: true },
      server('openrouter:advisor', 'y'),
    ]
    expect(intakeOf({ a: { model: 'p/m', tools } })({ preset: 'a', tools: own })['tools']).toEqual([
      tool('a'),
      { ...server('openrouter:web_search'), own: true },
      server('openrouter:advisor', 'x'),
      tool('b', { description: 'own' }),
      tool('c'),
      server('openrouter:advisor', 'y'),
    ])
  })

  test('keeps the variants that the client wrote, which say more than what it prefers', () => {
    const preset = { model: 'p/m:thinking', provider: { sort: 'price', zdr: true } } as const
    expect(intakeOf({ a: preset })({ model: '@preset/a:nitro' })).toEqual({
      model: 'p/m:thinking:nitro',
      messages,
      provider: { sort: 'throughput', zdr: true },
      reasoning: { enabled: true },
    })
  })

  test('that holds a mistake is the same mistake', () => {
    const preset = { model: 'p/m', session_id: 's'.repeat(300) }
    expect(() => intakeOf({ a: preset })({ preset: 'a' })).toThrow('session_id: ')
  })
})

describe('variants', () => {
  const config = {
    variants: new Map<string, Bundle>([
      ['mine', { provider: { sort: 'latency', zdr: true }, top_k: 1, plugins: [{ id: 'x' }] }],
      ['nitro', { top_k: 2 }],
    ]),
  }
  const builtIn = { variants: new Map<string, Bundle>() }

  test('prefer what all of them prefer, the later first', () => {
    expect(variantPreferences(['floor', 'nitro'], builtIn)).toEqual({ sort: 'throughput' })
    expect(variantPreferences(['floor', 'mine'], config)).toEqual({ sort: 'latency', zdr: true })
    expect(variantPreferences(['free', 'unknown'], config)).toEqual({})
  })

  test('sort by quality only where they sort by nothing else', () => {
    expect(variantPreferences(['exacto'], builtIn)).toEqual({ sort: 'exacto' })
    expect(variantPreferences(['floor', 'exacto'], builtIn)).toEqual({ sort: 'price' })
    expect(variantPreferences(['exacto', 'floor'], builtIn)).toEqual({ sort: 'price' })
  })

  test('of the YAML replace those of their name', () => {
    expect(variantPreferences(['nitro'], config)).toEqual({})
    expect(variantParameters(['nitro'], config)).toEqual({ top_k: 2 })
  })

  test('ask for what all of them ask, plugins together', () => {
    expect(variantParameters(['mine', 'nitro', 'online', 'thinking'], config)).toEqual({
      top_k: 2,
      plugins: [{ id: 'web' }, { id: 'x' }],
      reasoning: { enabled: true },
    })
  })

  test('add their plugins to those of the request', () => {
    const asked = { model: 'p/m:online', plugins: [{ id: 'y' }, { id: 'web', max_results: 3 }] }
    expect(intakeOf({})(asked)['plugins']).toEqual(asked.plugins)
    expect(intakeOf({})({ ...asked, plugins: [{ id: 'y' }] })['plugins']).toEqual([
      { id: 'y' },
      { id: 'web' },
    ])
  })
})

describe('preferences', () => {
  const read = (request: object) => preferencesOf({ model: 'm', ...request })

  test('are read once, without what nobody knows and what says nothing', () => {
    const provider = {
      order: ['a'],
      only: null,
      max_price: { prompt: '1.5', completion: 2, image: null, other: 'x' },
      sort: { by: 'price', partition: null, more: 1 },
      preferred_min_throughput: { p50: 10, p90: null, p42: 'x' },
      preferred_max_latency: 2,
      new: { a: 1 },
    }
    const preferences = read({ provider })
    expect(preferences).toEqual({
      order: ['a'],
      max_price: { prompt: 1.5, completion: 2 },
      sort: { by: 'price' },
      preferred_min_throughput: { p50: 10 },
      preferred_max_latency: 2,
    })
    expect(read({ provider })).toBe(preferences)
  })

  test('know the partition by its old name', () => {
    expect(read({ route: 'sort' })).toEqual({ sort: { partition: 'none' } })
    expect(read({ route: 'fallback', provider: { sort: 'price' } })).toEqual({
      sort: { by: 'price', partition: 'model' },
    })
    expect(read({ route: 'sort', provider: { sort: { partition: 'model' } } })).toEqual({
      sort: { partition: 'model' },
    })
    expect(read({ route: null, provider: null })).toEqual({})
  })

  test('do not see what every object inherits', () => {
    expect(read({ provider: Object.create({ zdr: true }) })).toEqual({})
  })
})
