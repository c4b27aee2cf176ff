import { expect, test } from 'bun:test'
import { startLab, type Lab } from '../support/lab.ts'
import { post, rawClient, type RawClient } from '../support/raw.ts'
import { answers, silent } from '../support/scripts.ts'
import { until } from '../support/until.ts'

/** Many calls at once: `fetch` would hold some of them back here. */
const flood = (lab: Lab, count: number, body: object, key?: string): Promise<RawClient[]> =>
  Promise.all(
    Array.from({ length: count }, () =>
      rawClient(
        lab.sluice.port,
        post(
          '/v1/chat/completions',
          [`host: 127.0.0.1:${lab.sluice.port}`],
          JSON.stringify({ messages: [{ role: 'user', content: 'greedy' }], ...body }),
          key === undefined ? [] : [`authorization: Bearer ${key}`],
        ),
      ),
    ),
  )

const queueOf = async (lab: Lab, name: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${lab.sluice.url}/api/queue`, { headers })
  const { data } = (await response.json()) as any
  return data.find(({ provider }: any) => provider === name)
}

test('a provider that hangs, with 600 calls, takes nothing from another', async () => {
  await using lab = await startLab({ plugins: [], timeouts: { total: '60s', first_byte: '60s' } })
  lab.a.always(silent())
  const clients = await flood(lab, 600, { model: 'solo' })
  await until('it is full', async () => {
    const { in_flight, waiting } = await queueOf(lab, 'a')
    return in_flight + waiting.length === 600
  })
  const { in_flight, waiting } = await queueOf(lab, 'a')
  expect([in_flight, waiting.length]).toEqual([512, 88])
  for (let count = 0; count < 20; count++)
    expect((await lab.chat({ model: 'b/m', stream: count % 2 === 0 })).text).toBe('Hello from b.')
  for (const { socket } of clients) socket.destroy()
  await until('all have left', async () => {
    const queue = await queueOf(lab, 'a')
    return queue.in_flight === 0 && queue.waiting.length === 0
  })
  lab.a.always(answers('Well again.'))
  expect((await lab.chat({ model: 'solo' })).text).toBe('Well again.')
}, 60_000)

test('a greedy caller does not keep another from its turn', async () => {
  await using lab = await startLab({
    plugins: [
      {
        auth: {
          keys: { greedy: { key: 'k-1', limits: { concurrent: 500 } }, other: { key: 'k-2' } },
        },
      },
    ],
    providers: ({ a }) => ({ a: { base_url: a.url, max_concurrent: 3 } }),
  })
  const releases: (() => void)[] = []
  lab.a.always(async (exchange) => {
    await new Promise<void>((release) => releases.push(release))
    await answers('Hello.')(exchange)
  })
  const clients = await flood(lab, 200, { model: 'solo' }, 'k-1')
  const look = () => queueOf(lab, 'a', { authorization: 'Bearer k-2' })
  await until('all wait', async () => (await look()).waiting.length === 197)
  const mine = lab.chat(
    { model: 'solo', messages: [{ role: 'user', content: 'mine' }] },
    { headers: { authorization: 'Bearer k-2' } },
  )
  await until('it waits', async () => (await look()).waiting.length === 198)
  expect((await look()).waiting[1]).toMatchObject({ position: 2, caller: 'other' })
  releases.shift()?.()
  releases.shift()?.()
  await until('two more were sent', () => lab.a.requests.length === 5)
  expect(lab.a.requests.slice(3).map(({ json }) => json.messages[0].content)).toEqual([
    'greedy',
    'mine',
  ])
  lab.a.always(answers('Hello.'))
  await until('it is answered', async () => {
    releases.shift()?.()
    return Promise.race([mine.then(() => true), Bun.sleep(5).then(() => false)])
  })
  expect((await mine).text).toBe('Hello.')
  for (const { socket } of clients) socket.destroy()
  for (const release of releases) release()
}, 60_000)

test('no key fills the daemon: 512 calls at once are the most if nothing else is said', async () => {
  await using lab = await startLab({
    providers: ({ a }) => ({ a: { base_url: a.url, api_key: 'k', max_concurrent: 1_000 } }),
    plugins: [{ auth: { keys: { greedy: { key: 'k-1' }, other: { key: 'k-2' } } } }],
  })
  lab.a.always(silent())
  const clients = await flood(lab, 550, { model: 'solo' }, 'k-1')
  const refused = () => clients.filter(({ text }) => text().startsWith('HTTP/1.1 429')).length
  await until('the others are refused', () => refused() === 38)
  await until('512 are there', () => lab.a.open === 512)
  expect(
    (await lab.chat({ model: 'b/m' }, { headers: { authorization: 'Bearer k-2' } })).status,
  ).toBe(200)
  for (const { socket } of clients) socket.destroy()
  await until('they have left', () => lab.a.open === 0)
}, 60_000)
