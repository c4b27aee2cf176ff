import { expect, test } from 'bun:test'
import { parseConfig } from '../src/config.ts'

const options = (text: string, env: Record<string, string> = {}) =>
  parseConfig(`plugins: [{ mine: { at: ${text} } }]`, { file: 'c.yaml', directory: '.', env })
    .plugins[0]?.options

test.each([
  ['"${A}"', 'one'],
  ["'${A}'", 'one'],
  ['"${A}-${B}"', 'one-two'],
  ['"${C:-three}"', 'three'],
  ['"${C:-}"', ''],
  ['"${EMPTY:-three}"', 'three'],
  ['"${EMPTY}"', ''],
  ['"${A:-three}"', 'one'],
  ['"${C:-a b: [c]}"', 'a b: [c]'],
  ['"$${A}"', '${A}'],
  ['"$$${A}"', '$${A}'],
  ['"$A and $"', '$A and $'],
  ['"${C:-x:-y}"', 'x:-y'],
])('%s becomes %p', (text, filled) => {
  expect(options(text, { A: 'one', B: 'two', EMPTY: '' })).toEqual({ at: filled })
})

test('a variable is filled in after parsing, so it adds no structure', () => {
  const env = { A: 'x, admin: true }, { y: [1]\n- z: "', B: '${A}', C: '*anchor' }
  expect(options('"${A}"', env)).toEqual({ at: env.A })
  expect(options('"${B}"', env)).toEqual({ at: '${A}' })
  expect(options('"${C}"', env)).toEqual({ at: '*anchor' })
})

test('keys are not filled in', () => {
  const config = parseConfig('plugins: [{ mine: { "${A}": 1 } }]', {
    file: 'c.yaml',
    directory: '.',
    env: { A: 'x' },
  })
  expect(config.plugins[0]?.options).toEqual({ '${A}': 1 })
})

const parse = (text: string, env: Record<string, string> = {}) =>
  parseConfig(text, { file: 'c.yaml', directory: '.', env })

test('numbers, booleans, durations and sizes may come from the environment', () => {
  const text = `server:
  port: \${PORT:-8080}
  discover: "\${DISCOVER}"
  max_keys: "\${KEYS}"
  heartbeat: \${BEAT}
  drain: \${DRAIN:-7}
  max_body: \${BODY:-1kb}
providers:
  box: { base_url: "http://\${HOST}/v1", quirks: { stream_options: "\${NO:-false}", clamp: { t: ["\${MIN:-0}", 1] } } }
routes:
  x: [{ endpoint: demo, weight: "\${WEIGHT}" }]
`
  const env = { DISCOVER: 'true', KEYS: '9', BEAT: '2s', HOST: 'box:1', WEIGHT: '0.5' }
  const { server, providers, routes } = parse(text, env)
  expect(server).toMatchObject({
    port: 8080,
    discover: true,
    max_keys: 9,
    heartbeat: 2000,
    drain: 7000,
    max_body: 1024,
  })
  expect(providers.get('box')).toMatchObject({
    base_url: 'http://box:1/v1',
    quirks: { stream_options: false, clamp: { t: [0, 1] } },
  })
  expect(routes.get('x')).toEqual({ endpoints: [{ endpoint: 'demo', weight: 0.5 }] })
})

test('text stays text, even if it looks like a number', () => {
  const { providers } = parse('providers: { b: { base_url: http://x, api_key: "${KEY}" } }', {
    KEY: '0123',
  })
  expect(providers.get('b')?.api_keys[0]?.reveal()).toBe('0123')
})

test('a quoted number is no number', () => {
  expect(() => parse('server: { max_keys: "9" }')).toThrow('expected a whole number, got "9"')
  expect(() => parse('server: { port: "80${X:-80}" }')).toThrow('got "80${X:-80}"')
})

test('each missing variable is told by name and place, once', () => {
  expect(() => parse('server:\n  port: ${PORT}\n  host: "${HOST}.${ZONE}"\n')).toThrow(
    [
      'c.yaml:2:9 server.port: the environment variable PORT is not set, and ${PORT} has no default',
      'c.yaml:3:9 server.host: the environment variable HOST is not set, and ${HOST} has no default',
      'c.yaml:3:9 server.host: the environment variable ZONE is not set, and ${ZONE} has no default',
    ].join('\n'),
  )
})

test.each(['"${}"', '"${1A}"', '"${A-x}"', '"${A"', '"${A:-${B}}"', '"${a.b}"', '"${ A }"'])(
  '%s is not a reference',
  (text) => {
    expect(() => options(text, { A: 'x' })).toThrow(
      'plugins[0].mine.at: expected ${NAME} or ${NAME:-default}; a literal "${" is written "$${"',
    )
  },
)

test('names that objects inherit are not variables', () => {
  expect(() => options('"${constructor}"')).toThrow('constructor is not set')
})
