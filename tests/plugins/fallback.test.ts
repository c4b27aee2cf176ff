import { describe, expect, test } from 'bun:test'
import { collect, GatewayError, plan, route, served } from 'sluice/plugin'
import { contract, fails, fakeCall, fakePlan, mount, says, type Turn } from 'sluice/testing'
import fallback from '../../plugins/fallback.ts'
import { answer, batchesOf, type Batch } from '../../src/stream.ts'
import { fakeCandidates, setUp, throws } from './fallback-endpoints.ts'

const threeOf = (model: string) => ['a', 'b', 'c'].map((provider) => ({ provider, model }))
contract(fallback, {}, { host: { plan: (call) => fakePlan(call, threeOf) } })

describe('who is asked', () => {
  test('the first endpoint of the route, and nobody else when it speaks', async () => {
    const { ask, order, asked } = await setUp()
    expect(await ask()).toBe('I am a.')
    expect(order()).toBe('a')
    expect(asked[0]?.endpoint).toEqual({ provider: 'a', model: 'm' })
    expect(asked[0]?.vars.get(route)).toBe('m')
  })

  test('the next ones in order while nobody has spoken, streamed or whole', async () => {
    const turns = { a: [fails()], b: [fails('upstream_empty_response')] }
    for (const stream of [true, false]) {
      const { ask, order } = await setUp({ turns })
      expect(await ask({ stream })).toBe('I am c.')
      expect(order()).toBe('abc')
    }
  })

  test('after the route those of “models”, under their own name and route', async () => {
    const { ask, asked, order } = await setUp({
      routes: { m: ['a'], n: ['b'], o: ['c'] },
      turns: { a: [fails()], b: [fails()] },
    })
    expect(await ask({ models: ['n', 'o'] })).toBe('I am c.')
    expect(order()).toBe('abc')
    expect(asked.map(({ request }) => request.model)).toEqual(['m', 'n', 'o'])
    expect(asked[2]?.vars.get(route)).toBe('o')
  })

  test('no endpoint twice, however often it is named', async () => {
    const { ask, order } = await setUp({ routes: { m: ['a', 'a', 'b'] }, turns: { a: [fails()] } })
    expect(await ask({ models: ['m', 'm'] })).toBe('I am b.')
    expect(order()).toBe('ab')
  })

  test('nobody when one of the models is unknown', async () => {
    const { ask, asked } = await setUp()
    expect(await ask({ models: ['unknown'] })).toBe('model_not_found')
    expect(asked).toEqual([])
  })

  test('not more than “attempts” allows', async () => {
    const turns = { a: [fails()], b: [fails()] }
    const { failure, order } = await setUp({ turns, options: { attempts: 2 } })
    expect((await failure()).code).toBe('all_providers_failed')
    expect(order()).toBe('ab')
  })

  test('nobody after the deadline', async () => {
    const slow: Turn = async function* slow(call) {
      await Bun.sleep(20)
      yield* fails()(call)
    }
    const { ask, order } = await setUp({ turns: { a: [slow] }, options: { deadline: '5ms' } })
    expect(await ask()).toBe('all_providers_failed')
    expect(order()).toBe('a')
  })

  test('nobody once somebody has spoken, even if he breaks off', async () => {
    const { ask, order } = await setUp({ turns: { a: [fails('upstream_disconnected', 'Hello')] } })
    expect(await ask()).toBe('upstream_disconnected')
    expect(order()).toBe('a')
  })

  test('somebody else when only a role was said', async () => {
    const mute: Turn = async function* mute() {
      yield { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }
      throw new GatewayError('upstream_disconnected')
    }
    const { ask, order } = await setUp({ turns: { a: [mute] } })
    expect(await ask()).toBe('I am b.')
    expect(order()).toBe('ab')
  })

  test('what the client asked for stays as it was', async () => {
    const { handler } = await setUp({ turns: { a: [fails()] } })
    const call = fakeCall({ model: 'm', models: ['m'] })
    const before = structuredClone(call.request)
    await collect(handler(call))
    expect(call.request).toEqual(before)
    expect(call.endpoint).toBeUndefined()
  })
})

