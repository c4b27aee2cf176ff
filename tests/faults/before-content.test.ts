import { expect, setDefaultTimeout, test } from 'bun:test'
import { startBlackhole } from '../support/blackhole.ts'
import { expired } from '../support/certificate.ts'
import { expectAnswer, expectError, expectInBand } from '../support/expectations.ts'
import { startLab } from '../support/lab.ts'
import { startProvider, type Script } from '../support/provider.ts'
import { playRow } from '../support/rows.ts'
import {
  answers,
  byPath,
  data,
  errorBody,
  firstEventError,
  hangUp,
  headOnly,
  html,
  replays,
  reset,
  sendEvents,
  sendJson,
  silent,
  status,
  streamed,
  whole,
} from '../support/scripts.ts'
import { badlyGzipped, dieAfter, gzipped, withHeaders } from '../support/spoils.ts'
import { recordings, text } from '../support/recorded.ts'
import { sse } from '../support/sse.ts'
import { until } from '../support/until.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const both = [true, false]

const broken = (base_url: string) => ({
  dialect: 'openai',
  base_url,
  api_key: 'sk-provider-x',
})

test('F01 a provider that refuses connections or has no address is passed over', async () => {
  const gone = await startProvider()
  await gone.stop()
  await using lab = await startLab({
    providers: () => ({
      refused: broken(gone.url),
      nameless: broken('http://no-such-host.invalid/v1'),
    }),
    routes: {
      refused: ['refused/m', 'b/m'],
      nameless: ['nameless/m', 'b/m'],
      'refused-alone': ['refused/m'],
      'nameless-alone': ['nameless/m'],
    },
  })
  for (const model of ['refused', 'nameless']) {
    for (const stream of both) {
      const answer = await lab.chat({ model, stream })
      expectAnswer(answer, { text: 'Hello from b.', provider: 'b', attempts: 2 })
      expectError(await lab.chat({ model: `${model}-alone`, stream }), {
        status: 502,
        type: 'upstream_error',
        code: 'upstream_unreachable',
        retry: true,
        retryAfter: 1,
        attempts: 1,
      })
    }
  }
})

test('F02 a failed TLS handshake or an expired certificate is the operator’s fault, not one to retry', async () => {
  await using secure = await startProvider({ name: 'secure', tls: expired })
  await using plain = await startProvider({ name: 'plain' })
  await using lab = await startLab({
    providers: () => ({
      expired: broken(secure.url),
      plain: broken(plain.url.replace('http:', 'https:')),
    }),
    routes: {
      expired: ['expired/m', 'b/m'],
      plain: ['plain/m', 'b/m'],
      'expired-alone': ['expired/m'],
      'plain-alone': ['plain/m'],
    },
  })
  for (const model of ['expired', 'plain']) {
    for (const stream of both) {
      expectError(await lab.chat({ model: `${model}-alone`, stream }), {
        status: 502,
        code: 'upstream_tls_error',
        retry: false,
      })
      expectAnswer(await lab.chat({ model, stream }), { text: 'Hello from b.', provider: 'b' })
    }
  }
  expect([secure.requests.length, plain.requests.length]).toEqual([0, 0])
})

test('F03 a connection that is never accepted times out', async () => {
  await using blackhole = await startBlackhole()
  await using lab = await startLab({
    providers: () => ({
      hole: {
        dialect: 'openai',
        base_url: blackhole.url,
        api_key: 'sk-provider-x',
        timeouts: { connect: '300ms', first_byte: '20s' },
      },
    }),
    routes: { hole: ['hole/m', 'b/m'], alone: ['hole/m'] },
  })
  for (const stream of both) {
    const answer = await lab.chat({ model: 'hole', stream })
    expectAnswer(answer, { text: 'Hello from b.', provider: 'b', attempts: 2 })
    expectError(await lab.chat({ model: 'alone', stream }), {
      status: 504,
      code: 'upstream_connect_timeout',
      retry: true,
      attempts: 1,
    })
  }
})

test('F04 a connection reset or closed after the request was sent fails over and is not to be repeated', () =>
  playRow({
    faults: [reset(), hangUp()],
    last: { status: 502, code: 'upstream_reset', retry: false },
  }))

