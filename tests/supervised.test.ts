import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mapText } from '../src/text/answer.ts'
import type { Call, Chunk, Handler, Middleware } from '../src/chat.ts'
import { collect } from '../src/fold.ts'
import { GatewayError } from '../src/errors.ts'
import { guarded } from '../src/plugins/supervision/guarded.ts'
import { answer, batchesOf, deferred, type Batch } from '../src/stream.ts'
import type { Supervision } from '../src/plugins/supervision/supervision.ts'
import { fails, fakeCall, says, saysAll, scripted } from '../src/testing.ts'
import { notices, timings } from '../src/told.ts'
import { until } from './support/until.ts'

setDefaultTimeout(30_000)

const skip: Supervision = { skip: true, request: Infinity, chunk: Infinity }
const hasty: Supervision = { skip: false, request: 50, chunk: 50 }
const never = () => new Promise<never>(() => undefined)
const streamed = () => fakeCall({ stream: true })
const text = 'The quick brown fox.'

const read = async (chunks: AsyncIterable<Chunk>) => {
  const seen: Chunk[] = []
  try {
    for await (const chunk of chunks) seen.push(chunk)
  } catch (error) {
    return { seen, error: error as GatewayError }
  }
  return { seen, error: undefined }
}
const said = (seen: readonly Chunk[]): string =>
  seen.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join('')

const run = async (
  middleware: Middleware,
  supervision: Supervision,
  provider: Handler = says(text),
  call: Call = streamed(),
) => {
  const { seen, error } = await read(guarded('odd', middleware, supervision)(call, provider))
  return {
    text: said(seen),
    error: error && [error.code, error.message],
    notices: call.vars.get(notices),
  }
}

const slip = (): never => {
  throw new TypeError('SECRET')
}

describe('a call goes on without a plugin that', () => {
  const told = ['odd: failed; the call goes on without it']
  const ways: Record<string, Middleware> = {
    'throws at once': () => slip(),
    'returns nothing': () => undefined as never,
    'is an async function': (async () => slip()) as never,
    'throws before it asks': async function* (call, next) {
      slip()
      yield* next(call)
    },
    'yields garbage': async function* () {
      yield 5 as never
    },
    'says nothing': async function* () {},
    'says nothing of what it took': async function* (call, next) {
      for await (const _ of next(call)) if (!_) yield _
    },
    'throws at the first chunk': async function* (call, next) {
      for await (const chunk of next(call)) yield (chunk as any).no.such.thing
    },
    'throws at a later chunk that it held back': async function* (call, next) {
      let held = 0
      for await (const _ of next(call)) if (held++ > 2) yield slip()
    },
    'throws after all of it': async function* (call, next) {
      await collect(next(call))
      yield slip()
    },
    'throws while a chunk is on its way': async function* (call, next) {
      const chunks = next(call)[Symbol.asyncIterator]()
      await chunks.next()
      void chunks.next()
      yield slip()
    },
    'decides for no answer': () => deferred(async () => 5 as never),
    'gives batches that are none': () => answer({ next: () => 5 as never }),
    'asks twice': async function* (call, next) {
      await collect(next(call))
      for await (const _ of next(call)) yield slip()
    },
  }

  test.each(Object.entries(ways))('%s', async (_, middleware) => {
    for (const call of [streamed(), fakeCall()])
      expect(await run(middleware, skip, says(text), call)).toEqual({
        text,
        error: undefined,
        notices: told,
      })
  })

  test('fails wherever it fails: not a chunk is lost, none comes twice', async () => {
    const provider = saysAll(text, 6, 3)
    const plain = (await read(provider(streamed()))).seen
    const takes = (count: number, leaves: boolean, waits: boolean): Middleware =>
      async function* failing(call, next) {
        const chunks = next(call)[Symbol.asyncIterator]()
        for (let taken = 0; taken < count; taken++) await chunks.next()
        const more = chunks.next()
        if (waits) await more
        if (leaves) await chunks.return?.()
        yield slip()
      }
    for (let count = 0; count < plain.length; count++)
      for (const leaves of [true, false])
        for (const waits of [true, false]) {
          const handler = guarded('odd', takes(count, leaves, waits), skip)
          expect((await read(handler(streamed(), provider))).seen).toEqual(plain)
        }
  })

  test('takes too long, before it asks and after', async () => {
    const patient = { ...hasty, skip: true }
    const late = Promise.withResolvers<void>()
    const zombie: Middleware = async function* (call, next) {
      for await (const chunk of next(call)) {
        await late.promise
        yield chunk
      }
    }
    const provider = scripted(says(text))
    expect((await run(() => deferred(never), patient, provider)).text).toBe(text)
    const reading = run(zombie, patient, provider)
    setTimeout(late.resolve, 300)
    expect(await reading).toEqual({ text, error: undefined, notices: told })
    expect(provider.calls).toHaveLength(2)
  })

  test('leaves its inner answer running until it is known whether that is needed', async () => {
    let ended = 0
    const provider: Handler = async function* (call) {
      try {
        yield* says(text)(call)
      } finally {
        ended++
      }
    }
    const second: Middleware = async function* (call, next) {
      for await (const _ of next(call)) break
      expect(ended).toBe(0)
      const chunks = next(call)
      expect(ended).toBe(1)
      yield* chunks
    }
    expect((await run(second, skip, provider)).text).toBe(text)
    expect(ended).toBe(2)
  })
})

