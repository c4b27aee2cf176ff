/** What holds of every order and every sieve, whatever goes in: seeded, so that what fails fails again. */
import { expect, test } from 'bun:test'
import { sorts, type Preferences } from '../../src/preferences.ts'
import { removalOf, sift } from '../../src/router/choice/filter.ts'
import { balanced, sorted, weighted, type Priced } from '../../src/router/choice/order.ts'
import { filters } from '../../src/router/plan.ts'
import { rulesOf } from '../../src/router/choice/rules.ts'
import type { Target } from '../../src/router/routes/target.ts'
import { createRandom, type Random } from '../support/random.ts'
import { circumstances, measured, target, type Measured } from './targets.ts'

const rounds = 3_000
const places = (random: Random, most: number) =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, (_, place) => place)

const pricedLists = (random: Random): Priced[] =>
  places(random, 12).map((place) => ({
    target: target(`p${place}/m`, {}, {}, random.pick([undefined, 0, 1, 2.5, 1_000])),
    cost: random.pick([undefined, 0, 0.001, 0.002, random()]),
  }))

const each = (seed: number, holds: (list: readonly Priced[], random: Random) => void): void => {
  const random = createRandom(seed)
  for (let round = 0; round < rounds; round++) holds(Object.freeze(pricedLists(random)), random)
}

const ids = (list: readonly Priced[]) => list.map(({ target: { id } }) => id)

/** Nobody is lost, nobody comes twice. */
const isPermutation = (one: readonly Priced[], other: readonly Priced[]): void =>
  expect(ids(one).sort()).toEqual(ids(other).sort())

const measures = (list: readonly Priced[], random: Random) =>
  Object.fromEntries(
    list.flatMap(({ target: { id } }): [string, Measured][] =>
      random() < 0.3
        ? []
        : [
            [
              id,
              {
                latency: random.pick([0.5, 1, 2]),
                throughput: random.pick([10, 50]),
                tools: random(),
              },
            ],
          ],
    ),
  )

test('sorted: a permutation, ascending, the unknown last, equals as they were', () => {
  each(1, (list, random) => {
    const known = measures(list, random)
    const stats = measured(known)
    for (const by of sorts) {
      const order = sorted(list, by, stats)
      isPermutation(order, list)
      const values = order.map(({ cost, target: { id } }) => {
        if (by === 'price') return cost ?? Infinity
        if (by === 'latency') return known[id]?.latency ?? Infinity
        return -((by === 'throughput' ? known[id]?.throughput : known[id]?.tools) ?? -Infinity)
      })
      for (const [place, value] of values.entries()) {
        const before = values[place - 1] ?? -Infinity
        expect(before).toBeLessThanOrEqual(value)
        if (before === value)
          expect(list.indexOf(order[place - 1]!)).toBeLessThan(list.indexOf(order[place]!))
      }
    }
  })
})

test('weighted: a permutation, in which nobody of no weight comes before who has some', () => {
  each(2, (list, random) => {
    const order = weighted(list, random)
    isPermutation(order, list)
    const weights = order.map(({ target: { weight = 1 } }) => weight)
    expect(
      weights.slice(weights.indexOf(0)).some((weight) => weight > 0 && weights.includes(0)),
    ).toBe(false)
  })
})

test('balanced: a permutation, well before ill, and cheapest first behind the one that was drawn', () => {
  each(3, (list, random) => {
    const ill = new Set(ids(list).filter(() => random() < 0.4))
    const order = balanced(list, ({ id }) => ill.has(id), random)
    isPermutation(order, list)
    const isIll = ids(order).map((id) => ill.has(id))
    // when all are ill, the first of them is drawn too
    expect(isIll.slice(Math.max(isIll.indexOf(true), 0)).includes(false) && ill.size > 0).toBe(
      false,
    )
    const [first, ...others] = order
    const well = others.filter(({ target: { id } }) => !ill.has(id))
    const rest = others.filter(({ target: { id } }) => ill.has(id))
    for (const part of [well, rest])
      for (const [place, { cost = Infinity }] of part.entries())
        expect(part[place - 1]?.cost ?? (place === 0 ? 0 : Infinity)).toBeLessThanOrEqual(cost)
    const pool = ill.size < list.length ? list.filter(({ target: { id } }) => !ill.has(id)) : list
    if (pool.some(({ cost }) => cost === 0)) expect(first?.cost).toBe(0)
    else if (pool.some(({ cost }) => cost !== undefined)) expect(first?.cost).toBeDefined()
  })
})