test('F05 a provider that sends no head in time is given up and its request aborted', async () => {
  await using lab = await startLab({ timeouts: { first_byte: '200ms' } })
  lab.a.always(silent())
  for (const stream of both) {
    expectAnswer(await lab.chat({ stream }), { text: 'Hello from b.', provider: 'b', attempts: 2 })
    const last = { status: 504, code: 'upstream_timeout', retry: false, attempts: 1 }
    expectError(await lab.chat({ model: 'solo', stream }), last)
  }
  await until('the provider sees every request aborted', () =>
    lab.a.requests.every((one) => one.aborted),
  )
})

test('F06 a stream that stays silent after its head fails over; with nobody left it ends as an in-band error', async () => {
  await using lab = await startLab({ server: { heartbeat: '100ms' }, timeouts: { stall: '500ms' } })
  lab.a.always(headOnly())
  const answer = await lab.chat({ stream: true })
  expectAnswer(answer, { text: 'Hello from b.', provider: 'b' })
  expect(answer.stream?.comments.length).toBeGreaterThan(0)
  const alone = await lab.chat({ model: 'solo', stream: true })
  expectInBand(alone, { code: 'upstream_timeout', text: '' })
  expect(alone.stream?.comments.length).toBeGreaterThan(0)
  await until('the provider sees every request aborted', () =>
    lab.a.requests.every((one) => one.aborted),
  )
})

test('F06 a whole answer that stays silent after its head fails over; with nobody left it keeps its true status', async () => {
  await using lab = await startLab({ timeouts: { stall: '300ms' } })
  lab.a.always(headOnly({ 'content-type': 'application/json' }))
  expectAnswer(await lab.chat(), { text: 'Hello from b.', provider: 'b', attempts: 2 })
  const last = { status: 504, code: 'upstream_timeout', retry: false, attempts: 1 }
  expectError(await lab.chat({ model: 'solo' }), last)
  await until('the provider sees every request aborted', () =>
    lab.a.requests.every((one) => one.aborted),
  )
})

test('F07 a prompt that is too long is told to the client and asked of nobody else', () =>
  playRow({
    faults: [
      status(
        400,
        errorBody('This model’s maximum context length is 8192 tokens.', 'context_length_exceeded'),
      ),
    ],
    failsOver: false,
    last: {
      status: 400,
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
      retry: false,
      attempts: 1,
    },
  }))

test('F07 a model that the request names next may take what was too long for the first', async () => {
  await using lab = await startLab({ routes: { roomy: ['b/roomy'] } })
  lab.a.always(status(400, errorBody('too long', 'context_length_exceeded')))
  for (const stream of both) {
    const answer = await lab.chat({ model: 'solo', models: ['roomy'], stream })
    expectAnswer(answer, { text: 'Hello from b.', provider: 'b', attempts: 2 })
    expect(lab.b.requests.at(-1)!.json.model).toBe('roomy')
    expect(lab.b.requests.at(-1)!.json.models).toBeUndefined()
  }
})

test('F08 any other 400 passes with the provider’s own message', async () => {
  await using lab = await startLab()
  lab.a.always(status(400, errorBody('temperature must be at most 2', 'invalid_value')))
  for (const stream of both) {
    const answer = await lab.chat({ stream })
    expect(answer.status).toBe(400)
    expect(answer.error.message).toContain('temperature must be at most 2')
    expect(answer.error.type).toBe('invalid_request_error')
    expect(answer.headers.get('x-should-retry')).toBe('false')
  }
  expect(lab.b.requests).toHaveLength(0)
})

const refusals = [401, 403].map((code) =>
  status(code, errorBody('Incorrect API key provided: sk-provider-SECRET.', 'invalid_api_key')),
)

test('F09 a provider that refuses our key is passed over, and the client never sees 401', () =>
  playRow({
    faults: refusals,
    last: { status: 502, code: 'upstream_auth_failed', retry: false },
  }))

test('F09 a refused key is not used again', async () => {
  await using lab = await startLab()
  lab.a.always(refusals[0]!)
  for (let n = 0; n < 3; n++) expectAnswer(await lab.chat(), { text: 'Hello from b.' })
  expect(lab.a.requests).toHaveLength(1)
})

