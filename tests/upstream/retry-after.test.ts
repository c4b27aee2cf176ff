import { expect, test } from 'bun:test'
import { retryAfterOf } from '../../src/errors/retry-after.ts'

const wait = (headers: Record<string, string>) => retryAfterOf(new Headers(headers)).retryAfter

test.each([
  ['7', 7],
  ['1.5', 1.5],
  ['0', 1],
  ['0.2', 1],
  ['-1', 1],
  ['61', 60],
  ['1000000000', 60],
  ['1e300', 60],
  ['Infinity', 1],
  ['NaN', 1],
  ['soon', 1],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 1],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 60],
])('retry-after %s is %d seconds', (written, seconds) => {
  expect(wait({ 'retry-after': written })).toBe(seconds)
})

test('a date is the time until then', () => {
  const soon = new Date(Date.now() + 20_000).toUTCString()
  expect(wait({ 'retry-after': soon })).toBeWithin(10, 21)
})

test('milliseconds are more exact and win', () => {
  expect(wait({ 'retry-after-ms': '2500', 'retry-after': '9' })).toBe(2.5)
  expect(wait({ 'retry-after-ms': '10' })).toBe(1)
  expect(wait({ 'retry-after-ms': '900000' })).toBe(60)
  expect(wait({ 'retry-after-ms': 'x' })).toBe(1)
})

test('who did not ask is not waited for', () => {
  expect(retryAfterOf(undefined)).toEqual({})
  expect(retryAfterOf(new Headers())).toEqual({})
  expect(retryAfterOf(new Headers({ 'retry-after': '' }))).toEqual({})
})
