import { expect, test } from 'bun:test'
import { prompt, startLab } from '../support/lab.ts'
import { startProvider, type Script } from '../support/provider.ts'
import { answers, endless, silent, status } from '../support/scripts.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

const report = async ({ url }: Sluice, headers: Record<string, string> = {}): Promise<any> =>
  (await fetch(`${url}/api/health`, { headers })).json()

const providerOf = async (sluice: Sluice, name: string): Promise<any> =>
  (await report(sluice)).providers.find((provider: any) => provider.name === name)

const endpointOf = async (sluice: Sluice, name: string, model = 'm'): Promise<any> =>
  (await providerOf(sluice, name)).endpoints.find((endpoint: any) => endpoint.model === model)

/** Answers with a status for one key and well for the others. */
const refuses =
  (secret: string, code: number): Script =>
  (exchange) =>
    exchange.request.headers.authorization === `Bearer ${secret}`
      ? status(code, `the key ${secret} is no good`)(exchange)
      : answers('Hello.')(exchange)

const twoKeys = { a: { api_keys: ['sk-good-key-one', 'sk-wrong-key-two'] } }

test('a wrong key of two rests alone, and nothing that is shown or logged has a key in it', async () => {
  await using lab = await startLab({
    providers: ({ a }) => ({ a: { base_url: a.url, ...twoKeys.a } }),
  })
  lab.a.always(refuses('sk-wrong-key-two', 401))
  for (let n = 0; n < 6; n++) expect((await lab.chat({ model: 'solo' })).text).toBe('Hello.')
  const asked = lab.a.requests.map(({ headers }) => headers.authorization)
  expect(asked.filter((sent) => sent?.includes('sk-wrong'))).toHaveLength(1)
  const { keys } = await providerOf(lab.sluice, 'a')
  expect(keys).toMatchObject([
    { index: 0, state: 'well', ejections: 0, last_error: null },
    { index: 1, state: 'resting', ejections: 1, last_error: { code: 'upstream_auth_failed' } },
  ])
  expect(await endpointOf(lab.sluice, 'a')).toMatchObject({
    state: 'well',
    failing: false,
    failures: 0,
    uptime_last_5m: 100,
  })
  await until('it is logged', () => lab.sluice.log().some(({ message }) => message === 'key rests'))
  const lines = lab.sluice.log().filter(({ message }) => message === 'key rests')
  expect(lines).toMatchObject([
    { provider: 'a', key: 1, why: 'upstream_auth_failed', for_s: 300, level: 'warning' },
  ])
  expect(lab.sluice.stdout() + lab.sluice.stderr()).not.toMatch(/sk-(good|wrong)/)
  expect(JSON.stringify(await report(lab.sluice))).not.toMatch(/sk-(good|wrong)/)
})

test('a provider whose only key was refused is told as that, and not asked again while the key rests', async () => {
  await using lab = await startLab()
  lab.a.always(status(401))
  for (let n = 0; n < 3; n++) {
    const { status: code, error } = await lab.chat({ model: 'solo' })
    expect([code, error.code]).toEqual([502, 'upstream_auth_failed'])
  }
  expect(lab.a.requests).toHaveLength(1)
})

test('a client’s mistake counts against nobody', async () => {
  await using lab = await startLab()
  lab.a.always(status(400, 'no such parameter'))
  for (let n = 0; n < 10; n++) expect((await lab.chat({ model: 'solo' })).status).toBe(400)
  expect(lab.a.requests).toHaveLength(10)
  lab.a.always(answers('Hello.'))
  await lab.chat({ model: 'solo' })
  expect(await endpointOf(lab.sluice, 'a')).toMatchObject({
    state: 'well',
    failures: 0,
    last_error: null,
    uptime_last_5m: 100,
  })
})

test('a key rests as long as Retry-After says, and its endpoint is no worse for it', async () => {
  await using lab = await startLab({
    providers: ({ a }) => ({ a: { base_url: a.url, ...twoKeys.a } }),
  })
  lab.a.next(status(429, 'slow down', { 'retry-after': '40' }))
  await lab.chat({ model: 'solo' })
  const { keys } = await providerOf(lab.sluice, 'a')
  expect(keys[0]).toMatchObject({ state: 'limited', ejections: 0 })
  const rest = (Date.parse(keys[0].until) - Date.now()) / 1_000
  expect(rest).toBeWithin(20, 41)
  expect(keys[1].state).toBe('well')
  expect(await endpointOf(lab.sluice, 'a')).toMatchObject({ state: 'well', failures: 0 })
})

const breaker = { failures: 2, open: '300ms', max_open: '300ms' }

test('who failed too often rests, is then tried by one at a time, and is well with the first content', async () => {
  await using lab = await startLab({ plugins: [{ fallback: { breaker } }] })
  lab.a.always(status(500))
  for (let n = 0; n < 3; n++) expect((await lab.chat()).text).toBe('Hello from b.')
  expect(lab.a.requests).toHaveLength(2)
  expect(await endpointOf(lab.sluice, 'a')).toMatchObject({
    state: 'resting',
    failures: 2,
    ejections: 1,
    last_error: { code: 'upstream_error' },
    failing: true,
    uptime_last_5m: 0,
  })
  lab.a.always(silent())
  await until('it has rested', async () => {
    return (await endpointOf(lab.sluice, 'a')).state === 'half-open'
  })
  const leaving = new AbortController()
  const trying = lab.chat({ stream: true }, { signal: leaving.signal }).catch(() => undefined)
  await until('one is let through', () => lab.a.requests.length === 3)
  const others = await Promise.all(Array.from({ length: 5 }, () => lab.chat()))
  expect(others.map(({ text }) => text)).toEqual(Array(5).fill('Hello from b.'))
  expect(lab.a.requests).toHaveLength(3)
  leaving.abort()
  await trying
  await until('it is let go', () => lab.a.open === 0)
  lab.a.always(endless())
  const staying = new AbortController()
  const response = await fetch(`${lab.sluice.v1}/chat/completions`, {
    method: 'POST',
    signal: staying.signal,
    body: JSON.stringify({ model: 'm', stream: true, messages: prompt }),
  })
  expect(response.status).toBe(200)
  // it still speaks
  expect(await endpointOf(lab.sluice, 'a')).toMatchObject({
    state: 'well',
    failures: 0,
    ejections: 0,
    in_flight: 1,
  })
  staying.abort()
  await until('both are logged', () =>
    lab.sluice.log().some(({ message }) => message === 'endpoint is well again'),
  )
  const lines = lab.sluice.log().filter(({ endpoint }) => endpoint === 'a/m')
  expect(lines.map(({ message }) => message)).toEqual(['endpoint rests', 'endpoint is well again'])
  expect(lines[0]).toMatchObject({ why: 'upstream_error', for_s: 0.3 })
})