test('F09 with a second key at the provider, only the refused one is set aside', async () => {
  await using lab = await startLab({
    providers: ({ a }) => ({
      twin: { dialect: 'openai', base_url: a.url, api_keys: ['sk-provider-1', 'sk-provider-2'] },
    }),
    routes: { twin: ['twin/m'] },
  })
  lab.a.always((exchange) => {
    const good = exchange.request.headers.authorization === 'Bearer sk-provider-2'
    return (good ? byPath('a') : refusals[0]!)(exchange)
  })
  for (let n = 0; n < 4; n++) {
    expectAnswer(await lab.chat({ model: 'twin', stream: n % 2 === 0 }), { text: 'Hello from a.' })
  }
  expect(lab.a.requests.length).toBeWithin(4, 6)
})

const broke = [
  status(402, errorBody('Insufficient balance', null, 'billing_error')),
  status(
    429,
    errorBody('You exceeded your current quota', 'insufficient_quota', 'insufficient_quota'),
  ),
  status(429, errorBody('Spend limit reached', 'enforced_spend_limit_reached', 'rate_limit_error')),
]

test('F10 an empty account at the provider is passed over', () =>
  playRow({
    faults: broke,
    last: { status: 503, code: 'provider_quota_exhausted', retry: false },
  }))

test('F10 a key without credit is not used again', async () => {
  await using lab = await startLab()
  lab.a.always(broke[1]!)
  for (let n = 0; n < 3; n++) expectAnswer(await lab.chat(), { text: 'Hello from b.' })
  expect(lab.a.requests).toHaveLength(1)
})

test('F11 a model that one provider does not know is looked for at the next', () =>
  playRow({
    faults: [status(404, errorBody('The model `m` does not exist', 'model_not_found'))],
    last: { status: 404, code: 'model_not_found', retry: false },
  }))

test('F12 a busy provider is passed over', () =>
  playRow({
    faults: [status(408), status(409), status(425)],
    last: { status: 503, code: 'upstream_busy', retry: true },
  }))

test('F13 a body that is too large for the provider is too large', () =>
  playRow({
    faults: [status(413, errorBody('Request too large'))],
    failsOver: false,
    last: { status: 413, code: 'payload_too_large', retry: false, attempts: 1 },
  }))

const limited = (headers: Readonly<Record<string, string>>): Script =>
  status(429, errorBody('Rate limit reached for m', 'rate_limit_exceeded', 'tokens'), headers)

test('F14 a rate limit is passed over and its Retry-After told when nobody is left', () =>
  playRow({
    faults: [limited({ 'retry-after': '7' }), limited({ 'retry-after-ms': '6500' })],
    last: { status: 429, code: 'rate_limit_exceeded', retry: true, retryAfter: [6, 7] },
  }))

test('F14 a provider that asked to wait is not asked meanwhile', async () => {
  await using lab = await startLab()
  lab.a.always(limited({ 'retry-after': '7' }))
  for (let n = 0; n < 3; n++) expectAnswer(await lab.chat(), { text: 'Hello from b.' })
  expect(lab.a.requests).toHaveLength(1)
})

test('F14 when all providers are cooling, Retry-After is the soonest of them', async () => {
  await using lab = await startLab()
  lab.a.always(limited({ 'retry-after': '30' }))
  lab.b.always(limited({ 'retry-after': '9' }))
  lab.c.always(limited({ 'retry-after': '20' }))
  const last = {
    status: 429,
    code: 'rate_limit_exceeded',
    retry: true,
    retryAfter: [8, 9],
  } as const
  expectError(await lab.chat(), last)
  expectError(await lab.chat({ stream: true }), last)
})

test('F15 an absurd Retry-After becomes 1 to 60 seconds', () => {
  const absurd = [
    '-1',
    '1000000000',
    'Wed, 21 Oct 2015 07:28:00 GMT',
    'soon',
    'NaN',
    '0',
    '9e99',
    '',
  ]
  return playRow({
    faults: absurd.map((value) => limited({ 'retry-after': value })),
    modes: ['whole'],
    last: { status: 429, code: 'rate_limit_exceeded', retry: true, retryAfter: [1, 60] },
  })
})

test('F16 a failing provider is passed over', () =>
  playRow({
    faults: [
      status(500),
      status(502, 'bad gateway', { 'content-type': 'text/plain' }),
      status(503),
    ],
    last: { status: 502, code: 'all_providers_failed', retry: true },
  }))

