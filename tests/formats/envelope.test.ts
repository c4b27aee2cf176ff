import { expect, test } from 'bun:test'
import { isSealed, open, seal } from '../../src/formats/envelope.ts'

test('what is sealed is opened as it was', () => {
  const details = [{ type: 'reasoning.encrypted', data: 'gAAA+/=', id: 'rs_漢👩🏽‍🚀' }, { text: '"\n' }]
  const text = seal(details)
  expect(text).toMatch(/^SluiceSealV1[A-Za-z0-9+/]+={0,2}$/)
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
    'SluiceSealV1',
    'SluiceSealV1!!',
    'SluiceSealV1e30',
    seal([]).slice(0, -2),
  ])
    expect(open(text)).toBeUndefined()
})

test('a damaged envelope is still known for one', () => {
  expect(isSealed('SluiceSealV1x')).toBe(true)
  expect(isSealed('SluiceSealV2x')).toBe(false)
})

test('an envelope is base64, and is known in the other alphabet and without its padding', () => {
  for (const word of ['a', 'ab', 'abc', '漢字?>~', '👩🏽‍🚀~~~???']) {
    const details = [{ type: 'reasoning.text', text: word }]
    const text = seal(details)
    expect(Buffer.from(text, 'base64').toString('base64')).toBe(text)
    expect(open(Buffer.from(text, 'base64').toString('base64url'))).toEqual(details)
    expect(open(text.replaceAll('+', '-').replaceAll('/', '_'))).toEqual(details)
  }
})
