import { expect, test } from 'bun:test'
import { startLab, type Lab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { byPath, status } from '../support/scripts.ts'

const start = (keys: readonly string[], more: object = {}): Promise<Lab> =>
  startLab({
    providers: ({ a }) => ({ a: { base_url: a.url, api_keys: keys, ...more } }),
    plugins: [{ fallback: { attempts: 5 } }],
  })

const keysAsked = ({ a }: Lab): string[] =>
  a.requests.map(({ headers }) => (headers.authorization ?? '').replace('Bearer ', ''))

/** Refuses one key and serves the others. */
const refusing =
  (key: string, refusal: Script): Script =>
  (exchange) =>
    exchange.request.headers.authorization === `Bearer ${key}`
      ? refusal(exchange)
      : byPath('a')(exchange)

test('several keys take turns', async () => {
  await using lab = await start(['k1', 'k2', 'k3'])
  for (let n = 0; n < 6; n++) expect((await lab.chat({ stream: n % 2 === 0 })).status).toBe(200)
  expect(keysAsked(lab)).toEqual(['k1', 'k2', 'k3', 'k1', 'k2', 'k3'])
})

test.each([
  ['refused', status(401)],
  ['forbidden', status(403)],
  ['empty', status(402)],
  ['limited', status(429, 'slow down', { 'retry-after': '30' })],
])('a key that is %s is set aside, and the client does not notice', async (_what, refusal) => {
  await using lab = await start(['good-1', 'bad', 'good-2'])
  lab.a.always(refusing('bad', refusal))
  for (let n = 0; n < 8; n++) {
    const answer = await lab.chat({ stream: n % 2 === 0 })
    expect([answer.status, answer.text]).toEqual([200, 'Hello from a.'])
  }
  expect(keysAsked(lab).filter((key) => key === 'bad')).toHaveLength(1)
  expect(lab.b.requests).toHaveLength(0)
})

test('a key that was set aside stays so over a reload, and a new one starts clean', async () => {
  await using lab = await start(['bad', 'good'])
  lab.a.always(refusing('bad', status(401)))
  for (let n = 0; n < 3; n++) await lab.chat()
  const config = await Bun.file(`${lab.sluice.directory}/config.yaml`).text()
  const before = keysAsked(lab).length
  await lab.sluice.write('config.yaml', config.replace('"good"', '"better"'))
  while (!lab.sluice.log().some(({ message }) => message === 'config reloaded')) await Bun.sleep(5)
  for (let n = 0; n < 3; n++) expect((await lab.chat()).status).toBe(200)
  expect(new Set(keysAsked(lab).slice(before))).toEqual(new Set(['better']))
})

test.each([
  ['bearer', 'authorization', 'Bearer k'],
  ['x-api-key', 'x-api-key', 'k'],
  ['api-key', 'api-key', 'k'],
])('a key is sent as %s, and the client’s own never', async (auth, header, value) => {
  await using lab = await start(['k'], { auth, headers: { 'x-team': 'search' } })
  await lab.chat(
    {},
    {
      headers: {
        authorization: 'Bearer client',
        'x-api-key': 'client',
        'api-key': 'client',
        cookie: 'client=1',
        'x-forwarded-for': '10.0.0.1',
        'openai-beta': 'assistants=v2',
        'openai-organization': 'client',
      },
    },
  )
  const [request] = lab.a.requests
  expect(request!.headers[header]).toBe(value)
  expect(request!.headers['x-team']).toBe('search')
  expect(request!.headers['openai-beta']).toBe('assistants=v2')
  expect(JSON.stringify(request!.headers)).not.toContain('client')
  expect(request!.headers['x-forwarded-for']).toBeUndefined()
  expect(request!.headers['accept-encoding']).toBe('identity')
})
