import { describe, expect, test } from 'bun:test'
import { collect, GatewayError, hedged, key, plan, served, type Candidate } from 'sluice/plugin'
import { fails, fakeCall, says, type Turn } from 'sluice/testing'
import { fakeCandidates, setUp, type SetUp } from './fallback-endpoints.ts'

const told = key<string | undefined>('told', () => undefined)

/** Says nothing for so many milliseconds, unless it is stopped; then it fails as the upstream does. */
const slow = (until: number, then: Turn, stopped: unknown[] = []): Turn =>
  async function* slowly(call) {
    const { promise: gone, resolve } = Promise.withResolvers<'gone'>()
    call.signal.addEventListener('abort', () => resolve('gone'), { once: true })
    if ((await Promise.race([Bun.sleep(until), gone])) === 'gone') {
      stopped.push(call.signal.reason)
      throw new GatewayError('client_closed')
    }
    yield* then(call)
  }

const never = 60_000
const options = (hedge: NonNullable<SetUp['changes']>['options']) => ({ options: hedge ?? {} })
const soon = { changes: options({ hedge: { after: 5 } }) }

const withCosts = (costs: Readonly<Record<string, number | undefined>>): readonly Candidate[] =>
  fakeCandidates(Object.keys(costs)).map((candidate) => {
    const cost = costs[candidate.endpoint.provider]
    return cost === undefined ? candidate : { ...candidate, cost }
  })

describe('a second endpoint', () => {
  test('is asked when the first is slow to speak; who lost is stopped, and nobody’s failure', async () => {
    const stopped: unknown[] = []
    const { ask, order, health } = await setUp({
      ...soon,
      turns: { a: [slow(never, says(''), stopped)] },
    })
    expect(await ask()).toBe('I am b.')
    expect(order()).toBe('ab')
    expect(stopped).toEqual([hedged])
    expect(health.suspect({ provider: 'a', model: 'm' })).toBe(false)
  })

  test('is not asked when the first speaks in time', async () => {
    const { ask, order } = await setUp({ changes: options({ hedge: { after: 50 } }) })
    expect(await ask()).toBe('I am a.')
    await Bun.sleep(80)
    expect(order()).toBe('a')
  })

  test('loses when the first speaks after all', async () => {
    const stopped: unknown[] = []
    const { ask, order } = await setUp({
      ...soon,
      turns: {
        a: [slow(30, says('Late.'))],
        b: [slow(never, says(''), stopped)],
      },
    })
    expect(await ask()).toBe('Late.')
    expect(order()).toBe('ab')
    expect(stopped).toEqual([hedged])
  })

  test('goes on when the first fails, and the first when the second does', async () => {
    const one = await setUp({
      ...soon,
      turns: {
        a: [slow(20, fails())],
        b: [slow(40, says('I went on.'))],
      },
    })
    expect(await one.ask()).toBe('I went on.')
    const other = await setUp({
      ...soon,
      turns: { a: [slow(40, says('I went on.'))], b: [fails()] },
    })
    expect(await other.ask()).toBe('I went on.')
    expect(other.order()).toBe('ab')
  })

  test('is followed by a third only when both have failed', async () => {
    const { ask, order } = await setUp({
      ...soon,
      turns: { a: [slow(20, fails())], b: [slow(30, fails())] },
    })
    expect(await ask()).toBe('I am c.')
    expect(order()).toBe('abc')
  })

  test('is asked once for a call, though the next one is slow too', async () => {
    const { ask, order } = await setUp({
      ...soon,
      routes: { m: ['a', 'b', 'c', 'd'] },
      turns: {
        a: [slow(20, fails())],
        b: [slow(20, fails())],
        c: [slow(30, says('Slow, but alone.'))],
      },
    })
    expect(await ask()).toBe('Slow, but alone.')
    expect(order()).toBe('abc')
  })

  test('is another provider’s, where there is one', async () => {
    const candidates = [
      ...fakeCandidates(['a'], 'm'),
      ...fakeCandidates(['a'], 'n'),
      ...fakeCandidates(['b'], 'm'),
    ]
    const { ask, order } = await setUp({
      turns: { a: [slow(never, says(''))] },
      changes: { ...soon.changes, candidates },
    })
    expect(await ask()).toBe('I am b.')
    expect(order()).toBe('ab')
  })

  test('is not one that failed lately', async () => {
    const { ask, order, health } = await setUp({
      ...soon,
      turns: { a: [slow(never, says(''))] },
    })
    const broken = new GatewayError('upstream_error')
    health.failed({ provider: 'b', model: 'm' }, broken, { failures: 5, open: 1, max_open: 1 })
    expect(await ask()).toBe('I am c.')
    expect(order()).toBe('ac')
  })
})

