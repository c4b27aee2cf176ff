import { expect, test } from 'bun:test'
import { parseConfig } from '../src/config.ts'
import { presetNamed, presets } from '../src/providers/presets.ts'

/** Values for every variable that a preset could ask for. */
const env = Object.fromEntries(
  Object.values(presets).flatMap(({ base_url, env }) => [
    ...env.map((name) => [name, `key-of-${name}`]),
    ...[...base_url.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, 'filled']),
  ]),
)

test.each(Object.keys(presets))('%s works by its name alone', (name) => {
  const config = parseConfig(`providers:\n  ${name}:\n`, { file: 'c', directory: '.', env })
  const provider = config.providers.get(name)
  const preset = presetNamed(name)
  expect(provider).toMatchObject({ name, preset: name, dialects: preset?.dialects ?? ['openai'] })
  expect(provider?.base_url).not.toContain('{')
  expect(provider?.base_url).not.toEndWith('/')
  expect(provider?.api_keys.map((key) => key.reveal())).toEqual(
    preset?.local ? [] : [`key-of-${preset?.env[0]}`],
  )
})

test.each(Object.entries(presets))('%s is on the right side of the loopback', (_, preset) => {
  const url = new URL(preset.base_url.replaceAll(/[{}]/g, ''))
  if (preset.local) {
    expect(preset).toMatchObject({ env: [], auth: 'none' })
    expect(url).toMatchObject({ protocol: 'http:', hostname: '127.0.0.1' })
  } else {
    expect(preset.env.length).toBeGreaterThan(0)
    expect(url.protocol).toBe('https:')
  }
})

test('a variable makes at most one preset usable by itself', () => {
  const own = Object.values(presets).filter(({ listed }) => !listed)
  const variables = own.flatMap(({ env }) => env)
  expect(variables.length).toBe(new Set(variables).size)
})

test('no preset is found by a name that objects inherit', () => {
  expect(presetNamed('constructor')).toBeUndefined()
  expect(presetNamed('__proto__')).toBeUndefined()
})

const made = (name: string, more: Record<string, string> = {}) =>
  parseConfig(`providers: { ${name}: }`, {
    file: 'c',
    directory: '.',
    env: { ...env, ...more },
  }).providers.get(name)

test.each([
  ['openai', ['openai', 'responses'], 'bearer'],
  ['azure', ['openai', 'responses'], 'api-key'],
  ['anthropic', ['anthropic'], 'x-api-key'],
  ['gemini', ['gemini'], 'x-goog-api-key'],
  ['gemini-openai', ['openai'], 'bearer'],
  ['minimax', ['anthropic'], 'x-api-key'],
  ['deepseek-anthropic', ['anthropic'], 'x-api-key'],
  ['bedrock', ['openai'], 'bearer'],
  ['bedrock-anthropic', ['anthropic'], 'bearer'],
  ['vertex', ['gemini'], 'gcp'],
  ['vertex-anthropic', ['anthropic'], 'gcp'],
  ['openrouter', ['openai', 'responses', 'anthropic'], 'bearer'],
  ['ollama', ['openai'], 'none'],
])('%s speaks %j and takes its key as %s', (name, dialects, auth) => {
  expect(made(name)).toMatchObject({ dialects, auth } as object)
})

test.each(Object.entries(presets))('%s has an address that its dialects append to', (_, preset) => {
  expect(preset.base_url).not.toMatch(/\/(chat\/completions|responses|messages|models)\/?$/)
  if (preset.dialects?.includes('anthropic') && !preset.quirks?.vertex)
    expect(preset.base_url).toEndWith('/v1')
  if (preset.quirks?.vertex) expect(preset.base_url).toEndWith('/publishers/anthropic')
})
