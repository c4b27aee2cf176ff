import { expect, test } from 'bun:test'
import { chargeOf, dollarsOf, toCharge } from '../../src/ledger/charge.ts'

const endpoint = { provider: 'a', model: 'm' }
const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 }
const pricing = { prompt: 2, completion: 10 }
const ended = { endpoint, complete: true, ms: 5, usage }

test('an answer takes what its tokens cost', () => {
  expect(toCharge(ended, pricing)).toEqual({
    endpoint: 'a/m',
    ms: 5,
    cost: 3_000_000,
    tokens: { prompt: 1_000, completion: 100, estimated: false },
  })
})

test('an answer of an unknown price is unpriced, and so is all that it is part of', () => {
  const unpriced = toCharge(ended, undefined)
  expect(unpriced.cost).toBeUndefined()
  expect(dollarsOf([toCharge(ended, pricing), unpriced])).toBeUndefined()
})

test('an answer whose tokens nobody told is unpriced, not free', () => {
  expect(toCharge({ ...ended, usage: undefined }, pricing).cost).toBeUndefined()
})

test('who failed before it said anything takes nothing, whatever its price', () => {
  expect(toCharge({ ...ended, complete: false, usage: undefined }, undefined).cost).toBe(0)
})

test('who was given up after it spoke takes what it said', () => {
  const charge = toCharge(
    { ...ended, complete: false, usage: { ...usage, estimated: true } },
    pricing,
  )
  expect([charge.cost, charge.tokens?.estimated]).toEqual([3_000_000, true])
})

test('attempts are summed in dollars, and the latest of an endpoint is found', () => {
  const first = toCharge(ended, pricing)
  const later = toCharge({ ...ended, ms: 9 }, pricing)
  const other = toCharge({ ...ended, endpoint: { provider: 'b', model: 'm' } }, pricing)
  expect(dollarsOf([first, later, other])).toBe(0.009)
  expect(dollarsOf([])).toBe(0)
  expect(chargeOf([first, later, other], endpoint)).toBe(later)
  expect(chargeOf([], endpoint)).toBeUndefined()
})
