import { describe, expect, test } from 'bun:test'
import { fakeCall } from 'sluice/testing'
import type { Catalog, Facts } from '../../src/catalog/facts.ts'
import { caller, endpointId, type Call } from '../../src/chat.ts'
import { parseConfig } from '../../src/config.ts'
import { GatewayError } from '../../src/errors.ts'
import { continuing, plan, type Plan } from '../../src/router/plan.ts'
import { createRouter, type RouterParts } from '../../src/router/router.ts'
import { createConversations } from '../../src/router/choice/sticky.ts'
import { createRandom } from '../support/random.ts'
import { costs, measured } from './targets.ts'

const providers = `
providers:
  a: { base_url: "https://a.example/v1" }
  b: { base_url: "https://b.example/v1" }
  c: { base_url: "https://c.example/v1" }
  tier: { base_url: "https://t.example/v1", tag: a/flex, service_tier: flex }
  box: { base_url: "http://127.0.0.1:1/v1" }
`

const catalogOf = (known: Readonly<Record<string, Facts>>): Catalog => ({
  facts: (provider, model) => known[`${provider}/${model}`] ?? {},
  models: (provider) =>
    Object.keys(known)
      .filter((id) => id.startsWith(`${provider}/`))
      .map((id) => id.slice(provider.length + 1)),
  version: 0,
})

const routerOf = (
  yaml: string,
  known: Readonly<Record<string, Facts>> = {},
  parts: Partial<RouterParts> = {},
) =>
  createRouter(parseConfig(providers + yaml, { file: 'c', directory: '/', env: {} }), {
    catalog: catalogOf(known),
    random: createRandom(1),
    ...parts,
  })

/** `provider/model`s in the order to try. */
const order = ({ candidates }: Plan): string[] =>
  candidates.map(({ endpoint }) => endpointId(endpoint))

const ask = (router: ReturnType<typeof routerOf>, request: Partial<Call['request']>): string[] =>
  order(router.plan(fakeCall(request)))

const refused = (act: () => unknown): GatewayError => {
  try {
    act()
  } catch (error) {
    return error as GatewayError
  }
  throw new Error('nothing was refused')
}

