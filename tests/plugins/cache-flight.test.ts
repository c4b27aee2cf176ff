import { describe, expect, test, setDefaultTimeout } from 'bun:test'
import { collect, GatewayError, type Call, type Chunk, type Handler } from 'sluice/plugin'
import { fails, fakeCall, mount, says, scripted } from 'sluice/testing'
import cache from '../../plugins/cache.ts'
import { startLab, type Answer } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { answers, endless, status } from '../support/scripts.ts'
import { until } from '../support/until.ts'
import { postJson } from '../support/post.ts'

// each starts daemons of its own
setDefaultTimeout(60_000)

const told = ({ headers }: Answer) => headers.get('x-openrouter-cache-status')
const text = (chunk: Chunk | undefined) => chunk?.choices?.[0]?.delta?.content

/** A provider that says a word each time it is let. */
const letter = () => {
  let go = Promise.withResolvers<void>()
  let aborted = false
  let asked = 0
  const handler: Handler = async function* said(call: Call) {
    asked++
    call.signal.addEventListener('abort', () => (aborted = true))
    const delta = (content: string, finish_reason: string | null = null): Chunk => ({
      id: 'one',
      choices: [{ index: 0, delta: { content }, finish_reason }],
    })
    for (const word of ['One ', 'two ', 'three.']) {
      yield delta(word)
      const left = new Promise((_, reject) =>
        call.signal.addEventListener('abort', () => reject(new GatewayError('client_closed'))),
      )
      await Promise.race([go.promise, left])
      go = Promise.withResolvers()
    }
    yield delta('', 'stop')
  }
  return {
    handler,
    next: () => go.resolve(),
    get aborted() {
      return aborted
    },
    get asked() {
      return asked
    },
  }
}

const on = { mode: 'on', disk: false } as const
const streamed = (id = 'gen-one', signal = new AbortController().signal) =>
  fakeCall({ stream: true }, { id, signal })

const read = async (iterator: AsyncIterator<Chunk>): Promise<string | undefined> => {
  const { done, value } = await iterator.next()
  return done ? undefined : (value.choices?.[0]?.delta?.content ?? '')
}
const begin = (chunks: AsyncIterable<Chunk>) => chunks[Symbol.asyncIterator]()

describe('calls that are the same, at once', () => {
  test('are asked once; who comes late gets what was said, then what is said', async () => {
    const provider = letter()
    const handler = await mount(cache, on, provider.handler)
    const first = begin(handler(streamed('gen-one')))
    expect(await read(first)).toBe('One ')
    const second = begin(handler(streamed('gen-two')))
    expect(await read(second)).toBe('One ')
    provider.next()
    expect(await read(second)).toBe('two ')
    expect(await read(first)).toBe('two ')
    provider.next()
    expect(await read(first)).toBe('three.')
    provider.next()
    expect([await read(first), await read(first)]).toEqual(['', undefined])
    const rest = [await read(second), await read(second), await read(second)]
    expect(rest).toEqual(['three.', '', undefined])
    expect(provider.asked).toBe(1)
  })

  test('go on when the one who asked leaves, and stop when the last one does', async () => {
    const provider = letter()
    const handler = await mount(cache, on, provider.handler)
    const [leader, follower] = [new AbortController(), new AbortController()]
    const first = begin(handler(streamed('gen-one', leader.signal)))
    await read(first)
    const second = begin(handler(streamed('gen-two', follower.signal)))
    await read(second)
    leader.abort()
    await expect(read(first)).rejects.toThrow('left')
    provider.next()
    expect(await read(second)).toBe('two ')
    expect(provider.aborted).toBe(false)
    await second.return?.()
    expect(provider.aborted).toBe(true)
  })

  test('stop at once where a client leaves who waits for more', async () => {
    const provider = letter()
    const handler = await mount(cache, on, provider.handler)
    const controller = new AbortController()
    const whole = collect(handler(fakeCall({}, { signal: controller.signal })))
    await until('the provider is asked', () => provider.asked === 1)
    controller.abort()
    await expect(whole).rejects.toThrow('left')
    expect(provider.aborted).toBe(true)
  })

  test('are asked anew after one that nobody waited for', async () => {
    const handler = await mount(cache, on, scripted(says('First.'), says('Second.')))
    const first = begin(handler(streamed()))
    await first.next()
    await first.return?.()
    expect(text(await collect(handler(fakeCall())))).toBe('Second.')
  })

  test('all fail when it fails, and are asked anew the next time', async () => {
    const provider = scripted(fails('upstream_error'), says('Better.'))
    const handler = await mount(cache, on, provider)
    const both = [handler(streamed('gen-one')), handler(streamed('gen-two'))].map(collect)
    const settled = await Promise.allSettled(both)
    expect(settled.map((one) => one.status)).toEqual(['rejected', 'rejected'])
    expect(provider.calls).toHaveLength(1)
    expect(text(await collect(handler(fakeCall())))).toBe('Better.')
  })

  test('may want it whole while another streams it', async () => {
    const provider = scripted(says('Said in pieces.'))
    const handler = await mount(cache, on, provider)
    const [streams, whole] = await Promise.all([
      collect(handler(streamed('gen-one'))),
      collect(handler(fakeCall({}, { id: 'gen-two' }))),
    ])
    expect([text(streams), text(whole)]).toEqual(['Said in pieces.', 'Said in pieces.'])
    expect(whole?.usage?.total_tokens).toBe(0)
    expect(provider.calls).toHaveLength(1)
  })

  test('do not wait for one who reads slowly, nor is all kept for that one', async () => {
    let said = 0
    const talker: Handler = async function* talk() {
      for (; said < 200; said++)
        yield {
          choices: [{ index: 0, delta: { content: 'x'.repeat(1_000) }, finish_reason: null }],
        }
      yield { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
    }
    const handler = await mount(cache, { ...on, max_answer: '20kb' }, talker)
    const [fast, slow] = [begin(handler(streamed('gen-one'))), begin(handler(streamed('gen-two')))]
    await read(fast)
    await read(slow)
    let pieces = 1
    while ((await read(fast)) !== undefined) pieces++
    expect(pieces).toBe(201)
    await expect(
      (async () => {
        while ((await read(slow)) !== undefined);
      })(),
    ).rejects.toThrow('slowly')
    expect(said).toBe(200)
  })

  test('draw no more from the provider than is read', async () => {
    let said = 0
    const talker: Handler = async function* talk() {
      for (;;) {
        said++
        yield { choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }] }
      }
    }
    const handler = await mount(cache, on, talker)
    const one = begin(handler(streamed('gen-one')))
    for (let at = 0; at < 5; at++) await read(one)
    const two = begin(handler(streamed('gen-two')))
    for (let at = 0; at < 5; at++) await read(two)
    expect(said).toBe(5)
    await Promise.all([one.return?.(), two.return?.()])
  })
})