test('F16 when all fail, every attempt is listed', async () => {
  await using lab = await startLab()
  lab.a.always(status(500))
  lab.b.always(status(503))
  lab.c.always(status(502))
  for (const stream of both) {
    const answer = await lab.chat({ stream })
    expectError(answer, { status: 502, code: 'all_providers_failed', retry: true, attempts: 3 })
    expect(answer.error.metadata.attempts).toMatchObject([
      { provider: 'a', model: 'm', status: 500 },
      { provider: 'b', model: 'm', status: 503 },
      { provider: 'c', model: 'm', status: 502 },
    ])
  }
})

test('F16 embeddings and legacy completions are passed over as well', async () => {
  await using lab = await startLab()
  const send = (path: string, body: object): Promise<Response> =>
    fetch(`${lab.sluice.v1}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', ...body }),
    })
  lab.a.next(status(500), reset(), reset())
  const embeddings = await send('embeddings', { input: 'hello' })
  expect(await embeddings.json()).toMatchObject({ object: 'list', provider: 'b' })
  const whole = (await (await send('completions', { prompt: 'hello' })).json()) as any
  expect(whole).toMatchObject({ object: 'text_completion', provider: 'b' })
  const stream = await sse(await send('completions', { prompt: 'hello', stream: true }))
  expect(stream.events.map((event) => event.choices[0]?.text ?? '').join('')).toBe('Hello from b.')
  expect(stream.events.filter((event) => event.usage)).toHaveLength(1)
})

test('F16 under /api/v1 the code is the status, as OpenRouter’s SDK demands', async () => {
  await using lab = await startLab()
  lab.a.always(status(500))
  const response = await fetch(`${lab.sluice.url}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'solo', messages: [{ role: 'user', content: 'hi' }] }),
  })
  expect(response.status).toBe(502)
  expect(await response.json()).toMatchObject({
    error: {
      code: 502,
      message: expect.any(String),
      metadata: { error_type: 'provider_unavailable' },
    },
  })
})

test('F17 an overloaded provider is passed over and left alone for a while', async () => {
  const overloaded = status(529, errorBody('Overloaded', null, 'overloaded_error'))
  await playRow({
    faults: [overloaded],
    last: { status: 503, code: 'provider_overloaded', retry: true, retryAfter: 5 },
  })
  await using lab = await startLab()
  lab.a.always(overloaded)
  for (let n = 0; n < 3; n++) expectAnswer(await lab.chat(), { text: 'Hello from b.' })
  expect(lab.a.requests).toHaveLength(1)
})

test('F18 a time-out page of a CDN counts as a time-out and is never shown', () =>
  playRow({
    faults: [html(524), html(522)],
    last: { status: 504, code: 'upstream_timeout', retry: false },
  }))

test('F19 a page of HTML with status 200 is no answer and is never shown', () =>
  playRow({
    faults: [html(200)],
    last: { status: 502, code: 'upstream_invalid_response' },
  }))

const okWith =
  (error: object): Script =>
  (exchange) =>
    sendJson(exchange, 200, { error })