describe('the order', () => {
  const listed = 'routes: { m: [a/m, b/m, c/m] }'

  test('is that of the YAML where a route lists its endpoints', () => {
    expect(ask(routerOf(listed, { 'c/m': costs(1), 'a/m': costs(9) }), { model: 'm' })).toEqual([
      'a/m',
      'b/m',
      'c/m',
    ])
  })

  test('is balanced by price where the route says so, where all routes do, or where no route lists it', () => {
    const known = { 'a/m': costs(10), 'b/m': costs(1), 'c/m': costs(10) }
    for (const yaml of [
      'routes: { m: { endpoints: [a/m, b/m, c/m], balance: price } }',
      `${listed}\nrouting: { balance: price }`,
      '',
    ]) {
      const router = routerOf(yaml, known)
      const firsts = Array.from({ length: 500 }, () => ask(router, { model: 'm' })[0])
      const share = firsts.filter((first) => first === 'b/m').length / 500
      expect(share).toBeGreaterThan(0.95)
      expect(share).toBeLessThan(1)
    }
  })

  test('is the client’s for those it names, and the route’s for the others', () => {
    const router = routerOf(listed)
    expect(ask(router, { model: 'm', provider: { order: ['c'] } })).toEqual(['c/m', 'a/m', 'b/m'])
    expect(
      ask(router, { model: 'm', provider: { order: ['c', 'b'], allow_fallbacks: false } }),
    ).toEqual(['c/m', 'b/m'])
    expect(ask(router, { model: 'm', provider: { allow_fallbacks: false } })).toEqual(['a/m'])
  })

  test('without fallbacks is told to those who would have come after', () => {
    const router = routerOf('routes: { m: { endpoints: [a/m, b/m, c/m], offline: box/m } }')
    const alone = router.plan(fakeCall({ model: 'm', provider: { allow_fallbacks: false } }))
    expect(alone.fallbacks).toBe(false)
    expect(alone.offline).toBeUndefined()
    expect(alone.excluded.map(({ by, endpoint }) => [by, endpoint.provider])).toEqual([
      ['allow_fallbacks', 'b'],
      ['allow_fallbacks', 'c'],
    ])
    const some = { order: ['c', 'b'], allow_fallbacks: false }
    const named = router.plan(fakeCall({ model: 'm', provider: some }))
    // those that are named are asked one after the other
    expect(named).toMatchObject({ fallbacks: true, excluded: [{ by: 'allow_fallbacks' }] })
    const nobody = { order: ['nobody'], allow_fallbacks: false }
    expect(refused(() => ask(router, { model: 'm', provider: nobody })).message).toContain(
      'provider.allow_fallbacks is false, and provider.order is [nobody]',
    )
  })

  test('asks a provider of the order alone, also where others would take more', () => {
    const known = { 'a/m': { supported_parameters: ['seed'] }, 'b/m': {} }
    const router = routerOf('routes: { m: [a/m, b/m] }', known)
    const provider = { order: ['a'], allow_fallbacks: false }
    expect(ask(router, { model: 'm', provider, tools: [{ type: 'function' }] })).toEqual(['a/m'])
  })

  test('of all models together begins with the providers that the client names', () => {
    const known = { 'a/m': costs(3), 'b/m': costs(2), 'c/n': costs(1), 'b/n': costs(9) }
    const router = routerOf('routes: { m: [a/m, b/m], n: [b/n, c/n] }', known)
    const provider = { order: ['a'], sort: { by: 'price', partition: 'none' } }
    expect(ask(router, { model: 'm', models: ['n'], provider })).toEqual([
      'a/m',
      'c/n',
      'b/m',
      'b/n',
    ])
  })

  test('is strict with a sort, over all models when they are not parted', () => {
    const known = {
      'a/m': costs(3),
      'b/m': costs(2),
      'c/m': costs(1),
      'c/n': costs(2.5),
      'b/n': costs(9),
    }
    const router = routerOf('routes: { m: [a/m, b/m], n: [b/n, c/n] }', known)
    const request = { model: 'm', models: ['n'] }
    expect(ask(router, { ...request, provider: { sort: 'price' } })).toEqual([
      'b/m',
      'a/m',
      'c/n',
      'b/n',
    ])
    expect(
      ask(router, { ...request, provider: { sort: { by: 'price', partition: 'none' } } }),
    ).toEqual(['b/m', 'c/n', 'a/m', 'b/n'])
    expect(ask(router, { ...request, route: 'sort', provider: { sort: 'price' } })).toEqual([
      'b/m',
      'c/n',
      'a/m',
      'b/n',
    ])
  })

  test('leaves the slow ones for the end, also behind another model', () => {
    const stats = measured({ 'a/m': { latency: 9 }, 'b/m': { latency: 1 } })
    const router = routerOf('routes: { m: [a/m, b/m], n: [c/n] }', {}, { stats })
    const planned = router.plan(
      fakeCall({ model: 'm', models: ['n'], provider: { preferred_max_latency: 2 } }),
    )
    expect(order(planned)).toEqual(['b/m', 'c/n', 'a/m'])
    expect(planned.candidates.at(-1)?.notes).toEqual(['slow'])
  })

  test('tells no reason against an endpoint that another name of the request leads to', () => {
    const router = routerOf('routes: { m: [a/m, b/m] }', { 'a/m': costs(0), 'b/m': costs(1) })
    const planned = router.plan(fakeCall({ model: 'm:free', models: ['m'] }))
    expect(order(planned)).toEqual(['a/m', 'b/m'])
    expect(planned.excluded).toEqual([])
  })

  test('has every endpoint once', () => {
    const router = routerOf('routes: { m: [a/m], n: [a/m, b/n] }')
    expect(ask(router, { model: 'm', models: ['n', 'm'] })).toEqual(['a/m', 'b/n'])
  })

  test('goes on with the models that the route names, whatever circles they go in', () => {
    const router = routerOf(
      'routes: { m: { endpoints: [a/m], models: [n] }, n: { endpoints: [b/n], models: [m, c/x] } }',
    )
    const { candidates } = router.plan(fakeCall({ model: 'm' }))
    expect(candidates.map(({ model, route }) => [model, route])).toEqual([
      ['m', 'm'],
      ['n', 'n'],
      ['c/x', 'c/*'],
    ])
  })
})

