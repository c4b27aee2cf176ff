import { describe, expect, test } from 'bun:test'
import { createShared } from '../../src/shared.ts'
import {
  expand,
  forget,
  inputPage,
  recall,
  recallItem,
  remember,
} from '../../src/surfaces/responses/history.ts'

const age = 60_000
const roomFor = (key: string, memory = createShared().memory({ size: 1_000_000, age })) => ({
  headers: new Headers({ authorization: `Bearer ${key}` }),
  memory,
})

describe('what surfaces keep', () => {
  test('is found by its owner only', () => {
    const memory = createShared().memory({ size: 10_000, age })
    memory.set('one', 'x', { a: 1 })
    expect(memory.get('one', 'x')).toEqual({ a: 1 })
    expect(memory.get('two', 'x')).toBeUndefined()
    expect(memory.delete('two', 'x')).toBe(false)
    expect(memory.delete('one', 'x')).toBe(true)
    expect(memory.get('one', 'x')).toBeUndefined()
  })

  test('is never more than its limit, and the oldest goes first', () => {
    const memory = createShared().memory({ size: 10_000, age })
    for (let at = 0; at < 100; at++) memory.set('one', String(at), { text: 'x'.repeat(1_000) })
    const kept = Array.from({ length: 100 }, (_, at) => memory.get('one', String(at)) !== undefined)
    expect(kept.filter(Boolean).length).toBeLessThan(10)
    expect(kept.at(-1)).toBe(true)
    memory.set('one', 'huge', { text: 'x'.repeat(20_000) })
    expect(memory.get('one', 'huge')).toBeUndefined()
  })

  test('survives a reload, within the new limits', () => {
    const shared = createShared()
    const before = shared.memory({ size: 10_000, age })
    for (let at = 0; at < 5; at++) before.set('one', String(at), { text: 'x'.repeat(1_000) })
    const after = shared.memory({ size: 3_000, age })
    expect(after.get('one', '4')).toBeDefined()
    expect(after.get('one', '0')).toBeUndefined()
    before.set('one', 'late', { a: 1 })
    expect(after.get('one', 'late')).toEqual({ a: 1 })
    expect(shared.memory({ size: 3_000, age }).get('one', 'late')).toEqual({ a: 1 })
  })
})

const response = {
  id: `resp_${'a'.repeat(32)}`,
  output: [{ id: 'msg_1', type: 'message', role: 'assistant', content: [] }],
}
const input = [{ role: 'user', content: 'Hi' }]

describe('a response that is kept', () => {
  test('is put before what follows it, and its items where they are named', () => {
    const room = roomFor('k')
    remember(room, response, input)
    expect(expand({ input: 'More', previous_response_id: response.id }, room)).toEqual({
      items: [...input, ...response.output, { type: 'message', role: 'user', content: 'More' }],
    })
    for (const reference of [{ type: 'item_reference', id: 'msg_1' }, { id: 'msg_1' }])
      expect(expand({ input: [reference] }, room)).toEqual({ items: response.output })
  })

  test('is not there for others, nor once it is forgotten', () => {
    const room = roomFor('k')
    remember(room, response, input)
    const others = { ...roomFor('other'), memory: room.memory }
    expect(recall(others, response.id)).toBeUndefined()
    expect(forget(others, response.id)).toBe(false)
    const body = { input: 'More', previous_response_id: response.id }
    expect(() => expand(body, others)).toThrow('kept')
    expect(forget(room, response.id)).toBe(true)
    expect(recallItem(room, 'msg_1')).toBeUndefined()
    expect(() => expand(body, room)).toThrow('kept')
  })

  test('unknown, but named as providers name theirs, is their matter', () => {
    const room = roomFor('k')
    expect(expand({ input: 'x', previous_response_id: 'resp_of_theirs' }, room)).toEqual({
      need: 'previous_response_id',
    })
    expect(expand({ input: [{ type: 'item_reference', id: 'rs_9' }] }, room)).toEqual({
      need: 'input',
    })
    expect(expand({ input: 'x' }, room)).toEqual({})
  })
})

test('the input of a response is read in pages, either way', () => {
  const items = Array.from({ length: 5 }, (_, at) => ({ role: 'user', content: `c${at}` }))
  const page = (query: string) => inputPage('resp_1', items, new URLSearchParams(query))
  const said = ({ data }: any) => data.map(({ content }: any) => content[0].text)
  expect(said(page(''))).toEqual(['c4', 'c3', 'c2', 'c1', 'c0'])
  const first: any = page('order=asc&limit=2')
  expect(said(first)).toEqual(['c0', 'c1'])
  expect(first.has_more).toBe(true)
  const second: any = page(`order=asc&limit=3&after=${first.last_id}`)
  expect(said(second)).toEqual(['c2', 'c3', 'c4'])
  expect(second.has_more).toBe(false)
})
