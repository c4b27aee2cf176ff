import { expect, test } from 'bun:test'
import { parseConfig, type ProviderConfig } from '../../src/config.ts'
import { Keys } from '../../src/router/keys.ts'

const providerWith = (keys: readonly string[], name = 'box'): ProviderConfig => {
  const credentials = keys.length > 0 ? `, api_keys: [${keys.join()}]` : ''
  const yaml = `providers: { ${name}: { base_url: "http://127.0.0.1:1"${credentials} } }`
  return parseConfig(yaml, { file: 'c', directory: '/', env: {} }).providers.get(name)!
}

const setUp = () => {
  let now = 9_000
  const keys = new Keys(() => now)
  return {
    keys,
    after: (ms: number) => void (now += ms),
    picks: (provider: ProviderConfig, count: number) =>
      Array.from({ length: count }, () => keys.pick(provider).secret?.reveal() ?? 'none').join(''),
  }
}

test('keys take turns', () => {
  const { picks } = setUp()
  expect(picks(providerWith(['a', 'b', 'c']), 7)).toBe('abcabca')
})

test('each provider has turns of its own', () => {
  const { picks } = setUp()
  const [one, two] = [providerWith(['a', 'b'], 'one'), providerWith(['x', 'y'], 'two')]
  expect(picks(one, 1) + picks(two, 1) + picks(one, 1) + picks(two, 1)).toBe('axby')
})

test('a provider without keys is asked without one, and never waits', () => {
  const { keys, picks } = setUp()
  const provider = providerWith([])
  expect(picks(provider, 2)).toBe('nonenone')
  expect(keys.wait(provider)).toBe(0)
})

test('a key that is cooling is left out until its time is over', () => {
  const { keys, picks, after } = setUp()
  const provider = providerWith(['a', 'b', 'c'])
  keys.cool(provider, 1, 1_000)
  expect(picks(provider, 6)).not.toContain('b')
  expect(keys.cooling(provider, 1)).toBe(1_000)
  expect(keys.wait(provider)).toBe(0)
  after(1_000)
  expect(picks(provider, 3)).toContain('b')
})

test('when all are cooling, the one that is soonest usable is picked, never none', () => {
  const { keys, picks, after } = setUp()
  const provider = providerWith(['a', 'b', 'c'])
  keys.cool(provider, 0, 3_000)
  keys.cool(provider, 1, 1_000)
  keys.cool(provider, 2, 2_000)
  expect(picks(provider, 4)).toBe('bbbb')
  expect(keys.wait(provider)).toBe(1_000)
  after(400)
  expect(keys.wait(provider)).toBe(600)
})

test('cooling belongs to the key, not to its place', () => {
  const { keys } = setUp()
  keys.cool(providerWith(['a', 'b']), 0, 1_000)
  const moved = providerWith(['b', 'a'])
  expect([keys.cooling(moved, 0), keys.cooling(moved, 1)]).toEqual([0, 1_000])
})

test('a key that was replaced starts with a clean record, and so does the same key elsewhere', () => {
  const { keys } = setUp()
  keys.cool(providerWith(['a']), 0, 1_000)
  expect(keys.wait(providerWith(['b']))).toBe(0)
  expect(keys.wait(providerWith(['a'], 'elsewhere'))).toBe(0)
})

test('fewer keys after a reload leave no turn without a key', () => {
  const { picks } = setUp()
  picks(providerWith(['a', 'b', 'c']), 2)
  expect(picks(providerWith(['x']), 3)).toBe('xxx')
  expect(picks(providerWith(['x', 'y']), 4)).toMatch(/^(xy){2}$|^(yx){2}$/)
})