describe('who takes over for a route', () => {
  const chain = `
routes:
  m: { endpoints: [a/m], models: [n], provider: { data_collection: deny } }
  n: [b/n, box/n]`

  test('keeps to what the route prefers', () => {
    const { candidates, excluded } = routerOf(chain).plan(fakeCall({ model: 'm', models: ['n'] }))
    expect(candidates.map(({ endpoint }) => endpointId(endpoint))).toEqual(['b/n', 'box/n'])
    expect(excluded.map(({ by }) => by)).toEqual(['data_policy:training'])
    const { candidates: left } = routerOf(chain).plan(fakeCall({ model: 'm' }))
    expect(left.map(({ endpoint }) => endpointId(endpoint))).toEqual(['box/n'])
  })

  test('is asked in the variants that the route was asked in', () => {
    const router = routerOf(`
variants: { careful: { provider: { zdr: true } } }
routes:
  m: { endpoints: [box/m], models: [n] }
  n: [b/n, box/n]`)
    expect(ask(router, { model: 'm:careful' })).toEqual(['box/m', 'box/n'])
    expect(ask(router, { model: 'm' })).toEqual(['box/m', 'b/n', 'box/n'])
  })
})

describe('preferences', () => {
  test('of all routes, the route, the key and the request are laid over one another', () => {
    const router = routerOf(
      `
routes: { m: { endpoints: [a/m, b/m, c/m], provider: { order: [b] } } }
routing: { provider: { ignore: [a] } }`,
    )
    expect(ask(router, { model: 'm' })).toEqual(['b/m', 'c/m'])
    const call = fakeCall({ model: 'm', provider: { order: ['c'] } })
    call.vars.set(caller, { name: 'k', tags: {}, provider: { only: ['b', 'a'] } })
    expect(order(router.plan(call))).toEqual(['b/m'])
  })

  test('that leave nobody name the filters', () => {
    const router = routerOf('routes: { m: [a/m, b/m] }', { 'a/m': costs(5) })
    const error = refused(() =>
      ask(router, { model: 'm', provider: { max_price: { prompt: 1 }, ignore: ['b'] } }),
    )
    expect(error.code).toBe('no_endpoints')
    expect(error.message).toContain('max_price.prompt is 1')
    expect(error.message).toContain('provider.ignore has [b]')
  })

  test('a key that may use some models only gets only those of a chain', () => {
    const router = routerOf('routes: { m: { endpoints: [a/m], models: [n] }, n: [b/n] }')
    const call = fakeCall({ model: 'm' })
    call.vars.set(caller, { name: 'k', tags: {}, models: ['m'] })
    const { candidates, excluded } = router.plan(call)
    expect(candidates).toHaveLength(1)
    expect(excluded).toMatchObject([{ model: 'n', by: 'model_not_allowed' }])
  })
})

describe('variants', () => {
  test('sort, and let the tiers in that belong to them', () => {
    const stats = measured({ 'b/m': { throughput: 90 }, 'a/m': { throughput: 10 } })
    const known = { 'a/m': costs(2), 'b/m': costs(3), 'tier/m': costs(1) }
    const router = routerOf('routes: { m: [a/m, b/m, tier/m] }', known, { stats })
    expect(ask(router, { model: 'm' })).toEqual(['a/m', 'b/m'])
    expect(ask(router, { model: 'm:nitro' })).toEqual(['b/m', 'a/m'])
    expect(ask(router, { model: 'm:floor' })).toEqual(['tier/m', 'a/m', 'b/m'])
    expect(ask(router, { model: 'm:floor', service_tier: 'default' })).toEqual(['a/m', 'b/m'])
    expect(ask(router, { model: 'm', provider: { order: ['a/flex'] } })[0]).toBe('tier/m')
    expect(router.plan(fakeCall({ model: 'm:floor' })).candidates[0]?.model).toBe('m')
  })

  test('of each model are its own, and stack', () => {
    const known = { 'a/m': costs(2), 'b/m': costs(0), 'a/n': costs(2), 'b/n': costs(1) }
    const router = routerOf('routes: { m: [a/m, b/m], n: [a/n, b/n] }', known)
    expect(ask(router, { model: 'm:free:nitro', models: ['n:floor'] })).toEqual([
      'b/m',
      'b/n',
      'a/n',
    ])
    const error = refused(() => ask(router, { model: 'n:free' }))
    expect(error.message).toContain('cost nothing')
  })

  test('are a model of its own where a provider has one of that whole name', () => {
    const router = routerOf('', { 'a/lab/m': costs(1), 'b/lab/m': costs(2), 'c/lab/m:free': {} })
    expect(ask(router, { model: 'lab/m:free' })).toEqual(['c/lab/m:free'])
    expect(ask(router, { model: 'lab/m:floor' })).toEqual(['a/lab/m', 'b/lab/m'])
  })

  test('the longest context comes first with :extended', () => {
    const known = { 'a/m': { context_length: 8 }, 'b/m': { context_length: 32 } }
    const router = routerOf('routes: { m: [a/m, b/m] }', known)
    expect(ask(router, { model: 'm:extended' })).toEqual(['b/m', 'a/m'])
  })
})

