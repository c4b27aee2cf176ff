import { expect, test } from 'bun:test'
import { rulesOf } from '../../../src/router/choice/rules.ts'

test('who is nearer to the request wins', () => {
  expect(rulesOf([{ sort: 'price', order: ['a'] }, undefined, { sort: 'latency' }])).toEqual({
    allowed: [],
    sort: 'latency',
    order: ['a'],
  })
})

test('a null is nothing said', () => {
  expect(rulesOf([{ sort: 'price' }, { sort: null }])).toMatchObject({ sort: 'price' })
})

test('a partition without an order divides by what the wider scope sorts by', () => {
  const partition = 'none' as const
  expect(rulesOf([{ sort: 'price' }, { sort: { partition } }]).sort).toEqual({
    by: 'price',
    partition,
  })
  expect(rulesOf([{ sort: { by: 'latency' } }, { sort: { partition } }]).sort).toEqual({
    by: 'latency',
    partition,
  })
  expect(rulesOf([{ sort: 'price' }, { sort: { by: 'latency', partition } }]).sort).toEqual({
    by: 'latency',
    partition,
  })
  expect(rulesOf([{ sort: { partition } }]).sort).toEqual({ partition })
})

test('what keeps prompts and money in bounds can only be tightened', () => {
  const wide = {
    zdr: true,
    data_collection: 'deny',
    enforce_distillable_text: true,
    max_price: { prompt: 1, request: 2 },
    only: ['a', 'b'],
    ignore: ['x'],
  } as const
  const near = {
    zdr: false,
    data_collection: 'allow',
    enforce_distillable_text: false,
    max_price: { prompt: 5, completion: 7, request: 1 },
    only: ['b', 'c'],
    ignore: ['y'],
  } as const
  const copy = (preferences: object) => structuredClone(preferences)
  expect(rulesOf([copy(wide), copy(near)])).toMatchObject({
    zdr: true,
    data_collection: 'deny',
    enforce_distillable_text: true,
    max_price: { prompt: 1, completion: 7, request: 1 },
    allowed: [
      ['a', 'b'],
      ['b', 'c'],
    ],
    ignore: ['x', 'y'],
  })
})
