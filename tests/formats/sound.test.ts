import { describe, expect, test } from 'bun:test'
import { soundDelta } from '../../src/formats/sound.ts'

describe('what an answer adds', () => {
  test('is itself where it is sound', () => {
    const deltas = [
      {},
      { role: 'assistant', content: '', refusal: null },
      { reasoning: 'a', reasoning_content: null, tool_calls: [] },
      { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '}' } }, { custom: { input: 'x' } }] },
    ]
    for (const delta of deltas) expect(soundDelta(delta)).toBe(delta)
  })

  test.each([
    ['no delta', undefined, {}],
    ['null', null, {}],
    ['a text', 'Hello', {}],
    ['a list', [1], {}],
    [
      'content in parts',
      { content: [{ type: 'text', text: 'a' }, null, { text: 'b' }] },
      { content: 'ab' },
    ],
    ['content that is an object', { content: { toString: 1 } }, { content: null }],
    ['a refusal that is a number', { refusal: 7, content: 'a' }, { refusal: null, content: 'a' }],
    ['calls that are no list', { tool_calls: {}, content: 'a' }, { content: 'a' }],
    ['a call that is none', { tool_calls: [null, 7, 'x'] }, { tool_calls: [] }],
    [
      'a call of odd fields',
      { tool_calls: [{ index: 'x', id: {}, function: { name: [], arguments: { a: 1 } } }] },
      { tool_calls: [{ function: { arguments: '{"a":1}' } }] },
    ],
    [
      'a call without a function',
      { tool_calls: [{ index: 2, function: 'f' }] },
      { tool_calls: [{ index: 2 }] },
    ],
  ])('of %s, is what can be read of it', (_, delta, sound) => {
    expect(soundDelta(delta as never)).toEqual(sound as never)
  })

  test('keeps what else there is, marks too', () => {
    const mark = Symbol('mark')
    const sound = soundDelta({ content: 5, images: [1], [mark]: true } as never)
    expect(sound).toEqual({ content: null, images: [1], [mark]: true } as never)
  })
})