describe('a service tier', () => {
  const known = { 'a/m': costs(2), 'b/m': costs(1), 'tier/m': costs(3), 'fast/m': costs(9) }
  const yaml = `
  fast: { base_url: "https://f.example/v1", tag: a/priority, service_tier: priority }
routes: { m: [a/m, tier/m, b/m, fast/m], n: [a/n, b/n] }`
  const tiered = (request: Partial<Call['request']>) =>
    ask(routerOf(yaml, known), { model: 'm', ...request })

  test('flex is served by those of that tier alone, where there are any', () => {
    expect(tiered({ service_tier: 'flex' })).toEqual(['tier/m'])
    expect(tiered({ service_tier: 'flex', model: 'n' })).toEqual(['a/n', 'b/n'])
  })

  test('priority is served by those of that tier first', () => {
    expect(tiered({ service_tier: 'priority' })).toEqual(['fast/m', 'a/m', 'b/m'])
    expect(tiered({ service_tier: 'fast', provider: { order: ['b'] } })).toEqual([
      'b/m',
      'fast/m',
      'a/m',
    ])
  })
})

describe('router models', () => {
  const known = {
    'a/small': costs(1),
    'b/medium': costs(3),
    'c/large': costs(9),
    'box/free': costs(0),
    'box/unpriced': {},
  }

  test('sluice/auto takes the cheapest that will do, and the dearer half for what is difficult', () => {
    const router = routerOf('routing: { auto: { models: ["a/*", "b/*", "c/*"] } }', known)
    const easy = router.plan(fakeCall({ model: 'sluice/auto' }))
    expect(order(easy)).toEqual(['a/small', 'b/medium', 'c/large'])
    expect(easy.strategy).toBe('auto')
    expect(easy.candidates[0]?.model).toBe('a/small')
    const hard = router.plan(
      fakeCall({
        model: 'sluice/auto',
        reasoning: { effort: 'high' },
        messages: [{ role: 'user', content: 'Prove it.' }],
      }),
    )
    expect(order(hard)).toEqual(['b/medium', 'c/large'])
    expect(hard.summary).toBe(
      'hard, difficulty 0.65 (reasoning 0.40, words 0.25); the cheapest that will do of 2',
    )
  })

  test('sluice/auto leaves out what cannot take the request', () => {
    const router = routerOf('', {
      ...known,
      'a/small': { ...costs(1), input_modalities: ['text'] },
      'box/free': {},
    })
    const image = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'u' } }] }]
    const { candidates, excluded } = router.plan(
      fakeCall({ model: 'sluice/auto', messages: image }),
    )
    expect(candidates[0]?.model).toBe('b/medium')
    expect(excluded).toMatchObject([{ model: 'a/small', by: 'modality' }])
  })

  test('sluice/auto chooses among the routes of the YAML when it has any', () => {
    const router = routerOf('routes: { fast: [a/small], slow: [c/large] }', known)
    const planned = router.plan(fakeCall({ model: 'openrouter/auto' }))
    expect(planned.candidates.map(({ model }) => model)).toEqual(['fast', 'slow'])
  })

  test('sluice/auto offers a model once, whatever aliases it has', () => {
    const router = routerOf('routes: { also: fast, fast: [a/small], slow: [c/large] }', known)
    const { candidates, summary } = router.plan(fakeCall({ model: 'sluice/auto' }))
    expect(candidates.map(({ endpoint }) => endpointId(endpoint))).toEqual(['a/small', 'c/large'])
    expect(summary).toContain('of 2')
  })

  test('sluice/free and sluice/local take what their names say', () => {
    const router = routerOf('', known)
    const free = router.plan(fakeCall({ model: 'sluice/free' }))
    expect(free).toMatchObject({ strategy: 'free', candidates: [{ model: 'box/free' }] })
    expect(ask(router, { model: 'sluice/local' })).toEqual(['box/free', 'box/unpriced'])
  })

  test('that have nothing to choose from say so', () => {
    const router = routerOf('')
    const message = (model: string) => refused(() => ask(router, { model })).message
    expect(message('sluice/free')).toBe(
      'No endpoint of sluice/free is left: nothing here is known to cost nothing.',
    )
    expect(message('sluice/auto')).toContain('no model here is known to have a price')
    expect(message('sluice/local')).toContain('no runtime of this machine is known here')
  })

  test('~author/family-latest takes the newest', () => {
    const router = routerOf('', { 'a/x-1': { created: 1 }, 'a/x-2': { created: 2 } })
    const planned = router.plan(fakeCall({ model: '~a/x-latest' }))
    expect(planned).toMatchObject({ strategy: 'latest', candidates: [{ model: 'a/x-2' }] })
  })
})