describe('the plan', () => {
  test('is made once, and told with who was asked', async () => {
    const { ask, asked } = await setUp({ turns: { a: [fails()] } })
    await ask()
    const vars = asked[0]!.vars
    expect(vars.get(plan)?.candidates).toHaveLength(3)
    expect(vars.get(served)?.endpoint).toEqual({ provider: 'b', model: 'm' })
  })

  test('lays a variant’s parameters under the request’s own', async () => {
    const endpoints = await setUp()
    const [candidate] = fakeCandidates(['a'])
    const patch = { temperature: 0.1, top_p: 0.5 }
    const { ask, asked } = await setUp({ changes: { candidates: [{ ...candidate!, patch }] } })
    expect(await endpoints.ask()).toBe('I am a.')
    await ask({ temperature: 1 })
    expect(asked[0]?.request).toMatchObject({ temperature: 1, top_p: 0.5, model: 'm' })
  })

  test('that allows no fallbacks is kept to, and the last error comes back as it is', async () => {
    const turns = { a: [throws(new GatewayError('upstream_error', { message: 'Broken.' }))] }
    const candidates = fakeCandidates(['a'])
    const { failure, order } = await setUp({ turns, changes: { candidates, fallbacks: false } })
    const error = await failure()
    expect([error.code, error.message]).toEqual(['upstream_error', 'Broken.'])
    expect(error.details.attempts).toHaveLength(1)
    expect(order()).toBe('a')
  })

  test('counts the attempts of each model apart, so that later models are reached', async () => {
    const { ask, order } = await setUp({
      routes: { m: ['a', 'b', 'c'], n: ['d', 'e', 'f'], o: ['g'] },
      turns: Object.fromEntries([...'abcdef'].map((name) => [name, [fails()]])),
      options: { attempts: 2 },
    })
    expect(await ask({ models: ['n', 'o'] })).toBe('I am g.')
    expect(order()).toBe('abdeg')
  })
})

describe('a call that is made again by another plugin', () => {
  test('goes to no endpoint that has failed in it', async () => {
    const { handler, order } = await setUp({
      turns: { a: [fails()], b: [fails('upstream_disconnected', 'Hello')] },
    })
    const call = fakeCall({ model: 'm', stream: true })
    await expect(collect(handler(call))).rejects.toThrow('broke off')
    expect(order()).toBe('ab')
    expect((await collect(handler(call)))?.choices?.[0]?.delta?.content).toBe('I am c.')
    expect(order()).toBe('abc')
  })

  test('may go to one that refused what the client sent', async () => {
    const { handler, order } = await setUp({
      routes: { m: ['a'] },
      turns: { a: [fails('context_length_exceeded'), says('Now it fits.')] },
    })
    const call = fakeCall({ model: 'm' })
    await expect(collect(handler(call))).rejects.toThrow()
    expect((await collect(handler(call)))?.choices?.[0]?.delta?.content).toBe('Now it fits.')
    expect(order()).toBe('aa')
  })
})

describe('the endpoint for when the network is gone', () => {
  const [offline] = fakeCandidates(['z'])
  const changes = { offline: offline! }
  const everybody = (code: Parameters<typeof fails>[0]) =>
    Object.fromEntries([...'abc'].map((name) => [name, [fails(code)]]))

  test.each(['upstream_unreachable', 'upstream_connect_timeout', 'upstream_tls_error'] as const)(
    'answers when everybody else ended with %s, whatever “attempts” says',
    async (code) => {
      const options = { attempts: 2 }
      const { ask, order, asked } = await setUp({ turns: everybody(code), changes, options })
      expect(await ask()).toBe('I am z.')
      expect(order()).toBe('abz')
      expect(asked.at(-1)?.vars.get(served)?.endpoint.provider).toBe('z')
    },
  )

  test('is not asked when somebody was reached', async () => {
    const turns = { ...everybody('upstream_unreachable'), b: [fails('upstream_error')] }
    const { ask, order } = await setUp({ turns, changes })
    expect(await ask()).toBe('all_providers_failed')
    expect(order()).toBe('abc')
  })

  test('is not asked where no fallbacks are allowed', async () => {
    const turns = everybody('upstream_unreachable')
    const { ask } = await setUp({ turns, changes: { ...changes, fallbacks: false } })
    expect(await ask()).toBe('upstream_unreachable')
  })

  test('is what is left when nobody else is', async () => {
    const { ask, order } = await setUp({ changes: { ...changes, candidates: [] } })
    expect(await ask()).toBe('I am z.')
    expect(order()).toBe('z')
  })

  test('fails with its own error, the last of all', async () => {
    const turns = { ...everybody('upstream_unreachable'), z: [fails('upstream_timeout')] }
    const [other] = fakeCandidates(['z'], 'local')
    const { failure } = await setUp({ turns, changes: { offline: other! } })
    const error = await failure()
    expect(error.code).toBe('upstream_timeout')
    expect(error.details.attempts).toHaveLength(4)
  })
})

