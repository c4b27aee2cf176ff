import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createCatalog } from '../../src/catalog/catalog.ts'
import { createLearned } from '../../src/catalog/learned.ts'
import { createReportedLists } from '../../src/catalog/reported-lists.ts'
import type { Reported } from '../../src/catalog/reported.ts'
import { configOf } from './config.ts'

let listed: object[]
let asked: number
let server: ReturnType<typeof Bun.serve>
beforeEach(() => {
  asked = 0
  listed = []
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch() {
      asked++
      return Response.json({ object: 'list', data: listed })
    },
  })
})
afterEach(() => server.stop(true))

const catalogOf = async (providers: object) => {
  const learned = createLearned()
  await learned.look()
  return createCatalog(configOf(providers), learned)
}

const here = (more: object = {}) => ({ base_url: `http://127.0.0.1:${server.port}/v1`, ...more })

describe('facts', () => {
  test('of several sources lie over one another, the YAML on top', async () => {
    listed = [{ id: 'gpt-5', context_length: 100_000, max_completion_tokens: 5_000 }]
    const models = { 'gpt-5': { max_completion_tokens: 4_000, quantization: 'fp8' } }
    const preset = { openai: here({ preset: 'openai', api_key: 'k', models }) }
    const catalog = await catalogOf(preset)
    expect(catalog.facts('openai', 'gpt-5')).toMatchObject({
      context_length: 400_000,
      max_completion_tokens: 4_000,
      quantization: 'fp8',
      sources: ['yaml', 'genai-prices'],
    })
    await catalog.tend()
    expect(catalog.facts('openai', 'gpt-5')).toMatchObject({
      name: 'GPT-5',
      context_length: 100_000,
      max_completion_tokens: 4_000,
      pricing: { prompt: 1.25 },
      sources: ['yaml', 'provider', 'genai-prices'],
    })
  })

  test('of prices come from one source, with the YAML’s rates over them', async () => {
    const pricing = { prompt: '0.000002', completion: '0.000008' }
    listed = [
      { id: 'gemini-2.5-pro', pricing },
      { id: 'gemini-2.5-flash', pricing },
    ]
    const models = { 'gemini-2.5-pro': { pricing: { completion: 9 } }, 'gemini-2.5-flash': null }
    const catalog = await catalogOf({
      asked: here({ preset: 'gemini-openai', api_key: 'k', models }),
      silent: { preset: 'gemini-openai', api_key: 'k', models },
    })
    catalog.facts('asked', 'gemini-2.5-pro')
    await catalog.tend()
    // what the provider says has no price for the cache: that of another list is not put beside it
    expect(catalog.facts('asked', 'gemini-2.5-flash').pricing).toEqual({ prompt: 2, completion: 8 })
    expect(catalog.facts('asked', 'gemini-2.5-pro').pricing).toEqual({ prompt: 2, completion: 9 })
    expect(catalog.facts('silent', 'gemini-2.5-pro').pricing).toEqual({
      prompt: 1.25,
      completion: 9,
      input_cache_read: 0.125,
      overrides: [{ min_prompt_tokens: 200_000, prompt: 2.5, input_cache_read: 0.25 }],
    })
  })

  test('of a runtime of one’s own say that it costs nothing, unless the YAML knows better', async () => {
    const catalog = await catalogOf({
      ollama: {},
      vllm: { base_url: 'http://10.0.0.9:8000/v1', api_key: 'k' },
      plain: here(),
      billed: here({ api_key: 'k' }),
      metered: here({ models: { m: { pricing: { prompt: 1, completion: 2 } } } }),
    })
    const free = { prompt: 0, completion: 0 }
    expect(catalog.facts('ollama', 'm').pricing).toEqual(free)
    expect(catalog.facts('vllm', 'm').pricing).toEqual(free)
    expect(catalog.facts('plain', 'm').pricing).toEqual(free)
    expect(catalog.facts('demo', 'demo').pricing).toEqual(free)
    expect(catalog.facts('metered', 'm').pricing).toEqual({ prompt: 1, completion: 2 })
    expect(catalog.facts('billed', 'm').pricing).toBeUndefined()
  })

  test('of what nobody knows are none', async () => {
    const catalog = await catalogOf({ far: { base_url: 'https://llm.example.com', api_key: 'k' } })
    expect(catalog.facts('far', 'gpt-5')).toEqual({})
    expect(catalog.facts('far', '__proto__')).toEqual({})
    expect(catalog.facts('nobody', 'gpt-5')).toEqual({})
    expect(catalog.models('nobody')).toEqual([])
  })

  test('are found once, and again when something was learned', async () => {
    const catalog = await catalogOf({ a: here() })
    const before = catalog.facts('a', 'm')
    expect(catalog.facts('a', 'm')).toBe(before)
    const { version } = catalog
    listed = [{ id: 'm', max_model_len: 8_192 }]
    await catalog.tend()
    expect(catalog.version).toBeGreaterThan(version)
    expect(catalog.facts('a', 'm')).toMatchObject({
      context_length: 8_192,
      pricing: { prompt: 0, completion: 0 },
      sources: ['provider', 'local'],
    })
  })

  test('of any number of invented names stay within bounds', async () => {
    const catalog = await catalogOf({ openai: { api_key: 'k' } })
    const known = catalog.facts('openai', 'gpt-5')
    for (let name = 0; name < 20_000; name++) catalog.facts('openai', `x-${name}`)
    expect(catalog.facts('openai', 'gpt-5')).toEqual(known)
    expect(catalog.facts('openai', 'gpt-5')).not.toBe(known)
  })
})

