import { expect, test } from 'bun:test'
import { isSealed, open, seal } from '../../src/formats/envelope.ts'

test('what is sealed is opened as it was', () => {
  const details = [{ type: 'reasoning.encrypted', data: 'gAAA+/=', id: 'rs_漢👩🏽‍🚀' }, { text: '"\n' }]
  const text = seal(details)
  expect(text).toMatch(/^sluice1\.[\w-]+$/)
  expect(open(text)).toEqual(details)
  expect(open(seal([]))).toEqual([])
})

test('nothing else is opened', () => {
  for (const text of [
    undefined,
    null,
    7,
    '',
    'EpgCCkYIBxgCKkA',
    'sluice1.',
    'sluice1.!!',
    'sluice1.e30',
    seal([]).slice(0, -1),
  ])
    expect(open(text)).toBeUndefined()
})

test('a damaged envelope is still known for one', () => {
  expect(isSealed('sluice1.x')).toBe(true)
  expect(isSealed('sluice2.x')).toBe(false)
})
