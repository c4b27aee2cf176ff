import { expect, setDefaultTimeout, test } from 'bun:test'
import { expectAnswer } from '../support/expectations.ts'
import { prompt, startLab } from '../support/lab.ts'
import { answers, silent, status, errorBody } from '../support/scripts.ts'
import { late } from '../support/spoils.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(30_000)

const hedging = {
  routes: { h: { endpoints: ['a/m', 'b/m'], hedge: { after: '60ms' } } },
}

test('who is slow to speak is let go as soon as another has spoken, and told as hedged', async () => {
  await using lab = await startLab(hedging)
  lab.a.always(silent())
  for (const stream of [true, false]) {
    const answer = await lab.chat({ model: 'h', stream })
    expectAnswer(answer, { text: 'Hello from b.', provider: 'b', attempts: 2 })
    expect(answer.headers.get('x-sluice-provider')).toBe('b')
  }
  await until('the slow provider sees its requests aborted', () =>
    lab.a.requests.every((one) => one.aborted),
  )
  const told = await lab.chat({ model: 'h' }, { headers: { 'x-sluice-trace': '1' } })
  expect(told.json.openrouter_metadata.attempts).toHaveLength(2)
  expect(JSON.stringify(told.json.openrouter_metadata)).toContain('hedged')
  expect(lab.b.requests.some((one) => one.aborted)).toBe(false)
})

test('the first may still win, and then the second is let go', async () => {
  await using lab = await startLab(hedging)
  lab.a.always(late(250, answers('Better late.')))
  lab.b.always(silent())
  const answer = await lab.chat({ model: 'h', stream: true })
  expectAnswer(answer, { text: 'Better late.', provider: 'a', attempts: 2 })
  expect(answer.headers.get('x-sluice-provider')).toBe('a')
  await until('the second sees its request aborted', () => lab.b.requests[0]!.aborted)
})

test('a client that leaves during a race leaves nobody open', async () => {
  await using lab = await startLab(hedging)
  lab.a.always(silent())
  lab.b.always(silent())
  const controller = new AbortController()
  const asking = lab.chat({ model: 'h', stream: true }, { signal: controller.signal })
  asking.catch(() => undefined)
  await until('both are asked', () => lab.b.requests.length === 1)
  controller.abort()
  await expect(asking).rejects.toThrow()
  await until('both are let go', () => lab.a.open + lab.b.open === 0)
})

test('a route may end in an endpoint for when the network is gone', async () => {
  await using lab = await startLab({
    providers: () => ({ gone: { base_url: 'http://127.0.0.1:9/v1', auth: 'none' } }),
    routes: { away: { endpoints: ['gone/m'], offline: 'b/small' } },
  })
  const answer = await lab.chat({ model: 'away', stream: true })
  expectAnswer(answer, { text: 'Hello from b.', provider: 'b', attempts: 2 })
  expect(lab.b.requests[0]?.json.model).toBe('small')
})

test('between models every error goes on, and the last one’s own comes back', async () => {
  await using lab = await startLab({ routes: { one: ['a/one'], two: ['b/two'] } })
  lab.a.always(status(400, errorBody('too long', 'context_length_exceeded')))
  const served = await lab.chat({ model: 'one', models: ['two'] })
  expectAnswer(served, { text: 'Hello from b.', provider: 'b', attempts: 2 })
  expect(served.headers.get('x-sluice-model')).toBe('two')
  lab.b.always(status(529, { error: { message: 'Overloaded', type: 'overloaded_error' } }))
  const failed = await lab.chat({ model: 'one', models: ['two'], messages: prompt })
  expect([failed.status, failed.error.code]).toEqual([503, 'provider_overloaded'])
  expect(failed.headers.get('x-sluice-attempts')).toBe('2')
})

const full = {
  providers: ({ a }: { readonly a: { readonly url: string } }) => ({
    a: { base_url: a.url, auth: 'none', max_concurrent: 1 },
  }),
  routes: {
    patient: { endpoints: ['a/m', 'b/m'], when_full: 'wait' },
    hasty: { endpoints: ['a/m'], max_wait: '0s' },
  },
}

test('a full provider is passed over, waited for where the route says so, and else told', async () => {
  await using lab = await startLab(full)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  lab.a.next(async (exchange) => {
    await gate
    await answers('first')(exchange)
  })
  const first = lab.chat({ model: 'solo' })
  await until('the first is there', () => lab.a.open === 1)
  expectAnswer(await lab.chat(), { text: 'Hello from b.', provider: 'b', attempts: 1 })
  const { status: refused, error } = await lab.chat({ model: 'hasty' })
  expect([refused, error.code]).toEqual([429, 'provider_full'])
  const patient = lab.chat({ model: 'patient' })
  const alone = lab.chat({ model: 'solo' })
  await Bun.sleep(30)
  open()
  expectAnswer(await first, { text: 'first' })
  expectAnswer(await patient, { text: 'Hello from a.', provider: 'a', attempts: 1 })
  expectAnswer(await alone, { text: 'Hello from a.', provider: 'a', attempts: 1 })
})

test('a percentile is measured first: from the twentieth answer on, who is slower than usual gets a rival', async () => {
  await using lab = await startLab({
    routes: { p: { endpoints: ['a/m', 'b/m'], hedge: { after: 'p95' } } },
  })
  const ask = () => lab.chat({ model: 'p', stream: true })
  // of twenty answers, the slowest is not counted by p95
  lab.a.next(late(150, answers('Slow, but alone.')))
  expectAnswer(await ask(), { text: 'Slow, but alone.', attempts: 1 })
  for (let at = 1; at < 20; at++) expectAnswer(await ask(), { text: 'Hello from a.', attempts: 1 })
  lab.a.next(silent())
  expectAnswer(await ask(), { text: 'Hello from b.', provider: 'b', attempts: 2 })
})
