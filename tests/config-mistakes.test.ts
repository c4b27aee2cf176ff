import { expect, test } from 'bun:test'
import * as v from 'valibot'
import { ConfigError, checkValue, issueProblems, parseConfig, type Config } from '../src/config.ts'

const parse = (text: string, env: Record<string, string> = {}): Config =>
  parseConfig(text, { file: 'config.yaml', directory: '.', env })

const mistakes = (text: string, env: Record<string, string> = {}): string[] => {
  try {
    parse(text, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

const provider = (rest: string) => mistakes(`providers:\n  box: { base_url: http://x, ${rest} }`)

test('a mistake is told with file, line, column, key, expectation and suggestion', () => {
  const text = `server:
  port: 4747

providers:
  openai: { api_key: k }

  bad:
    base_url: http://127.0.0.1:1/v1
    api_key: k
    dialect: opnai
`
  expect(mistakes(text)).toEqual([
    'config.yaml:10:14 providers.bad.dialect: expected openai, responses, anthropic, gemini, ai-sdk, or a list of them, got "opnai"; did you mean openai?',
  ])
})

test('all mistakes are told at once, in the order of the file', () => {
  const text = `sever: 1
server:
  port: 99999
  log: prety
  discover: yes
  hosts: localhost
providers:
  opnai:
  openai: { tiemouts: {}, timeouts: { connect: -1, frist: 2 } }
  list: []
  demo:
routes:
  none: []
  there: [gorq/x, { endpont: demo, weight: 0 }, demo/*]
  "a/*/*": [demo]
plugins:
  - auth:
    keys: {}
  - 5
server: { max_keys: many }
`
  expect(mistakes(text)).toMatchInlineSnapshot(`
    [
      "config.yaml:1:1 sever: unknown key "sever"; did you mean server?",
      "config.yaml:8:3 providers.opnai: no preset is called "opnai"; did you mean openai? Else it needs a base_url",
      "config.yaml:9:13 providers.openai.tiemouts: unknown key "tiemouts"; did you mean timeouts?",
      "config.yaml:9:48 providers.openai.timeouts.connect: expected a duration that is not negative, got -1",
      "config.yaml:9:52 providers.openai.timeouts.frist: unknown key "frist"",
      "config.yaml:10:9 providers.list: expected a mapping, got a list",
      "config.yaml:11:3 providers.demo: is always there and cannot be configured; remove this key",
      "config.yaml:13:9 routes.none: is an empty list; expected at least one endpoint",
      "config.yaml:14:11 routes.there[0]: no provider is called "gorq"",
      "config.yaml:14:19 routes.there[1].endpoint: is missing",
      "config.yaml:14:21 routes.there[1].endpont: unknown key "endpont"; did you mean endpoint?",
      "config.yaml:14:44 routes.there[1].weight: expected a number above 0, got 0",
      "config.yaml:14:49 routes.there[2]: has a "*", but its route has none",
      "config.yaml:15:3 routes.a/*/*: expected a model name without spaces and with at most one "*"",
      "config.yaml:17:5 plugins[0]: expected one plugin, got the keys auth, keys; options stand one step further in",
      "config.yaml:19:5 plugins[1]: expected the name of a plugin, or one name with its options, got 5",
      "config.yaml:20:1 server: duplicate key; each key may stand once",
      "config.yaml:20:21 server.max_keys: expected a whole number, got "many"",
    ]
  `)
})

test('a ConfigError carries the same problems as data', () => {
  try {
    parse('server: { prot: 1 }\nroutes: { x: [] }')
    throw new Error('must not parse')
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).problems).toEqual([
      {
        path: 'server.prot',
        message: 'unknown key "prot"; did you mean port?',
        line: 1,
        column: 11,
      },
      {
        path: 'routes.x',
        message: 'is an empty list; expected at least one endpoint',
        line: 2,
        column: 14,
      },
    ])
  }
})

test.each([
  ['port: 80.5', 'expected a port from 0 to 65535, got 80.5'],
  ['port: -1', 'expected a port from 0 to 65535, got -1'],
  ['port:', 'expected a port from 0 to 65535, got nothing'],
  ['host: "a b"', 'expected a host name or an IP address, got "a b"'],
  ['host: [a]', 'expected a string, got a list'],
  [
    'hosts: [http://x]',
    'expected a host name such as llm.example.com, without scheme, got "http://x"',
  ],
  [
    'origins: [app.example.com]',
    'expected an origin such as https://app.example.com, or "*", got "app.example.com"',
  ],
  [
    'max_body: 20 mb',
    'expected a size such as 512kb or 20mb (a bare number is bytes), got "20 mb"',
  ],
  ['max_body: 0', 'expected a size above 0, got 0'],
  ['max_depth: 0', 'expected a number above 0, got 0'],
  ['max_keys: 1.5', 'expected a whole number, got 1.5'],
  ['heartbeat: 0', 'expected a duration above 0, got 0'],
  [
    'heartbeat: soon',
    'expected a duration such as 500ms, 5s, 2m or 1h (a bare number is seconds), got "soon"',
  ],
  ['drain: -1', 'expected a duration that is not negative, got -1'],
  ['write_timeout: 1000h', 'expected a duration of at most 24 days, got "1000h"'],
  ['log: prety', 'expected one of auto, pretty, json, silent, got "prety"; did you mean pretty?'],
  ['discover: yes', 'expected true or false, got "yes"; did you mean true?'],
])('server: %s is a mistake', (line, message) => {
  const [found, ...more] = mistakes(`server:\n  ${line}\n`)
  expect(more).toEqual([])
  expect(found).toEndWith(`: ${message}`)
  expect(found).toStartWith('config.yaml:2:')
})

test.each([
  ['max_concurrent: 0', 'expected a number above 0, got 0'],
  [
    'models: echo',
    'expected a list of models, or a mapping from models to what is known of them, got "echo"',
  ],
  ['headers: { "a b": c }', 'is not the name of a header'],
  ['headers: { Host: x }', 'is a header that only Sluice can set'],
  ['headers: { a: "b\\nc" }', 'has letters that no header can carry'],
  ['timeouts: { total: 0 }', 'expected a duration above 0, got 0'],
  ['quirks: { clamp: { t: [2, 1] } }', 'has a least above its most'],
  ['quirks: { clamp: { t: [1] } }', 'expected a number, got nothing'],
  ['quirks: { renam: {} }', 'unknown key "renam"; did you mean rename?'],
  ['api_keys: []', 'is empty'],
  ['api_key: k, api_keys: [k]', 'cannot stand beside api_key; give one of them'],
  ['auth: none, api_key: k', 'none sends no key, yet this provider has one'],
  ['auth: bearer', 'bearer needs an api_key'],
  ['preset: opnai', 'no preset is called "opnai"; did you mean openai?'],
])('a provider with %s is a mistake', (rest, message) => {
  const [found, ...more] = provider(rest)
  expect(more).toEqual([])
  expect(found).toEndWith(`: ${message}`)
})

test.each([
  ['ftp://x/v1', 'expected an http or https address such as https://llm.example.com/v1'],
  ['localhost:8080', 'expected an http or https address such as https://llm.example.com/v1'],
  ['x.example/v1', 'expected an http or https address such as https://llm.example.com/v1'],
  ['demo:', 'expected an http or https address such as https://llm.example.com/v1'],
  ['https://me:hush@x/v1', 'must not hold a password; a key goes into api_key'],
  ['https://x/v1?key=hush', 'must not hold a query or a fragment'],
  ['https://x/v1/chat/completions', 'must end before /chat/completions, which is added to it'],
])('the base_url %s is a mistake, and is not repeated', (base_url, message) => {
  expect(mistakes(`providers: { box: { base_url: "${base_url}" } }`)).toEqual([
    `config.yaml:1:31 providers.box.base_url: ${message}`,
  ])
})

test('a preset without its key names the variables', () => {
  expect(mistakes('providers:\n  openai:\n  gemini: {}\n  azure:\n')).toEqual([
    'config.yaml:2:3 providers.openai: needs a key: set OPENAI_API_KEY in the environment, or give it an api_key',
    'config.yaml:3:3 providers.gemini: needs a key: set GEMINI_API_KEY or GOOGLE_API_KEY or GOOGLE_GENERATIVE_AI_API_KEY in the environment, or give it an api_key',
    'config.yaml:4:3 providers.azure: needs AZURE_RESOURCE_NAME in the environment, or a base_url',
    'config.yaml:4:3 providers.azure: needs a key: set AZURE_API_KEY or AZURE_OPENAI_API_KEY in the environment, or give it an api_key',
  ])
})

test('a variable cannot move the host that a key is sent to', () => {
  const env = { AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'evil.example/x' }
  expect(mistakes('providers: { azure: }', env)).toEqual([
    'config.yaml:1:14 providers.azure: needs AZURE_RESOURCE_NAME in the environment, or a base_url',
  ])
})

test('a name that is no preset needs an address', () => {
  expect(mistakes('providers:\n  opnai:\n  zzzzzz: { api_key: k }\n')).toEqual([
    'config.yaml:2:3 providers.opnai: no preset is called "opnai"; did you mean openai? Else it needs a base_url',
    'config.yaml:3:3 providers.zzzzzz: no preset is called "zzzzzz", so it needs a base_url',
  ])
})

test('names that JavaScript objects inherit are no loophole', () => {
  expect(
    mistakes('providers: { constructor: {}, __proto__: {} }\nroutes: { toString: [demo/x] }'),
  ).toEqual([
    'config.yaml:1:14 providers.constructor: "constructor" cannot be a name',
    'config.yaml:1:31 providers.__proto__: "__proto__" cannot be a name',
  ])
})

test('secrets are never repeated', () => {
  const text = `providers:
  openai: sk-hush-openai-key
  a: { base_url: http://x, api_key: [hush] }
  b: { base_url: http://x, api_key: "hush hush" }
  c: { base_url: http://x, api_keys: hush }
  d: { base_url: http://x, headers: { authorization: [hush] } }
  e: { base_url: http://x, headers: hush }
  f: { base_url: http://x, dialect: sk-hush }
  g: { base_url: http://x, max_concurrent: "\${PASS}" }
  h: { base_url: http://x, api_key: 12345 }
plugins: hush
`
  const found = mistakes(text, { PASS: 'hush' })
  expect(found).toHaveLength(10)
  expect(found.join('\n')).not.toContain('hush')
  expect(found.join('\n')).not.toContain('12345')
  expect(found.join('\n')).toContain('got "${PASS}"')
})

test('a YAML mistake is told with its place and without the text around it', () => {
  expect(mistakes('a: [1, 2\nb: 3')).toEqual([
    'config.yaml:2:1 not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
  ])
  expect(mistakes('server: "sk-hush" "sk-hush"').join()).not.toContain('hush')
  expect(mistakes('\tserver: 1')[0]).toContain('not valid YAML: tabs are not allowed')
  expect(mistakes('server: {}\n---\nserver: {}')).toEqual([
    'config.yaml:2:1 expected one YAML document, got a second one after "---"',
  ])
})

test('an interpolation that needs quotes is explained', () => {
  expect(mistakes('server: { port: ${PORT:-80} }')[0]).toEndWith(
    'between { } or [ ] "${…}" needs quotes',
  )
})

test('duplicate keys are told wherever they stand, beside other mistakes', () => {
  expect(
    mistakes(`server: { port: 1, port: 2 }
providers:
  box: { base_url: http://x }
  box: { base_url: http://y, x: 1 }
plugins:
  - mine: { deep: { a: 1, a: 2 } }
`),
  ).toEqual([
    'config.yaml:1:20 server.port: duplicate key; each key may stand once',
    'config.yaml:4:3 providers.box: duplicate key; each key may stand once',
    'config.yaml:4:30 providers.box.x: unknown key "x"',
    'config.yaml:6:27 plugins[0].mine.deep.a: duplicate key; each key may stand once',
  ])
})

test.each([
  ['[]', 'expected a mapping, got a list'],
  ['just text', 'expected a mapping, got a string'],
  ['providers: [openai]', 'expected a mapping, got a list'],
  ['routes: 5', 'expected a mapping, got a number'],
  ['server: []', 'expected a mapping, got a list'],
  ['plugins: { auth: {} }', 'expected a list, each plugin after a "-", got a mapping'],
  ['plugins: fallback', 'expected a list, each plugin after a "-", got a string'],
  ['plugins: [[]]', 'expected the name of a plugin'],
  ['plugins: [{}]', 'expected the name of a plugin'],
])('%s has the wrong shape', (text, message) => {
  const [found, ...more] = mistakes(text)
  expect(more).toEqual([])
  expect(found).toEndWith(message)
})

test('options on the level of their plugin are explained', () => {
  expect(mistakes('plugins:\n  - auth:\n    keys: {}\n')).toEqual([
    'config.yaml:2:5 plugins[0]: expected one plugin, got the keys auth, keys; options stand one step further in',
  ])
})

test('bombs are refused: size, nesting, aliases, circles', () => {
  expect(mistakes(`# ${'x'.repeat(1024 * 1024)}`)).toEqual(['config.yaml is larger than 1 MiB'])
  expect(mistakes('['.repeat(100_000))[0]).toEndWith('is nested too deeply')
  expect(mistakes(`a: ${'['.repeat(200)}${']'.repeat(200)}`)[0]).toEndWith('is nested too deeply')
  const doubling = ['a0: &a0 x']
  for (let level = 1; level < 10; level++) {
    doubling.push(`a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`)
  }
  expect(mistakes(doubling.join('\n'))).toEqual(['config.yaml has too many aliases'])
  expect(mistakes(`a: &a x\nb: [${'*a,'.repeat(2000)}]`)).toEqual([
    'config.yaml has too many aliases',
  ])
  expect(mistakes('server: &s { hosts: [*s] }')[0]).toContain(
    'the alias *s stands inside the value that it names',
  )
  expect(mistakes('server: *nobody')[0]).toContain('no anchor &nobody stands before this alias')
})

test('tags cannot bring in other kinds of values', () => {
  expect(mistakes('server: { host: !!binary aGVsbG8= }')[0]).toContain('is not known here')
  expect(mistakes('server: { host: !env HOME }')[0]).toContain('the tag !env is not known here')
  expect(mistakes('server: { port: !!int many }')[0]).toContain('expected a port')
  expect(parse('server: { host: !!str 127.0.0.1 }').server.host).toBe('127.0.0.1')
})

const routes = (lines: string) => mistakes(`routes:\n  ${lines.replaceAll('\n', '\n  ')}\n`)

test.each([
  ['x: [gorq/llama]', 'routes.x[0]: no provider is called "gorq"'],
  ['x: [dem/llama]', 'routes.x[0]: no provider is called "dem"; did you mean demo?'],
  [
    'x: [groq/llama]',
    'routes.x[0]: no provider is called "groq"; list it under providers or set GROQ_API_KEY',
  ],
  ['x: [sglang/llama]', 'routes.x[0]: no provider is called "sglang"; list it under providers'],
  [
    'x: [{ endpoint: dem/x }]',
    'routes.x[0].endpoint: no provider is called "dem"; did you mean demo?',
  ],
  ['x: [demo/]', 'routes.x[0]: expected provider/model'],
  ['x: [demo/*]', 'routes.x[0]: has a "*", but its route has none'],
  ['x: ["demo/a b"]', 'routes.x[0]: expected provider/model'],
  ['"x/*": ["demo/*/*"]', 'routes.x/*[0]: expected provider/model'],
  ['x: []', 'routes.x: is an empty list; expected at least one endpoint'],
  [
    'x: { endpoints: [dem/x] }',
    'routes.x.endpoints[0]: no provider is called "dem"; did you mean demo?',
  ],
  [
    'x: { endpoints: [demo], offline: dem/x }',
    'routes.x.offline: no provider is called "dem"; did you mean demo?',
  ],
  [
    'x: { endpoints: [demo], models: [nowhere/y] }',
    'routes.x.models[0]: leads nowhere: no route is called "nowhere/y" and no provider "nowhere"',
  ],
  [
    'x: { endpoints: [demo], provider: { sort: cheap } }',
    'routes.x.provider.sort: expected price, throughput, latency, exacto, or { by, partition }, got "cheap"',
  ],
  [
    'x: { endpoints: [demo], balanse: price }',
    'routes.x.balanse: unknown key "balanse"; did you mean balance?',
  ],
  ['x: ""', 'routes.x: is empty'],
  [
    'x:',
    'routes.x: expected another model to stand for, a list of endpoints, or { endpoints, … }, got nothing',
  ],
  [
    'x: 5',
    'routes.x: expected another model to stand for, a list of endpoints, or { endpoints, … }, got 5',
  ],
  ['x: [5]', 'routes.x[0]: expected provider/model, or { endpoint, weight }, got 5'],
  ['x: [{ endpoint: demo, weight: 0 }]', 'routes.x[0].weight: expected a number above 0, got 0'],
  ['x: [{ endpoint: demo, weight: -1 }]', 'routes.x[0].weight: expected a number above 0, got -1'],
  [
    'x: [{ endpoint: demo, weight: .inf }]',
    'routes.x[0].weight: expected a number above 0, got Infinity',
  ],
  ['x: [{ weight: 1 }]', 'routes.x[0].endpoint: is missing'],
  [
    'x: [{ endpoint: demo, wieght: 1 }]',
    'routes.x[0].wieght: unknown key "wieght"; did you mean weight?',
  ],
  ['"a*b*": [demo]', 'routes.a*b*: expected a model name without spaces and with at most one "*"'],
  ['"a b": [demo]', 'routes["a b"]: expected a model name without spaces and with at most one "*"'],
  [
    'x: nowhere/y',
    'routes.x: leads nowhere: no route is called "nowhere/y" and no provider "nowhere"',
  ],
  [
    'x: demmo/y',
    'routes.x: leads nowhere: no route is called "demmo/y" and no provider "demmo"; did you mean demo?',
  ],
  ['x: demo', 'routes.x: "demo" is a provider, not a model; to send calls to it write [demo]'],
  ['x: demo/*', 'routes.x: has a "*", but its route has none'],
  ['x: x', 'routes.x: goes in a circle: x → x'],
  ['a: b\nb: c\nc: a', 'routes.a: goes in a circle: a → b → c → a'],
  ['"demo/*": demo/demo', 'routes.demo/*: goes in a circle: demo/* → demo/*'],
  ['a: b\nb: c\nc: b', 'routes.a: goes in a circle: b → c → b'],
  ['"a/*": "a/b/*"', 'routes.a/*: goes in a circle: a/* → a/*'],
  [
    '"x/*": "demo/*"\ndemo/foo: x/foo',
    'routes.demo/foo: goes in a circle: demo/foo → x/* → demo/foo',
  ],
  ['"x/*": "y/x-*"\n"y/*": "x/*"', 'routes.x/*: goes in a circle: x/* → y/* → x/*'],
  [
    'fast: [demo/demo]\nx: [fast]',
    'routes.x[0]: "fast" is a route, and a list takes endpoints; an alias stands without a list',
  ],
])('routes: %s is a mistake', (lines, message) => {
  const [found, ...more] = routes(lines)
  expect(more).toEqual([])
  expect(found?.replace(/^\S+ /, '')).toBe(message)
})

test.each([
  'x: demo/demo',
  'x: y\ny: [demo/demo]',
  '"x/*": "y/*"\ny/a: [demo/demo]',
  '"x/*": "*"\ny: [demo/demo]',
  '"x/*": y\ny: [demo/demo]',
  '"x/*": "y/*"\n"y/*": [demo]',
  '"x/*": ["demo/*", "demo/pre-*", demo, demo/demo]',
  'gpt-4o: [demo]',
  'x: [demo/vendor/model:free]',
])('routes: %s is fine', (lines) => {
  expect(routes(lines)).toEqual([])
})

test('a route to a provider with mistakes is not one more mistake', () => {
  expect(mistakes('providers: { openai: }\nroutes: { x: [openai/gpt] }')).toHaveLength(1)
})

const options = v.object({
  characters: v.number(),
  mode: v.optional(v.picklist(['cut', 'refuse'])),
  rules: v.optional(
    v.array(
      v.variant('type', [
        v.object({ type: v.literal('word'), word: v.string() }),
        v.object({ type: v.literal('length'), most: v.pipe(v.number(), v.minValue(1)) }),
      ]),
    ),
  ),
  api_key: v.optional(v.pipe(v.string(), v.minLength(8))),
})

const pluginMistakes = (text: string, env: Record<string, string> = {}): string[] => {
  const { plugins, source } = parse(text, env)
  return plugins.flatMap((entry) => {
    const checked = checkValue(options, entry.options, entry.at, source)
    return 'output' in checked
      ? []
      : checked.problems.map(
          ({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`,
        )
  })
}

test('options of a plugin are checked with the same words and places', () => {
  expect(
    pluginMistakes(`plugins:
  - fallback: { characters: 1 }
  - a: {}
  - max-prompt: { characters: many, mdoe: cut, mode: ctu, api_key: hush }
  - ./b.ts:
      characters: 1
      rules: [{ type: word }, { type: length, most: 0, mots: 1 }, { type: wrod }]
`),
  ).toEqual([
    '3:5 plugins[1].a.characters: is missing',
    '4:37 plugins[2].max-prompt.mdoe: unknown key "mdoe"; did you mean mode?',
    '4:31 plugins[2].max-prompt.characters: expected a number, got "many"',
    '4:54 plugins[2].max-prompt.mode: expected one of cut, refuse, got "ctu"; did you mean cut?',
    '4:68 plugins[2].max-prompt.api_key: expected a length of >=8, got a string',
    '7:56 plugins[3]["./b.ts"].rules[1].mots: unknown key "mots"; did you mean most?',
    '7:15 plugins[3]["./b.ts"].rules[0].word: is missing',
    '7:53 plugins[3]["./b.ts"].rules[1].most: expected >=1, got 0',
    '7:75 plugins[3]["./b.ts"].rules[2].type: expected one of word, length, got "wrod"; did you mean word?',
  ])
})

test('an option that is wholly an interpolation may be a number', () => {
  const text = 'plugins: [{ max-prompt: { characters: "${LIMIT}" } }]'
  expect(pluginMistakes(text, { LIMIT: '100' })).toEqual([])
  expect(pluginMistakes(text, { LIMIT: 'hush' })).toEqual([
    '1:39 plugins[0].max-prompt.characters: expected a number, got "${LIMIT}"',
  ])
})

test('a message of a plugin cannot give away what it was given', () => {
  const telling = v.object({
    api_key: v.pipe(
      v.string(),
      v.check(
        () => false,
        (issue) => `bad: ${issue.input}`,
      ),
    ),
  })
  const { plugins, source } = parse('plugins: [{ mine: { api_key: hush } }]')
  const [entry] = plugins
  const checked = checkValue(telling, entry?.options, entry?.at ?? [], source)
  expect(checked).toMatchObject({ problems: [{ message: 'bad: ***' }] })
})

test('issues that valibot found elsewhere become problems too', () => {
  const { plugins, source } = parse('plugins:\n  - max-prompt: { characters: x }\n')
  const { issues = [] } = v.safeParse(options, plugins[0]?.options)
  expect(issueProblems(issues, plugins[0]?.at ?? [], source)).toEqual([
    {
      path: 'plugins[0].max-prompt.characters',
      message: 'expected a number, got "x"',
      line: 2,
      column: 31,
    },
  ])
})
