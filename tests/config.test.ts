import { usualTerms } from '../src/config/plugin-terms.ts'
import { expect, test } from 'bun:test'
import { defaultConfig, loadConfig, parseConfig, type Config } from '../src/config.ts'
import { toProvider, unwritten } from '../src/config/provider.ts'

const parse = (text: string, env: Record<string, string> = {}): Config =>
  parseConfig(text, { file: 'config.yaml', directory: '/etc/sluice', env })

const reveal = (config: Config, name: string) =>
  config.providers.get(name)?.api_keys.map((key) => key.reveal())

const ISSUE = `server: { host: 127.0.0.1, port: 4747 }
providers:
  openai:                                   # a preset: everything known but the key
  work: { preset: openai, api_key: "\${WORK_KEY}" }
  box:  { dialect: openai, base_url: "http://127.0.0.1:8080/v1", api_key: k, models: [echo] }
  groq:
routes:
  fast/chat: [groq/llama-3.3-70b, { endpoint: box/echo, weight: 2 }]
  "openai/*": [openai, work]
plugins:                                    # outermost first
  - auth: { keys: { laptop: { key: "\${LAPTOP_KEY}", tags: { team: search }, models: ["openai/*"], expires: 2027-01-01 } } }
  - fallback
  - ./my-plugin.ts: { limit: 3 }
`
const ISSUE_ENV = { OPENAI_API_KEY: 'o', WORK_KEY: 'w', LAPTOP_KEY: 'l', GROQ_API_KEY: 'g' }

/** What OpenRouter does for requests that ask for it, and going on elsewhere. */
const usual = [
  'file-parser',
  'online',
  'web-fetch',
  'datetime',
  'context-compression',
  'response-healing',
  'fallback',
]

test('the grammar of the issue means what it says', () => {
  const config = parse(ISSUE, ISSUE_ENV)
  expect([...config.providers.keys()]).toEqual(['openai', 'work', 'box', 'groq', 'demo'])
  expect(reveal(config, 'openai')).toEqual(['o'])
  expect(reveal(config, 'work')).toEqual(['w'])
  expect(config.providers.get('work')).toMatchObject({
    base_url: 'https://api.openai.com/v1',
    preset: 'openai',
    auth: 'bearer',
    local: false,
  })
  expect(config.providers.get('box')).toMatchObject({
    base_url: 'http://127.0.0.1:8080/v1',
    auth: 'bearer',
    models: ['echo'],
    local: true,
  })
  expect(Object.fromEntries(config.routes)).toEqual({
    'fast/chat': {
      endpoints: [{ endpoint: 'groq/llama-3.3-70b' }, { endpoint: 'box/echo', weight: 2 }],
    },
    'openai/*': { endpoints: [{ endpoint: 'openai' }, { endpoint: 'work' }] },
  })
  expect(config.plugins).toEqual([
    {
      name: 'auth',
      options: {
        keys: {
          laptop: {
            key: 'l',
            tags: { team: 'search' },
            models: ['openai/*'],
            expires: '2027-01-01',
          },
        },
      },
      terms: usualTerms,
      at: ['plugins', 0, 'auth'],
    },
    { name: 'fallback', options: {}, terms: usualTerms, at: ['plugins', 1] },
    {
      name: './my-plugin.ts',
      options: { limit: 3 },
      terms: usualTerms,
      at: ['plugins', 2, './my-plugin.ts'],
    },
  ])
  expect(config.source).toMatchObject({ file: 'config.yaml', directory: '/etc/sluice' })
})

test.each(['', '# only a comment\n', '---\n', 'server:\nproviders:\nroutes:\nplugins:\n'])(
  'a file that says nothing means all defaults: %p',
  (text) => {
    const config = parse(text, { GROQ_API_KEY: 'g' })
    expect(config.server).toEqual({
      host: '127.0.0.1',
      port: 4747,
      hosts: [],
      origins: [],
      max_body: 20 * 1024 * 1024,
      max_depth: 64,
      max_keys: 20_000,
      heartbeat: 10_000,
      write_timeout: 60_000,
      drain: 30_000,
      max_in_flight: 2048,
      memory: { size: 64 * 1024 ** 2, age: 3_600_000 },
      log: 'auto',
      discover: true,
    })
    expect([...config.providers.keys()]).toEqual(['groq', 'demo'])
    expect(config.routes.size).toBe(0)
    expect(config.plugins.map(({ name }) => name)).toEqual(usual)
  },
)

test('an empty list of plugins means none', () => {
  expect(parse('plugins: []').plugins).toEqual([])
})

test('options without a value are an empty mapping', () => {
  expect(parse('plugins: [{ auth: }]').plugins[0]).toMatchObject({ name: 'auth', options: {} })
})

