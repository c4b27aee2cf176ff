import { expect, test } from 'bun:test'
import { Queue } from '../../../src/router/limits/queue.ts'
import { createRandom } from '../../support/random.ts'

const queueOf = (...joined: string[]) => {
  const queue = new Queue<string>()
  for (const waiter of joined) queue.join(waiter[0]!, waiter)
  return queue
}

const drained = (queue: Queue<string>): string[] => {
  const all: string[] = []
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) all.push(next)
  return all
}

test('callers take turns, each one’s own in the order they came', () => {
  const queue = queueOf('a1', 'a2', 'a3', 'b1', 'c1', 'b2')
  expect(queue.all()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  expect(queue.size).toBe(0)
})

test('one with a thousand waiting does not hold back another’s first', () => {
  const queue = new Queue<string>()
  for (let count = 0; count < 1_000; count++) queue.join('greedy', `greedy${count}`)
  queue.join('other', 'first')
  expect(queue.position('other', 'first')).toBe(2)
  expect([queue.shift(), queue.shift()]).toEqual(['greedy0', 'first'])
})

test('who gives up leaves the turns of the others as they were', () => {
  const queue = queueOf('a1', 'a2', 'b1', 'c1')
  expect(queue.leave('a', 'a1')).toBe(true)
  expect(queue.leave('a', 'a1')).toBe(false)
  expect(queue.leave('b', 'b1')).toBe(true)
  expect([queue.size, queue.first()]).toEqual([2, 'a2'])
  expect(drained(queue)).toEqual(['a2', 'c1'])
})

test('a position is what really comes', () => {
  const random = createRandom(5)
  const queue = new Queue<string>()
  const inside = new Set<string>()
  for (let step = 0; step < 3_000; step++) {
    const dice = random()
    if (dice < 0.55) {
      const waiter = `${'abcde'[Math.floor(random() * 5)]}${step}`
      queue.join(waiter[0]!, waiter)
      inside.add(waiter)
    } else if (dice < 0.85) {
      const [next] = queue.all()
      expect(queue.first()).toBe(next)
      expect(queue.shift()).toBe(next)
      if (next) inside.delete(next)
    } else {
      const one = [...inside][Math.floor(random() * inside.size)]
      if (one) {
        queue.leave(one[0]!, one)
        inside.delete(one)
      }
    }
    expect(queue.size).toBe(inside.size)
    if (step % 20 === 0)
      queue.all().forEach((waiter, at) => expect(queue.position(waiter[0]!, waiter)).toBe(at + 1))
  }
  expect(drained(queue)).toHaveLength(inside.size)
})