test('when all rest, the last one is still tried', async () => {
  await using lab = await startLab({ plugins: [{ fallback: { breaker: { failures: 1 } } }] })
  for (const provider of [lab.a, lab.b, lab.c]) provider.always(status(500))
  expect((await lab.chat()).status).toBe(502)
  for (const name of ['a', 'b', 'c'])
    expect((await endpointOf(lab.sluice, name)).state).toBe('resting')
  for (const provider of [lab.a, lab.b, lab.c]) provider.always(answers('I am back.'))
  expect((await lab.chat()).text).toBe('I am back.')
})

test('without the plugin fallback health is known all the same, and others are asked first', async () => {
  await using lab = await startLab({ plugins: [] })
  lab.a.always(status(500))
  for (let n = 0; n < 5; n++) expect((await lab.chat()).status).toBe(502)
  expect(await endpointOf(lab.sluice, 'a')).toMatchObject({ state: 'resting', failures: 5 })
  expect((await lab.chat()).text).toBe('Hello from b.')
})

test('what was measured is shown, also of endpoints that no route names', async () => {
  await using lab = await startLab()
  await lab.chat({ stream: true })
  await lab.chat({ model: 'b/other', stream: true })
  expect(await endpointOf(lab.sluice, 'b', 'other')).toMatchObject({ uptime_last_1d: 100 })
  const { latency_last_5m, throughput_last_5m } = await endpointOf(lab.sluice, 'a')
  for (const measured of [latency_last_5m, throughput_last_5m])
    for (const value of Object.values(measured)) expect(value).toBeGreaterThan(0)
  expect(await endpointOf(lab.sluice, 'c')).toMatchObject({
    state: 'well',
    uptime_last_5m: null,
    latency_last_5m: null,
    throughput_last_5m: null,
  })
})

test('with keys nobody sees it without one, and the error has OpenAI’s shape', async () => {
  await using lab = await startLab({
    plugins: [{ auth: { keys: { laptop: { key: 'sk-laptop', models: ['none'] } } } }, 'fallback'],
  })
  const refused = await fetch(`${lab.sluice.url}/api/health`)
  expect(refused.status).toBe(401)
  expect(await refused.json()).toMatchObject({ error: { code: 'invalid_api_key' } })
  const { providers } = await report(lab.sluice, { authorization: 'Bearer sk-laptop' })
  expect(providers.map(({ name }: any) => name)).toEqual(
    expect.arrayContaining(['a', 'b', 'c', 'demo']),
  )
})

test('a local runtime that is gone is passed over without a call to it, and taken back when it is there', async () => {
  const box = await startProvider({ name: 'box' })
  await using other = await startProvider({ name: 'other' })
  await using sluice = await startSluice({
    config: `
server: { log: json, discover: false }
providers:
  box: { base_url: "${box.url}", probe: 50ms, auth: none }
  other: { base_url: "${other.url}", auth: none }
routes: { m: [box/m, other/m] }
plugins: [fallback]
`,
  })
  const ask = async () => {
    const response = await fetch(`${sluice.v1}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages: prompt }),
    })
    return ((await response.json()) as any).choices?.[0]?.message?.content
  }
  expect(await ask()).toBe('Hello from box.')
  await box.stop()
  await until('it is missed', async () => {
    const { state, last_error } = await providerOf(sluice, 'box')
    return state === 'resting' && last_error.code === 'upstream_unreachable'
  })
  expect(await ask()).toBe('Hello from other.')
  await using again = await startProvider({ name: 'box again', port: box.port })
  await until('it is there', async () => (await providerOf(sluice, 'box')).state === 'well')
  expect(await ask()).toBe('Hello from box again.')
  expect(again.requests).toHaveLength(1)
  const lines = () =>
    sluice.log().flatMap(({ provider, message }) => (provider === 'box' ? [message] : []))
  await until('both are logged', () => lines().length > 1)
  expect(lines()).toEqual(['provider rests', 'provider is well again'])
})

test('a reload and a stop end the looks at what the configuration no longer names', async () => {
  await using box = await startProvider({ name: 'box' })
  const config = (probe: string) => `
server: { log: json, discover: false }
providers: { box: { base_url: "${box.url}", auth: none${probe} } }
`
  await using sluice = await startSluice({ config: config(', probe: 20ms') })
  await until('it is looked at', () => box.listings.length > 3)
  await sluice.write('config.yaml', config(''))
  await until('it is reloaded', () =>
    sluice.log().some(({ message }) => message === 'config reloaded'),
  )
  await Bun.sleep(50)
  const { length } = box.listings
  await Bun.sleep(200)
  expect(box.listings.length).toBeLessThanOrEqual(length + 1)
})
