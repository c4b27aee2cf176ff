import { expect, test } from 'bun:test'
import { startLab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { answers, silent } from '../support/scripts.ts'
import { until } from '../support/until.ts'

/** Answers once the gate is opened. */
const gated = (text: string) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const script: Script = async (exchange) => {
    await promise
    await answers(text)(exchange)
  }
  return { script, open: resolve }
}

const alone = (settings: object) => ({
  plugins: [],
  providers: ({ a }: { readonly a: { readonly url: string } }) => ({
    a: { base_url: a.url, ...settings },
  }),
})

test('without a plugin that looks elsewhere, a call waits in line for its provider', async () => {
  await using lab = await startLab(alone({ max_concurrent: 1 }))
  const gate = gated('first')
  lab.a.next(gate.script, answers('second'))
  const first = lab.chat({ model: 'solo' })
  await until('the first is there', () => lab.a.open === 1)
  const second = lab.chat({ model: 'solo', stream: true })
  await Bun.sleep(50)
  expect(lab.a.requests).toHaveLength(1)
  gate.open()
  expect([(await first).text, (await second).text]).toEqual(['first', 'second'])
})

test('who may not wait is told that the provider is full', async () => {
  await using lab = await startLab({
    ...alone({ max_concurrent: 1 }),
    routes: { solo: { endpoints: ['a/m'], max_wait: '0s' } },
  })
  const gate = gated('first')
  lab.a.next(gate.script)
  const first = lab.chat({ model: 'solo' })
  await until('the first is there', () => lab.a.open === 1)
  const { status, error, headers } = await lab.chat({ model: 'solo' })
  expect([status, error.code, error.type]).toEqual([429, 'provider_full', 'rate_limit_error'])
  expect(error.message).toBe('The provider a is full: its one place is taken.')
  expect(headers.get('x-should-retry')).toBe('true')
  expect(headers.get('retry-after')).toBe('1')
  gate.open()
  expect((await first).text).toBe('first')
})

test('a full provider is passed over for the next, unless the route would rather wait', async () => {
  await using lab = await startLab({
    ...alone({ max_concurrent: 1 }),
    routes: { patient: { endpoints: ['a/m', 'b/m'], when_full: 'wait' } },
  })
  const gate = gated('first')
  lab.a.next(gate.script)
  const first = lab.chat({ model: 'solo' })
  await until('the first is there', () => lab.a.open === 1)
  expect((await lab.chat({ model: 'm' })).text).toBe('Hello from b.')
  const patient = lab.chat({ model: 'patient' })
  await Bun.sleep(30)
  gate.open()
  expect((await patient).text).toBe('Hello from a.')
  await first
})

test('a client that leaves the line is never sent', async () => {
  await using lab = await startLab(alone({ max_concurrent: 1 }))
  const gate = gated('first')
  lab.a.next(gate.script)
  const first = lab.chat({ model: 'solo' })
  await until('the first is there', () => lab.a.open === 1)
  const leaving = new AbortController()
  const left = lab.chat({ model: 'solo', stream: true }, { signal: leaving.signal })
  left.catch(() => undefined)
  await Bun.sleep(50)
  leaving.abort()
  await until('it is logged', () => lab.sluice.log().some(({ code }) => code === 'client_closed'))
  gate.open()
  await first
  expect((await lab.chat({ model: 'solo' })).text).toBe('Hello from a.')
  expect(lab.a.requests).toHaveLength(2)
})

test('requests a minute are counted for each key', async () => {
  await using lab = await startLab({
    ...alone({ api_key: undefined, api_keys: ['k1', 'k2'], limits: { per_key: { requests: 2 } } }),
    routes: { solo: { endpoints: ['a/m'], max_wait: '1s' } },
  })
  const all = []
  for (let count = 0; count < 5; count++) all.push(await lab.chat({ model: 'solo' }))
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429])
  expect(all[4]!.error.message).toBe('All keys of the provider a are at their limits of a minute.')
  expect(Number(all[4]!.headers.get('retry-after'))).toBeGreaterThan(50)
})

