import { expect, test } from 'bun:test'
import { matched, matches } from '../../../src/router/routes/pattern.ts'

test.each([
  ['gpt-4o', 'gpt-4o', ''],
  ['openai/*', 'openai/gpt-4o', 'gpt-4o'],
  ['openai/*', 'openai/', ''],
  ['openai/*', 'openai/a/b', 'a/b'],
  ['*', 'anything/at:all', 'anything/at:all'],
  ['*', '', ''],
  ['*-latest', 'claude-latest', 'claude'],
  ['a/*-mini', 'a/gpt-mini', 'gpt'],
  ['ab*ba', 'abba', ''],
])('%s takes %s, and the star is %j', (pattern, name, star) => {
  expect(matched(pattern, name)).toBe(star)
  expect(matches(pattern, name)).toBe(true)
})

test.each([
  ['gpt-4o', 'gpt-4o-mini'],
  ['gpt-4o', 'GPT-4o'],
  ['openai/*', 'openai'],
  ['openai/*', 'xopenai/gpt'],
  ['*-latest', 'latest'],
  ['a/*-mini', 'a/-min'],
  ['ab*ba', 'aba'],
  ['a.c', 'abc'],
  ['', 'a'],
])('%s does not take %s', (pattern, name) => {
  expect(matched(pattern, name)).toBeUndefined()
  expect(matches(pattern, name)).toBe(false)
})
