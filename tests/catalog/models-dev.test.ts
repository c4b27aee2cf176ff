import { describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDownloadedList } from '../../src/catalog/downloaded.ts'
import { modelsDevFile, readModelsDev, writeModelsDev } from '../../src/catalog/models-dev-file.ts'
import { devFacts, toModelsDev } from '../../src/catalog/models-dev.ts'
import { configOf } from './config.ts'

const sonnet = {
  id: 'claude-sonnet-4-5',
  name: 'Claude Sonnet 4.5',
  family: 'claude-sonnet',
  attachment: true,
  reasoning: true,
  reasoning_options: [{ type: 'toggle' }, { type: 'budget_tokens', min: 1024 }],
  tool_call: true,
  structured_output: true,
  temperature: true,
  knowledge: '2025-07-31',
  release_date: '2025-09-29',
  last_updated: '2025-09-29',
  modalities: { input: ['text', 'image', 'pdf'], output: ['text'] },
  open_weights: false,
  cost: {
    input: 3,
    output: 15,
    cache_read: 0.3,
    cache_write: 3.75,
    context_over_200k: { input: 6, output: 22.5, cache_read: 0.6, cache_write: 7.5 },
  },
  limit: { context: 200_000, output: 64_000 },
  a_new_field: { nobody: 'knows' },
}

const list = {
  anthropic: { id: 'anthropic', models: { 'claude-sonnet-4-5': sonnet } },
  deepinfra: { id: 'deepinfra', models: { 'zai-org/GLM-5': { cost: { input: 1, output: 2 } } } },
  somewhere: {
    api: 'https://llm.example.com/v1/',
    models: { m: { cost: { input: 1 } }, old: { status: 'deprecated' } },
  },
  lmstudio: { api: 'http://127.0.0.1:1234/v1', models: { 'qwen/qwen3-8b': {} } },
  broken: { models: 7 },
  empty: { models: {} },
}

const { providers } = configOf({
  anthropic: { api_key: 'k' },
  other: { base_url: 'https://llm.example.com/v1', api_key: 'k' },
  unknown: { base_url: 'https://llm.example.org/v1', api_key: 'k' },
  deepinfra: { api_key: 'k' },
  lmstudio: {},
})
const provider = (name: string) => providers.get(name)!
const factsOf = (entry: object) => devFacts(provider('other'), { ...entry })

const inDirectory = async (run: (directory: string) => Promise<void>) => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-data-'))
  await run(directory).finally(() => rm(directory, { recursive: true }))
}

describe('an entry of models.dev', () => {
  test('is read in OpenRouter’s words', () => {
    expect(devFacts(provider('anthropic'), sonnet)).toEqual({
      name: 'Claude Sonnet 4.5',
      family: 'claude-sonnet',
      created: 1_759_104_000,
      context_length: 200_000,
      max_completion_tokens: 64_000,
      input_modalities: ['text', 'image', 'file'],
      output_modalities: ['text'],
      supported_parameters: [
        'include_reasoning',
        'max_tokens',
        'reasoning',
        'response_format',
        'stop',
        'structured_outputs',
        'temperature',
        'tool_choice',
        'tools',
        'top_k',
        'top_p',
      ],
      reasoning: { mandatory: false, supports_max_tokens: true },
      pricing: {
        prompt: 3,
        completion: 15,
        input_cache_read: 0.3,
        input_cache_write: 3.75,
        overrides: [
          {
            min_prompt_tokens: 200_000,
            prompt: 6,
            completion: 22.5,
            input_cache_read: 0.6,
            input_cache_write: 7.5,
          },
        ],
      },
      knowledge_cutoff: '2025-07-31',
    })
  })

  test('may have tiers, which say more than the old limit', () => {
    const cost = {
      input: 1,
      output: 2,
      context_over_200k: { input: 9, output: 9 },
      tiers: [
        { input: 4, output: 8, tier: { type: 'context', size: 256_000 } },
        { input: 2, output: 4, tier: { size: 32_000 } },
        { input: 5, tier: 'none' },
      ],
    }
    expect(factsOf({ cost }).pricing?.overrides).toEqual([
      { min_prompt_tokens: 32_000, prompt: 2, completion: 4 },
      { min_prompt_tokens: 256_000, prompt: 4, completion: 8 },
    ])
  })

  test('says how the model can be told to think', () => {
    const thinking = (reasoning_options: object[]) =>
      factsOf({ reasoning: true, reasoning_options }).reasoning
    expect(thinking([{ type: 'effort', values: ['low', 'high', 'default', null] }])).toEqual({
      supported_efforts: ['low', 'high'],
      supports_max_tokens: false,
    })
    expect(thinking([{ type: 'effort', values: ['none', 'low'] }])).toMatchObject({
      mandatory: false,
    })
    expect(thinking([])).toBeUndefined()
    expect(factsOf({ reasoning: false }).reasoning).toBeUndefined()
  })

  test('that takes no temperature takes no sampling, and what is not said is not known', () => {
    expect(factsOf({ tool_call: true, temperature: false }).supported_parameters).toEqual([
      'max_tokens',
      'seed',
      'stop',
      'tool_choice',
      'tools',
    ])
    expect(factsOf({ limit: { context: 0, output: 0 }, cost: {}, modalities: 1 })).toEqual({})
    expect(factsOf({ cost: { input: -1, output: 'much' } }).pricing).toBeUndefined()
  })

  test('of embeddings says so', () => {
    const entry = { family: 'text-embedding', modalities: { input: ['text'], output: ['text'] } }
    expect(factsOf(entry).output_modalities).toEqual(['embeddings'])
  })
})

