import { describe, expect, test } from 'bun:test'
import { createThinkSplitter } from '../../src/formats/think-tags.ts'

/** What a splitter makes of pieces, all of it together. */
const parted = (pieces: readonly string[]) => {
  const splitter = createThinkSplitter()
  const said = [...pieces.map(splitter.push), splitter.end()]
  return {
    reasoning: said.map(({ reasoning }) => reasoning).join(''),
    content: said.map(({ content }) => content).join(''),
  }
}

const cases: readonly (readonly [text: string, reasoning: string, content: string])[] = [
  ['', '', ''],
  ['Hello', '', 'Hello'],
  ['  \n Hello', '', '  \n Hello'],
  ['<think>why</think>because', 'why', 'because'],
  ['<think>\nwhy\n</think>\n\nbecause\n', 'why\n', 'because\n'],
  ['\n <think>why</think> because', 'why', 'because'],
  ['<think></think>because', '', 'because'],
  ['<think>\n\n</think>\n\nbecause', '', 'because'],
  ['<think>a < b </thin </think>yes', 'a < b </thin ', 'yes'],
  ['<think>a<think>b</think>c', 'a<think>b', 'c'],
  ['<think>a</think>\n<think>b</think> c', 'ab', 'c'],
  ['<think>a</think>c <think>b</think>', 'a', 'c <think>b</think>'],
  ['say <think>b</think>', '', 'say <think>b</think>'],
  ['<think>never ends', 'never ends', ''],
  ['<think>never ends</thi', 'never ends</thi', ''],
  ['<think>why</think>', 'why', ''],
  ['<think>why</think>\n ', 'why', ''],
  ['<think>why</think>\n<thi', 'why', '<thi'],
  ['<thi', '', '<thi'],
  [' \n<thinking>x', '', ' \n<thinking>x'],
  ['<p>x</p>', '', '<p>x</p>'],
  ['</think>x', '', '</think>x'],
  ['<think>🙂é</think>🙂', '🙂é', '🙂'],
]

test.each(cases)(
  '%p is parted into what was thought and what is said',
  (text, reasoning, content) => {
    expect(parted([text])).toEqual({ reasoning, content })
  },
)

test('no cut anywhere makes a difference', () => {
  for (const [text, reasoning, content] of cases) {
    expect(parted([...text])).toEqual({ reasoning, content })
    for (let a = 0; a <= text.length; a++)
      for (let b = a; b <= text.length; b++)
        expect(parted([text.slice(0, a), text.slice(a, b), text.slice(b)])).toEqual({
          reasoning,
          content,
        })
  }
})

test('nothing is held back that is clear already', () => {
  const splitter = createThinkSplitter()
  expect(splitter.push('<think>one two </th')).toEqual({ reasoning: 'one two ', content: '' })
  expect(splitter.push('ree')).toEqual({ reasoning: '</three', content: '' })
  expect(splitter.settled).toBe(false)
  expect(splitter.push('</think>\n')).toEqual({ reasoning: '', content: '' })
  expect(splitter.push('four')).toEqual({ reasoning: '', content: 'four' })
  expect(splitter.settled).toBe(true)
  expect(splitter.push('<think>')).toEqual({ reasoning: '', content: '<think>' })
})

test('an answer that does not think is settled with its first letter', () => {
  const splitter = createThinkSplitter()
  expect(splitter.push(' H')).toEqual({ reasoning: '', content: ' H' })
  expect(splitter.settled).toBe(true)
})

describe('an answer that begins with a thought', () => {
  const read = (pieces: readonly string[]) => {
    const splitter = createThinkSplitter(true)
    const parted = [...pieces.map((piece) => splitter.push(piece)), splitter.end()]
    return {
      content: parted.map(({ content }) => content).join(''),
      reasoning: parted.map(({ reasoning }) => reasoning).join(''),
    }
  }

  test.each([
    ['Hm.\n</think>\n\nFour.', 'Hm.\n', 'Four.'],
    ['<think>\nHm.</think>Four.', 'Hm.', 'Four.'],
    ['</think>\n\nFour.', '', 'Four.'],
    ['Hm, < is less.</think>Four </think>.', 'Hm, < is less.', 'Four </think>.'],
    ['Hm.', 'Hm.', ''],
  ])('%j is parted, cut anywhere', (text, reasoning, content) => {
    for (let at = 0; at <= text.length; at++)
      expect(read([text.slice(0, at), text.slice(at)])).toEqual({ content, reasoning })
    expect(read([...text])).toEqual({ content, reasoning })
  })
})