test('tokens a minute are what the provider counted', async () => {
  await using lab = await startLab({
    ...alone({ limits: { tokens: 1_000 } }),
    routes: { solo: { endpoints: ['a/m'], max_wait: '1s' } },
  })
  // it tells a usage far below what each may take
  for (let count = 0; count < 4; count++)
    expect((await lab.chat({ model: 'solo', max_tokens: 900 })).status).toBe(200)
  lab.a.next(silent())
  const leaving = new AbortController()
  lab.chat({ model: 'solo', max_tokens: 900 }, { signal: leaving.signal }).catch(() => undefined)
  await until('it is there', () => lab.a.open === 1)
  const { status, error } = await lab.chat({ model: 'solo', max_tokens: 900 })
  expect([status, error.message]).toEqual([
    429,
    'The provider a is at its limit of 1000 tokens a minute. The call waited 1 s for it and was at position 1 in line.',
  ])
  leaving.abort()
})

test('a streamed call that waits is told where it stands', async () => {
  await using lab = await startLab({
    ...alone({ max_concurrent: 1 }),
    server: { heartbeat: '50ms' },
  })
  const gate = gated('first')
  lab.a.next(gate.script)
  const first = lab.chat({ model: 'solo' })
  await until('the first is there', () => lab.a.open === 1)
  const waits = [1, 2].map(() => lab.chat({ model: 'solo', stream: true }))
  await Bun.sleep(400)
  gate.open()
  const [second, third] = await Promise.all(waits)
  await first
  const said = [second!.raw, third!.raw].map((raw) => raw.match(/^: .*$/m)?.[0]).toSorted()
  expect(said).toEqual([
    ': SLUICE PROCESSING queue position 1',
    ': SLUICE PROCESSING queue position 2',
  ])
  expect([second!.text, third!.text]).toEqual(['Hello from a.', 'Hello from a.'])
  expect(second!.stream!.events.length).toBeGreaterThan(1)
})

test('anyone who may ask can see who waits for whom, and nothing of what they ask', async () => {
  await using lab = await startLab({
    ...alone({ max_concurrent: 1, limits: { requests: 60 }, queue: 5 }),
    plugins: [{ auth: { keys: { laptop: { key: 'k-1' }, phone: { key: 'k-2' } } } }],
  })
  const by = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })
  const gate = gated('first')
  lab.a.next(gate.script)
  const first = lab.chat({ model: 'solo' }, by('k-1'))
  await until('the first is there', () => lab.a.open === 1)
  const look = async () => (await fetch(`${lab.sluice.url}/api/queue`, by('k-2'))).json() as any
  const queueOf = async () => (await look()).data.find((one: any) => one.provider === 'a')
  const waits = ['k-1', 'k-1', 'k-2'].map(async (key, at) => {
    await until('it is its turn', async () => (await queueOf()).waiting.length === at)
    return lab.chat({ model: 'solo', messages: [{ role: 'user', content: 'a secret' }] }, by(key))
  })
  await until('all wait', async () => (await queueOf()).waiting.length === 3)
  const queue = await queueOf()
  expect(queue).toMatchObject({
    provider: 'a',
    in_flight: 1,
    max_concurrent: 1,
    limits: { requests: 60 },
    left: { requests: 59 },
    queue: 5,
    waiting: [
      { position: 1, caller: 'laptop', model: 'solo' },
      { position: 2, caller: 'phone', model: 'solo' },
      { position: 3, caller: 'laptop', model: 'solo' },
    ],
  })
  expect(JSON.stringify(queue)).not.toContain('secret')
  expect((await fetch(`${lab.sluice.url}/api/queue`)).status).toBe(401)
  gate.open()
  await Promise.all([first, ...waits])
  expect(await queueOf()).toMatchObject({ in_flight: 0, waiting: [], left: { requests: 56 } })
})
