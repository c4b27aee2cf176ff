import { expect, setDefaultTimeout, test } from 'bun:test'
import { expectAnswer, expectError } from '../support/expectations.ts'
import { startLab } from '../support/lab.ts'
import { post, rawRequest } from '../support/raw.ts'
import { answers } from '../support/scripts.ts'
import { slowly } from '../support/spoils.ts'
import { until } from '../support/until.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'SECRET' }] })

test('F56 a Host that is missing, doubled or malformed is refused before routing', async () => {
  await using lab = await startLab()
  const { port } = lab.sluice
  const bad = [
    [],
    ['host: x', 'host: y'],
    [`host: 127.0.0.1:${port}`, 'host: evil.example'],
    ['host: localhost, evil.example'],
    ['host: localhost/x?'],
    ['host: local host'],
    ['host: user@localhost'],
    ['host: localhost:99999999'],
    ['host: '],
    ['host: [::1'],
  ]
  for (const lines of bad) {
    const { status, json, head } = await rawRequest(port, post('/v1/chat/completions', lines, body))
    expect(status, lines.join()).toBe(400)
    if (json !== undefined) {
      expect(json.error.code, lines.join()).toBe('invalid_host')
      expect(head.toLowerCase(), lines.join()).toContain('x-should-retry: false')
    }
  }
  expect(lab.a.requests).toHaveLength(0)
})

test('F56 a well-formed Host that is not on the allow-list is forbidden on every path', async () => {
  await using lab = await startLab({ server: { hosts: ['gateway.internal'] } })
  const { port } = lab.sluice
  for (const host of ['evil.example', `evil.example:${port}`, '169.254.169.254', '[fe80::1]']) {
    const { status, json } = await rawRequest(
      port,
      post('/v1/chat/completions', [`host: ${host}`], body),
    )
    expect([status, json.error.code], host).toEqual([403, 'host_not_allowed'])
    for (const path of ['/health', '/docs', '/v1/models', '/nowhere']) {
      const get = `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`
      expect((await rawRequest(port, get)).status, host + path).toBe(403)
    }
  }
  for (const host of [
    `localhost:${port}`,
    'localhost',
    `127.0.0.1:${port}`,
    '[::1]',
    'gateway.internal',
  ]) {
    const { status } = await rawRequest(port, post('/v1/chat/completions', [`host: ${host}`], body))
    expect(status, host).toBe(200)
  }
})

test('F56 a short Host cannot move a request to another path', async () => {
  await using lab = await startLab()
  const get = 'GET /public/v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'
  expect((await rawRequest(lab.sluice.port, get)).status).toBeOneOf([400, 403])
})

test('F56 a page of another origin cannot post', async () => {
  await using lab = await startLab({ server: { origins: ['https://chat.example'] } })
  const { port } = lab.sluice
  const send = (origin: string, more: readonly string[] = []) =>
    rawRequest(
      port,
      post('/v1/chat/completions', [`host: 127.0.0.1:${port}`], body, [
        `origin: ${origin}`,
        ...more,
      ]),
    )
  for (const origin of [
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'https://chat.example.evil.example',
  ]) {
    const { status, json } = await send(origin)
    expect([status, json.error.code], origin).toEqual([403, 'origin_not_allowed'])
  }
  expect(lab.a.requests).toHaveLength(0)
  for (const origin of ['https://chat.example', `http://127.0.0.1:${port}`]) {
    expect((await send(origin)).status, origin).toBe(200)
  }
})

test('CORS is closed unless the origin is configured', async () => {
  await using lab = await startLab({ server: { origins: ['https://chat.example'] } })
  const preflight = (origin: string) =>
    fetch(`${lab.sluice.v1}/chat/completions`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    })
  const foreign = await preflight('https://evil.example')
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
  const known = await preflight('https://chat.example')
  expect(known.headers.get('access-control-allow-origin')).toBe('https://chat.example')
})

test('a path that nothing serves is 404 in OpenAI’s shape and names the nearest', async () => {
  await using lab = await startLab()
  for (const path of [
    '/v1/chat/completion',
    '/v2/chat/completions',
    '/chat/completions',
    '/nowhere',
  ]) {
    const response = await fetch(lab.sluice.url + path, { method: 'POST', body })
    const { error } = (await response.json()) as any
    expect([response.status, error.code], path).toEqual([404, 'not_found'])
    expect(error.message).not.toContain('SECRET')
    if (path.includes('chat')) expect(error.message).toContain('/v1/chat/completions')
  }
})

test('a model that no route and no provider has is 404, and nothing is asked', async () => {
  await using lab = await startLab()
  for (const stream of [true, false]) {
    expectError(await lab.chat({ model: 'no/such-model', stream }), {
      status: 404,
      code: 'model_not_found',
      retry: false,
      attempts: 0,
    })
  }
  expect(lab.a.requests).toHaveLength(0)
})

test('F61 on SIGTERM running streams end well, /ready says no and new requests are sent away', async () => {
  await using lab = await startLab({ server: { drain: '10s' } })
  const text = 'A stream that outlives the signal by a little.'
  lab.a.next(slowly(100, answers(text)))
  const streaming = lab.chat({ stream: true })
  await until('the stream runs', () => (lab.a.requests[0]?.sent.length ?? 0) > 0)
  lab.sluice.signal('SIGTERM')
  await until('nobody new is served', async () => {
    const ready = await fetch(`${lab.sluice.url}/ready`).catch(() => undefined)
    return ready === undefined || ready.status === 503
  })
  const late = await lab.chat({ model: 'solo' }).catch(() => undefined)
  if (late !== undefined) {
    expectError(late, { status: 503, code: 'draining', retry: true, retryAfter: 1 })
  }
  expectAnswer(await streaming, { text, provider: 'a' })
  expect(await lab.sluice.exited).toBe(0)
})

test('F61 a stream that outlives the drain ends as an in-band error', async () => {
  await using lab = await startLab({ server: { drain: '300ms' } })
  lab.a.next(slowly(50, answers('word '.repeat(2_000))))
  const streaming = lab.chat({ stream: true })
  await until('the stream runs', () => (lab.a.requests[0]?.sent.length ?? 0) > 0)
  lab.sluice.signal('SIGTERM')
  const answer = await streaming
  expect(answer.error).toMatchObject({ code: 'server_shutting_down' })
  expect(await lab.sluice.exited).toBe(0)
  await until('the upstream request is let go', () => lab.a.requests[0]!.aborted)
})
