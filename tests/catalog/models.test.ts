import { expect, test } from 'bun:test'
import type { Facts } from '../../src/catalog/facts.ts'
import { findModel } from '../../src/catalog/listing/find.ts'
import { usable } from '../../src/catalog/listing/usable.ts'
import { createList, listModels, mayUse, type Listing } from '../../src/catalog/models.ts'
import type { Caller } from '../../src/chat.ts'
import { parseConfig } from '../../src/config.ts'
import { createRouter } from '../../src/router/router.ts'

type Known = Readonly<Record<string, Readonly<Record<string, Facts>>>>

const here = (name: string) => ({ base_url: `https://${name}.example/v1`, api_key: 'k' })

/** A config of such providers, of whose models exactly that is known. */
const listingOf = (known: Known, config: object = {}, providers: object = {}) => {
  let version = 1
  const of = (provider: string) => (Object.hasOwn(known, provider) ? known[provider]! : {})
  const catalog = {
    models: (provider: string) => Object.keys(of(provider)),
    facts: (provider: string, model: string) => of(provider)[model] ?? {},
    get version() {
      return version
    },
  }
  const all = Object.keys(known).map((name) => [name, here(name)])
  const parsed = parseConfig(
    JSON.stringify({
      server: { discover: false },
      providers: { ...Object.fromEntries(all), ...providers },
      ...config,
    }),
    { file: 'config.yaml', directory: '.', env: {} },
  )
  const listing: Listing = { config: parsed, catalog, router: createRouter(parsed, { catalog }) }
  return { ...listing, learn: () => void version++ }
}

const ids = (listing: Listing): string[] => listModels(listing).map(({ id }) => id)

const costs = (prompt: number): Facts => ({ pricing: { prompt, completion: prompt } })

test('a pattern stands for what its endpoint can be asked for by it', () => {
  const routes = {
    'gpt-*': ['a'],
    'mine/*': ['a/gpt-*'],
    'all/*': ['b'],
    'deep/*/end': ['b/org/*'],
    'nick-*': 'all/*',
  }
  const listing = listingOf({ a: { 'gpt-5': {}, other: {} }, b: { 'org/x': {} } }, { routes })
  const made = ['gpt-5', 'mine/5', 'all/org/x', 'deep/x/end']
  expect(ids(listing)).toEqual([...made, 'a/gpt-5', 'a/other', 'b/org/x'])
  for (const model of listModels(listing)) {
    const { endpoints } = listing.router.resolve(model.id)
    expect(model.endpoints.map(({ provider, model }) => ({ provider, model }))).toEqual([
      ...endpoints,
    ])
  }
})

test('a name that several providers share is listed, unless it leads to one of them alone', () => {
  const known = { a: { m: costs(1), 'b/m': {} }, b: { m: costs(2), 'b/m': {} } }
  const listing = listingOf(known)
  expect(ids(listing)).toEqual(['m', 'a/m', 'a/b/m', 'b/m', 'b/b/m', 'sluice/auto'])
  const [shared] = listModels(listing)
  expect(shared).toMatchObject({ owned_by: 'a', pricing: { prompt: 1 } })
  expect(shared?.endpoints).toHaveLength(2)
})

test('a model that chooses is listed as far as there is something to choose from', () => {
  const routers = (known: Known, providers = {}) =>
    ids(listingOf(known, {}, providers)).filter((id) => id.startsWith('sluice/'))
  expect(routers({ a: { m: {} } })).toEqual([])
  expect(routers({ a: { m: costs(1) } })).toEqual(['sluice/auto'])
  expect(routers({ a: { m: costs(0) } })).toEqual(['sluice/auto', 'sluice/free'])
  expect(routers({ a: { m: { ...costs(0), output_modalities: ['embeddings'] } } })).toEqual([])
  const local = { a: { base_url: 'http://127.0.0.1:9/v1' } }
  expect(routers({ a: { m: {} } }, local)).toEqual(['sluice/local'])
})

test('a list is made once, and again when something was learned', () => {
  const listing = listingOf({ a: { m: {} } })
  const list = createList(listing)
  const first = list()
  expect(list()).toBe(first)
  listing.learn()
  expect(list()).not.toBe(first)
})

test('a model is found by what leads to it, and not by what leads nowhere', () => {
  const known = {
    a: {
      'claude-x-4': { family: 'claude-x', created: 1 },
      'claude-x-5': { family: 'claude-x', created: 2 },
      'only-a': {},
    },
  }
  const listing = listingOf(known, { routes: { nick: 'a/only-a', 'say-*': 'a/*' } })
  const find = (name: string, caller?: Caller) =>
    findModel(
      listModels(listing).filter(({ id }) => mayUse(caller, listing.router)(id)),
      name,
      caller,
      listing,
    )
  expect(find('a/only-a:nitro:floor')?.id).toBe('a/only-a')
  expect(find('say-only-a')?.id).toBe('a/only-a')
  expect(find('nick')).toMatchObject({ id: 'nick', alias_target: { slug: 'a/only-a' } })
  expect(find('only-a')).toMatchObject({ id: 'only-a', owned_by: 'a' })
  expect(find('~a/claude-x-latest')?.alias_target).toEqual({
    name: 'a/claude-x-5',
    slug: 'a/claude-x-5',
  })
  for (const name of ['', '/', 'a/none', 'a/', 'none', '~a/none-latest', '__proto__', '@preset/x'])
    expect(find(name), name).toBeUndefined()
  const narrow: Caller = { name: 'n', tags: {}, models: ['a/only-a'] }
  expect(find('a/only-a', narrow)?.id).toBe('a/only-a')
  expect(find('only-a', narrow)).toBeUndefined()
  expect(find('a/claude-x-4', narrow)).toBeUndefined()
})

test('a caller may use what all preferences together leave', () => {
  const known = { a: { m: costs(3) }, b: { m: costs(2) }, c: { m: costs(1) } }
  const routes = {
    all: ['a/m', 'b/m', 'c/m'],
    picky: { endpoints: ['a/m', 'b/m'], provider: { ignore: ['a'] } },
    strict: {
      endpoints: ['a/m', 'b/m'],
      provider: { order: ['b'], allow_fallbacks: false },
    },
    kept: { endpoints: ['a/m'], provider: { zdr: true } },
  }
  const listing = listingOf(known, { routes, routing: { provider: { ignore: ['c'] } } })
  const left = (caller: Caller | undefined) =>
    Object.fromEntries(
      usable(listModels(listing), caller, listing).map(({ id, endpoints }) => [
        id,
        endpoints.map(({ provider }) => provider).join(),
      ]),
    )
  const mine = { all: 'a,b', picky: 'b', strict: 'b', m: 'a,b', 'a/m': 'a', 'b/m': 'b' }
  expect(left(undefined)).toEqual({ ...mine, 'sluice/auto': '' })
  expect(left({ name: 'n', tags: {}, provider: { ignore: ['b'] } })).toEqual({
    all: 'a',
    m: 'a',
    'a/m': 'a',
    'sluice/auto': '',
  })
  const cheap: Caller = { name: 'n', tags: {}, provider: { max_price: { prompt: 2 } } }
  const { 'a/m': _dear, ...within } = mine
  expect(left(cheap)).toEqual({ ...within, all: 'b', m: 'b', 'sluice/auto': '' })
  const none: Caller = { name: 'n', tags: {}, provider: { only: ['nobody'] } }
  expect(left(none)).toEqual({})
})
