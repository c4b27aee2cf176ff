import { expect, test } from 'bun:test'
import { LRUCache } from 'lru-cache'
import { GatewayError } from '../../../src/errors.ts'
import { createHealth, type Breaker } from '../../../src/router/health/health.ts'

const box = { provider: 'box', model: 'echo' }
const other = { provider: 'box', model: 'other' }
const policy = { failures: 3, open: 1_000, max_open: 2_500 }
const down = new GatewayError('upstream_error')

const setUp = (keyWait = 0) => {
  let now = 50_000
  const breakers = new LRUCache<string, Breaker>({ max: 100 })
  const told: string[] = []
  const health = createHealth(
    breakers,
    () => keyWait,
    () => now,
    (subject, { ms, code = 'well' }) => void told.push(`${JSON.stringify(subject)} ${code} ${ms}`),
  )
  return {
    health,
    told,
    breakers,
    after: (ms: number) => void (now += ms),
    fail: (times = 1, error = down, endpoint = box) => {
      for (let n = 0; n < times; n++) {
        health.started(endpoint)
        health.failed(endpoint, error.with({}), policy)
      }
    },
    pass: () => {
      health.started(box)
      health.succeeded(box)
    },
  }
}

test('an endpoint that nobody tried is well', () => {
  const { health, breakers } = setUp()
  expect([health.wait(box), health.keyWait(box), health.suspect(box)]).toEqual([0, 0, false])
  expect(breakers.size).toBe(0)
})

test('so many failures in a row eject it, and a success among them does not', () => {
  const { health, fail, pass } = setUp()
  fail(2)
  expect([health.wait(box), health.suspect(box)]).toEqual([0, true])
  pass()
  expect(health.suspect(box)).toBe(false)
  fail(2)
  expect(health.wait(box)).toBe(0)
  fail()
  expect(health.wait(box)).toBe(1_000)
})

test('an endpoint is ejected alone', () => {
  const { health, fail } = setUp()
  fail(3)
  expect(health.wait(other)).toBe(0)
  expect(health.wait({ provider: 'other', model: 'echo' })).toBe(0)
})

test('after its rest one attempt at a time is let through', () => {
  const { health, fail, after } = setUp()
  fail(3)
  after(999)
  expect(health.wait(box)).toBe(1)
  after(1)
  expect(health.wait(box)).toBe(0)
  health.started(box)
  expect(health.wait(box)).toBeGreaterThan(0)
})

test('an attempt that ends without a verdict lets the next one through', () => {
  const { health, fail, after } = setUp()
  fail(3)
  after(1_000)
  health.started(box)
  health.released(box)
  expect(health.wait(box)).toBe(0)
  health.started(box)
  health.failed(box, new GatewayError('client_closed'), policy)
  expect(health.wait(box)).toBe(0)
})

test('each ejection lasts longer than the one before, up to the longest', () => {
  const { health, fail, after } = setUp()
  fail(3)
  for (const rest of [1_000, 2_000, 2_500, 2_500]) {
    expect(health.wait(box)).toBe(rest)
    after(rest)
    fail()
  }
})

test('a success after an ejection forgets everything but what the last failure was', () => {
  const { health, fail, pass, after } = setUp()
  fail(3)
  after(1_000)
  fail()
  after(2_000)
  pass()
  after(500)
  expect(health.findings(box)).toEqual({
    condition: 'well',
    rest: 0,
    failures: 0,
    ejections: 0,
    last: { code: 'upstream_error', ago: 2_500 },
  })
  fail(3)
  expect(health.wait(box)).toBe(1_000)
})

test('a late failure of an attempt from before does not shorten a rest', () => {
  const { health, fail, after } = setUp()
  fail(3)
  after(1_000)
  fail()
  expect(health.wait(box)).toBe(2_000)
  health.failed(box, new GatewayError('invalid_request_error'), policy)
  expect(health.wait(box)).toBe(2_000)
})

test.each([
  'invalid_request_error',
  'context_length_exceeded',
  'client_closed',
  'upstream_auth_failed',
  'provider_quota_exhausted',
  'rate_limit_exceeded',
  'plugin_error',
  'internal_error',
] as const)('%s is not the endpoint’s fault', (code) => {
  const { health, breakers, fail } = setUp()
  fail(10, new GatewayError(code))
  expect([health.wait(box), health.suspect(box)]).toEqual([0, false])
  expect(breakers.size).toBe(0)
})

test('an overloaded endpoint rests as long as it asks, at its first failure', () => {
  const { health, fail } = setUp()
  fail(1, new GatewayError('provider_overloaded', { retryAfter: 7 }))
  expect(health.wait(box)).toBe(7_000)
})