test('what has no models is no list', () => {
  for (const json of [undefined, null, 7, [], {}, { models: {} }, { a: { models: [] } }])
    expect(toModelsDev(json)).toBeUndefined()
})

describe('the list in the data directory', () => {
  test('is found by preset or by address, never by the model alone, nor for this machine', () =>
    inDirectory(async (directory) => {
      await writeModelsDev(directory, { json: JSON.stringify(list), url: 'https://x.example' })
      const dev = createDownloadedList(directory, () => undefined)
      expect(dev.facts(provider('anthropic'), 'claude-sonnet-4-5')).toBeUndefined()
      await dev.look()
      expect(dev.facts(provider('anthropic'), 'claude-sonnet-4-5')?.family).toBe('claude-sonnet')
      expect(dev.facts(provider('deepinfra'), 'zai-org/glm-5')?.pricing?.prompt).toBe(1)
      expect(dev.facts(provider('other'), 'm')?.pricing).toEqual({ prompt: 1 })
      expect(dev.facts(provider('unknown'), 'm')).toBeUndefined()
      expect(dev.facts(provider('other'), 'constructor')).toBeUndefined()
      expect(dev.facts(provider('lmstudio'), 'qwen/qwen3-8b')).toBeUndefined()
      expect(dev.models(provider('other'))).toEqual(['m'])
      expect(dev.models(provider('unknown'))).toBeUndefined()
    }))

  test('is read again when it is another, and once', () =>
    inDirectory(async (directory) => {
      let learned = 0
      const dev = createDownloadedList(directory, () => void learned++)
      await dev.look()
      expect(learned).toBe(0)
      await writeModelsDev(directory, { json: JSON.stringify(list), url: 'https://x.example' })
      await dev.look()
      await dev.look()
      expect(learned).toBe(1)
      const models = { m: { name: 'Newer' } }
      const json = JSON.stringify({ anthropic: { models } })
      await writeModelsDev(directory, { json, url: 'https://x.example' })
      await dev.look()
      expect(learned).toBe(2)
      expect(dev.facts(provider('anthropic'), 'm')?.name).toBe('Newer')
    }))

  test('is not used when it is damaged, and what was known before still holds', () =>
    inDirectory(async (directory) => {
      await writeModelsDev(directory, { json: JSON.stringify(list), url: 'https://x.example' })
      const dev = createDownloadedList(directory, () => undefined)
      await dev.look()
      await writeFile(modelsDevFile(directory), '{"providers":{"anthropic":{"mod')
      await dev.look()
      expect(dev.facts(provider('other'), 'm')?.pricing).toEqual({ prompt: 1 })
      expect(readModelsDev(modelsDevFile(directory))).rejects.toThrow('no list of models')
    }))

  test('remembers where it came from', () =>
    inDirectory(async (directory) => {
      const origin = { url: 'https://x.example/api.json', etag: '"a"' }
      await writeModelsDev(directory, { json: JSON.stringify(list), ...origin })
      const read = await readModelsDev(modelsDevFile(directory))
      expect(read).toMatchObject(origin)
      expect(Date.parse(read!.at!)).toBeGreaterThan(Date.now() - 60_000)
    }))
})