describe('what stops it', () => {
  test.each(['invalid_request_error', 'content_policy_violation', 'payload_too_large'] as const)(
    '%s, which is the client’s own affair',
    async (code) => {
      const { failure, order } = await setUp({ turns: { a: [fails(code)] } })
      const error = await failure()
      expect(error.code).toBe(code)
      expect(error.details.attempts).toHaveLength(1)
      expect(order()).toBe('a')
    },
  )

  test('a prompt that is too long for one model is tried with the next, not with its other endpoints', async () => {
    const { ask, order } = await setUp({
      routes: { m: ['a', 'b'], n: ['c'] },
      turns: { a: [fails('context_length_exceeded')] },
    })
    expect(await ask({ models: ['n'] })).toBe('I am c.')
    expect(order()).toBe('ac')
  })

  test.each(['plugin_error', 'internal_error'] as const)(
    '%s, which is our own fault',
    async (code) => {
      const { ask, order } = await setUp({ turns: { a: [fails(code)] } })
      expect(await ask()).toBe(code)
      expect(order()).toBe('a')
    },
  )

  test('a client that has left before, or leaves meanwhile', async () => {
    const gone = AbortSignal.abort()
    const before = await setUp()
    expect(await before.ask({}, { signal: gone })).toBe('client_closed')
    expect(before.order()).toBe('')

    const controller = new AbortController()
    const leaving: Turn = async function* leaving(call) {
      controller.abort()
      yield* fails()(call)
    }
    const meanwhile = await setUp({ turns: { a: [leaving] } })
    expect(await meanwhile.ask({}, { signal: controller.signal })).toBe('client_closed')
    expect(meanwhile.order()).toBe('a')
  })

  test('a client that leaves ends a wait', async () => {
    const controller = new AbortController()
    const { ask, keyWaits, order } = await setUp({
      routes: { m: ['a'] },
      options: { max_wait: '50s' },
    })
    keyWaits.a = 40_000
    const asking = ask({}, { signal: controller.signal })
    setTimeout(() => controller.abort(), 5)
    expect(await asking).toBe('client_closed')
    expect(order()).toBe('')
  })

  test('a client that leaves is nobody’s failure', async () => {
    const { ask, health } = await setUp({ turns: { a: [fails('client_closed')] } })
    expect(await ask()).toBe('client_closed')
    expect(health.suspect({ provider: 'a', model: 'm' })).toBe(false)
  })
})

describe('keys', () => {
  test('another key of the same provider is tried before another provider', async () => {
    const { ask, order } = await setUp({
      turns: { a: [fails('upstream_auth_failed'), says('With the other key.')] },
    })
    expect(await ask()).toBe('With the other key.')
    expect(order()).toBe('aa')
  })

  test('a provider whose keys are all cooling is passed over', async () => {
    const { ask, keyWaits, order } = await setUp()
    keyWaits.a = 5_000
    expect(await ask()).toBe('I am b.')
    expect(order()).toBe('b')
  })

  test('without any usable key nobody is asked, and the soonest is told', async () => {
    const { failure, keyWaits, asked } = await setUp()
    Object.assign(keyWaits, { a: 9_000, b: 2_500, c: 7_000 })
    const error = await failure()
    expect([error.code, error.retryAfter, error.retryable]).toEqual([
      'rate_limit_exceeded',
      3,
      true,
    ])
    expect(asked).toEqual([])
  })

  test('it is waited for where that may be', async () => {
    const { handler, keyWaits, order } = await setUp({ options: { max_wait: '1s' } })
    Object.assign(keyWaits, { a: 900, b: 20, c: 900 })
    await collect(handler(fakeCall({ model: 'm' })))
    expect(order()).toBe('b')
  })

  test('it is not waited for past the deadline', async () => {
    const { ask, keyWaits, order } = await setUp({
      options: { max_wait: '50s', deadline: '1s' },
    })
    Object.assign(keyWaits, { a: 20_000, b: 20_000, c: 20_000 })
    expect(await ask()).toBe('rate_limit_exceeded')
    expect(order()).toBe('')
  })

  test('an endpoint that asks to wait a little is asked again after that', async () => {
    // only endpoints that were not tried yet are waited for, so that max_wait never helps a single one
    const limited: Turn = (call) => {
      keyWaits.a = 10
      setTimeout(() => (keyWaits.a = 0), 10)
      return throws(new GatewayError('rate_limit_exceeded', { retryAfter: 0.01 }))(call)
    }
    const { ask, keyWaits, order } = await setUp({
      routes: { m: ['a'] },
      turns: { a: [limited, says('Now.')] },
      options: { max_wait: '5s' },
    })
    expect(await ask()).toBe('Now.')
    expect(order()).toBe('aa')
  })
})

