import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { caller, collect, GatewayError, v, type Call, type Host } from 'sluice/plugin'
import { contract, fakeCall, mount, says, scripted } from 'sluice/testing'
import auth from '../../plugins/auth.ts'

contract(auth, {})

type Keys = NonNullable<v.InferInput<typeof auth.options>['keys']>

const hash = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

const setUp = async (keys: Keys, host: Partial<Host> = {}) => {
  const provider = scripted(says('Hi.'))
  const handler = await mount(auth, { keys }, provider, host)
  const ask = async (
    headers: Record<string, string>,
    request: Partial<Call['request']> = {},
    call: Partial<Call> = {},
  ): Promise<string> => {
    try {
      await collect(handler(fakeCall(request, { headers: new Headers(headers), ...call })))
      return 'passed'
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError)
      return (error as GatewayError).code
    }
  }
  return { provider, ask }
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

test('without keys everybody is let in, as nobody', async () => {
  const { provider, ask } = await setUp({})
  expect(await ask({})).toBe('passed')
  expect(await ask(bearer('anything'))).toBe('passed')
  expect(provider.calls[0]?.vars.get(caller)).toBeUndefined()
})

test('it guards as soon as there is a key', () => {
  expect(auth.guards?.({ keys: {} })).toBe(false)
  expect(auth.guards?.(v.parse(auth.options, { keys: { a: { key: 'k' } } }))).toBe(true)
})

test('it guards the list of models too', () => {
  expect(auth.operations).toContain('models')
})

test('a key passes in each of the four headers, and who it is is known further in', async () => {
  const { provider, ask } = await setUp({ laptop: { key: 'k-1', tags: { team: 'search' } } })
  for (const headers of [
    { authorization: 'Bearer k-1' },
    { authorization: 'bearer   k-1 ' },
    { 'x-api-key': 'k-1' },
    { 'api-key': 'k-1' },
    { 'x-goog-api-key': 'k-1' },
    { authorization: 'Basic abc', 'x-api-key': 'k-1' },
  ] as Record<string, string>[])
    expect(await ask(headers)).toBe('passed')
  for (const { vars } of provider.calls)
    expect(vars.get(caller)).toEqual({ name: 'laptop', tags: { team: 'search' } })
})

test('every other key gets the same 401', async () => {
  const { provider, ask } = await setUp({
    laptop: { key: 'k-1' },
    gone: { key: 'k-2', expires: '2020-01-01' },
  })
  for (const headers of [
    {},
    bearer(''),
    bearer('k-'),
    bearer('k-11'),
    bearer('K-1'),
    bearer('laptop'),
    bearer('k-2'),
    { authorization: 'k-1' },
    { cookie: 'k-1' },
  ] as Record<string, string>[])
    expect(await ask(headers)).toBe('invalid_api_key')
  expect(provider.calls).toEqual([])
})

test('a key may be told by its hash alone', async () => {
  const { ask } = await setUp({ server: { hash: hash('long and random') } })
  expect(await ask(bearer('long and random'))).toBe('passed')
  expect(await ask(bearer(hash('long and random')))).toBe('invalid_api_key')
})

test('an empty key is none, even if its hash is known', async () => {
  const { ask } = await setUp({ odd: { hash: hash('') } })
  expect(await ask({})).toBe('invalid_api_key')
  expect(await ask(bearer(''))).toBe('invalid_api_key')
})

test('a key works until the day it expires', async () => {
  const { ask } = await setUp({
    old: { key: 'old', expires: '2020-01-01' },
    young: { key: 'young', expires: '2099-01-01' },
  })
  expect(await ask(bearer('old'))).toBe('invalid_api_key')
  expect(await ask(bearer('young'))).toBe('passed')
})

test.each([
  [{}, 'expected either key or hash'],
  [{ key: 'k', hash: hash('k') }, 'expected either key or hash'],
  [{ key: '' }, 'length'],
  [{ hash: 'sha256:abc' }, '64 hexadecimal digits'],
  [{ hash: hash('k').toUpperCase() }, '64 hexadecimal digits'],
  [{ key: 'k', expires: 'soon' }, 'expected a date'],
  [{ key: 'k', model: ['a'] }, 'Invalid key'],
])('options like %j are refused', (key, message) => {
  const { issues = [] } = v.safeParse(auth.options, { keys: { a: key } })
  expect(issues.map((issue) => issue.message).join()).toContain(message)
})