describe('stickiness', () => {
  const known = {
    'a/m': { pricing: { prompt: 1, completion: 1, input_cache_read: 0.1 } },
    'b/m': { pricing: { prompt: 2, completion: 2, input_cache_read: 0.2 } },
  }
  const long = { messages: [{ role: 'user', content: 'x'.repeat(40_000) }], session_id: 's' }
  const usage = {
    prompt_tokens: 10_000,
    total_tokens: 10_000,
    prompt_tokens_details: { cached_tokens: 9_900 },
  }
  const served = (router: ReturnType<typeof routerOf>, provider: string, request = {}) => {
    const call = fakeCall({ model: 'm', ...long, ...request })
    call.vars.set(plan, router.plan(call))
    router.served(call, { provider, model: 'm' }, usage)
  }
  const yaml = 'routes: { m: [a/m, b/m] }'

  test('a conversation goes back to who holds it, when that is cheaper', () => {
    const router = routerOf(yaml, known)
    served(router, 'b')
    const planned = router.plan(fakeCall({ model: 'm', ...long }))
    expect(order(planned)).toEqual(['b/m', 'a/m'])
    expect(planned.candidates[0]?.notes).toEqual(['sticky'])
    expect(ask(router, { model: 'm', ...long, session_id: 'other' })).toEqual(['a/m', 'b/m'])
    expect(ask(router, { model: 'm', ...long, provider: { order: ['a'] } })).toEqual(['a/m', 'b/m'])
  })

  test('not when what is held is too little to pay', () => {
    const router = routerOf(yaml, known)
    served(router, 'b')
    const longer = { ...long, messages: [{ role: 'user', content: 'x'.repeat(400_000) }] }
    expect(ask(router, { model: 'm', ...longer })).toEqual(['a/m', 'b/m'])
  })

  test('not to who is failing or slow while another is not', () => {
    const stats = measured({ 'b/m': { failing: true, latency: 5 } })
    for (const [provider, parts] of [
      [{}, { stats }],
      [{ preferred_max_latency: 1 }, { stats: measured({ 'b/m': { latency: 5 } }) }],
    ] as const) {
      const router = routerOf(yaml, known, parts)
      served(router, 'b')
      expect(ask(router, { model: 'm', ...long, provider })).toEqual(['a/m', 'b/m'])
    }
  })

  test('not to another model that once stood in for the one that was asked for', () => {
    const two = 'routes: { m: [a/m], n: [b/m] }'
    const router = routerOf(two, { ...known, 'b/m': costs(0.1) })
    served(router, 'b', { models: ['n'] })
    expect(ask(router, { model: 'm', ...long, models: ['n'] })).toEqual(['a/m', 'b/m'])
  })

  test('as the route of the first model says, whichever of all models comes first', () => {
    const two = 'routes: { m: [a/m], n: { endpoints: [b/m], sticky: false } }'
    const router = routerOf(two, { ...known, 'b/m': costs(0.5) })
    const request = { models: ['n'], provider: { sort: { by: 'price', partition: 'none' } } }
    expect(ask(router, { model: 'm', ...long, ...request })).toEqual(['b/m', 'a/m'])
    served(router, 'a', request)
    expect(ask(router, { model: 'm', ...long, ...request })).toEqual(['a/m', 'b/m'])
  })

  test('also where one is asked alone', () => {
    const router = routerOf(yaml, known)
    const provider = { allow_fallbacks: false }
    const call = fakeCall({ model: 'm', ...long, provider: { ...provider, only: ['b', 'a'] } })
    call.vars.set(plan, router.plan(call))
    router.served(call, { provider: 'b', model: 'm' }, usage)
    expect(ask(router, { model: 'm', ...long, provider })).toEqual(['b/m'])
  })

  test('not where the route says so', () => {
    const router = routerOf(`${yaml}\nrouting: { sticky: false }`, known)
    served(router, 'b')
    expect(ask(router, { model: 'm', ...long })).toEqual(['a/m', 'b/m'])
  })

  test('not when the provider’s cache has died meanwhile', () => {
    const conversations = createConversations()
    const router = routerOf(yaml, known, { conversations })
    served(router, 'b')
    for (const key of conversations.keys())
      conversations.set(
        key,
        { endpoint: 'b/m', tokens: 9_900, sure: true },
        { ttl: 1, start: performance.now() - 5 },
      )
    expect(ask(router, { model: 'm', ...long })).toEqual(['a/m', 'b/m'])
  })
})

