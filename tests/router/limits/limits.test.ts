import { expect, test } from 'bun:test'
import { parseConfig, type ProviderConfig } from '../../../src/config.ts'
import { GatewayError } from '../../../src/errors.ts'
import { Keys } from '../../../src/router/health/keys.ts'
import type { Place, Visit, Waiting } from '../../../src/router/limits/lane.ts'
import { Limits } from '../../../src/router/limits/limits.ts'
import { fakeClock } from '../../support/clock.ts'
import { createRandom } from '../../support/random.ts'

const providerWith = (written: object): ProviderConfig => {
  const yaml = JSON.stringify({
    providers: { box: { base_url: 'http://127.0.0.1:1', ...written } },
  })
  return parseConfig(yaml, { file: 'c', directory: '/', env: {} }).providers.get('box')!
}

const setUp = (written: object) => {
  const clock = fakeClock()
  const keys = new Keys(clock.now)
  const limits = new Limits(keys, clock)
  const provider = providerWith(written)
  limits.configure(new Map([['box', provider]]))
  const visit = (caller: string, given: Partial<Visit> = {}): Visit => ({
    caller: () => caller,
    model: 'm',
    tokens: 0,
    patience: 0,
    signal: new AbortController().signal,
    ...given,
  })
  const enter = (caller = 'me', given: Partial<Visit> = {}) =>
    limits.enter(provider, visit(caller, given))
  const refusal = (given: Partial<Visit> = {}): GatewayError => {
    try {
      enter('me', given)
    } catch (thrown) {
      return thrown as GatewayError
    }
    throw new Error('there was room')
  }
  const report = () => limits.report()[0]!
  return { clock, keys, limits, provider, enter, refusal, report }
}

const place = (entered: Place | Waiting): Place => {
  if ('place' in entered) throw new Error('it had to wait')
  return entered
}
const line = (entered: Place | Waiting): Waiting => {
  if (!('place' in entered)) throw new Error('it did not have to wait')
  return entered
}
const settled = async () => {
  for (let turn = 0; turn < 4; turn++) await Promise.resolve()
}

test('a full provider says so, and how long it will be', () => {
  const { limits, provider, enter, refusal } = setUp({ max_concurrent: 2 })
  expect(limits.room(provider, 0)).toBe(0)
  const first = place(enter())
  place(enter())
  expect(limits.room(provider, 0)).toBeGreaterThan(0)
  const error = refusal()
  expect([error.code, error.status, error.fault, error.retryable]).toEqual([
    'provider_full',
    429,
    'nobody',
    true,
  ])
  expect(error.message).toBe('The provider box is full: all of its 2 places are taken.')
  first.leave()
  first.leave()
  expect(limits.room(provider, 0)).toBe(0)
  place(enter())
  expect(refusal().code).toBe('provider_full')
})

test('who waits gets the next place, in turn', async () => {
  const { enter, report } = setUp({ max_concurrent: 1 })
  const running = place(enter('a'))
  const order: string[] = []
  const patience = 10_000
  for (const caller of ['a', 'a', 'b']) {
    const waiting = line(enter(caller, { patience }))
    void waiting.place.then((next) => {
      order.push(caller)
      queueMicrotask(() => next.leave())
    })
  }
  expect(report().waiting.map(({ caller }) => caller)).toEqual(['a', 'b', 'a'])
  running.leave()
  await settled()
  await settled()
  expect(order).toEqual(['a', 'b', 'a'])
  expect(report()).toMatchObject({ in_flight: 0, waiting: [] })
})

test('who waits too long is told where it stood', async () => {
  const { clock, enter, report } = setUp({ max_concurrent: 1 })
  place(enter())
  const first = line(enter('a', { patience: 5_000 }))
  const second = line(enter('b', { patience: 2_000 }))
  const ends = Promise.allSettled([first.place, second.place])
  expect([first.standing()?.position, second.standing()?.position]).toEqual([1, 2])
  clock.pass(1_999)
  expect(report().waiting).toHaveLength(2)
  clock.pass(1)
  expect(report().waiting).toHaveLength(1)
  clock.pass(3_000)
  const messages = (await ends).map((end) => end.status === 'rejected' && end.reason.message)
  expect(messages[1]).toBe(
    'The provider box is full: its one place is taken. The call waited 2 s for it and was at position 2 in line.',
  )
  expect(messages[0]).toContain('position 1')
  expect(clock.alarms).toBe(0)
})

test('who leaves the line is closed, and the next moves up', async () => {
  const { enter, report, clock } = setUp({ max_concurrent: 1 })
  const running = place(enter())
  const leaving = new AbortController()
  const first = line(enter('a', { patience: 5_000, signal: leaving.signal }))
  const second = line(enter('a', { patience: 5_000 }))
  leaving.abort()
  expect(second.standing()?.position).toBe(1)
  running.leave()
  expect(((await first.place.catch((error) => error)) as GatewayError).code).toBe('client_closed')
  ;(await second.place).leave()
  expect([report().in_flight, clock.alarms]).toEqual([0, 0])
})

