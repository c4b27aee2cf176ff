import { afterAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { startLab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { byPath, errorBody, html, sendJson, silent, status } from '../support/scripts.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(30_000)

const lab = await startLab({
  timeouts: { first_byte: '300ms', stall: '300ms' },
  routes: { m: ['a/m', 'b/m'] },
  plugins: [{ fallback: { breaker: { failures: 1_000 } } }],
})
afterAll(() => lab[Symbol.asyncDispose]())

const audio = { 'content-type': 'audio/mpeg' }
const sound =
  (name: string): Script =>
  (exchange) =>
    sendJson(exchange, 200, `ID3 ${name}`, audio)

beforeEach(() => {
  lab.a.always(byPath('a'))
  lab.b.always(sound('b'))
})

const speak = (model = 'm', init: RequestInit = {}) =>
  fetch(`${lab.sluice.v1}/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, input: 'Grüezi.', voice: 'alloy' }),
    ...init,
  })

/** What a client gets of a body before it breaks, if it does. */
const readAll = async (response: Response) => {
  const parts: Uint8Array[] = []
  let broken = false
  try {
    for await (const part of response.body ?? []) parts.push(part)
  } catch {
    broken = true
  }
  return { bytes: Buffer.concat(parts), broken }
}

const error = errorBody('Overloaded.', 'overloaded', 'overloaded_error')

const before: Record<string, Script> = {
  'an error status': status(503),
  'an error that says 200': (exchange) => sendJson(exchange, 200, error),
  'an error that says it is sound': (exchange) => sendJson(exchange, 200, error, audio),
  'JSON that is no error': (exchange) => sendJson(exchange, 200, { audio: 'aaaa' }),
  'a page': html(),
  'nothing at all': (exchange) => sendJson(exchange, 200, '', audio),
  'a reset': (exchange) => exchange.reset(),
  silence: silent(),
  'a head and silence': async (exchange) => {
    await exchange.head(200, audio)
    await exchange.gone
  },
  'a head and a reset': async (exchange) => {
    await exchange.head(200, audio)
    exchange.reset()
  },
}

test.each(Object.entries(before))(
  '%s before the first byte is hidden by the next',
  async (_name, script) => {
    lab.a.next(script)
    const response = await speak()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
    expect((await readAll(response)).bytes.toString()).toBe('ID3 b')
  },
)

test.each(Object.entries(before))(
  '%s where nobody else can is JSON with its own status',
  async (_name, script) => {
    lab.a.always(script)
    const response = await speak('solo')
    expect(response.status).toBeGreaterThanOrEqual(500)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(((await response.json()) as any).error.message).toBeString()
  },
)

const begun =
  (then: Script): Script =>
  async (exchange) => {
    await exchange.head(200, audio)
    await exchange.body('ID3 half')
    await then(exchange)
  }

const breaks: Record<string, Script> = {
  'cut off': (exchange) => exchange.reset(),
  'closed too early': (exchange) => exchange.close(),
  stalled: (exchange) => exchange.gone,
}

test.each(Object.entries(breaks))(
  'sound that is %s after its first byte does not pass for complete',
  async (_name, script) => {
    const { promise: heard, resolve: hear } = Promise.withResolvers<void>()
    lab.a.always(
      begun(async (exchange) => {
        await heard
        await script(exchange)
      }),
    )
    const response = await speak('solo')
    expect(response.status).toBe(200)
    const reader = response.body!.getReader()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('ID3 half')
    hear()
    expect(reader.read()).rejects.toThrow()
    await reader.closed.catch(() => undefined)
  },
)

test('sound passes as it is, whatever its bytes and however it is cut', async () => {
  const every = Uint8Array.from({ length: 512 }, (_, at) => (at * 7) % 256)
  for (const size of [1, 3, 100, 512]) {
    lab.a.next(async (exchange) => {
      await exchange.head(200, { 'content-type': 'audio/pcm; rate=24000' })
      for (let at = 0; at < every.length; at += size)
        await exchange.body(every.subarray(at, at + size))
      await exchange.end()
    })
    const response = await speak()
    expect(response.headers.get('content-type')).toBe('audio/pcm; rate=24000')
    expect(new Uint8Array((await readAll(response)).bytes)).toEqual(every)
  }
})

test('samples that begin as JSON would are sound', async () => {
  lab.a.next((exchange) => sendJson(exchange, 200, '{{{{ samples', { 'content-type': 'audio/pcm' }))
  expect((await readAll(await speak())).bytes.toString()).toBe('{{{{ samples')
})

test('who leaves ends the provider’s work', async () => {
  lab.a.next(begun((exchange) => exchange.gone))
  const leaving = new AbortController()
  const response = await speak('m', { signal: leaving.signal })
  const reader = response.body!.getReader()
  await reader.read()
  leaving.abort()
  await reader.read().catch(() => undefined)
  await until('the provider is alone', () => lab.a.requests.at(-1)!.aborted)
})

test('who does not read holds the provider back', async () => {
  let sent = 0
  const size = 1024 * 1024
  lab.a.next(async (exchange) => {
    await exchange.head(200, audio)
    for (let at = 0; at < 64; at++) {
      await exchange.body(new Uint8Array(size))
      sent++
    }
    await exchange.end()
  })
  const response = await speak()
  const reader = response.body!.getReader()
  await reader.read()
  let before = -1
  await until('nothing more is sent', async () => {
    const same = before === sent
    before = sent
    await Bun.sleep(100)
    return same
  })
  expect(sent).toBeLessThan(64)
  await reader.cancel()
})
