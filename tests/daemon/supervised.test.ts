import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import { asks, surfaces } from '../support/explanations.ts'
import { chat, type Answer } from '../support/lab.ts'
import { startProvider, type Provider } from '../support/provider.ts'
import { byPath, status } from '../support/scripts.ts'
import { late } from '../support/spoils.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(30_000)

/** Misbehaves as the tag in the request’s \`user\` says: \`name: way\`. */
const odd = (name: string) => `
import { deferred, definePlugin, v } from 'sluice/plugin'
const secret = new TypeError('SECRET')
const never = () => new Promise(() => {})
const held = async function* (call, next, what) {
  let n = 0
  for await (const chunk of next(call)) {
    if (n++ === 3) await what()
    yield chunk
  }
}
const chunk = (content) => ({ choices: [{ index: 0, delta: { content } }] })
const ways = {
  'throws': () => { throw secret },
  'hangs before it asks': () => deferred(never),
  'hangs with the first chunk in hand': async function* (call, next) {
    for await (const chunk of next(call)) await never()
  },
  'throws with the first chunk in hand': async function* (call, next) {
    for await (const chunk of next(call)) throw secret
  },
  'hangs in the middle': (call, next) => held(call, next, never),
  'hangs at the end': async function* (call, next) { yield* next(call); await never() },
  'rejects too late': () => deferred(async () => { await Bun.sleep(900); throw secret }),
  'yields garbage in the middle': async function* (call, next) {
    let n = 0
    for await (const chunk of next(call)) yield n++ === 3 ? 'SECRET' : chunk
  },
  'swallows the end': async function* (call, next) {
    try { yield* next(call) } finally { await never() }
  },
  'speaks after its end': (call, next) => {
    const chunks = next(call)[Symbol.asyncIterator]()
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => chunks.next(),
        return: async () => ({ done: false, value: chunk('SECRET') }),
      }),
    }
  },
  'never ends': async function* () { for (;;) yield chunk('a') },
  'says nothing for ever': async function* () { for (;;) yield chunk('') },
  'asks many times': async function* (call, next) {
    for (let n = 0; n < 20; n++) await Array.fromAsync(next(call))
    yield* next(call)
  },
  'leaves a timer behind': async function* (call, next) {
    setTimeout(() => { throw secret }, 1)
    yield* next(call)
  },
  'asks a model first': async function* (call, next, host) {
    await Array.fromAsync(host.ask(call, { operation: 'chat', request: { model: 'box/slow', messages: call.request.messages } }))
    yield* next(call)
  },
  'is well': async function* (call, next) { yield* next(call) },
}
export default definePlugin({
  name: '${name}',
  options: v.strictObject({}),
  setup: (_, host) => (call, next) => {
    const [whose, way] = (call.request.user ?? '').split(': ')
    return whose === '${name}' ? ways[way](call, next, host) : next(call)
  },
})`

let provider: Provider
let sluice: Sluice
beforeAll(async () => {
  provider = await startProvider({ name: 'box' })
  sluice = await start()
})
afterAll(async () => {
  sluice.signal('SIGTERM')
  expect(await sluice.exited).toBe(0)
  await rm(sluice.directory, { recursive: true })
  await provider.stop()
})

const start = () =>
  startSluice({
    config: `
server: { log: json, discover: false }
providers: { box: { base_url: "${provider.url}" } }
plugins:
  - ./strict.ts: { time: { request: 300ms, chunk: 300ms } }
  - ./lenient.ts: { on_error: skip, time: { request: 300ms, chunk: 300ms } }
  - fallback
`,
    files: { 'strict.ts': odd('strict'), 'lenient.ts': odd('lenient') },
  })

const ask = (user: string, request: object = {}, init: RequestInit = {}): Promise<Answer> =>
  chat(
    sluice.v1,
    { model: 'box/m', user, messages: [{ role: 'user', content: 'Hello' }], ...request },
    init,
  )

const hello = 'Hello from box.'
const isIdle = async () => {
  const { in_flight } = (await (await fetch(`${sluice.url}/ready`)).json()) as any
  return in_flight === 0 && provider.open === 0
}
const expectBlamed = ({ error, raw }: Answer, plugin: string, message: string) => {
  expect(error).toMatchObject({ code: 'plugin_error', message, metadata: { plugin } })
  expect(raw).not.toContain('SECRET')
  expect(raw).not.toContain('.ts')
}

const failed = 'The plugin strict failed.'
const request = 'The plugin strict did not pass the request on within 300 ms.'
const chunk = 'The plugin strict took more than 300 ms for a piece of the answer.'