test('only so many may wait', () => {
  const { enter, refusal } = setUp({ max_concurrent: 1, queue: 2 })
  place(enter())
  line(enter('a', { patience: 1_000 }))
  line(enter('b', { patience: 1_000 }))
  expect(refusal({ patience: 1_000 }).message).toContain('2 calls wait for it already')
})

test('a limit of requests opens again by itself, and wakes in order', async () => {
  const { clock, enter, refusal, report } = setUp({ limits: { requests: 2 } })
  place(enter()).leave()
  clock.pass(10_000)
  place(enter()).leave()
  const { message, retryAfter } = refusal()
  expect(message).toBe('The provider box is at its limit of 2 requests a minute.')
  expect(Math.round(retryAfter!)).toBe(50)
  const got: string[] = []
  for (const caller of ['a', 'b'])
    void line(enter(caller, { patience: 120_000 })).place.then(() => got.push(caller))
  expect(report().waiting.map(({ estimate_ms }) => Math.round(estimate_ms! / 1_000))).toEqual([
    50, 60,
  ])
  clock.pass(49_999)
  await settled()
  expect(got).toEqual([])
  clock.pass(251)
  await settled()
  expect(got).toEqual(['a'])
  clock.pass(10_000)
  await settled()
  expect(got).toEqual(['a', 'b'])
})

test('a wait that is surely too long is refused at once', () => {
  const { enter, refusal } = setUp({ limits: { requests: 1 } })
  place(enter())
  expect(refusal({ patience: 30_000 }).code).toBe('provider_full')
  line(enter('me', { patience: 61_000 }))
})

test('tokens are estimated before and settled after', () => {
  const { enter, refusal, report } = setUp({ limits: { tokens: 1_000 } })
  const first = place(enter('me', { tokens: 900 }))
  expect(refusal({ tokens: 200 }).message).toContain('1000 tokens a minute')
  first.leave(300)
  expect(report().left).toEqual({ tokens: 700 })
  place(enter('me', { tokens: 700 })).leave()
  expect(report().left).toEqual({ tokens: 0 })
})

test('tokens that are given back let in who waits for them', async () => {
  const { enter } = setUp({ limits: { tokens: 1_000 } })
  const first = place(enter('me', { tokens: 900 }))
  const next = line(enter('you', { tokens: 500, patience: 1_000 }))
  first.leave(100)
  expect((await next.place).key.index).toBe(0)
})

test('who gives up makes way for whoever is content with less', async () => {
  const { enter } = setUp({ limits: { tokens: 1_000 } })
  place(enter('me', { tokens: 600 }))
  const big = line(enter('me', { tokens: 800, patience: 1_000 }))
  const small = line(enter('you', { tokens: 300, patience: 1_000 }))
  big.place.catch(() => undefined)
  expect(small.standing()?.position).toBe(2)
  big.leave()
  expect((await small.place).key.index).toBe(0)
})

test('a key at its limit is left out, and when all are, the provider is full', () => {
  const { enter, refusal, provider, keys } = setUp({
    api_keys: ['one', 'two'],
    limits: { per_key: { requests: 2 } },
  })
  const used = Array.from({ length: 4 }, () => place(enter()).key.index)
  expect(used.toSorted()).toEqual([0, 0, 1, 1])
  expect(refusal().message).toBe('All keys of the provider box are at their limits of a minute.')
  expect(keys.wait(provider)).toBe(0)
})

test('a key that rests does not count as one that could be used', () => {
  const { enter, refusal, provider, keys } = setUp({
    api_keys: ['one', 'two'],
    limits: { per_key: { requests: 1 } },
  })
  keys.failed(provider, 0, new GatewayError('rate_limit_exceeded', { retryAfter: 5 }))
  expect(place(enter()).key.index).toBe(1)
  expect(refusal().code).toBe('provider_full')
})

test('nobody knows how long it will be until places have become free', async () => {
  const { clock, enter } = setUp({ max_concurrent: 1 })
  const running = place(enter())
  const lines = ['a', 'b', 'c', 'd'].map((caller) => line(enter(caller, { patience: 60_000 })))
  const [first, second, third] = lines
  expect(first!.standing()).toEqual({ position: 1 })
  clock.pass(4_000)
  running.leave()
  expect([first!.standing(), second!.standing()]).toEqual([undefined, { position: 1 }])
  clock.pass(4_000)
  ;(await first!.place).leave()
  expect(third!.standing()).toEqual({ position: 1, about: 4_000 })
})