test('providers that are listed replace those of the environment and end discovery', () => {
  const config = parse('providers: { openai: }', { OPENAI_API_KEY: 'o', GROQ_API_KEY: 'g' })
  expect([...config.providers.keys()]).toEqual(['openai', 'demo'])
  expect(config.server.discover).toBe(false)
  const both = parse('server: { discover: true }\nproviders: { openai: }', { OPENAI_API_KEY: 'o' })
  expect(both.server.discover).toBe(true)
})

test('demo is always there', () => {
  expect(parse('providers: {}').providers.get('demo')).toMatchObject({
    base_url: 'demo:',
    auth: 'none',
    models: ['demo'],
    dialects: ['openai'],
  })
})

const ollama = () => {
  const found = toProvider('ollama', { ...unwritten, models: ['llama3.2'] }, {}, () => {})
  if (!found) throw new Error('ollama is a preset')
  return found
}

test('runtimes that were found are providers where discovery is on', () => {
  const options = { file: 'config.yaml', directory: '.', env: {}, discovered: [ollama()] }
  const open = parseConfig('', options)
  expect(open.providers.get('ollama')?.models).toEqual(['llama3.2'])
  expect(parseConfig('providers: {}', options).providers.has('ollama')).toBe(false)
  const mixed = parseConfig('server: { discover: true }\nproviders: {}', options)
  expect(mixed.providers.has('ollama')).toBe(true)
})

test('a runtime that is listed is not replaced by the one that was found', () => {
  const text = 'server: { discover: true }\nproviders: { ollama: { models: [mine] } }'
  const config = parseConfig(text, { file: 'c', directory: '.', env: {}, discovered: [ollama()] })
  expect(config.providers.get('ollama')?.models).toEqual(['mine'])
})

test('a route may count on a runtime that does not run yet', () => {
  const config = parse('routes: { local: [ollama/llama3.2] }')
  expect(config.providers.get('ollama')).toMatchObject({ preset: 'ollama', local: true })
})

test('without a file there are the providers at hand and the usual plugins', () => {
  const config = defaultConfig({ MISTRAL_API_KEY: 'm' }, [ollama()])
  expect([...config.providers.keys()].toSorted()).toEqual(['demo', 'mistral', 'ollama'])
  expect(config.plugins.map(({ name }) => name)).toEqual(usual)
  expect(config.server.discover).toBe(true)
})

test.each([
  ['500ms', 500],
  ['5s', 5000],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1.5s', 1500],
  ['7', 7000],
  ['0.25', 250],
])('the duration %s is %p milliseconds', (written, milliseconds) => {
  const text = `providers: { b: { base_url: http://x, timeouts: { connect: ${written} } } }`
  expect(parse(text).providers.get('b')?.timeouts.connect).toBe(milliseconds)
})

test.each([
  ['512kb', 512 * 1024],
  ['20mb', 20 * 1024 * 1024],
  ['1gb', 1024 ** 3],
  ['1MB', 1024 ** 2],
  ['1000', 1000],
  ['10b', 10],
])('the size %s is %p bytes', (written, bytes) => {
  expect(parse(`server: { max_body: ${written} }`).server.max_body).toBe(bytes)
})

test('draining may take no time at all', () => {
  expect(parse('server: { drain: 0 }').server.drain).toBe(0)
})

test('a provider of its own gets defaults for everything but its address', () => {
  expect(
    parse('providers: { b: { base_url: "http://10.0.0.5:9000/v1//" } }').providers.get('b'),
  ).toEqual({
    name: 'b',
    dialects: ['openai'],
    base_url: 'http://10.0.0.5:9000/v1',
    api_keys: [],
    auth: 'none',
    headers: {},
    models: [],
    timeouts: {
      connect: 5000,
      first_byte: 60_000,
      first_content: 1_800_000,
      stall: 300_000,
      total: 1_800_000,
    },
    quirks: {},
    max_output_tokens: {},
    max_concurrent: 512,
    facts: {},
    limits: {},
    queue: 256,
    data_collection: 'allow',
    zdr: false,
    tag: 'b',
    cache_ttl: 300_000,
    local: false,
  })
})

test('several keys come from api_keys, or from one variable with commas', () => {
  expect(reveal(parse('providers: { openai: { api_keys: [a, b, a] } }'), 'openai')).toEqual([
    'a',
    'b',
  ])
  expect(reveal(parse('providers: { openai: }', { OPENAI_API_KEY: ' a, b,,' }), 'openai')).toEqual([
    'a',
    'b',
  ])
})

test('the first variable of a preset that is set gives the key', () => {
  const env = { GEMINI_API_KEY: ' ', GOOGLE_API_KEY: 'second' }
  expect(reveal(parse('providers: { gemini: }', env), 'gemini')).toEqual(['second'])
})

