import { expect, test } from 'bun:test'
import { parseConfig } from '../../src/config.ts'
import { GatewayError } from '../../src/errors.ts'
import { createRouter, type Router } from '../../src/router/router.ts'
import { createRandom } from '../support/random.ts'

const providers = `
providers:
  one: { base_url: http://127.0.0.1:1/v1 }
  two: { base_url: http://127.0.0.1:2/v1 }
  openai: { base_url: http://127.0.0.1:3/v1, api_key: k }
`

const routerFor = (routes: string, random?: () => number): Router =>
  createRouter(
    parseConfig(`${providers}routes:\n${routes.replace(/^/gm, '  ')}`, {
      file: 'config.yaml',
      directory: '/',
      env: {},
    }),
    random && { random },
  )

/** `provider: model` for each endpoint, in the order to try. */
const endpoints = (router: Router, model: string): string[] =>
  router.resolve(model).endpoints.map((endpoint) => `${endpoint.provider}: ${endpoint.model}`)

const refusal = (router: Router, model: string): GatewayError => {
  try {
    router.resolve(model)
  } catch (error) {
    return error as GatewayError
  }
  throw new Error(`${model} was resolved`)
}

test('a model goes to the endpoints of its route, in the order of the YAML', () => {
  const router = routerFor('fast/chat: [one/a, two/b, one/c/d]')
  expect(router.resolve('fast/chat').route).toBe('fast/chat')
  expect(endpoints(router, 'fast/chat')).toEqual(['one: a', 'two: b', 'one: c/d'])
})

test('a provider alone is asked for the name without the prefix that is its own', () => {
  const router = routerFor(`
gpt-4o: [openai, one]
openai/o3: [openai, one]
`)
  expect(endpoints(router, 'gpt-4o')).toEqual(['openai: gpt-4o', 'one: gpt-4o'])
  expect(endpoints(router, 'openai/o3')).toEqual(['openai: o3', 'one: openai/o3'])
})

test('a provider alone in a glob is asked for what follows the vendor', () => {
  const router = routerFor(`
"openai/*": [openai, one]
"openai/gpt-*": [two]
"*-latest": [one]
`)
  expect(endpoints(router, 'openai/o3')).toEqual(['openai: o3', 'one: o3'])
  expect(endpoints(router, 'openai/gpt-4o')).toEqual(['two: gpt-4o'])
  expect(endpoints(router, 'some-latest')).toEqual(['one: some-latest'])
})

test('a star in an endpoint is what the star of the glob stood for', () => {
  const router = routerFor('"local/*": ["one/*", "two/pre-*-post", one/fixed]')
  expect(endpoints(router, 'local/m')).toEqual(['one: m', 'two: pre-m-post', 'one: fixed'])
  expect(endpoints(router, 'local/a/b')).toEqual(['one: a/b', 'two: pre-a/b-post', 'one: fixed'])
  expect(endpoints(router, 'local/$&$1')).toEqual(['one: $&$1', 'two: pre-$&$1-post', 'one: fixed'])
})

test('an exact name wins over every glob, and the longest glob over the others', () => {
  const router = routerFor(`
"*": [one/any]
"a/*": [one/a]
"a/b*": [one/ab]
"a/b*-mini": [one/mini]
a/bc: [one/exact]
`)
  expect(endpoints(router, 'a/bc')).toEqual(['one: exact'])
  expect(endpoints(router, 'a/bcd')).toEqual(['one: ab'])
  expect(endpoints(router, 'a/b-mini')).toEqual(['one: mini'])
  expect(endpoints(router, 'a/x')).toEqual(['one: a'])
  expect(endpoints(router, 'x')).toEqual(['one: any'])
})

test('a model that no route names goes to the provider before its first slash', () => {
  const router = routerFor('gpt: [one/a]')
  expect(router.resolve('two/llama/3')).toEqual({
    route: 'two/*',
    endpoints: [{ provider: 'two', model: 'llama/3' }],
  })
  expect(endpoints(router, 'demo/demo')).toEqual(['demo: demo'])
})

test('a route wins over the provider of that name', () => {
  const router = routerFor('"one/*": ["two/*"]')
  expect(endpoints(router, 'one/m')).toEqual(['two: m'])
})

