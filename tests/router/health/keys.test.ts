import { expect, test } from 'bun:test'
import { parseConfig, type ProviderConfig } from '../../../src/config.ts'
import { GatewayError } from '../../../src/errors.ts'
import type { ErrorCode } from '../../../src/errors/kinds.ts'
import type { Subject } from '../../../src/router/health/changes.ts'
import { Keys } from '../../../src/router/health/keys.ts'

const providerWith = (keys: readonly string[], name = 'box'): ProviderConfig => {
  const credentials = keys.length > 0 ? `, api_keys: [${keys.join()}]` : ''
  const yaml = `providers: { ${name}: { base_url: "http://127.0.0.1:1"${credentials} } }`
  return parseConfig(yaml, { file: 'c', directory: '/', env: {} }).providers.get(name)!
}

const setUp = () => {
  let now = 9_000
  const told: string[] = []
  const keys = new Keys(
    () => now,
    (subject: Subject, { ms, code = 'well' }) =>
      void told.push(`${JSON.stringify(subject)} ${code} ${ms}`),
  )
  return {
    keys,
    told,
    cool: (provider: ProviderConfig, index: number, ms: number) =>
      keys.failed(
        provider,
        index,
        new GatewayError('rate_limit_exceeded', { retryAfter: ms / 1_000 }),
      ),
    refuse: (provider: ProviderConfig, index = 0, code: ErrorCode = 'upstream_auth_failed') => {
      keys.started(provider, index)
      keys.failed(provider, index, new GatewayError(code))
    },
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
  const { keys, picks, after, cool } = setUp()
  const provider = providerWith(['a', 'b', 'c'])
  cool(provider, 1, 1_000)
  expect(picks(provider, 6)).not.toContain('b')
  expect(keys.cooling(provider, 1)).toBe(1_000)
  expect(keys.wait(provider)).toBe(0)
  after(1_000)
  expect(picks(provider, 3)).toContain('b')
})

test('when all are cooling, the one that is soonest usable is picked, never none', () => {
  const { keys, picks, after, cool } = setUp()
  const provider = providerWith(['a', 'b', 'c'])
  cool(provider, 0, 3_000)
  cool(provider, 1, 1_000)
  cool(provider, 2, 2_000)
  expect(picks(provider, 4)).toBe('bbbb')
  expect(keys.wait(provider)).toBe(1_000)
  after(400)
  expect(keys.wait(provider)).toBe(600)
})

test('cooling belongs to the key, not to its place', () => {
  const { keys, cool } = setUp()
  cool(providerWith(['a', 'b']), 0, 1_000)
  const moved = providerWith(['b', 'a'])
  expect([keys.cooling(moved, 0), keys.cooling(moved, 1)]).toEqual([0, 1_000])
})

test('a key that was replaced starts with a clean record, and so does the same key elsewhere', () => {
  const { keys, cool } = setUp()
  cool(providerWith(['a']), 0, 1_000)
  expect(keys.wait(providerWith(['b']))).toBe(0)
  expect(keys.wait(providerWith(['a'], 'elsewhere'))).toBe(0)
})

test('fewer keys after a reload leave no turn without a key', () => {
  const { picks } = setUp()
  picks(providerWith(['a', 'b', 'c']), 2)
  expect(picks(providerWith(['x']), 3)).toBe('xxx')
  expect(picks(providerWith(['x', 'y']), 4)).toMatch(/^(xy){2}$|^(yx){2}$/)
})

test('a key that is refused rests at once, and longer each time that it still is', () => {
  const { keys, after, refuse } = setUp()
  const provider = providerWith(['a', 'b'])
  for (const minutes of [5, 10, 15, 20, 25, 30, 30]) {
    refuse(provider)
    expect(keys.cooling(provider, 0)).toBe(minutes * 60_000)
    after(minutes * 60_000)
    expect(keys.cooling(provider, 0)).toBe(0)
  }
  expect(keys.cooling(provider, 1)).toBe(0)
})

test('many refusals at once are one', () => {
  const { keys, refuse, told } = setUp()
  const provider = providerWith(['a'])
  for (let n = 0; n < 20; n++) refuse(provider)
  expect(keys.cooling(provider, 0)).toBe(300_000)
  expect(told).toHaveLength(1)
})

test('after it was refused, a key is tried by one at a time, and a success makes it clean', () => {
  const { keys, after, refuse } = setUp()
  const provider = providerWith(['a'])
  refuse(provider, 0, 'provider_quota_exhausted')
  after(300_000)
  expect(keys.findings(provider, 0).condition).toBe('half-open')
  keys.started(provider, 0)
  expect(keys.cooling(provider, 0)).toBe(1_000)
  keys.released(provider, 0)
  expect(keys.cooling(provider, 0)).toBe(0)
  keys.started(provider, 0)
  keys.succeeded(provider, 0)
  expect(keys.findings(provider, 0)).toMatchObject({ condition: 'well', failures: 0, ejections: 0 })
  refuse(provider)
  expect(keys.cooling(provider, 0)).toBe(300_000)
})

test('a rate limit is no refusal: after its time all may go', () => {
  const { keys, after, cool } = setUp()
  const provider = providerWith(['a'])
  cool(provider, 0, 7_000)
  expect(keys.findings(provider, 0)).toMatchObject({
    condition: 'limited',
    rest: 7_000,
    ejections: 0,
  })
  after(7_000)
  keys.started(provider, 0)
  expect(keys.cooling(provider, 0)).toBe(0)
})

test('who says too fast and not for how long is left alone longer each time, until it answers', () => {
  const { keys, after, refuse } = setUp()
  const provider = providerWith(['a'])
  for (const seconds of [5, 10, 15]) {
    refuse(provider, 0, 'rate_limit_exceeded')
    refuse(provider, 0, 'rate_limit_exceeded')
    expect(keys.cooling(provider, 0)).toBe(seconds * 1_000)
    after(seconds * 1_000)
  }
  keys.succeeded(provider, 0)
  refuse(provider, 0, 'rate_limit_exceeded')
  expect(keys.cooling(provider, 0)).toBe(5_000)
})

test.each(['invalid_request_error', 'client_closed', 'upstream_error', 'internal_error'] as const)(
  '%s is not the key’s fault',
  (code) => {
    const { keys, refuse } = setUp()
    const provider = providerWith(['a'])
    for (let n = 0; n < 10; n++) refuse(provider, 0, code)
    expect(keys.findings(provider, 0)).toEqual({
      condition: 'well',
      rest: 0,
      failures: 0,
      ejections: 0,
    })
  },
)

test('changes are told by the key’s place, never by the key', () => {
  const { keys, after, refuse, told } = setUp()
  const provider = providerWith(['secret-one', 'secret-two'])
  refuse(provider, 1)
  after(300_000)
  keys.started(provider, 1)
  keys.succeeded(provider, 1)
  expect(told).toEqual([
    '{"provider":"box","key":1} upstream_auth_failed 300000',
    '{"provider":"box","key":1} well 300000',
  ])
})

test('why no key is usable is what the soonest of them rests for', () => {
  const { keys, refuse, cool, after } = setUp()
  const provider = providerWith(['a', 'b'])
  refuse(provider, 0)
  expect(keys.why(provider)).toBeUndefined()
  cool(provider, 1, 7_000)
  expect(keys.why(provider)).toBe('rate_limit_exceeded')
  after(7_000)
  refuse(provider, 1, 'provider_quota_exhausted')
  expect(keys.why(provider)).toBe('upstream_auth_failed')
})
