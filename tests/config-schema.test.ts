import { expect, test } from 'bun:test'
import Ajv from 'ajv'
import * as v from 'valibot'
import { parse } from 'yaml'
import { jsonSchema, parseConfig } from '../src/config.ts'
import { configSchema } from '../src/config/schema.ts'
import { presets } from '../src/providers/presets.ts'

const example = await Bun.file(`${import.meta.dir}/../config.example.yaml`).text()
const EXAMPLE_ENV = {
  OPENAI_API_KEY: 'a',
  WORK_KEY: 'b',
  AWS_ID: 'AKIA',
  AWS_SECRET: 's',
  CORAL_KEY: 'f',
  TEAM_KEY_1: 'c',
  TEAM_KEY_2: 'd',
  LAPTOP_KEY: 'e',
}
const parseWith = (text: string, env = {}) =>
  parseConfig(text, { file: 'config.example.yaml', directory: '.', env })

/** Every key that a schema knows, as `providers.*.timeouts.connect`. */
const keysOf = (schema: any, path = ''): string[] => {
  if (schema.wrapped) return keysOf(schema.wrapped, path)
  if (schema.options) return schema.options.flatMap((option: any) => keysOf(option, path))
  if (schema.item) return keysOf(schema.item, `${path}.*`)
  if (schema.type === 'record') return keysOf(schema.value, `${path}.*`)
  return Object.entries(schema.entries ?? {}).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`
    return [at, ...keysOf(inner, at)]
  })
}

/** Whether any part of a value has the path. */
const has = (value: any, [step, ...rest]: string[]): boolean => {
  if (step === undefined) return true
  if (typeof value !== 'object' || value === null) return false
  if (step === '*') return Object.values(value).some((inner) => has(inner, rest))
  return Object.hasOwn(value, step) && has(value[step], rest)
}

test('the example is a valid config', () => {
  const config = parseWith(example, EXAMPLE_ENV)
  expect(config.plugins.map(({ name }) => name)).toEqual(['auth', 'fallback'])
})

/** Where the example shows what may stand in several places. */
const shownAt = (key: string): string =>
  key
    .replace(/^(?:routes|variants|presets)\.\*\.provider\./, 'routing.provider.')
    .replace(/^routes\.\*\.(?:balance|provider|hedge|when_full|max_wait|sticky)\b/, (path) =>
      path.replace('routes.*', 'routing'),
    )
    .replace(/preferred_min_throughput\.(p\d+)$/, 'preferred_max_latency.$1')
    .replace('routes.*.endpoints.*.', 'routes.*.*.')
    .replace(/overrides\.\*\.(?!min_prompt_tokens|utc_)/, '')

test('the example shows every key of the schema', () => {
  const written = parse(example)
  const keys = keysOf(configSchema)
  expect(keys.length).toBeGreaterThan(30)
  expect(keys.filter((key) => !has(written, shownAt(key).split('.')))).toEqual([])
})

test('the example names every preset', () => {
  const comments = example.split('\n').filter((line) => line.startsWith('#'))
  const words = new Set(comments.join(' ').match(/[\w-]+/g))
  expect(Object.keys(presets).filter((name) => !words.has(name))).toEqual([])
})

test('the defaults in the example are the defaults', () => {
  const shown = parseWith(example, EXAMPLE_ENV)
  const { server, providers } = parseWith('providers: { box: { base_url: http://x } }')
  expect(shown.server).toEqual(server)
  const box = providers.get('box')
  expect(shown.providers.get('box')).toMatchObject({
    timeouts: box?.timeouts,
    max_concurrent: box?.max_concurrent,
    dialects: box?.dialects,
    auth: box?.auth,
  })
})

const ajv = new Ajv({ strict: false })
const accepts = ajv.compile(
  jsonSchema({
    'max-prompt': {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { characters: { type: 'number' } },
      required: ['characters'],
      additionalProperties: false,
    },
  }),
)

test('the JSON Schema accepts the example', () => {
  expect(accepts(parse(example)) || accepts.errors).toBe(true)
})

test.each([
  '{}',
  'server: { port: "${PORT:-8080}", discover: "${D}", heartbeat: 5, log: "${LOG}" }',
  'server: { max_body: 1000 }',
  'providers: { openai: , box: { base_url: "http://x", timeouts: { total: "${T}" }, quirks: } }',
  'providers: { a: { base_url: "http://x", dialect: anthropic } }',
  'providers: { a: { base_url: "http://x", dialect: [openai, "${D}"], max_output_tokens: 1 } }',
  'providers: { a: { dialect: ai-sdk, package: "@ai-sdk/cohere", settings: { a: { b: 1 } } } }',
  'plugins: [max-prompt, { max-prompt: { characters: "${N}" } }, { other: { any: thing } }]',
  'plugins: [{ fallback: }]',
  'routes: { a: b, "c/*": [demo, { endpoint: demo, weight: "${W}" }] }',
])('the JSON Schema accepts %s', (text) => {
  expect(accepts(parse(text)) || accepts.errors).toBe(true)
})

test.each([
  'pluginz: []',
  'server: { prot: 1 }',
  'server: { port: many }',
  'server: { heartbeat: soon }',
  'server: { log: prety }',
  'providers: { openai: { tiemouts: {} } }',
  'providers: { openai: { dialect: opnai } }',
  'providers: { openai: { dialect: [openai, opnai] } }',
  'providers: { openai: { dialect: [] } }',
  'providers: { openai: { auth: barer } }',
  'providers: { openai: { max_output_tokens: { gpt: many } } }',
  'providers: { openai: { quirks: { reasoning_field: thoughts } } }',
  'routes: { a: [] }',
  'routes: { a: [{ weight: 1 }] }',
  'plugins: [{ a: , b: }]',
  'plugins: [{ max-prompt: { characters: many } }]',
  'plugins: [{ max-prompt: { characters: 1, more: 2 } }]',
  'plugins: [{ ./plugins/hello.ts: { signature: Ann, on_error: maybe } }]',
])('the JSON Schema refuses %s', (text) => {
  expect(accepts(parse(text))).toBe(false)
})

test('every key of the JSON Schema has a description', () => {
  const silent: string[] = []
  const look = (schema: any, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    for (const [key, inner] of Object.entries<any>(schema.properties ?? {})) {
      if (typeof inner.description !== 'string') silent.push(`${path}.${key}`)
      look(inner, `${path}.${key}`)
    }
    for (const inner of [
      schema.items,
      schema.additionalProperties,
      ...(schema.anyOf ?? []),
    ].flat()) {
      look(inner, path)
    }
  }
  const schema: any = jsonSchema()
  look(schema, '')
  look(schema.definitions.provider, 'provider')
  expect(silent).toEqual([])
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
  expect(Object.keys(schema.properties.providers.anyOf[0].properties)).toEqual(Object.keys(presets))
})

test('the schema of the whole accepts what its parts accept', () => {
  expect(v.safeParse(configSchema, parse(example)).success).toBe(true)
})