test('an alias is the model behind it, also through other aliases and with a star', () => {
  const router = routerFor(`
gpt: best
best: [one/a, two/b]
direct: two/c
"old/*": "new/*"
"new/*": ["one/*"]
`)
  expect(router.canonical('gpt')).toBe('best')
  expect(router.resolve('gpt').route).toBe('best')
  expect(endpoints(router, 'gpt')).toEqual(['one: a', 'two: b'])
  expect(endpoints(router, 'direct')).toEqual(['two: c'])
  expect(router.canonical('old/x')).toBe('new/x')
  expect(endpoints(router, 'old/x')).toEqual(['one: x'])
  expect(router.canonical('unknown')).toBe('unknown')
})

test('names that every object inherits are no models', () => {
  const router = routerFor('gpt: [one/a]')
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty/x'])
    expect(refusal(router, name).code).toBe('model_not_found')
})

test('an unknown model is 404 with a hint, and is not repeated', () => {
  const router = routerFor('fast/chat: [one/a]')
  for (const [asked, hint] of [
    ['fast/chta', 'Did you mean fast/chat?'],
    ['oen/m', 'Did you mean one?'],
  ] as const) {
    const error = refusal(router, asked)
    expect(error).toBeInstanceOf(GatewayError)
    expect([error.status, error.code, error.details.param]).toEqual([
      404,
      'model_not_found',
      'model',
    ])
    expect(error.message).toContain(hint)
    expect(error.message).toContain('Known: fast/chat, one/…')
    expect(error.message).not.toContain(asked)
  }
  expect(refusal(router, 'nothing-like-it').message).not.toContain('Did you mean')
})

test.each(['', '/', 'one', 'one/', '/m', 'nobody/m'])('%j is no model', (name) => {
  expect(refusal(routerFor('gpt: [one/a]'), name).code).toBe('model_not_found')
})

test('many routes are not all told', () => {
  const routes = Array.from({ length: 50 }, (_, n) => `route-${n}: [one/a]`).join('\n')
  const { message } = refusal(routerFor(routes), 'x')
  expect(message).toEndWith('route-11, ….')
})

const shares = (router: Router, calls: number): Record<string, number> => {
  const firsts: Record<string, number> = {}
  for (let n = 0; n < calls; n++) {
    const [first] = endpoints(router, 'm')
    firsts[first!] = (firsts[first!] ?? 0) + 1 / calls
  }
  return firsts
}

test('weights are shares of the first choices', () => {
  const router = routerFor(
    'm: [{ endpoint: one/a, weight: 1 }, { endpoint: two/b, weight: 3 }, { endpoint: openai/c, weight: 6 }]',
    createRandom(7),
  )
  const { 'one: a': a, 'two: b': b, 'openai: c': c } = shares(router, 20_000)
  expect(a).toBeCloseTo(0.1, 1.5)
  expect(b).toBeCloseTo(0.3, 1.5)
  expect(c).toBeCloseTo(0.6, 1.5)
})

test('an endpoint without a weight counts 1 as soon as another has one', () => {
  const router = routerFor('m: [one/a, { endpoint: two/b, weight: 3 }]', createRandom(8))
  expect(shares(router, 20_000)['two: b']).toBeCloseTo(0.75, 1.5)
})

test('every draw tries each endpoint once, and the rest keeps its shares', () => {
  const router = routerFor(
    'm: [{ endpoint: one/a, weight: 8 }, { endpoint: two/b, weight: 1 }, { endpoint: openai/c, weight: 1 }]',
    createRandom(9),
  )
  let seconds = 0
  let drawn = 0
  for (let n = 0; n < 5_000; n++) {
    const order = endpoints(router, 'm')
    expect(new Set(order).size).toBe(3)
    if (order[0] !== 'one: a') continue
    drawn++
    if (order[1] === 'two: b') seconds++
  }
  expect(seconds / drawn).toBeCloseTo(0.5, 1.2)
})

test('the largest random number still draws the last endpoint', () => {
  const router = routerFor(
    'm: [{ endpoint: one/a, weight: 0.1 }, { endpoint: two/b, weight: 0.2 }]',
    () => 1 - Number.EPSILON,
  )
  expect(endpoints(router, 'm')).toEqual(['two: b', 'one: a'])
})
