import { expect, test } from 'bun:test'
import { parseConfig, type ServerConfig } from '../../src/config.ts'
import { GatewayError } from '../../src/errors.ts'
import { corsHeaders, guard, isLoopback, preflight } from '../../src/server/guard.ts'

const server = (yaml = ''): ServerConfig =>
  parseConfig(`server: { ${yaml} }`, { file: 'c', directory: '/', env: {} }).server

/** `passed`, the origin that may read the answer, or the error's code. */
const verdict = (headers: Record<string, string>, config = server(), method = 'POST'): string => {
  try {
    const request = new Request('http://localhost/', { method, headers })
    return guard(request, config) ?? 'passed'
  } catch (error) {
    return (error as GatewayError).code
  }
}

const host = '127.0.0.1:4747'

test.each([
  '127.0.0.1',
  '127.0.0.1:4747',
  'localhost',
  'LOCALHOST:1',
  '[::1]',
  '[::1]:4747',
  'llm.example.com',
  'LLM.example.com:443',
])('the Host %s is let in', (name) => {
  expect(verdict({ host: name }, server('hosts: [llm.example.com]'))).toBe('passed')
})

test.each([
  'evil.example',
  'localhost.evil.example',
  'llm.example.com.evil.example',
  '127.0.0.1.evil.example',
  '192.168.1.5',
  '0.0.0.0',
  '[::]',
  '[fe80::1]',
  '127.0.0.2',
])('the Host %s is not', (name) => {
  expect(verdict({ host: name }, server('hosts: [llm.example.com]'))).toBe('host_not_allowed')
})

test.each([
  '',
  'x',
  'localhost, evil.example',
  'localhost/x?',
  'local host',
  'user@localhost',
  'localhost:999999',
  'localhost:',
  '[::1',
  '-localhost',
  'localhost#',
  'löcalhost',
])('the Host %j is malformed', (name) => {
  expect(verdict({ host: name })).toBe('invalid_host')
})

test('who listens on the network is reached by its addresses, but by no name that was not allowed', () => {
  const config = server('host: 0.0.0.0')
  for (const name of ['192.168.1.5:4747', '[fe80::1]', '127.0.0.1', 'localhost'])
    expect(verdict({ host: name }, config)).toBe('passed')
  expect(verdict({ host: 'rebound.example' }, config)).toBe('host_not_allowed')
  expect(verdict({ host: 'box.internal' }, server('host: box.internal'))).toBe('passed')
})

test('a configured name is matched whatever its case', () => {
  // the header is lower-cased, server.hosts and server.host are not
  expect(verdict({ host: 'llm.example.com' }, server('hosts: [LLM.Example.com]'))).toBe('passed')
})

test('a page of another origin changes nothing, and reads nothing', () => {
  for (const origin of [
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    `https://${host}.evil`,
  ]) {
    expect(verdict({ host, origin })).toBe('origin_not_allowed')
    expect(verdict({ host, origin }, server(), 'GET')).toBe('passed')
  }
  expect(verdict({ host, 'sec-fetch-site': 'cross-site' })).toBe('origin_not_allowed')
  expect(verdict({ host, 'sec-fetch-site': 'cross-site' }, server(), 'GET')).toBe('passed')
})

test('our own pages, and what is no page, may', () => {
  expect(verdict({ host, origin: `http://${host}` })).toBe('passed')
  expect(verdict({ host, origin: `https://${host}` })).toBe('passed')
  expect(verdict({ host })).toBe('passed')
  expect(verdict({ host, 'sec-fetch-site': 'same-origin' })).toBe('passed')
})

test('pages of configured origins may, by their exact name or all', () => {
  const some = server('origins: ["https://app.example"]')
  expect(verdict({ host, origin: 'https://app.example' }, some)).toBe('https://app.example')
  for (const origin of [
    'http://app.example',
    'https://app.example:8443',
    'https://sub.app.example',
  ])
    expect(verdict({ host, origin }, some)).toBe('origin_not_allowed')
  const all = server('origins: ["*"]')
  expect(verdict({ host, origin: 'https://any.example' }, all)).toBe('https://any.example')
})

test('what an allowed page is told lets it send keys and read ids, and no other page', () => {
  const { headers, status } = preflight('https://app.example', null)
  expect(status).toBe(204)
  expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
  expect(headers.get('access-control-allow-headers')).toContain('authorization')
  expect(headers.get('access-control-allow-credentials')).toBeNull()
  expect(headers.get('vary')).toBe('origin')
  expect(corsHeaders('https://app.example')['access-control-expose-headers']).toContain(
    'x-request-id',
  )
})

test('what OpenAI’s SDK sends from a page is allowed', () => {
  // openai-node adds x-stainless-* headers (dangerouslyAllowBrowser)
  const allowed =
    preflight(
      'https://app.example',
      'x-stainless-lang, x-stainless-retry-count, x-stainless-timeout',
    ).headers.get('access-control-allow-headers') ?? ''
  for (const name of ['x-stainless-lang', 'x-stainless-retry-count', 'x-stainless-timeout'])
    expect(allowed === '*' || allowed.includes(name)).toBe(true)
})

test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'])('%s is loopback', (name) => {
  expect(isLoopback(name)).toBe(true)
})

test.each(['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.evil.example', ''])(
  '%j is not loopback',
  (name) => {
    expect(isLoopback(name)).toBe(false)
  },
)
