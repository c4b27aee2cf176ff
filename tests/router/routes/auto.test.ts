import { describe, expect, test } from 'bun:test'
import { parseConfig } from '../../../src/config.ts'
import { chosen, difficultyOf, optionsFor } from '../../../src/router/routes/auto.ts'
import { needsOf } from '../../../src/router/choice/needs.ts'

const { auto } = parseConfig('', { file: 'c', directory: '/', env: {} }).routing

const difficulty = (text: string, request: Record<string, unknown> = {}, messages = 1) =>
  difficultyOf({ needs: needsOf({ request: { model: 'm', ...request } }), messages, text }, auto)

describe('difficulty', () => {
  test('is a sum of signs that it names', () => {
    expect(difficulty('Hello!')).toEqual({ score: 0, because: '' })
    expect(difficulty('Please refactor:\n```\nx\n```', { tools: [{ type: 'function' }] })).toEqual({
      score: 0.15 + 0.2 + 0.25,
      because: 'code 0.15, tools 0.20, words 0.25',
    })
    expect(difficulty('x', { reasoning: { effort: 'high' } }, 11).because).toBe(
      'reasoning 0.40, turns 0.10',
    )
  })

  test('grows with the length, up to its share', () => {
    const long = (characters: number) =>
      difficulty('', { messages: [{ role: 'user', content: 'x'.repeat(characters) }] }).score
    expect(long(2_000)).toBe(0)
    expect(long(20_000)).toBeGreaterThan(0)
    expect(long(40_000)).toBeGreaterThan(long(20_000))
    expect(long(80_000)).toBeCloseTo(0.3)
    expect(long(800_000)).toBeCloseTo(0.3)
  })

  test('is never more than 1', () => {
    const everything = {
      tools: [{ type: 'function' }],
      reasoning: {},
      messages: [{ role: 'user', content: 'x'.repeat(90_000) }],
      response_format: { type: 'json_schema' },
    }
    expect(difficulty('prove ``` x', everything, 20).score).toBe(1)
  })
})

const options = ['a', 'b', 'c', 'd'].map((name, at) => ({ name, price: at }))

test('easy requests may have all, the cheapest first; difficult ones the dearer half, or those that are named', () => {
  const names = (score: number, more = {}) =>
    optionsFor(options, { score, because: '' }, { threshold: 0.5, ...more }).map(({ name }) => name)
  expect(names(0.4)).toEqual(['a', 'b', 'c', 'd'])
  expect(names(0.5)).toEqual(['c', 'd'])
  expect(names(0.9, { hard: ['b', 'd*'] })).toEqual(['b', 'd'])
  expect(names(0.9, { hard: ['nobody'] })).toEqual(['a', 'b', 'c', 'd'])
})

test('the user’s list says what may be chosen', () => {
  const names = ['fast/a', 'fast/b', 'big']
  expect(chosen(names, {})).toEqual(names)
  expect(chosen(names, { models: ['fast/*'] })).toEqual(['fast/a', 'fast/b'])
  expect(chosen(names, { excluded_models: ['*/b'] })).toEqual(['fast/a', 'big'])
})