describe('the models of a provider', () => {
  test('are those of the YAML, else those that it tells, else those of the lists', async () => {
    listed = [{ id: 'gpt-5' }, { id: 'ft:mine' }]
    const catalog = await catalogOf({
      listed: here({ preset: 'openai', api_key: 'k', models: ['gpt-4o'] }),
      asked: here({ preset: 'openai', api_key: 'k' }),
      far: { base_url: 'https://llm.example.com', api_key: 'k' },
    })
    expect(catalog.models('listed')).toEqual(['gpt-4o'])
    expect(catalog.models('asked')).toContain('gpt-5-mini')
    expect(catalog.models('far')).toEqual([])
    expect(catalog.models('demo')).toEqual(['demo'])
    await catalog.tend()
    expect(catalog.models('listed')).toEqual(['gpt-4o'])
    expect(catalog.models('asked')).toEqual(['gpt-5', 'ft:mine'])
  })
})

describe('a provider is asked', () => {
  test('never by a look into the catalog, and not again within five minutes', async () => {
    const catalog = await catalogOf({ a: here(), b: here({ models: ['m'] }) })
    catalog.facts('a', 'm')
    catalog.models('a')
    expect(asked).toBe(0)
    await Promise.all([catalog.ask(), catalog.ask()])
    await catalog.ask()
    expect(asked).toBe(1)
    await catalog.tend()
    await catalog.tend()
    expect(asked).toBe(2)
  })

  test('only once it is used, when it is not on this machine', async () => {
    const catalog = await catalogOf({ a: here({ api_key: 'k' }) })
    await catalog.tend()
    expect(asked).toBe(0)
    catalog.facts('a', 'm')
    await catalog.tend()
    await catalog.tend()
    expect(asked).toBe(1)
  })

  test('and a list that says nothing new changes nothing', async () => {
    listed = [{ id: 'm' }]
    const learned = createLearned()
    const provider = configOf({ a: here() }).providers.get('a')!
    await learned.ask(provider)
    const { version } = learned
    await learned.ask(provider, 0)
    expect(learned.version).toBe(version)
    listed = [{ id: 'm' }, { id: 'n' }]
    await learned.ask(provider, 0)
    expect(learned.version).toBe(version + 1)
  })

  test('and what it said holds while it does not answer', async () => {
    listed = [{ id: 'm' }]
    const learned = createLearned()
    const provider = configOf({ a: here() }).providers.get('a')!
    await learned.ask(provider)
    await server.stop(true)
    expect(await learned.ask(provider, 0)).toEqual([{ id: 'm' }])
  })
})

test('a runtime that was silent is asked again sooner than one that spoke', async () => {
  let now = 0
  let answer: readonly Reported[] = []
  let asks = 0
  const read = async () => (asks++, answer)
  const lists = createReportedLists(
    read,
    () => undefined,
    () => now,
  )
  const provider = configOf({ a: here() }).providers.get('a')!
  const ask = () => lists.ask(provider, 300, 30)
  await ask()
  now = 29
  await ask()
  expect(asks).toBe(1)
  now = 30
  answer = [{ id: 'm' }]
  expect(await ask()).toEqual([{ id: 'm' }])
  now = 329
  await ask()
  expect(asks).toBe(2)
  now = 330
  await ask()
  expect(asks).toBe(3)
})