describe('a call does not go on without a plugin', () => {
  test('that refuses it', async () => {
    const refuses = fails('guardrail_blocked')
    expect((await run(refuses, skip)).error?.[0]).toBe('guardrail_blocked')
  })

  test('through which an error of what it wraps passes', async () => {
    const passes: Middleware = async function* (call, next) {
      yield* next(call)
    }
    const provider = scripted(fails('upstream_error'))
    const { error, notices } = await run(passes, skip, provider)
    expect([error?.[0], notices]).toEqual(['upstream_error', []])
    const broken = await run(passes, skip, () =>
      deferred(() => Promise.reject(new RangeError('not of the plugin'))),
    )
    expect(broken.error?.[1]).toBe('not of the plugin')
    expect(provider.calls).toHaveLength(1)
  })

  test('that has handed something on', async () => {
    const later: Middleware = async function* (call, next) {
      let n = 0
      for await (const chunk of next(call)) {
        if (n++ > 2) slip()
        yield chunk
      }
    }
    const { text: heard, error, notices } = await run(later, skip)
    expect(heard.length).toBeGreaterThan(3)
    expect([error, notices]).toEqual([['plugin_error', 'The plugin odd failed.'], []])
  })

  test('unless the YAML says so', async () => {
    const { error } = await run(() => slip(), hasty)
    expect(error).toEqual(['plugin_error', 'The plugin odd failed.'])
  })
})