describe('a plugin that misbehaves fails its own call only, under its name, and leaves nothing open', () => {
  test.each([
    ['throws', failed],
    ['hangs before it asks', request],
    ['hangs with the first chunk in hand', chunk],
    ['rejects too late', request],
  ])('it %s', async (way, message) => {
    for (const stream of [true, false]) {
      const [bad, good] = await Promise.all([
        ask(`strict: ${way}`, { stream }),
        ask('strict: is well', { stream }),
      ])
      expect(bad.status).toBe(500)
      expectBlamed(bad, 'strict', message)
      expect([good.status, good.text]).toEqual([200, hello])
    }
    await until('nothing is open', isIdle)
  })

  test.each([
    ['hangs in the middle', chunk],
    ['hangs at the end', chunk],
    ['yields garbage in the middle', failed],
  ])('it %s', async (way, message) => {
    const streamed = await ask(`strict: ${way}`, { stream: true })
    expect(streamed.status).toBe(200)
    expect(streamed.text).not.toBe('')
    expectBlamed(streamed, 'strict', message)
    if (way === 'hangs at the end') {
      const whole = await ask(`strict: ${way}`)
      expect(whole.status).toBe(500)
      expectBlamed(whole, 'strict', message)
    }
    await until('nothing is open', isIdle)
  })

  for (const surface of surfaces)
    test(`which it tells in the ${surface} format`, async () => {
      for (const stream of [true, false]) {
        const response = await asks(sluice.url, surface, {
          model: 'box/m',
          stream,
          more: { user: 'strict: throws', metadata: { user_id: 'strict: throws' } },
        })
        const body = await response.text()
        // two of the formats have no field for the user
        if (response.status === 200) expect(['gemini', 'ollama']).toContain(surface)
        else expect(body).toContain(failed)
        expect(body).not.toContain('SECRET')
      }
    })
})

describe('a call goes on without a plugin that may be skipped', () => {
  test.each([
    'throws',
    'throws with the first chunk in hand',
    'hangs before it asks',
    'hangs with the first chunk in hand',
    'rejects too late',
  ])('and %s', async (way) => {
    for (const stream of [true, false]) {
      const before = provider.requests.length
      const answer = await ask(`lenient: ${way}`, { stream })
      expect([answer.status, answer.text]).toEqual([200, hello])
      expect(answer.headers.get('x-sluice-warnings')).toBe(
        'lenient: failed; the call goes on without it',
      )
      expect(provider.requests.length).toBe(before + 1)
    }
    await until('it is logged', () =>
      sluice.log().some(({ message }) => message === 'failed; the call goes on without it'),
    )
    await until('nothing is open', isIdle)
  })

  test('but not where it has said something', async () => {
    const answer = await ask('lenient: hangs in the middle', { stream: true })
    expect(answer.status).toBe(200)
    expectBlamed(answer, 'lenient', chunk.replace('strict', 'lenient'))
  })
})

test('the time in which a plugin waits for a model that it asks itself is not its own', async () => {
  for (const stream of [true, false]) {
    provider.next(late(900, byPath('box')))
    const { status, text } = await ask('strict: asks a model first', { stream })
    expect([status, text]).toEqual([200, hello])
    expect(provider.requests.at(-2)!.json.model).toBe('slow')
  }
})

test('a plugin that may be skipped is, when the model that it asks itself fails', async () => {
  for (const stream of [true, false]) {
    provider.next(status(500))
    const { status: code, text, headers } = await ask('lenient: asks a model first', { stream })
    expect([code, text]).toEqual([200, hello])
    expect(headers.get('x-sluice-warnings')).toBe('lenient: failed; the call goes on without it')
    provider.next(status(500))
    expect((await ask('strict: asks a model first', { stream })).error.code).toBe(
      'all_providers_failed',
    )
  }
})

test('clients that leave are left, whatever the plugin makes of it', async () => {
  for (const way of ['swallows the end', 'speaks after its end', 'hangs before it asks'])
    for (const stream of [true, false]) {
      const controller = new AbortController()
      const asked = ask(`strict: ${way}`, { stream }, { signal: controller.signal })
      setTimeout(() => controller.abort(), 30)
      await asked.catch(() => undefined)
    }
  await until('nothing is open', isIdle)
})

test.each(['never ends', 'says nothing for ever'])(
  'an answer that %s holds nobody else up, and ends when its client leaves',
  async (way) => {
    for (const stream of [true, false]) {
      const controller = new AbortController()
      const asked = ask(`strict: ${way}`, { stream }, { signal: controller.signal })
      asked.catch(() => undefined)
      for (let n = 0; n < 3; n++) expect((await ask('')).text).toBe(hello)
      controller.abort()
      await expect(asked).rejects.toThrow('abort')
      await until('nothing is open', isIdle)
    }
  },
)

test('two hundred bad calls at once disturb no good one', async () => {
  const bad = [
    'strict: throws',
    'strict: hangs before it asks',
    'strict: hangs in the middle',
    'strict: rejects too late',
    'strict: leaves a timer behind',
    'lenient: throws with the first chunk in hand',
    'lenient: hangs with the first chunk in hand',
    'lenient: asks many times',
  ]
  const users = Array.from({ length: 200 }, (_, n) => bad[n % bad.length]!)
  const asked = users.map((user, n) => ask(user, { stream: n % 2 === 0 }))
  const good = Array.from({ length: 20 }, (_, n) => ask('strict: is well', { stream: n % 2 === 0 }))
  for (const { status, text } of await Promise.all(good))
    expect([status, text]).toEqual([200, hello])
  const answers = await Promise.all(asked)
  for (const [n, { error, text }] of answers.entries())
    if (users[n]!.startsWith('lenient') || users[n]!.includes('timer')) expect(text).toBe(hello)
    else if (users[n] !== 'strict: hangs in the middle')
      expect(error.metadata.plugin).toBe('strict')
  await until('what was thrown behind its back is told to the operator', () =>
    sluice.log().some(({ level, message }) => level === 'fatal' && message === 'uncaughtException'),
  )
  await until('nothing is open', isIdle)
  expect((await ask('')).text).toBe(hello)
})