test('a name without its variants and aliases is what a key may use or not', () => {
  const router = routerOf('routes: { m: [a/m], best: m, "x:free": [b/x] }')
  expect(router.canonical('best:nitro:floor')).toBe('m')
  expect(router.canonical('x:free')).toBe('x:free')
  expect(router.stands('sluice/auto:nitro')).toBe(true)
  expect(router.stands('~a/x-latest')).toBe(true)
  expect(router.stands('openrouter/free')).toBe(true)
  expect(router.stands('sluice/other')).toBe(false)
})

test('an offline endpoint is kept for the end', () => {
  const router = routerOf('routes: { m: { endpoints: [a/m], offline: box/m } }')
  const planned = router.plan(fakeCall({ model: 'm' }))
  expect(order(planned)).toEqual(['a/m'])
  expect(planned.offline).toMatchObject({ endpoint: { provider: 'box' }, notes: ['offline'] })
})

test('an offline endpoint keeps to preferences, and goes on with what nobody else can', () => {
  const router = routerOf(
    'routes: { m: { endpoints: [a/m], offline: box/m } }',
    {},
    {
      continues: ({ provider }) => provider.name === 'box',
    },
  )
  const planned = (request: object) => router.plan(fakeCall({ model: 'm', ...request }))
  expect(planned({ provider: { ignore: ['box'] } }).offline).toBeUndefined()
  expect(planned({ provider: { only: ['a', 'box'] } }).offline).toBeDefined()
  const begun = fakeCall({ model: 'm' })
  begun.vars.set(continuing, true)
  expect(order(router.plan(begun))).toEqual(['box/m'])
})

test('a price is what this call is taken to cost', () => {
  const router = routerOf('routes: { m: [a/m] }', { 'a/m': costs(1, 10) })
  const messages = [{ role: 'user', content: 'x'.repeat(4_000) }]
  const cost = (request: object) =>
    router.plan(fakeCall({ model: 'm', messages, ...request })).candidates[0]?.cost
  expect(cost({ max_tokens: 100 })).toBeCloseTo((1_000 + 100 * 10) / 1e6)
  expect(cost({})).toBeCloseTo((1_000 + 334 * 10) / 1e6)
})
