import { expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { readAnswer, startLab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { answers, data, endless, sendEvents, status } from '../support/scripts.ts'
import { dieAfter, slowly } from '../support/spoils.ts'
import { until } from '../support/until.ts'

test('the client’s own JSON reaches the provider, byte for byte but for the model', async () => {
  await using lab = await startLab()
  const body =
    '{ "messages": [{"role":"user","content":"Gr\\u00fcezi"}],\n "seed": 12345678901234567890, "top_p": 1.0, "model": "m", "new": [1e2] }'
  const response = await fetch(`${lab.sluice.v1}/chat/completions`, { method: 'POST', body })
  expect(response.status).toBe(200)
  expect(lab.a.requests[0]?.body).toBe(body)
})

test('the provider’s own events reach the client, byte for byte but for the provider’s name', async () => {
  await using lab = await startLab()
  const chunk = (choice: string, rest = '') =>
    `data: { "id":"x", "object":"chat.completion.chunk","created":1.0,"model":"m", "choices":[${choice}]${rest} }\n\n`
  const lines = [
    chunk('{"index":0,"delta":{"role":"assistant","content":""}}'),
    chunk('{"index":0,"delta":{"content":"\\u00e9"},"new":1.50}'),
    chunk('{"index":0,"delta":{"content":"b","signature":"EuYBCkQ+/="}}'),
    chunk('{"index":0,"delta":{},"finish_reason":"stop"}'),
    chunk('', ',"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":0.10}'),
  ]
  lab.a.always(sendEvents([...lines, 'data: [DONE]\n\n']))
  const { raw } = await lab.chat({ stream: true })
  const named = (line: string) => line.replace('{ "id"', '{"provider":"a", "id"')
  expect(raw).toBe(
    [
      named(lines[0]!),
      named(lines[1]!),
      lines[2],
      lines[3],
      named(lines[4]!),
      'data: [DONE]\n\n',
    ].join(''),
  )
})

test('a provider’s words never carry our key', async () => {
  await using lab = await startLab()
  lab.a.always(status(400, 'The header was "Bearer sk-provider-a", which is odd'))
  const { error, raw } = await lab.chat()
  expect(error.message).toContain('Bearer ***')
  expect(raw).not.toContain('sk-provider-a')
})

test('a provider gets no more requests at once than it may', async () => {
  await using lab = await startLab({
    providers: ({ a }) => ({ a: { base_url: a.url, max_concurrent: 2 } }),
  })
  lab.a.always(slowly(60, answers('Hello from a.')))
  const all = await Promise.all(Array.from({ length: 6 }, () => lab.chat({ stream: true })))
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
  expect(lab.a.requests).toHaveLength(2)
  let most = 0
  const counting = setInterval(() => (most = Math.max(most, lab.a.open)), 1)
  const alone = await Promise.all(Array.from({ length: 4 }, () => lab.chat({ model: 'solo' })))
  clearInterval(counting)
  // where nobody else is left, calls wait in line
  expect(alone.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(most).toBe(2)
})

test('places are free again after failures, aborts and streams that broke off', async () => {
  await using lab = await startLab({
    providers: ({ a }) => ({ a: { base_url: a.url, max_concurrent: 1 } }),
    plugins: [],
  })
  lab.a.next(status(500), dieAfter(2, answers('one two three')), endless())
  await lab.chat({ model: 'solo' })
  await lab.chat({ model: 'solo', stream: true })
  const leaving = new AbortController()
  const response = await fetch(`${lab.sluice.v1}/chat/completions`, {
    method: 'POST',
    signal: leaving.signal,
    body: JSON.stringify({
      model: 'solo',
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  })
  await response.body!.getReader().read()
  leaving.abort()
  await until('the provider was let go', () => lab.a.requests.at(-1)!.aborted)
  expect((await lab.chat({ model: 'solo' })).text).toBe('Hello from a.')
})

test('an event over several lines reaches the client as one event', async () => {
  // the line break within the kept text is written without a new `data:`
  await using lab = await startLab()
  const pretty = JSON.stringify(
    { id: 'x', choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] },
    null,
    1,
  )
  lab.a.always(sendEvents([`data: ${pretty.replaceAll('\n', '\ndata: ')}\n\n`, 'data: [DONE]\n\n']))
  expect((await lab.chat({ stream: true })).text).toBe('a')
})

test('an error that a provider streams without the word “error” is no success', async () => {
  await using lab = await startLab()
  lab.a.always(
    sendEvents([data({ message: 'Internal server error', code: 500 }), 'data: [DONE]\n\n']),
  )
  const { text } = await lab.chat({ stream: true })
  expect(text).toBe('Hello from b.')
})

const slowBody = JSON.stringify({
  choices: [{ index: 0, message: { role: 'assistant', content: 'Slow.' }, finish_reason: 'stop' }],
})

/** Sends a body of known length, ten bytes every 40 ms. */
const dribbles =
  (text: string): Script =>
  async (exchange) => {
    await exchange.head(200, { 'content-length': String(text.length) })
    for (let at = 0; at < text.length; at += 10) {
      await exchange.body(text.slice(at, at + 10))
      await Bun.sleep(40)
    }
    await exchange.end()
  }

test('a stream that comes slowly but steadily is not silent', async () => {
  await using lab = await startLab({ timeouts: { stall: '150ms' } })
  lab.a.always(dribbles(`data: ${slowBody.replace('message', 'delta')}\n\ndata: [DONE]\n\n`))
  const answer = await lab.chat({ model: 'solo', stream: true })
  expect([answer.status, answer.text]).toEqual([200, 'Slow.'])
})

test('a whole answer that comes slowly but steadily is not silent', async () => {
  // readBody() takes a body of known length with response.text(), which touches no watch
  await using lab = await startLab({ timeouts: { stall: '150ms' } })
  lab.a.always(dribbles(slowBody))
  const answer = await lab.chat({ model: 'solo' })
  expect([answer.status, answer.text]).toEqual([200, 'Slow.'])
})

const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

/** Sends an event, then signs of life until the peer has left or enough were sent. */
const lively =
  (first: string, signs: number, last = ''): Script =>
  async (exchange) => {
    await exchange.head(200, { 'content-type': 'text/event-stream' })
    await exchange.body(first)
    for (let at = 0; at < signs; at++) {
      await exchange.body(': still here\n\n')
      await Promise.race([Bun.sleep(30), exchange.gone])
    }
    await exchange.body(last)
    await exchange.end()
  }

test('signs of life are no answer: who does not say anything in time is passed over', async () => {
  await using lab = await startLab({ timeouts: { first_content: '250ms' } })
  lab.a.always(lively(event({ role: 'assistant', content: '' }), 1_000))
  const answer = await lab.chat({ stream: true })
  expect(answer.text).toBe('Hello from b.')
  expect(answer.headers.get('x-sluice-attempts')).toBe('2')
  await until('the first is let go', () => lab.a.requests[0]!.aborted)
  const alone = await lab.chat({ model: 'solo', stream: true })
  expect([alone.status, alone.error.code]).toEqual([504, 'upstream_timeout'])
})

test('who thinks aloud has begun to answer, and is not held to it any more', async () => {
  await using lab = await startLab({ timeouts: { first_content: '150ms' } })
  const end = event({ content: 'Four.' }) + event({}, 'stop') + 'data: [DONE]\n\n'
  lab.a.always(lively(event({ role: 'assistant', reasoning_content: 'Two and two: ' }), 12, end))
  const answer = await lab.chat({ model: 'solo', stream: true })
  expect([answer.error, answer.text]).toEqual([undefined, 'Four.'])
})

test('a provider that stops listening while it answers is not unreachable', async () => {
  // the probe beside a silent request takes ECONNREFUSED for “cannot be reached”; only a probe that hangs says that
  const server = createServer((socket) => {
    server.close()
    socket.once('data', async () => {
      await Bun.sleep(400)
      socket.end(
        `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${slowBody.length}\r\n\r\n${slowBody}`,
      )
    })
    socket.on('error', () => {})
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await using lab = await startLab({
    providers: () => ({
      a: { base_url: `http://127.0.0.1:${port}/v1`, timeouts: { connect: '200ms' } },
    }),
  })
  const answer = await lab.chat({ model: 'solo' })
  expect([answer.status, answer.text]).toEqual([200, 'Slow.'])
})

test('a stream can be read by the fetch of any client', async () => {
  await using lab = await startLab()
  const response = await fetch(`${lab.sluice.v1}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  expect(response.headers.get('cache-control')).toBe('no-cache')
  expect(response.headers.get('x-accel-buffering')).toBe('no')
  expect(response.headers.get('content-encoding')).toBeNull()
  expect((await readAnswer(response)).text).toBe('Hello from a.')
})
