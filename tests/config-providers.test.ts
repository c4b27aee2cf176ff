import { expect, test } from 'bun:test'
import { ConfigError, parseConfig, type ProviderConfig } from '../src/config.ts'
import { providersFromEnv } from '../src/providers/discover.ts'
import { whence } from '../src/config/starter.ts'

type Env = Record<string, string>

const parse = (providers: string, env: Env = {}) =>
  parseConfig(`providers:\n  ${providers}\n`, { file: 'c.yaml', directory: '/etc/sluice', env })

const one = (name: string, rest = '', env: Env = {}): ProviderConfig => {
  const found = parse(`${name}: { ${rest} }`, env).providers.get(name)
  if (!found) throw new Error(`no provider ${name}`)
  return found
}

const mistakes = (providers: string, env: Env = {}): string[] => {
  try {
    parse(providers, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

const revealed = ({ api_keys }: ProviderConfig) => api_keys.map((key) => key.reveal())

test('a dialect may be one or several, each counted once', () => {
  const box = 'base_url: http://x'
  expect(one('b', `${box}, dialect: anthropic`).dialects).toEqual(['anthropic'])
  expect(one('b', `${box}, dialect: [responses, openai, responses]`).dialects).toEqual([
    'responses',
    'openai',
  ])
  expect(one('openai', 'dialect: openai, api_key: k').dialects).toEqual(['openai'])
})

const choices = 'openai, responses, anthropic, gemini, ai-sdk'

test.each<[string, ...string[]]>([
  [
    'dialect: opnai',
    `c.yaml:2:39 providers.b.dialect: expected ${choices}, or a list of them, got "opnai"; did you mean openai?`,
  ],
  [
    'dialect: [openai, antropic]',
    `c.yaml:2:48 providers.b.dialect[1]: expected one of ${choices}, got "antropic"; did you mean anthropic?`,
  ],
  ['dialect: [5]', `c.yaml:2:40 providers.b.dialect[0]: expected one of ${choices}, got 5`],
  [
    'dialect: [opnai, 5]',
    `c.yaml:2:40 providers.b.dialect[0]: expected one of ${choices}, got "opnai"; did you mean openai?`,
    `c.yaml:2:47 providers.b.dialect[1]: expected one of ${choices}, got 5`,
  ],
  ['dialect: []', 'c.yaml:2:39 providers.b.dialect: is an empty list'],
  ['dialect: 5', `c.yaml:2:39 providers.b.dialect: expected ${choices}, or a list of them, got 5`],
  [
    'dialect: { openai: }',
    `c.yaml:2:39 providers.b.dialect: expected ${choices}, or a list of them, got a mapping`,
  ],
])('%s is told by its place', (rest, ...told) => {
  expect(mistakes(`b: { base_url: "http://x", ${rest} }`)).toEqual(told)
})

test.each([
  ['openai', 'bearer'],
  ['responses', 'bearer'],
  ['anthropic', 'x-api-key'],
  ['gemini', 'x-goog-api-key'],
  ['[gemini, openai]', 'x-goog-api-key'],
])('a key for %s is sent as its own hosts want it', (dialect, auth) => {
  expect(one('b', `base_url: http://x, dialect: ${dialect}, api_key: k`).auth).toBe(auth as never)
  expect(one('b', `base_url: http://x, dialect: ${dialect}`).auth).toBe('none')
  const own = `base_url: http://x, dialect: ${dialect}, api_key: k, auth: query`
  expect(one('b', own).auth).toBe('query')
})

test.each(['openai', 'responses', 'messages'])('a base_url ends before /%s', (last) => {
  const path = last === 'openai' ? 'chat/completions' : last
  expect(mistakes(`b: { base_url: "http://x/v1/${path}/" }`)).toEqual([
    expect.stringContaining(`must end before /${path}, which is added to it`),
  ])
})

const aws = { AWS_REGION: 'eu-west-1' }
const access = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'hush/+=' }

test.each(['bedrock', 'bedrock-mantle', 'bedrock-anthropic'])(
  '%s takes the bearer key, else an access key',
  (name) => {
    const both = one(name, '', { ...aws, ...access, AWS_BEARER_TOKEN_BEDROCK: 'b1,b2' })
    expect([both.auth, revealed(both)]).toEqual(['bearer', ['b1', 'b2']])
    const signed = one(name, '', { ...aws, ...access })
    expect([signed.auth, revealed(signed)]).toEqual(['sigv4', ['AKIA:hush/+=:']])
    const session = one(name, '', { ...aws, ...access, AWS_SESSION_TOKEN: 't=' })
    expect(revealed(session)).toEqual(['AKIA:hush/+=:t='])
    const asked = one(name, 'auth: sigv4', { ...aws, ...access, AWS_BEARER_TOKEN_BEDROCK: 'b' })
    expect([asked.auth, revealed(asked)]).toEqual(['sigv4', ['AKIA:hush/+=:']])
    const own = one(name, 'auth: sigv4, api_key: "id:secret:token"', aws)
    expect(revealed(own)).toEqual(['id:secret:token'])
    expect(one(name, 'api_key: b', { ...aws, ...access }).auth).toBe('bearer')
    expect(mistakes(`${name}:`, { ...aws, AWS_ACCESS_KEY_ID: 'AKIA' })).toEqual([
      `c.yaml:2:3 providers.${name}: needs a key: set AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY in the environment, or give it an api_key`,
    ])
  },
)

test('an access key is never taken without being asked for, but offered', () => {
  const env = { ...aws, ...access }
  expect(providersFromEnv(env)).toEqual([])
  const offered = providersFromEnv(env, 'all')
  expect(offered.map(({ name, auth }) => `${name} ${auth}`)).toEqual([
    'bedrock sigv4',
    'bedrock-mantle sigv4',
    'bedrock-anthropic sigv4',
  ])
  expect(whence(offered[0]!, env)).toBe('key from AWS_ACCESS_KEY_ID')
})

test.each([
  ['api_key: nonsense', 'api_key: expected the id and the secret of an access key'],
  ['api_keys: ["a:b", "a:b:c:d"]', 'api_keys[1]: expected the id and the secret of an access key'],
  ['api_key: "a:b", base_url: "https://x.example"', 'base_url: sigv4 needs a region'],
])('a signed provider with %s is a mistake', (rest, message) => {
  const [found, ...more] = mistakes(`bedrock: { auth: sigv4, ${rest} }`, aws)
  expect(more).toEqual([])
  expect(found).toContain(`providers.bedrock.${message}`)
  expect(found).not.toContain('nonsense')
})

const project = { GOOGLE_VERTEX_PROJECT: 'mine', GOOGLE_VERTEX_LOCATION: 'europe-west4' }
const account = { GOOGLE_APPLICATION_CREDENTIALS: '/etc/key file.json' }

test('Vertex AI takes a token, else the file of an account', () => {
  const token = one('vertex', '', { ...project, GOOGLE_VERTEX_ACCESS_TOKEN: 'ya29.t' })
  expect([token.auth, revealed(token)]).toEqual(['gcp', ['ya29.t']])
  const plain = { GOOGLE_APPLICATION_CREDENTIALS: '/etc/key.json' }
  const file = one('vertex-anthropic', '', { ...project, ...plain })
  expect([file.auth, revealed(file)]).toEqual(['gcp', ['file:/etc/key.json']])
  const json = one('vertex-openai', `api_key: '{"type": "service_account"}'`, project)
  expect([json.auth, revealed(json)]).toEqual(['gcp', ['{"type": "service_account"}']])
})

test('a path with a space is a path', () => {
  expect(revealed(one('vertex', '', { ...project, ...account }))).toEqual([
    'file:/etc/key file.json',
  ])
})

test.each([
  [`vertex: { api_key: '{ "type": 5, hush }' }`, 'is not the JSON of a Google credentials file'],
  [`openai: { api_key: '{ "type": "hush" }' }`, 'has spaces, line breaks or letters'],
  [`openai: { api_key: "hush hush" }`, 'has spaces, line breaks or letters'],
])('%s has a key that cannot be sent', (text, message) => {
  const [found, ...more] = mistakes(text, project)
  expect(more).toEqual([])
  expect(found).toContain(`.api_key: ${message}`)
  expect(found).not.toContain('hush')
})

test('the addresses of Vertex AI name place and project, but the global one not twice', () => {
  const urls = (GOOGLE_VERTEX_LOCATION: string) =>
    ['vertex', 'vertex-anthropic', 'vertex-openai'].map(
      (name) => one(name, 'api_key: t', { ...project, GOOGLE_VERTEX_LOCATION }).base_url,
    )
  expect(urls('europe-west4')).toEqual([
    'https://europe-west4-aiplatform.googleapis.com/v1/projects/mine/locations/europe-west4/publishers/google',
    'https://europe-west4-aiplatform.googleapis.com/v1/projects/mine/locations/europe-west4/publishers/anthropic',
    'https://europe-west4-aiplatform.googleapis.com/v1/projects/mine/locations/europe-west4/endpoints/openapi',
  ])
  expect(urls('global')[0]).toBe(
    'https://aiplatform.googleapis.com/v1/projects/mine/locations/global/publishers/google',
  )
})

test('the most tokens of an answer are one number for all models, or one for each', () => {
  expect(one('openai', 'api_key: k').max_output_tokens).toEqual({})
  expect(one('openai', 'api_key: k, max_output_tokens: 100').max_output_tokens).toEqual({
    '*': 100,
  })
  const each = 'api_key: k, max_output_tokens: { gpt: 1, "*": "${N}" }'
  expect(one('openai', each, { N: '7' }).max_output_tokens).toEqual({ gpt: 1, '*': 7 })
  expect(
    one('openai', 'api_key: k, max_output_tokens: "${N}"', { N: '7' }).max_output_tokens,
  ).toEqual({ '*': 7 })
})

test.each([
  [
    'many',
    'max_output_tokens: expected a whole number, or a mapping from models to numbers, got "many"',
  ],
  ['0', 'max_output_tokens: expected a number above 0, got 0'],
  ['{ gpt: 1.5 }', 'max_output_tokens.gpt: expected a whole number, got 1.5'],
])('max_output_tokens: %s is a mistake', (written, message) => {
  expect(mistakes(`openai: { api_key: k, max_output_tokens: ${written} }`)).toEqual([
    expect.stringMatching(
      new RegExp(`providers\\.openai\\.${message.replace(/[.[\]]/g, '\\$&')}$`),
    ),
  ])
})

const sdk = 'dialect: ai-sdk, package: "@ai-sdk/cohere"'

test('a provider package needs neither an address nor a key', () => {
  expect(one('coral', sdk)).toMatchObject({
    dialects: ['ai-sdk'],
    base_url: 'ai-sdk:',
    auth: 'none',
    api_keys: [],
    package: '@ai-sdk/cohere',
    settings: {},
    directory: '/etc/sluice',
    local: false,
  })
  const full = one(
    'coral',
    `${sdk}, base_url: "http://x/v2/", api_key: k, settings: { a: { b: 1 } }`,
  )
  expect(full).toMatchObject({
    base_url: 'http://x/v2',
    auth: 'bearer',
    settings: { a: { b: 1 } },
  })
  expect(revealed(full)).toEqual(['k'])
})

test('a provider package takes a preset’s key, but not its address and quirks', () => {
  const mistral = one('mistral', 'dialect: ai-sdk, package: "@ai-sdk/mistral"', {
    MISTRAL_API_KEY: 'm',
  })
  expect(mistral).toMatchObject({ base_url: 'ai-sdk:', quirks: {}, preset: 'mistral' })
  expect(revealed(mistral)).toEqual(['m'])
  expect(one('mistral', 'dialect: ai-sdk, package: "@ai-sdk/mistral"').auth).toBe('none')
})

test('no other provider has a package', () => {
  const keys = Object.keys(one('openai', 'api_key: k'))
  expect(keys.filter((key) => /package|settings|directory/.test(key))).toEqual([])
})

test.each([
  ['coral: { dialect: ai-sdk }', 'coral.dialect: ai-sdk needs a package, such as "@ai-sdk/cohere"'],
  [
    'coral: { package: "@ai-sdk/cohere", base_url: "http://x" }',
    'coral.package: is only for dialect: ai-sdk',
  ],
  ['openai: { settings: {}, api_key: k }', 'openai.settings: is only for dialect: ai-sdk'],
  [
    'openai: { probe: 10s, api_key: k }',
    'openai.probe: is for local runtimes only; others are known by the calls to them',
  ],
  [
    'coral: { dialect: [openai, ai-sdk], package: a }',
    'coral.dialect: ai-sdk cannot stand beside other dialects',
  ],
  [
    'coral: { dialect: ai-sdk, package: "a b" }',
    'coral.package: expected a package such as "@ai-sdk/cohere", got "a b"',
  ],
  [
    'coral: { dialect: ai-sdk, package: a, settings: hush }',
    'coral.settings: expected a mapping, got a string',
  ],
])('%s is a mistake', (text, message) => {
  expect(mistakes(text).map((line) => line.replace(/^\S+ /, ''))).toEqual([`providers.${message}`])
})
