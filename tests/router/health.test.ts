import { expect, test } from 'bun:test'
import { LRUCache } from 'lru-cache'
import { GatewayError } from '../../src/errors.ts'
import { createHealth, type Breaker } from '../../src/router/health.ts'

const box = { provider: 'box', model: 'echo' }
const other = { provider: 'box', model: 'other' }
const policy = { failures: 3, open: 1_000, max_open: 2_500 }
const down = new GatewayError('upstream_error')

const setUp = (keyWait = 0) => {
  let now = 50_000
  const breakers = new LRUCache<string, Breaker>({ max: 100 })
  const health = createHealth(
    breakers,
    () => keyWait,
    () => now,
  )
  return {
    health,
    breakers,
    after: (ms: number) => void (now += ms),
    fail: (times = 1, error = down, endpoint = box) => {
      for (let n = 0; n < times; n++) {
        health.started(endpoint)
        health.failed(endpoint, error, policy)
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

test('a success after an ejection forgets everything', () => {
  const { health, breakers, fail, pass, after } = setUp()
  fail(3)
  after(1_000)
  fail()
  after(2_000)
  pass()
  expect(breakers.size).toBe(0)
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
