import { describe, expect, test } from 'bun:test'
import type { Config, ProviderConfig } from '../../../src/config.ts'
import { knownNames } from '../../../src/router/asked/known-names.ts'
import { parseName } from '../../../src/router/asked/names.ts'

const provider = (name: string, more: Partial<ProviderConfig> = {}) =>
  [name, { name, models: [], facts: {}, ...more } as unknown as ProviderConfig] as const

const known = knownNames(
  {
    routes: new Map([
      ['fast', { alias: 'openai/gpt-5' }],
      ['house/model:nitro', { alias: 'openai/gpt-5' }],
      ['openai/*', { endpoints: [{ endpoint: 'openai' }] }],
      ['odd@preset/name', { alias: 'openai/gpt-5' }],
    ]) as Config['routes'],
    providers: new Map([
      provider('openai'),
      provider('ollama', { models: ['qwen3:thinking', 'llama:free:extended'] }),
      provider('facts', { facts: { 'm:extended': {} } }),
      provider('or', { preset: 'openrouter' }),
    ]),
    variants: new Map([
      ['cheap', {}],
      ['mine', {}],
      ['8x', {}],
    ]),
    presets: new Map([['ours', {}]]),
  },
  {
    lists: (name, model) => name === 'openai' && model === 'reported:free',
    has: (model) => model === 'lab/llama:free',
  },
)

const cases: readonly (readonly [
  written: string,
  base: string,
  variants?: string[],
  preset?: string,
])[] = [
  ['openai/gpt-5', 'openai/gpt-5'],
  ['openai/gpt-5:nitro', 'openai/gpt-5', ['nitro']],
  ['openai/gpt-5:free:online', 'openai/gpt-5', ['free', 'online']],
  ['openai/gpt-5:online:cheap:floor', 'openai/gpt-5', ['online', 'cheap', 'floor']],
  ['openai/gpt-5:nitro:nitro', 'openai/gpt-5', ['nitro']],
  ['fast:exacto', 'fast', ['exacto']],
  ['gpt-5:mine', 'gpt-5', ['mine']],
  // what is no variant is the model's own
  ['qwen3:8b', 'qwen3:8b'],
  ['ollama/qwen3:8b', 'ollama/qwen3:8b'],
  ['ollama/qwen3:8b:nitro', 'ollama/qwen3:8b', ['nitro']],
  ['ollama/qwen3:nitro:8b', 'ollama/qwen3:nitro:8b'],
  ['openai/gpt-5:NITRO', 'openai/gpt-5:NITRO'],
  ['openai/gpt-5:batch', 'openai/gpt-5:batch'],
  ['openai/gpt-5:', 'openai/gpt-5:'],
  ['openai/gpt-5:nitro:', 'openai/gpt-5:nitro:'],
  ['ft:gpt-4o:acme::abc', 'ft:gpt-4o:acme::abc'],
  ['ft:gpt-4o:acme::free', 'ft:gpt-4o:acme:', ['free']],
  // a variant of nothing
  [':nitro', ':nitro'],
  [':nitro:floor', ':nitro', ['floor']],
  ['', ''],
  // what exists wins
  ['house/model:nitro', 'house/model:nitro'],
  ['house/model:nitro:floor', 'house/model:nitro', ['floor']],
  ['house/model:floor', 'house/model', ['floor']],
  ['ollama/qwen3:thinking', 'ollama/qwen3:thinking'],
  ['ollama/qwen3:thinking:online', 'ollama/qwen3:thinking', ['online']],
  ['ollama/qwen3:online:thinking', 'ollama/qwen3:thinking', ['online']],
  ['ollama/qwen3:free', 'ollama/qwen3', ['free']],
  ['ollama/llama:free:extended', 'ollama/llama:free:extended'],
  ['facts/m:extended', 'facts/m:extended'],
  ['openai/reported:free', 'openai/reported:free'],
  ['lab/llama:free', 'lab/llama:free'],
  ['lab/llama:nitro:free', 'lab/llama:free', ['nitro']],
  // OpenRouter knows its own
  ['or/deepseek/deepseek-r1:free', 'or/deepseek/deepseek-r1:free'],
  ['or/deepseek/deepseek-r1:nitro', 'or/deepseek/deepseek-r1:nitro'],
  // but who searches the web for it is settled here
  ['or/deepseek/deepseek-r1:online', 'or/deepseek/deepseek-r1', ['online']],
  ['or/deepseek/deepseek-r1:free:online', 'or/deepseek/deepseek-r1:free', ['online']],
  ['or/deepseek/deepseek-r1:online:nitro', 'or/deepseek/deepseek-r1:nitro', ['online']],
  ['or/deepseek/deepseek-r1:cheap', 'or/deepseek/deepseek-r1', ['cheap']],
  ['or/deepseek/deepseek-r1:free:cheap', 'or/deepseek/deepseek-r1:free', ['cheap']],
  ['or/deepseek/deepseek-r1:cheap:free', 'or/deepseek/deepseek-r1:free', ['cheap']],
  ['or/openai/gpt-4@preset/theirs', 'or/openai/gpt-4@preset/theirs'],
  ['or/openai/gpt-4@preset/ours', 'or/openai/gpt-4', [], 'ours'],
  ['or/openai/gpt-4:free@preset/ours', 'or/openai/gpt-4:free', [], 'ours'],
  // routers and aliases of families
  ['sluice/auto:floor', 'sluice/auto', ['floor']],
  ['~anthropic/claude-sonnet-latest', '~anthropic/claude-sonnet-latest'],
  ['~anthropic/claude-sonnet-latest:nitro', '~anthropic/claude-sonnet-latest', ['nitro']],
  // presets
  ['@preset/coder', '', [], 'coder'],
  ['@preset/coder:nitro', '', ['nitro'], 'coder'],
  ['openai/gpt-4@preset/coder', 'openai/gpt-4', [], 'coder'],
  ['openai/gpt-4:floor@preset/coder:nitro', 'openai/gpt-4', ['floor', 'nitro'], 'coder'],
  ['ollama/qwen3:8b@preset/coder', 'ollama/qwen3:8b', [], 'coder'],
  ['openai/gpt-4@preset/a@preset/b', 'openai/gpt-4', [], 'a@preset/b'],
  ['openai/gpt-4@preset/', 'openai/gpt-4', [], ''],
  ['odd@preset/name', 'odd@preset/name'],
  ['claude-sonnet@20250514', 'claude-sonnet@20250514'],
  ['@cf/meta/llama', '@cf/meta/llama'],
]

describe('a model’s name', () => {
  test.each(cases)('%j is %j and its suffixes', (written, base, variants = [], preset) => {
    expect(parseName(written, known)).toEqual({
      base,
      variants,
      ...(preset !== undefined && { preset }),
    })
  })

  test('has sixteen variants at most', () => {
    const { base, variants } = parseName(`openai/gpt-5${':nitro'.repeat(20)}`, known)
    expect(base).toBe('openai/gpt-5:nitro:nitro:nitro:nitro')
    expect(variants).toEqual(['nitro'])
  })
})