describe('what it may cost', () => {
  const asking = async (costs: Readonly<Record<string, number | undefined>>) => {
    const lab = await setUp({
      turns: { a: [slow(40, says('Alone.'))] },
      changes: {
        ...options({ hedge: { after: 5, max_cost: 0.01 } }),
        candidates: withCosts(costs),
      },
    })
    return [await lab.ask(), lab.order()]
  }

  test('is known, and no more than max_cost', async () => {
    expect(await asking({ a: 1, b: 0.02, c: 0.01 })).toEqual(['I am c.', 'ac'])
    expect(await asking({ a: 1, b: undefined, c: 0.02 })).toEqual(['Alone.', 'a'])
  })

  test('is altogether a share of the calls', async () => {
    const { ask, order } = await setUp({
      ...soon,
      options: { hedge_budget: { ratio: 0, min: 1 } },
      turns: { a: [slow(never, says('')), slow(30, says('Alone.'))] },
    })
    expect(await ask()).toBe('I am b.')
    expect(await ask()).toBe('Alone.')
    expect(order()).toBe('aba')
  })
})

describe('what is never asked twice', () => {
  const alone: SetUp = { ...soon, turns: { a: [slow(40, says('Alone.'))] } }

  test.each(['speech', 'images', 'transcriptions', 'moderations'] as const)(
    '%s',
    async (operation) => {
      const { ask, order } = await setUp(alone)
      await ask({}, { operation })
      expect(order()).toBe('a')
    },
  )

  test('a request with tools that the provider runs itself', async () => {
    const { ask, order } = await setUp(alone)
    await ask({ tools: [{ type: 'mcp' }] })
    expect(order()).toBe('a')
    const other = await setUp(alone)
    await other.ask({ tools: [{ type: 'function' }] })
    expect(other.order()).toBe('ab')
  })

  test('a call that allows no fallbacks', async () => {
    const { ask, order } = await setUp({ ...alone, changes: { ...soon.changes, fallbacks: false } })
    await ask()
    expect(order()).toBe('a')
  })
})

describe('a percentile', () => {
  const changes = options({ hedge: { after: 'p95' } })
  const turns = { a: [slow(60, says('Alone.'))] }
  const latency = { p50: 0.001, p75: 0.002, p90: 0.005, p95: 0.007, p99: 0.01 }

  test('is of the endpoint’s own latency', async () => {
    const { ask, order } = await setUp({ changes, turns, latency })
    expect(await ask()).toBe('I am b.')
    expect(order()).toBe('ab')
  })

  test('says nothing without enough samples, nor of answers that come whole', async () => {
    const { ask } = await setUp({ changes, turns })
    expect(await ask()).toBe('Alone.')
    const measured = await setUp({ changes, turns, latency })
    expect(await measured.ask({ stream: false })).toBe('Alone.')
  })
})

test('only who spoke first has told the call anything', async () => {
  const { handler } = await setUp({
    ...soon,
    turns: {
      a: [
        (call) => {
          call.vars.set(told, 'a')
          return slow(20, says('I am a.'))(call)
        },
      ],
      b: [
        (call) => {
          call.vars.set(told, 'b')
          return slow(never, says(''))(call)
        },
      ],
    },
  })
  const call = fakeCall({ model: 'm', stream: true })
  await collect(handler(call))
  expect(call.vars.get(told)).toBe('a')
  expect(call.vars.get(served)?.endpoint.provider).toBe('a')
  expect(call.vars.get(plan)?.candidates).toHaveLength(3)
})

test('a client that leaves stops both', async () => {
  const stopped: unknown[] = []
  const controller = new AbortController()
  const { ask, order } = await setUp({
    ...soon,
    turns: { a: [slow(never, says(''), stopped)], b: [slow(never, says(''), stopped)] },
  })
  setTimeout(() => controller.abort(), 20)
  expect(await ask({}, { signal: controller.signal })).toBe('client_closed')
  expect(order()).toBe('ab')
  expect(stopped).toHaveLength(2)
  expect(stopped).not.toContain(hedged)
})