test('a key for a local runtime is sent, and auth can be chosen', () => {
  const config = parse(`providers:
  ollama: { api_key: k }
  openai: { auth: none }
  vllm: { auth: x-api-key, api_key: k }`)
  expect(config.providers.get('ollama')).toMatchObject({ auth: 'bearer', local: true })
  expect(config.providers.get('openai')).toMatchObject({ auth: 'none', api_keys: [] })
  expect(config.providers.get('vllm')?.auth).toBe('x-api-key')
})

test('what the YAML says wins over a preset, and the rest of the preset stays', () => {
  const config = parse(
    'providers: { publicai: { base_url: "https://x.example/v1", quirks: { flatten_content: false } } }',
    { PUBLICAI_API_KEY: 'p' },
  )
  expect(config.providers.get('publicai')).toMatchObject({
    base_url: 'https://x.example/v1',
    quirks: { rename: { max_completion_tokens: 'max_tokens' }, flatten_content: false },
  })
})

test('an address with variables is filled from the environment', () => {
  const azure = parse('providers: { azure: }', { AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'mine' })
  expect(azure.providers.get('azure')).toMatchObject({
    base_url: 'https://mine.openai.azure.com/openai/v1',
    auth: 'api-key',
  })
  const databricks = parse('providers: { databricks: }', {
    DATABRICKS_TOKEN: 'k',
    DATABRICKS_HOST: 'https://adb-1.azuredatabricks.net/',
  })
  expect(databricks.providers.get('databricks')?.base_url).toBe(
    'https://adb-1.azuredatabricks.net/ai-gateway/mlflow/v1',
  )
})

test('no way of printing a config shows a key or a header', () => {
  const config = parse(
    'providers: { box: { base_url: http://x, api_key: hush-key, headers: { X-Pass: hush-header } } }',
  )
  const box = config.providers.get('box')
  expect(box?.headers['x-pass']?.reveal()).toBe('hush-header')
  const printed = [
    JSON.stringify(box),
    Bun.inspect(box),
    String(box?.api_keys),
    `${box?.api_keys[0]}`,
  ]
  for (const text of printed) {
    expect(text).not.toContain('hush')
    expect(text).toContain('***')
  }
})

test('anchors, aliases and merged mappings work, and positions go through them', () => {
  const config = parse(`providers:
  a: &a { base_url: "http://127.0.0.1:1/v1", models: [x] }
  b: { <<: *a, models: [y] }
  c: *a
`)
  expect(config.providers.get('b')).toMatchObject({
    base_url: 'http://127.0.0.1:1/v1',
    models: ['y'],
  })
  expect(config.providers.get('c')?.models).toEqual(['x'])
  expect(config.source.locate(['providers', 'b', 'base_url'])).toEqual({ line: 2, column: 21 })
  expect(config.source.locate(['providers', 'c'])).toEqual({ line: 4, column: 6 })
})

test('a path stands where its value does, else where its nearest ancestor does', () => {
  const { source } = parse(ISSUE, ISSUE_ENV)
  expect(source.locate(['server', 'port'])).toEqual({ line: 1, column: 34 })
  expect(source.locate(['server', 'port'], 'key')).toEqual({ line: 1, column: 28 })
  expect(source.locate(['providers', 'openai'])).toEqual({ line: 3, column: 3 })
  expect(source.locate(['plugins', 2, './my-plugin.ts', 'limit'])).toEqual({ line: 13, column: 30 })
  expect(source.locate(['plugins', 2, './my-plugin.ts', 'none', 'at all'])).toEqual({
    line: 13,
    column: 5,
  })
  expect(source.locate(['plugins', 1, 'attempts'])).toEqual({ line: 12, column: 5 })
})

test('a byte order mark and Windows line ends do not move positions', () => {
  const { source } = parse('\uFEFFserver:\r\n  port: 1\r\n')
  expect(source.locate(['server'], 'key')).toEqual({ line: 1, column: 1 })
  expect(source.locate(['server', 'port'])).toEqual({ line: 2, column: 9 })
})

test('a file is loaded with its own directory as the start of plugin paths', async () => {
  const file = `${import.meta.dir}/../config.example.yaml`
  const env = {
    OPENAI_API_KEY: 'a',
    WORK_KEY: 'b',
    AWS_ID: 'AKIA',
    AWS_SECRET: 's',
    CORAL_KEY: 'f',
    TEAM_KEY_1: 'c',
    TEAM_KEY_2: 'd',
    LAPTOP_KEY: 'e',
  }
  const { source } = await loadConfig(file, env)
  expect(source.directory).toBe(new URL('..', import.meta.url).pathname.replace(/\/$/, ''))
})

test('a file that is not there or cannot be read says so', async () => {
  await expect(loadConfig('/nowhere/config.yaml', {})).rejects.toThrow(
    '/nowhere/config.yaml does not exist; `sluice init` writes one',
  )
  await expect(loadConfig(import.meta.dir, {})).rejects.toThrow('is a directory')
})