test('an overloaded endpoint that is ejected rests for the longer of both', () => {
  for (const [retryAfter, rest] of [
    [0.5, 1_000],
    [7, 7_000],
  ] as const) {
    const { health, fail } = setUp()
    fail(2)
    fail(1, new GatewayError('provider_overloaded', { retryAfter }))
    expect(health.wait(box)).toBe(rest)
  }
})

test('without a usable key there is nothing to try', () => {
  const { health } = setUp(4_000)
  expect([health.wait(box), health.keyWait(box)]).toEqual([4_000, 4_000])
})

test('the record outlives the health that wrote it', () => {
  const { health, breakers, fail } = setUp()
  fail(3)
  const next = createHealth(
    breakers,
    () => 0,
    () => 50_000,
  )
  expect(next.wait(box)).toBe(health.wait(box))
})

test('what fails at once is one ejection, and what fails while it rests is none', () => {
  const { health, fail, after } = setUp()
  fail(50)
  expect(health.findings(box)).toMatchObject({ condition: 'resting', ejections: 1, failures: 50 })
  after(500)
  fail()
  expect(health.wait(box)).toBe(500)
})

test('a failure that several tell is one', () => {
  const { health } = setUp()
  const error = new GatewayError('upstream_error')
  health.failed(box, error)
  health.failed(box, error, policy)
  expect(health.findings(box).failures).toBe(1)
})

test('who tells a failure again, with a policy, has it judged by that', () => {
  const { health } = setUp()
  const error = new GatewayError('upstream_error')
  health.failed(box, error)
  expect(health.wait(box)).toBe(0)
  health.failed(box, error, { ...policy, failures: 1 })
  expect(health.wait(box)).toBe(1_000)
})

test('who has no policy goes by the latest, or five in a row for 30 s', () => {
  const { health } = setUp()
  for (let n = 0; n < 5; n++) health.failed(box, new GatewayError('upstream_error'))
  expect(health.wait(box)).toBe(30_000)
  health.failed(other, new GatewayError('upstream_error'), policy)
  for (let n = 0; n < 2; n++) health.failed(other, new GatewayError('upstream_error'))
  expect(health.wait(other)).toBe(1_000)
})

test('Retry-After of any failure is kept to', () => {
  const { health, fail } = setUp()
  fail(1, new GatewayError('upstream_error', { retryAfter: 9 }))
  expect(health.wait(box)).toBe(9_000)
})

test('who rests and who is well again is told once', () => {
  const { health, fail, pass, after, told } = setUp()
  fail(10)
  after(1_000)
  fail()
  after(2_000)
  pass()
  health.succeeded(box)
  expect(told).toEqual([
    '{"endpoint":"box/echo"} upstream_error 1000',
    '{"endpoint":"box/echo"} upstream_error 2000',
    '{"endpoint":"box/echo"} well 3000',
  ])
})

test('a provider that is not there is not tried, until it is or nobody looks any more', () => {
  const { health, after, told } = setUp()
  const gone = new GatewayError('upstream_unreachable')
  health.probed('box', gone, 5_000)
  expect([health.wait(box), health.wait(other), health.suspect(box)]).toEqual([5_000, 5_000, true])
  expect(health.wait({ provider: 'boxer', model: 'echo' })).toBe(0)
  after(2_000)
  health.probed('box', gone, 5_000)
  expect(health.wait(box)).toBe(5_000)
  health.probed('box', undefined, 5_000)
  expect([health.wait(box), health.suspect(box)]).toEqual([0, false])
  health.probed('box', gone, 5_000)
  after(5_000)
  expect(health.wait(box)).toBe(0)
  expect(told.slice(0, 2)).toEqual([
    '{"provider":"box"} upstream_unreachable 5000',
    '{"provider":"box"} well 2000',
  ])
})

test('a provider that is there again has well again what could not be reached, and nothing else', () => {
  const { health, fail } = setUp()
  fail(3, new GatewayError('upstream_unreachable'))
  fail(3, new GatewayError('upstream_error'), other)
  health.probed('box', undefined, 5_000)
  expect(health.wait(box)).toBe(0)
  expect(health.wait(other)).toBe(1_000)
})

test('an answer of any of its endpoints says that a provider is there', () => {
  const { health, pass, after } = setUp()
  expect(health.silence('box')).toBe(Infinity)
  health.probed('box', new GatewayError('upstream_unreachable'), 5_000)
  pass()
  expect(health.wait(other)).toBe(0)
  after(300)
  expect(health.silence('box')).toBe(300)
})
