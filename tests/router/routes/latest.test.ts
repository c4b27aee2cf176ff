import { expect, test } from 'bun:test'
import { asksForLatest, latestOf } from '../../../src/router/routes/latest.ts'
import { target } from '../targets.ts'

const ids = (name: string, targets: Parameters<typeof latestOf>[1]) =>
  latestOf(name, targets).map(({ id }) => id)

test('only ~author/family-latest asks for the newest', () => {
  expect(asksForLatest('~anthropic/claude-sonnet-latest')).toBe(true)
  for (const name of ['anthropic/claude-latest', '~anthropic', '~a/-latest', '~/x-latest', '~a/b'])
    expect(asksForLatest(name)).toBe(false)
})

test('the newest is found by its date', () => {
  const all = [
    target('anthropic/claude-sonnet-5', { created: 300 }),
    target('anthropic/claude-sonnet-9', { created: 200 }),
    target('anthropic/claude-opus-5', { created: 900 }),
  ]
  expect(ids('~anthropic/claude-sonnet-latest', all)).toEqual(['anthropic/claude-sonnet-5'])
})

test('else by the numbers in its name', () => {
  const all = ['4.9', '4.10', '4.2'].map((version) => target(`x/grok-${version}`))
  expect(ids('~x/grok-latest', all)).toEqual(['x/grok-4.10'])
})

test('by the version in the name where only some have a date', () => {
  const family = 'f'
  const old = target('a/gpt-4o-2024-05-13', { family, created: 900 })
  expect(ids('~a/f-latest', [old, target('a/gpt-6-sol', { family })])).toEqual(['a/gpt-6-sol'])
  const dashed = ['claude-3-5-sonnet-20241022', 'claude-sonnet-4-5', 'claude-3-7-sonnet-20250219']
  const claudes = dashed.map((name) => target(`a/${name}`, { family }))
  expect(ids('~a/f-latest', claudes)).toEqual(['a/claude-sonnet-4-5'])
})

test('at all who have it, by name, preset or the maker’s name before the model', () => {
  const all = [
    target('openai/gpt-6', { created: 2 }),
    target('work/gpt-6', { created: 2 }, { preset: 'openai' }),
    target('router/openai/gpt-6', { created: 2 }),
    target('openai/gpt-5', { created: 1 }),
    target('other/gpt-7', { created: 9 }),
  ]
  expect(ids('~openai/gpt-latest', all)).toEqual([
    'openai/gpt-6',
    'work/gpt-6',
    'router/openai/gpt-6',
  ])
})

test('what the catalog puts in another family is not of it, however it is called', () => {
  const all = [
    target('openai/gpt-6', { family: 'gpt', created: 1 }),
    target('openai/gpt-image-3', { family: 'gpt-image', created: 2 }),
  ]
  expect(ids('~openai/gpt-latest', all)).toEqual(['openai/gpt-6'])
})

test('a family may be what the catalog calls it; what is deprecated is not the newest', () => {
  const all = [
    target('a/m-old', { family: 'big', created: 1 }),
    target('a/m-new', { family: 'big', created: 2, deprecated: true }),
  ]
  expect(ids('~a/big-latest', all)).toEqual(['a/m-old'])
  expect(() => ids('~a/none-latest', all)).toThrow('No provider here has a model of the family')
})

test('also at who does not tell its family', () => {
  const all = [target('x/grok-5', { family: 'grok' }), target('other/x/grok-5')]
  expect(ids('~x/grok-latest', all)).toEqual(['x/grok-5', 'other/x/grok-5'])
})