describe('over HTTP', () => {
  test('two hundred at once are one request', async () => {
    await using lab = await startLab({ plugins: [{ cache: { mode: 'on' } }, 'fallback'] })
    let release = () => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const held: Script = async (exchange) => {
      await gate
      await answers('For all of you.')(exchange)
    }
    lab.a.next(held)
    const all = Array.from({ length: 200 }, (_, at) => lab.chat({ stream: at % 2 === 0 }))
    await until('somebody asks', () => lab.a.requests.length > 0)
    release()
    const came = await Promise.all(all)
    expect(new Set(came.map((one) => one.text))).toEqual(new Set(['For all of you.']))
    expect(lab.a.requests).toHaveLength(1)
    expect(came.filter((one) => told(one) === 'MISS')).toHaveLength(1)
    expect(new Set(came.map(({ headers }) => headers.get('x-generation-id'))).size).toBe(200)
    expect(came.find((one) => told(one) === 'HIT')?.usage.total_tokens).toBe(0)
  })

  test('a failure has its own status for everybody', async () => {
    await using lab = await startLab({ plugins: [{ cache: { mode: 'on' } }, 'fallback'] })
    let release = () => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    lab.a.next(async (exchange) => {
      await gate
      await status(429, 'slow down')(exchange)
    })
    const both = [lab.chat({ model: 'solo' }), lab.chat({ model: 'solo', stream: true })]
    await until('somebody asks', () => lab.a.requests.length > 0)
    release()
    expect((await Promise.all(both)).map((one) => one.status)).toEqual([429, 429])
  })

  test('the provider is left when the last client has', async () => {
    await using lab = await startLab({ plugins: [{ cache: { mode: 'on' } }, 'fallback'] })
    lab.a.always(endless())
    const controllers = [new AbortController(), new AbortController()]
    const open = controllers.map(async ({ signal }) => {
      const response = await postJson(
        `${lab.sluice.v1}/chat/completions`,
        {
          model: 'solo',
          stream: true,
          messages: [{ role: 'user', content: 'Go on.' }],
        },
        { signal },
      )
      const reader = response.body!.getReader()
      await reader.read()
      return reader
    })
    await Promise.all(open)
    expect(lab.a.requests).toHaveLength(1)
    controllers[0]?.abort()
    await Bun.sleep(50)
    expect(lab.a.open).toBe(1)
    controllers[1]?.abort()
    await until('the provider is left', () => lab.a.open === 0)
  })
})
