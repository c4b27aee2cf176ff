import { expect, test } from 'bun:test'
import { Minute } from '../../../src/router/limits/minute.ts'
import { createRandom } from '../../support/random.ts'
import { fakeClock } from '../../support/clock.ts'

const setUp = () => {
  const clock = fakeClock()
  return { clock, minute: new Minute(clock.now) }
}

test('a limit is used up at once, and is there again after a minute', () => {
  const { clock, minute } = setUp()
  for (let count = 0; count < 5; count++) {
    expect(minute.wait(1, 5)).toBe(0)
    minute.take(1)
  }
  expect(minute.left(5)).toBe(0)
  const wait = minute.wait(1, 5)
  expect(wait).toBeGreaterThanOrEqual(60_000)
  expect(wait).toBeLessThanOrEqual(60_250)
  clock.pass(wait - 1)
  expect(minute.wait(1, 5)).toBe(1)
  clock.pass(1)
  expect(minute.wait(5, 5)).toBe(0)
})

test('what is more than a whole limit passes once nothing else is there', () => {
  const { clock, minute } = setUp()
  minute.take(1)
  const wait = minute.wait(700, 500)
  expect(wait).toBeGreaterThan(59_999)
  clock.pass(wait)
  expect(minute.wait(700, 500)).toBe(0)
})

test('what was taken too much is given back, what was too little is taken now', () => {
  const { clock, minute } = setUp()
  const slot = minute.take(80)
  clock.pass(30_000)
  minute.settle(slot, 80, 30)
  expect(minute.left(100)).toBe(70)
  minute.settle(slot, 80, 100)
  expect(minute.left(100)).toBe(50)
  clock.pass(30_250)
  expect(minute.left(100)).toBe(80)
  minute.settle(slot, 80, 10)
  expect(minute.left(100)).toBe(80)
})

test('no minute ever holds more than the limit, and what must wait would have been too much', () => {
  const random = createRandom(11)
  const { clock, minute } = setUp()
  const taken: { at: number; amount: number }[] = []
  const within = (since: number) =>
    taken.filter(({ at }) => at > since).reduce((sum, { amount }) => sum + amount, 0)
  for (let step = 0; step < 20_000; step++) {
    clock.pass(Math.floor(random() * 400))
    const amount = 1 + Math.floor(random() * 9)
    const now = clock.now()
    const wait = minute.wait(amount, 600)
    if (wait > 0) {
      expect(within(now - 60_250) + amount).toBeGreaterThan(600)
      // the wait is the truth
      if (step % 50 === 0) {
        clock.pass(wait)
        expect(minute.wait(amount, 600)).toBe(0)
      }
      continue
    }
    taken.push({ at: now, amount })
    minute.take(amount)
    expect(within(now - 60_000)).toBeLessThanOrEqual(600)
    if (taken.length > 2_000) taken.splice(0, 1_000)
  }
})
