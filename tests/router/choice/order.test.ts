import { expect, test } from 'bun:test'
import {
  balanced,
  isSlow,
  sorted,
  weighted,
  type Priced,
} from '../../../src/router/choice/order.ts'
import { createRandom } from '../../support/random.ts'
import { measured, target } from '../targets.ts'

const priced = (name: string, cost?: number, weight?: number): Priced => ({
  target: target(`${name}/m`, {}, {}, weight),
  cost,
})
const names = (list: readonly Priced[]) => list.map(({ target }) => target.provider.name).join('')
const never = () => false

test('a sort is strict, keeps equals as listed, and puts the unknown last', () => {
  const list = [priced('a'), priced('b', 2), priced('c', 1), priced('d', 2)]
  expect(names(sorted(list, 'price', measured({})))).toBe('cbda')
  const known = measured({
    'a/m': { latency: 3, throughput: 10, tools: 0.5 },
    'b/m': { latency: 1, throughput: 90, tools: 0.9 },
    'd/m': { latency: 2, throughput: 50 },
  })
  expect(names(sorted(list, 'latency', known))).toBe('bdac')
  expect(names(sorted(list, 'throughput', known))).toBe('bdac')
  expect(names(sorted(list, 'exacto', known))).toBe('bacd')
})

test('the first is drawn by the inverse square of its cost, the others follow by cost', () => {
  const list = [priced('c', 3), priced('a', 1), priced('b', 2)]
  const random = createRandom(7)
  const firsts: Record<string, number> = {}
  const rounds = 60_000
  for (let round = 0; round < rounds; round++) {
    const order = names(balanced(list, never, random))
    firsts[order] = (firsts[order] ?? 0) + 1
  }
  const sum = 1 + 1 / 4 + 1 / 9
  expect(Object.keys(firsts).sort()).toEqual(['abc', 'bac', 'cab'])
  expect(firsts.abc! / rounds).toBeCloseTo(1 / sum, 2)
  expect(firsts.bac! / rounds).toBeCloseTo(1 / 4 / sum, 2)
  expect(firsts.cab! / rounds).toBeCloseTo(1 / 9 / sum, 2)
})

test('who had an outage is asked last, but is drawn from when all had one', () => {
  const list = [priced('a', 1), priced('b', 2), priced('c', 3)]
  expect(
    names(
      balanced(
        list,
        ({ id }) => id === 'a/m',
        () => 0,
      ),
    ),
  ).toBe('bca')
  expect(
    names(
      balanced(
        list,
        () => true,
        () => 0,
      ),
    ),
  ).toBe('abc')
})

test('free ones share alone, and those without a known price are asked last', () => {
  const list = [priced('u'), priced('a', 1), priced('x', 0), priced('y', 0)]
  expect(names(balanced(list, never, () => 0.1))).toBe('xyau')
  expect(names(balanced(list, never, () => 0.9))).toBe('yxau')
  expect(names(balanced([priced('u'), priced('v')], never, () => 0.9))).toBe('uv')
})

test('weights are shares, 1 for those without', () => {
  const list = [priced('a', undefined, 3), priced('b')]
  const random = createRandom(3)
  let first = 0
  for (let round = 0; round < 20_000; round++) if (names(weighted(list, random)) === 'ab') first++
  expect(first / 20_000).toBeCloseTo(3 / 4, 2)
})

test('who misses any cutoff is slow; who was not measured is not', () => {
  const stats = measured({ 'a/m': { latency: 2, throughput: 40 } })
  const slow = (throughput?: any, latency?: any, name = 'a/m') =>
    isSlow(target(name), throughput, latency, stats)
  expect(slow(50)).toBe(true)
  expect(slow(40, 2)).toBe(false)
  expect(slow(undefined, 1.9)).toBe(true)
  expect(slow({ p50: 10, p99: 41 })).toBe(true)
  expect(slow({ p50: null }, { p90: 2 })).toBe(false)
  expect(slow(50, 1, 'b/m')).toBe(false)
})