describe('a plugin’s own time', () => {
  const request = 'The plugin odd did not pass the request on within 50 ms.'
  const chunk = 'The plugin odd took more than 50 ms for a piece of the answer.'
  const ways: Record<string, readonly [Middleware, string]> = {
    'before it asks': [() => deferred(never), request],
    'before it asks, as a generator': [
      async function* (call, next) {
        await never()
        yield* next(call)
      },
      request,
    ],
    'before it hands the first chunk on': [
      async function* (call, next) {
        for await (const _ of next(call)) yield await never()
      },
      chunk,
    ],
    'in the middle': [
      async function* (call, next) {
        let n = 0
        for await (const one of next(call)) {
          if (n++ > 2) await never()
          yield one
        }
      },
      chunk,
    ],
    'at the end': [
      async function* (call, next) {
        yield* next(call)
        await never()
      },
      chunk,
    ],
  }

  test.each(Object.entries(ways))('ends a call that it is over in: %s', async (_, [way, words]) => {
    let ended = 0
    const provider: Handler = async function* (call) {
      try {
        yield* says(text)(call)
        if (call.request.stream === true) yield { choices: [], usage: null }
      } finally {
        ended++
      }
    }
    const { error } = await run(way, hasty, provider)
    expect(error).toEqual(['plugin_error', words])
    if (words === chunk) await until('what it wraps has ended', () => ended === 1)
  })

  test('is neither that of what it wraps nor the client’s', async () => {
    const slow: Handler = async function* (call) {
      await Bun.sleep(600)
      yield* says(text, 10)(call)
    }
    const shout: Middleware = (call, next) =>
      mapText(next(call), () => ({ push: (piece) => piece.toUpperCase(), end: () => '' }))
    const call = streamed()
    call.vars.set(timings, [])
    const patient = { skip: false, request: 400, chunk: 400 }
    let heard = ''
    for await (const one of guarded('odd', shout, patient)(call, slow)) {
      if (heard === '') await Bun.sleep(600)
      heard += said([one])
    }
    expect(heard).toBe(text.toUpperCase())
    const [timing] = call.vars.get(timings)!
    expect(timing).toMatchObject({ plugin: 'odd', pieces: 5 })
    expect(timing!.ms).toBeLessThan(600)
  })

  test('does not run while the event loop stands still', async () => {
    const patient: Middleware = async function* (call, next) {
      await Bun.sleep(20)
      yield* next(call)
    }
    const reading = run(patient, { ...hasty, request: 300 })
    await Bun.sleep(1)
    Bun.sleepSync(1_000)
    expect((await reading).text).toBe(text)
  })

  test('that settles too late rejects nowhere', async () => {
    const late: Middleware = () => deferred(() => Bun.sleep(250).then(slip))
    expect((await run(late, hasty)).error?.[1]).toBe(request)
    await Bun.sleep(200)
  })

  test('that is over asks nobody any more', async () => {
    const provider = scripted(says(text))
    let refused: unknown
    const late: Middleware = async function* (call, next) {
      await Bun.sleep(250)
      try {
        yield* next(call)
      } catch (error) {
        refused = error
      }
    }
    await run(late, hasty, provider)
    await until('it has tried', () => refused !== undefined)
    expect(provider.calls).toHaveLength(0)
  })

  test('ends also when the client has left', async () => {
    const clinging: Middleware = async function* (call, next) {
      try {
        yield* next(call)
      } finally {
        await never()
      }
    }
    for await (const _ of guarded('odd', clinging, hasty)(streamed(), says(text))) break
  })
})

test('an answer without end leaves everybody else a turn, and ends when the client leaves', async () => {
  const controller = new AbortController()
  const endless: Middleware = async function* () {
    for (;;) yield { choices: [{ index: 0, delta: {} }] }
  }
  const call = fakeCall({}, { signal: controller.signal })
  setTimeout(() => controller.abort(), 10)
  const { error } = await run(endless, hasty, says(text), call)
  expect(error?.[0]).toBe('client_closed')
})

test('who looks at nothing is not wrapped, and what is taken out of an answer by nobody stays together', async () => {
  const batch: Batch = { chunks: [], bytes: new Uint8Array([1]) }
  const inner = answer(
    (async function* () {
      yield batch
    })(),
  )
  const passes = guarded('odd', (call, next) => next(call), { ...hasty, skip: true })
  expect(passes(streamed(), () => inner)).toBe(inner)
  const waits = guarded('odd', (call, next) => deferred(async () => next(call)), skip)
  const { value } = await batchesOf(waits(streamed(), () => inner)).next()
  expect(value).toBe(batch)
})

test('times are told of each plugin once, outermost first, whatever order they end in', async () => {
  const call = streamed()
  call.vars.set(timings, [])
  const twice = guarded('outer', async function* (given, next) {
    await collect(next(given))
    yield* next(given)
  })
  const inner = guarded('inner', async function* (given, next) {
    yield* next(given)
  })
  await collect(twice(call, (given) => inner(given, says(text, 10))))
  expect(call.vars.get(timings)).toEqual([
    { plugin: 'outer', ms: expect.any(Number), pieces: 5 },
    { plugin: 'inner', ms: expect.any(Number), pieces: 10 },
  ])
})