const randomTarget = (place: number, random: Random): Target =>
  target(
    `p${place}/m`,
    {
      ...(random() < 0.7 && { pricing: { prompt: random() * 4, completion: random() * 9 } }),
      ...(random() < 0.5 && { context_length: random.pick([1_000, 9_000, 90_000]) }),
      ...(random() < 0.5 && { max_completion_tokens: random.pick([100, 5_000]) }),
      ...(random() < 0.5 && {
        supported_parameters: random.pick([['tools'], ['response_format'], [], ['tools', 'seed']]),
      }),
      ...(random() < 0.5 && { input_modalities: random.pick([['text'], ['text', 'image']]) }),
      ...(random() < 0.5 && { quantization: random.pick(['fp8', 'mxfp8', 'int4']) }),
    },
    {
      zdr: random() < 0.5,
      data_collection: random.pick(['allow', 'deny']),
      ...(random() < 0.2 && { service_tier: random.pick(['flex', 'priority'] as const) }),
    },
  )

const randomPreferences = (random: Random): Preferences => ({
  ...(random() < 0.15 && { only: ['p0', 'p1', 'p2', 'p5'] }),
  ...(random() < 0.15 && { ignore: ['p0', 'p3'] }),
  ...(random() < 0.1 && { order: ['p1', 'p4'], allow_fallbacks: false }),
  ...(random() < 0.1 && { zdr: true }),
  ...(random() < 0.1 && { data_collection: 'deny' }),
  ...(random() < 0.15 && { max_price: { prompt: 2 } }),
  ...(random() < 0.15 && { quantizations: ['fp8'] }),
  ...(random() < 0.15 && { require_parameters: true }),
})

const randomRequest = (random: Random) => ({
  messages: [{ role: 'user', content: 'x'.repeat(random.pick([10, 10_000, 100_000])) }],
  ...(random() < 0.3 && { tools: [{ type: 'function' }] }),
  ...(random() < 0.2 && { response_format: { type: 'json_object' } }),
  ...(random() < 0.3 && { max_tokens: random.pick([50, 3_000, 50_000]) }),
})

test('sift: everybody is left or removed once, in the order listed, and a second sieve removes nobody', () => {
  const random = createRandom(4)
  let removals = 0
  for (let round = 0; round < rounds; round++) {
    const targets = places(random, 10).map((place) => randomTarget(place, random))
    const asked = circumstances(
      {
        rules: rulesOf([randomPreferences(random)]),
        tiers: random.pick([[], ['flex'], ['priority']]),
        tier: random.pick([undefined, undefined, 'flex']),
        serves: ({ id }) => id !== 'p6/m',
      },
      randomRequest(random),
    )
    const { left, removed } = sift(Object.freeze(targets), asked)
    removals += removed.length
    expect([...left, ...removed.map((one) => one.target)].map(({ id }) => id).sort()).toEqual(
      targets.map(({ id }) => id).sort(),
    )
    expect(left).toEqual(targets.filter((one) => left.includes(one)))
    for (const { by, detail } of removed) {
      expect(filters).toContain(by)
      expect(detail.length).toBeGreaterThan(10)
    }
    expect(sift(left, asked)).toEqual({ left, removed: [] })
    // what is only known to be worse never takes the last
    const able = targets.filter((one) => !removalOf(one, asked))
    expect(left.length > 0).toBe(able.length > 0)
    for (const one of left) expect(removalOf(one, asked)).toBeUndefined()
  }
  expect(removals).toBeGreaterThan(rounds)
})