describe('health', () => {
  const down = { a: [fails()] }

  test('an endpoint that keeps failing is left out, and asked again after its rest', async () => {
    const { ask, order, after } = await setUp({
      turns: down,
      options: { breaker: { failures: 2, open: '30s' }, retry_budget: { min: 100 } },
    })
    for (let n = 0; n < 4; n++) expect(await ask()).toBe('I am b.')
    expect(order()).toBe('ababbb')
    after(30_000)
    await ask()
    expect(order()).toBe('ababbbab')
  })

  test('the last endpoint is asked even while it is left out', async () => {
    const { ask, order } = await setUp({
      routes: { m: ['a'] },
      turns: { a: [fails(), fails(), says('Well again.')] },
      options: { breaker: { failures: 1 } },
    })
    expect(await ask()).toBe('all_providers_failed')
    expect(await ask()).toBe('all_providers_failed')
    expect(await ask()).toBe('Well again.')
    expect(order()).toBe('aaa')
  })

  test('a stream that breaks off counts against its endpoint', async () => {
    const { ask, health } = await setUp({ turns: { a: [fails('upstream_disconnected', 'Hello')] } })
    await ask()
    expect(health.suspect({ provider: 'a', model: 'm' })).toBe(true)
  })

  test('success clears the record', async () => {
    const { ask, health } = await setUp({ turns: { a: [fails(), says('Well.')] } })
    await ask()
    expect(health.suspect({ provider: 'a', model: 'm' })).toBe(true)
    await ask()
    expect(health.suspect({ provider: 'a', model: 'm' })).toBe(false)
  })

  test('retries at endpoints that just failed are a share of the calls, others are free', async () => {
    const turns = { a: [fails()], b: [fails()] }
    const options = { retry_budget: { ratio: 0, min: 1 }, breaker: { failures: 1_000 } }
    const { ask, order } = await setUp({ turns, options })
    expect(await ask()).toBe('I am c.')
    expect(order()).toBe('abc')
    // b just failed: one retry is left, and then none
    expect(await ask()).toBe('I am c.')
    expect(await ask()).toBe('I am c.')
    expect(order()).toBe('abcabcac')
  })
})

describe('the error when all have failed', () => {
  test('is their common one, with every attempt and the shortest wait', async () => {
    const limited = (retryAfter: number): Turn =>
      throws(new GatewayError('provider_overloaded', { retryAfter }))
    const { failure } = await setUp({
      turns: { a: [limited(9)], b: [limited(4)], c: [limited(7)] },
    })
    const error = await failure()
    expect([error.code, error.retryAfter, error.retryable]).toEqual([
      'provider_overloaded',
      4,
      true,
    ])
    expect(error.details.attempts?.map(({ provider }) => provider)).toEqual(['a', 'b', 'c'])
  })

  test('is a common name where they failed in different ways', async () => {
    const { failure } = await setUp({
      turns: { a: [fails('upstream_timeout')], b: [fails()], c: [fails('upstream_reset')] },
    })
    const error = await failure()
    expect([error.status, error.code]).toEqual([502, 'all_providers_failed'])
    expect(error.details.attempts?.map(({ code }) => code)).toEqual([
      'upstream_timeout',
      'upstream_error',
      'upstream_reset',
    ])
  })

  test('is that of the last model, where there are several', async () => {
    const { failure } = await setUp({
      routes: { m: ['a', 'b'], n: ['c'] },
      turns: {
        a: [fails('provider_overloaded')],
        b: [fails('context_length_exceeded')],
        c: [fails('upstream_timeout')],
      },
    })
    const error = await failure({ models: ['n'] })
    expect([error.status, error.code, error.retryable]).toEqual([504, 'upstream_timeout', false])
    expect(error.details.attempts).toHaveLength(3)
  })

  test('asks to try again only where every one of them may be tried again', async () => {
    const mixed = await setUp({
      turns: { a: [fails()], b: [fails('upstream_timeout')], c: [fails()] },
    })
    expect((await mixed.failure()).retryable).toBe(false)
    const free = await setUp({ turns: { a: [fails()], b: [fails()], c: [fails('upstream_busy')] } })
    expect((await free.failure()).retryable).toBe(true)
  })
})

test('the answer that was chosen travels in the batches it came in', async () => {
  const bytes = new Uint8Array([1])
  const chunk = (await collect(says('Hi.')(fakeCall())))!
  const one = async function* (): AsyncGenerator<Batch> {
    yield { chunks: [chunk], bytes }
  }
  const handler = await mount(fallback, {}, () => answer(one()))
  const { value } = await batchesOf(handler(fakeCall())).next()
  expect(value?.bytes).toBe(bytes)
})

test('nothing is asked before somebody reads', async () => {
  const { handler, asked } = await setUp()
  const answer = handler(fakeCall({ model: 'm' }))
  expect(asked).toEqual([])
  await collect(answer)
  expect(asked).toHaveLength(1)
})