describe('a key with models', () => {
  const aliases: Record<string, string> = { gpt: 'openai/gpt-4o', secret: 'vault/secret' }
  const limited = () =>
    setUp(
      { laptop: { key: 'k', models: ['openai/*', 'fast/chat'] } },
      { canonical: (model) => aliases[model] ?? model },
    )

  test('gets those by name, by pattern and by an alias of them', async () => {
    const { ask } = await limited()
    for (const model of ['fast/chat', 'openai/gpt-4o', 'gpt'])
      expect(await ask(bearer('k'), { model })).toBe('passed')
  })

  test('gets no other, by no alias and not as a fallback', async () => {
    const { ask, provider } = await limited()
    for (const request of [
      { model: 'vault/secret' },
      { model: 'secret' },
      { model: 'fast/chat-2' },
      { model: 'fast/chat', models: ['secret'] },
      { model: 'fast/chat', models: ['openai/x', 'vault/secret'] },
    ])
      expect(await ask(bearer('k'), request)).toBe('model_not_allowed')
    expect(provider.calls).toEqual([])
  })

  test('may ask for models that stand for others, of which the plan leaves its own', async () => {
    const { ask } = await setUp(
      { laptop: { key: 'k', models: ['openai/*'] } },
      { stands: (model) => model === 'sluice/auto' },
    )
    expect(await ask(bearer('k'), { model: 'sluice/auto' })).toBe('passed')
    expect(await ask(bearer('k'), { model: 'sluice/other' })).toBe('model_not_allowed')
  })

  test('may list models, and who it is says which', async () => {
    const { ask, provider } = await limited()
    expect(await ask(bearer('k'), { model: '' }, { operation: 'models' })).toBe('passed')
    expect(provider.calls[0]?.vars.get(caller)?.models).toEqual(['openai/*', 'fast/chat'])
  })

  test('of none gets none', async () => {
    const { ask } = await setUp({ locked: { key: 'k', models: [] } })
    expect(await ask(bearer('k'))).toBe('model_not_allowed')
  })
})

describe('who tries wrong keys', () => {
  test('is told to wait after ten, by address, while good keys pass', async () => {
    const { ask } = await setUp({ laptop: { key: 'k' } })
    const from = (address: string, key: string) => ask(bearer(key), {}, { address: () => address })
    const codes: string[] = []
    for (let n = 0; n < 12; n++) codes.push(await from('10.0.0.1', `wrong-${n}`))
    expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'invalid_api_key'))
    expect(codes.slice(10)).toEqual(['too_many_failures', 'too_many_failures'])
    expect(await from('10.0.0.2', 'wrong')).toBe('invalid_api_key')
    expect(await from('10.0.0.1', 'k')).toBe('passed')
  })

  test('is forgiven after a second that began with the first of them', async () => {
    const clocks: unknown[] = []
    const entries = new Map<string, unknown>()
    const store: Host['store'] = {
      get: (key) => entries.get(key),
      set: (key, value, clock) => {
        entries.set(key, value)
        clocks.push(clock)
      },
      delete: (key) => void entries.delete(key),
    }
    const { ask } = await setUp({ laptop: { key: 'k' } }, { store })
    for (let n = 0; n < 3; n++) await ask(bearer('wrong'))
    expect(clocks).toEqual([{ ttl: 1_000 }, { keepTtl: true }, { keepTtl: true }])
  })
})

test('what a key may do is counted for every call that asks a provider, and for no look', async () => {
  const admitted: [string | undefined, unknown][] = []
  const limits = { requests: 60, tokens: 1_000, concurrent: 2 }
  const { ask } = await setUp(
    { laptop: { key: 'k-1', limits }, phone: { key: 'k-2' } },
    { admit: (call, given) => void admitted.push([call.vars.get(caller)?.name, given]) },
  )
  for (const operation of ['chat', 'embeddings', 'models', 'history', 'status'] as const)
    await ask(bearer('k-1'), {}, { operation })
  await ask(bearer('k-2'))
  await ask(bearer('k-3'))
  expect(admitted).toEqual([
    ['laptop', limits],
    ['laptop', limits],
    ['phone', { concurrent: 512 }],
  ])
})

test('a call beyond the limits of its key goes no further', async () => {
  const { ask, provider } = await setUp(
    { laptop: { key: 'k-1' } },
    {
      admit: () => {
        throw new GatewayError('caller_limit_exceeded')
      },
    },
  )
  expect(await ask(bearer('k-1'))).toBe('caller_limit_exceeded')
  expect(provider.calls).toHaveLength(0)
})

test('a key’s preferences are known further in', async () => {
  const { ask, provider } = await setUp({
    laptop: { key: 'k-1', provider: { data_collection: 'deny' } },
  })
  await ask(bearer('k-1'))
  expect(provider.calls[0]?.vars.get(caller)?.provider).toEqual({ data_collection: 'deny' })
})
