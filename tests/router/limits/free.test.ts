import { expect, test } from 'bun:test'
import { Free } from '../../../src/router/limits/free.ts'
import { fakeClock } from '../../support/clock.ts'

const limits = { per_minute: 20, per_day: 1_000 }

const setUp = (begin: string) => {
  const clock = fakeClock()
  const wall = { offset: Date.parse(begin) - clock.now() }
  const free = new Free({ now: clock.now, wall: () => clock.now() + wall.offset })
  return { clock, free, wall }
}

test('a day of UTC has so many, and the next one begins anew', () => {
  const { clock, free } = setUp('2026-11-24T22:00:00Z')
  for (let minute = 0; minute < 50; minute++) {
    for (let count = 0; count < 20; count++) expect(free.take('me', limits)).toBeUndefined()
    if (minute < 49) clock.pass(61_000)
  }
  const error = free.take('me', limits)!
  expect([error.status, error.retryable]).toEqual([429, false])
  expect(error.message).toBe(
    'You may make 1000 calls of :free models a day; the next one in the next day (UTC).',
  )
  expect(error.details.rateLimit).toEqual({
    limit: 1_000,
    remaining: 0,
    reset: Date.parse('2026-11-25T00:00:00Z'),
  })
  expect(free.take('you', limits)).toBeUndefined()
  clock.pass(2 * 3_600_000)
  expect(free.take('me', limits)).toBeUndefined()
})

test('what is refused is not counted', () => {
  const { clock, free } = setUp('2026-11-24T12:00:00Z')
  for (let count = 0; count < 100; count++) free.take('me', { per_minute: 3, per_day: 5 })
  clock.pass(61_000)
  expect(free.take('me', { per_minute: 3, per_day: 5 })).toBeUndefined()
  expect(free.take('me', { per_minute: 3, per_day: 5 })).toBeUndefined()
  expect(free.take('me', { per_minute: 3, per_day: 5 })?.message).toContain('a day')
})

test('a clock that is set back gives no day twice', () => {
  const { free, wall } = setUp('2026-11-24T12:00:00Z')
  const few = { per_minute: 20, per_day: 1 }
  expect(free.take('me', few)).toBeUndefined()
  wall.offset -= 3 * 86_400_000
  expect(free.take('me', few)?.status).toBe(429)
})

test('callers are forgotten before they are too many', () => {
  const { free } = setUp('2026-11-24T12:00:00Z')
  for (let count = 0; count < 10_001; count++)
    free.take(`caller ${count}`, { per_minute: 1, per_day: 1 })
  expect(free.take('caller 0', { per_minute: 1, per_day: 1 })).toBeUndefined()
  expect(free.take('caller 10000', { per_minute: 1, per_day: 1 })?.status).toBe(429)
})