test('an estimate follows the pace at which places become free', async () => {
  const { clock, enter } = setUp({ max_concurrent: 1 })
  const running = place(enter())
  const lines = ['a', 'b', 'c', 'd', 'e', 'f'].map((caller) =>
    line(enter(caller, { patience: 60_000 })),
  )
  let next = running
  for (const { place: coming } of lines.slice(0, 3)) {
    clock.pass(2_000)
    next.leave()
    next = await coming
  }
  expect(lines.slice(3).map(({ standing }) => standing()?.position)).toEqual([1, 2, 3])
  const abouts = () => lines.slice(3).map(({ standing }) => standing()?.about)
  expect(abouts()).toEqual([2_000, 4_000, 6_000])
  clock.pass(1_500)
  expect(abouts()).toEqual([500, 2_500, 4_500])
  // it is overdue: the pace slackens, and nobody is told that it is his turn
  clock.pass(6_500)
  expect(abouts()).toEqual([1_000, 5_000, 9_000])
})

test('a reload changes the limits for those who wait, too', async () => {
  const { enter, limits } = setUp({ max_concurrent: 1 })
  place(enter())
  const waiting = line(enter('me', { patience: 1_000 }))
  limits.configure(new Map([['box', providerWith({ max_concurrent: 2 })]]))
  expect((await waiting.place).key.index).toBe(0)
  limits.configure(new Map())
  expect(limits.report()).toHaveLength(1)
})

test('after any number of arrivals, departures and desertions nothing is lost and nothing leaks', async () => {
  const random = createRandom(42)
  const { clock, enter, report } = setUp({
    max_concurrent: 4,
    queue: 60,
    limits: { requests: 400, tokens: 60_000, per_key: { requests: 250 } },
    api_keys: ['one', 'two'],
  })
  const callers = ['a', 'b', 'c', 'd', 'e', 'f']
  interface Known {
    readonly id: number
    readonly caller: string
    /** Grants out of the line to others, and how many of its own stood before it. */
    passed: number
    ahead: number
    leave(): void
    desert(): void
  }
  const running = new Map<number, Place>()
  const waiting = new Map<number, Known>()
  const ends = { granted: 0, refused: 0, late: 0, left: 0 }
  const last = new Map<string, number>()
  let arrivals = 0

  const arrive = () => {
    const id = arrivals++
    const caller = random.pick(callers)
    const leaving = new AbortController()
    const tokens = Math.floor(random() * 400)
    const patience = random() < 0.2 ? 0 : Math.floor(random() * 20_000)
    try {
      const entered = enter(caller, { tokens, patience, signal: leaving.signal })
      if (!('place' in entered)) {
        ends.granted++
        running.set(id, entered)
        return
      }
      const ahead = [...waiting.values()].filter((other) => other.caller === caller).length
      const { leave } = entered
      waiting.set(id, { id, caller, passed: 0, ahead, leave, desert: () => leaving.abort() })
      entered.place.then(
        (granted) => {
          const known = waiting.get(id)!
          waiting.delete(id)
          ends.granted++
          running.set(id, granted)
          // who came first is served first
          expect(id).toBeGreaterThan(last.get(caller) ?? -1)
          last.set(caller, id)
          // and between two of one caller every other is served once at most
          expect(known.passed).toBeLessThanOrEqual((known.ahead + 1) * (callers.length - 1))
          for (const other of waiting.values()) if (other.caller !== caller) other.passed++
        },
        (error: GatewayError) => {
          waiting.delete(id)
          ends[error.code === 'client_closed' ? 'left' : 'late']++
        },
      )
    } catch {
      ends.refused++
    }
  }

  for (let step = 0; step < 25_000; step++) {
    const dice = random()
    if (dice < 0.35) arrive()
    else if (dice < 0.6) {
      const id = random.pick([...running.keys()])
      running.get(id)?.leave(random() < 0.5 ? Math.floor(random() * 800) : undefined)
      running.delete(id)
    } else if (dice < 0.66) {
      const one = random.pick([...waiting.values()])
      if (random() < 0.5) one?.desert()
      else one?.leave()
    } else clock.pass(Math.floor(random() * 300))
    await settled()
    if (step % 10 > 0) continue
    const now = report()
    expect([now.in_flight, now.waiting.length]).toEqual([running.size, waiting.size])
    expect([now.in_flight > 4, now.waiting.length > 60]).toEqual([false, false])
  }
  for (let turn = 0; turn < 200 && running.size + waiting.size > 0; turn++) {
    for (const one of running.values()) one.leave()
    running.clear()
    clock.pass(1_000)
    await settled()
  }
  expect(ends.granted + ends.refused + ends.late + ends.left).toBe(arrivals)
  expect(Math.min(...Object.values(ends))).toBeGreaterThan(100)
  expect(arrivals).toBeGreaterThan(8_000)
  expect([report().in_flight, report().waiting.length, clock.alarms]).toEqual([0, 0, 0])
})
