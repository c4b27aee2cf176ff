import { expect, test } from 'bun:test'
import type { ToolCall } from '../../src/chat.ts'
import { createCallKeys } from '../../src/formats/call-keys.ts'

const keysOf = (...pieces: readonly ToolCall[]): number[] => pieces.map(createCallKeys())

const named = (name: string) => ({ function: { name, arguments: '' } })
const more = { function: { arguments: '{}' } }

test('calls that have indices are told apart by them', () => {
  const a = { index: 0, id: 'a', ...named('f') }
  const b = { index: 1, id: 'b', ...named('g') }
  expect(keysOf(a, b, { index: 0, ...more }, { index: 1, ...more })).toEqual([0, 1, 0, 1])
  expect(keysOf({ ...b, index: 7 }, { ...a, index: 3 }, { index: 7, ...more })).toEqual([0, 1, 0])
})

test('whole calls of one index are told apart by their ids', () => {
  const calls = ['a', 'b', 'c'].map((id) => ({ index: 0, id, ...named('f') }))
  expect(keysOf(...calls, { index: 0, ...more })).toEqual([0, 1, 2, 2])
})

test('an id that is another one in every piece begins no call', () => {
  const first = { index: 0, id: 'a', ...named('f') }
  expect(keysOf(first, { index: 0, id: 'b', ...more }, { index: 0, id: 'c', ...more })).toEqual([
    0, 0, 0,
  ])
})

test('calls without an index follow each other by their ids, or else their names', () => {
  expect(keysOf({ id: 'a', ...named('f') }, more, { id: 'b', ...named('f') }, more)).toEqual([
    0, 0, 1, 1,
  ])
  expect(keysOf(named('f'), more, named('f'), more)).toEqual([0, 0, 1, 1])
  expect(
    keysOf({ id: 'a', ...named('f') }, { id: 'b', ...named('f') }, { id: 'a', ...more }),
  ).toEqual([0, 1, 0])
  expect(keysOf(more, more)).toEqual([0, 0])
})