test('F20 an error object with status 200 counts as the status that its code names', async () => {
  await playRow({
    faults: [
      okWith({ message: 'boom', type: 'server_error', code: 500 }),
      okWith({ message: 'boom', type: 'server_error', code: 'server_error' }),
      okWith({ message: 'boom', code: '503' }),
    ],
    last: { status: 502, code: 'all_providers_failed', retry: true },
  })
  await playRow({
    faults: [
      okWith({ message: 'slow down', code: 429 }),
      okWith({ message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' }),
    ],
    last: { status: 429, code: 'rate_limit_exceeded', retry: true },
  })
})

const roleOnly = data({
  id: 'chatcmpl-doomed',
  object: 'chat.completion.chunk',
  created: 1757000000,
  model: 'm',
  choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
})

const lateError = (error: unknown): Script =>
  sendEvents([': PROVIDER PROCESSING\n\n', roleOnly, data({ error })])

test('F21 an error as the first event, or before any content, counts as a status', async () => {
  const overloaded = { message: 'Overloaded', type: 'overloaded_error', code: 529 }
  await playRow({
    faults: [firstEventError(overloaded), lateError(overloaded)],
    modes: ['streamed'],
    last: { status: 503, code: 'provider_overloaded', retry: true },
  })
  const failed = { message: 'The server had an error', type: 'server_error', code: null }
  await playRow({
    faults: [firstEventError(failed), lateError(failed)],
    modes: ['streamed'],
    last: { status: 502, code: 'all_providers_failed', retry: true },
  })
})

test('F22 a wrong content type around a good answer is forgiven', async () => {
  await using lab = await startLab()
  for (const type of ['application/json', 'text/plain', 'application/octet-stream', undefined]) {
    lab.a.next(withHeaders({ 'content-type': type }, answers('Hello from a.')))
    expectAnswer(await lab.chat({ stream: true }), { text: 'Hello from a.', provider: 'a' })
  }
  for (const type of ['text/event-stream', 'text/plain', 'text/html', undefined]) {
    lab.a.next(withHeaders({ 'content-type': type }, answers('Hello from a.')))
    expectAnswer(await lab.chat(), { text: 'Hello from a.', provider: 'a' })
  }
  expect(lab.b.requests).toHaveLength(0)
})

test('F23 a whole answer to a streamed request becomes a stream', async () => {
  await using lab = await startLab()
  for (const [name, recording] of Object.entries(recordings)) {
    lab.a.next(whole(recording))
    const answer = await lab.chat({ stream: true })
    expect(answer.error, name).toBeUndefined()
    const { events } = answer.stream!
    const deltas = events.flatMap((event) => event.choices)
    for (const choice of recording.whole as any[]) {
      const mine = deltas.filter((delta) => delta.index === choice.index)
      expect(mine.map((delta) => delta.finish_reason).filter(Boolean), name).toEqual([
        choice.finish_reason,
      ])
      expect(mine[0].delta.role, name).toBe('assistant')
      const content = mine.map((delta) => delta.delta.content ?? '').join('')
      expect(content, name).toBe(choice.message.content ?? '')
      const calls = mine.flatMap((delta) => delta.delta.tool_calls ?? [])
      expect(calls.map((call) => call.function.arguments).join(''), name).toBe(
        (choice.message.tool_calls ?? []).map((call: any) => call.function.arguments).join(''),
      )
      for (const call of calls) expect(call.index, name).toBeNumber()
    }
    expect(events.filter((event) => event.usage)).toHaveLength(1)
    expect(events.at(-1).usage, name).toMatchObject(recording.usage as object)
  }
  expect(lab.b.requests).toHaveLength(0)
})

test('F24 a streamed answer to a whole request becomes one JSON', async () => {
  await using lab = await startLab()
  for (const [name, recording] of Object.entries(recordings)) {
    lab.a.next(streamedWithUsage(recording))
    const answer = await lab.chat()
    expect(answer.error, name).toBeUndefined()
    expect(answer.json.object, name).toBe('chat.completion')
    expect(answer.json.choices, name).toHaveLength(recording.whole.length)
    for (const choice of recording.whole as any[]) {
      const mine = answer.json.choices.find((one: any) => one.index === choice.index)
      const { annotations: _, ...message } = choice.message
      const { refusal, ...rest } = message
      expect(mine.message, name).toMatchObject(refusal === null ? rest : message)
      expect(mine.finish_reason, name).toBe(choice.finish_reason)
      if (choice.logprobs) expect(mine.logprobs, name).toEqual(choice.logprobs)
    }
    expect(answer.usage, name).toMatchObject(recording.usage as object)
  }
})

/** Usage comes though this request, not being a stream, could not ask for it. */
const streamedWithUsage =
  (recording: (typeof recordings)[keyof typeof recordings]): Script =>
  (exchange) => {
    const json = { ...exchange.request.json, stream_options: { include_usage: true } }
    return streamed(recording)({ ...exchange, request: { ...exchange.request, json } })
  }

test('F25 a compressed answer is unpacked', async () => {
  await using lab = await startLab()
  for (const stream of both) {
    lab.a.next(gzipped(answers('Hello from a, 世界.')))
    const answer = await lab.chat({ stream })
    expectAnswer(answer, { text: 'Hello from a, 世界.', provider: 'a' })
    expect(answer.headers.get('content-encoding')).toBeNull()
  }
})

test('F25 what only claims to be compressed is no answer', () =>
  playRow({
    faults: [badlyGzipped(answers('Hello from a.'))],
    last: { status: 502, code: 'upstream_invalid_response', retry: false },
  }))

test('F26 a redirect is not followed and its target not told', async () => {
  await using trap = await startProvider({ name: 'trap' })
  const moved = (code: number) =>
    status(code, 'moved', { location: `${trap.url}/chat/completions` })
  await playRow({
    faults: [moved(301), moved(302), moved(307), moved(308)],
    last: { status: 502, code: 'upstream_redirect', retry: false },
  })
  expect(trap.requests).toHaveLength(0)
})

const nothing =
  (choices: readonly unknown[]): Script =>
  (exchange) =>
    sendJson(exchange, 200, { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices })

test('F27 an empty answer is passed over', async () => {
  const last = { status: 502, code: 'upstream_empty_response', retry: true }
  await playRow({
    faults: [
      nothing([]),
      nothing([{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: null }]),
    ],
    modes: ['whole'],
    last,
  })
  await playRow({
    faults: [
      sendEvents(['data: [DONE]\n\n']),
      sendEvents([roleOnly, 'data: [DONE]\n\n']),
      replays(text('', { finish: null })),
    ],
    modes: ['streamed'],
    last,
  })
})

test('F28 a truncated or garbled body is passed over', () =>
  playRow({
    faults: [
      (exchange) => sendJson(exchange, 200, '{"id":"x","choices":[{"index":0,"mess'),
      (exchange) => sendJson(exchange, 200, 'certainly! here is your answer'),
      async (exchange) => {
        await exchange.head(200, { 'content-type': 'application/json', 'content-length': '4000' })
        await exchange.body('{"id":"x","choices":[')
        await Bun.sleep(20)
        exchange.close()
      },
    ],
    last: { status: 502, code: 'upstream_invalid_response', retry: false },
  }))

test('F28 a stream that breaks off before any content is passed over', async () => {
  await using lab = await startLab({ lanes: 4 })
  const ends = ['reset', 'close', 'end'] as const
  for (const [lane, end] of ends.entries()) {
    lab.a.always(dieAfter(1, answers('Hello from a.'), end))
    const answer = await lab.chat({ model: `m${lane}`, stream: true })
    expectAnswer(answer, { text: 'Hello from b.', provider: 'b', attempts: 2 })
    const alone = await lab.chat({ model: `solo${lane}`, stream: true })
    expect(alone.status, end).toBe(502)
    expect(alone.error.code, end).toStartWith('upstream_')
  }
})

const hugeBody: Script = async (exchange) => {
  await exchange.head(200, { 'content-type': 'application/json' })
  await exchange.body(
    '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"content":"',
  )
  const piece = 'x'.repeat(1 << 20)
  for (let megabytes = 0; megabytes < 70; megabytes++) await exchange.body(piece)
  await exchange.body('"}}]}')
  await exchange.end()
}

test('F29 an answer above the cap is cut off and passed over', () =>
  playRow({
    faults: [hugeBody],
    modes: ['whole'],
    last: { status: 502, code: 'upstream_response_too_large' },
  }))

test('F29 a head above 64 KiB is passed over', () =>
  playRow({
    faults: [withHeaders({ 'x-huge': 'h'.repeat(70_000) }, byPath('a'))],
    modes: ['whole'],
    last: { status: 502, code: 'upstream_response_too_large' },
  }))

test('F30 an endpoint that keeps failing is left out while others are healthy', async () => {
  await using lab = await startLab()
  lab.a.always(status(500))
  for (let n = 0; n < 12; n++)
    expectAnswer(await lab.chat(), { text: 'Hello from b.', provider: 'b' })
  expect(lab.a.requests.length).toBeWithin(1, 8)
})

test('F30 the last endpoint is never left out: once it is well again, it answers at once', async () => {
  await using lab = await startLab()
  lab.a.always(status(500))
  for (let n = 0; n < 12; n++) {
    const answer = await lab.chat({ model: 'solo' })
    expect(answer.error.code).toBeOneOf(['all_providers_failed', 'no_healthy_provider'])
  }
  lab.a.always(byPath('a'))
  expectAnswer(await lab.chat({ model: 'solo' }), { text: 'Hello from a.', provider: 'a' })
})

const answerAndLeave: Script = async (exchange) => {
  await answers('Hello from a.')(exchange)
  exchange.reset()
}

test('a pooled connection that the provider closed while idle is not the client’s problem', async () => {
  await using lab = await startLab()
  for (let n = 0; n < 5; n++) {
    lab.a.next(answerAndLeave)
    expectAnswer(await lab.chat({ model: 'solo' }), { text: 'Hello from a.', provider: 'a' })
  }
})
