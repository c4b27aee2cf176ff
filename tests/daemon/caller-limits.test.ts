import { expect, test } from 'bun:test'
import { startLab, type Lab } from '../support/lab.ts'
import { endless, status } from '../support/scripts.ts'
import { until } from '../support/until.ts'

const start = (keys: object, more: object = {}): Promise<Lab> =>
  startLab({ plugins: [{ auth: { keys } }, 'fallback'], ...more })

const by = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })

test('a key has its own requests a minute, whatever the providers do', async () => {
  await using lab = await start({
    laptop: { key: 'k-1', limits: { requests: 2 } },
    phone: { key: 'k-2' },
  })
  lab.a.next(status(500))
  for (let count = 0; count < 2; count++) expect((await lab.chat({}, by('k-1'))).status).toBe(200)
  const { status: refused, error, headers } = await lab.chat({ stream: true }, by('k-1'))
  expect([refused, error.code, error.type]).toEqual([
    429,
    'rate_limit_exceeded',
    'rate_limit_error',
  ])
  expect(error.message).toBe('Your key laptop may send 2 requests a minute.')
  expect(error.availability).toBeUndefined()
  expect(headers.get('x-should-retry')).toBe('true')
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(50)
  expect(headers.get('x-ratelimit-limit')).toBe('2')
  expect(headers.get('x-ratelimit-remaining')).toBe('0')
  const reset = Number(headers.get('x-ratelimit-reset')) - Date.now()
  expect(reset).toBeGreaterThan(50_000)
  expect(reset).toBeLessThan(61_000)
  expect((await lab.chat({}, by('k-2'))).status).toBe(200)
  expect((await fetch(`${lab.sluice.v1}/models`, by('k-1'))).status).toBe(200)
})

test('Anthropic’s clients are told in their own words', async () => {
  await using lab = await start({ laptop: { key: 'k-1', limits: { requests: 1 } } })
  const ask = () =>
    fetch(`${lab.sluice.v1}/messages`, {
      method: 'POST',
      ...by('k-1'),
      body: JSON.stringify({
        model: 'm',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    })
  expect((await ask()).status).toBe(200)
  const refused = await ask()
  expect(refused.status).toBe(429)
  expect((await refused.json()) as any).toMatchObject({
    type: 'error',
    error: {
      type: 'rate_limit_error',
      message: 'Your key laptop may send 1 requests a minute.',
    },
  })
})

test('a key’s tokens are those that were really used', async () => {
  await using lab = await start({ laptop: { key: 'k-1', limits: { tokens: 1_000 } } })
  const ask = (max_tokens: number) => lab.chat({ max_tokens }, by('k-1'))
  for (let count = 0; count < 5; count++) expect((await ask(850)).status).toBe(200)
  const { status: refused, error } = await ask(990)
  expect(refused).toBe(429)
  expect(error.message).toMatch(
    /^Your key laptop may use 1000 tokens a minute; this call may take 99\d, and 8\d\d are left\.$/,
  )
})

test('a key has so many calls at once, and one that has ended makes room, however it ended', async () => {
  await using lab = await start({ laptop: { key: 'k-1', limits: { concurrent: 2 } } })
  lab.a.always(endless())
  const leaving = new AbortController()
  const open = await Promise.all(
    [1, 2].map(() =>
      fetch(`${lab.sluice.v1}/chat/completions`, {
        method: 'POST',
        ...by('k-1'),
        signal: leaving.signal,
        body: JSON.stringify({
          model: 'm',
          stream: true,
          messages: [{ role: 'user', content: 'Hi' }],
        }),
      }),
    ),
  )
  expect(open.map(({ status: opened }) => opened)).toEqual([200, 200])
  const { status: refused, error } = await lab.chat({}, by('k-1'))
  expect([refused, error.message]).toEqual([429, 'Your key laptop may have 2 calls at once.'])
  leaving.abort()
  lab.a.always(status(400))
  await until('they have left', async () => (await lab.chat({}, by('k-1'))).status !== 429)
  // an error makes room as well
  for (let count = 0; count < 4; count++) expect((await lab.chat({}, by('k-1'))).status).toBe(400)
})

test('a key’s limits hold over a reload', async () => {
  await using lab = await start({ laptop: { key: 'k-1', limits: { requests: 1 } } })
  expect((await lab.chat({}, by('k-1'))).status).toBe(200)
  const config = await Bun.file(`${lab.sluice.directory}/config.yaml`).text()
  await lab.sluice.write('config.yaml', `${config}\n`)
  await until('the config is read again', () =>
    lab.sluice.log().some(({ message }) => message === 'config reloaded'),
  )
  expect((await lab.chat({}, by('k-1'))).status).toBe(429)
})

test('calls of :free are counted for each caller, by the call and not by the attempt', async () => {
  await using lab = await start(
    { laptop: { key: 'k-1' }, phone: { key: 'k-2' } },
    {
      providers: ({ a, b }: Lab) => ({
        a: { base_url: a.url, models: { m: { pricing: { prompt: 0, completion: 0 } } } },
        b: { base_url: b.url, models: { m: { pricing: { prompt: 0, completion: 0 } } } },
      }),
      routing: { free: { per_minute: 2, per_day: 10 } },
    },
  )
  const ask = (model: string, key: string) => lab.chat({ model }, by(key))
  lab.a.next(status(500), status(500))
  expect((await ask('m:free', 'k-1')).text).toBe('Hello from b.')
  expect((await ask('m:free', 'k-1')).text).toBe('Hello from b.')
  const { status: refused, error, headers } = await ask('m:free', 'k-1')
  expect([refused, error.code]).toEqual([429, 'rate_limit_exceeded'])
  expect(error.message).toMatch(
    /^You may make 2 calls of :free models a minute; the next one in \d\d s\.$/,
  )
  expect(headers.get('x-ratelimit-limit')).toBe('2')
  expect((await ask('m', 'k-1')).status).toBe(200)
  expect((await ask('m:free', 'k-2')).status).toBe(200)
  // no more is left of :free, but a model after it may be paid for
  expect((await lab.chat({ model: 'm:free', models: ['c/m'] }, by('k-1'))).text).toBe(
    'Hello from c.',
  )
})
