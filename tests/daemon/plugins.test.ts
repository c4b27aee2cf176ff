import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chat, type Answer } from '../support/lab.ts'
import { startProvider, type Provider } from '../support/provider.ts'
import { sendJson } from '../support/scripts.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

/** Shouts what the answer says, and tells on a route of its own how often it did. */
const shout = `
import { definePlugin, GatewayError, mapText, textsOf, v } from 'sluice/plugin'

export default definePlugin({
  name: 'shout',
  options: v.strictObject({ mark: v.string(), forbidden: v.optional(v.string(), 'never') }),
  setup({ mark, forbidden }, host) {
    host.http.get('/shout/count', () => ({ count: Number(host.store.get('count') ?? 0) }))
    return async function* shout(call, next) {
      if (textsOf(call.request).some((text) => text.includes(forbidden)))
        throw new GatewayError('content_policy_violation', { message: 'Not here.' })
      host.store.set('count', Number(host.store.get('count') ?? 0) + 1)
      yield* mapText(next(call), () => ({ push: (text) => text.toUpperCase(), end: () => mark }))
    }
  },
})`

/** A package that other people would install. */
const polite = {
  'node_modules/sluice-polite/package.json': JSON.stringify({
    name: 'sluice-polite',
    type: 'module',
    exports: './lib/polite.js',
  }),
  'node_modules/sluice-polite/lib/polite.js': `
import { caller, definePlugin, v } from 'sluice/plugin'
import { please } from './words.js'
export default definePlugin({
  name: 'polite',
  options: v.strictObject({}),
  setup: () => (call, next) => {
    call.vars.set(caller, { name: 'somebody polite', tags: {} })
    const [first, ...rest] = call.request.messages
    const messages = [{ ...first, content: first.content + please }, ...rest]
    return next({ ...call, request: { ...call.request, messages } })
  },
})`,
  'node_modules/sluice-polite/lib/words.js': `export const please = ', please'`,
}

const ask = (sluice: Sluice, request: object = {}): Promise<Answer> =>
  chat(sluice.v1, {
    model: 'box/m',
    messages: [{ role: 'user', content: 'Hello' }],
    ...request,
  })

let provider: Provider
beforeAll(async () => {
  provider = await startProvider({ name: 'box' })
})
afterAll(() => provider.stop())

const base = () => `
server: { log: json, discover: false }
providers: { box: { base_url: "${provider.url}" } }
`

describe('plugins of people’s own', () => {
  let sluice: Sluice
  beforeAll(async () => {
    sluice = await startSluice({
      config: `${base()}
plugins:
  - ./my-plugins/shout.ts: { mark: "!" }
  - sluice-polite
  - fallback
`,
      files: { 'my-plugins/shout.ts': shout, ...polite },
    })
  })
  afterAll(() => sluice.stop())

  test('work from a file anywhere and from a package, in the order of the YAML', async () => {
    expect(sluice.stdout()).toContain('client → shout → polite → fallback → provider')
    for (const stream of [true, false]) {
      const { text, usage } = await ask(sluice, { stream })
      expect(text).toBe('HELLO FROM BOX.!')
      expect(provider.requests.at(-1)?.json.messages).toEqual([
        { role: 'user', content: 'Hello, please' },
      ])
      expect(usage.total_tokens).toBeGreaterThan(0)
    }
  })

  test('hand on sound that they have looked at', async () => {
    provider.next((exchange) =>
      sendJson(exchange, 200, 'ID3 a fox', { 'content-type': 'audio/mpeg' }),
    )
    const response = await fetch(`${sluice.v1}/audio/speech`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'box/m', input: 'Hello', voice: 'alloy', messages: [{}] }),
    })
    expect([response.status, await response.text()]).toEqual([200, 'ID3 a fox'])
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
  })

  test('what they refuse is an error like our own', async () => {
    const { status, error } = await ask(sluice, { messages: [{ role: 'user', content: 'never' }] })
    expect([status, error.code, error.message]).toEqual([
      400,
      'content_policy_violation',
      'Not here.',
    ])
  })

  test('what they know of the caller is in the log', async () => {
    await ask(sluice)
    await until('it is logged', () =>
      sluice.log().some((line) => line.caller === 'somebody polite'),
    )
  })

  test('they have routes of their own and a store that outlives a reload', async () => {
    const count = async () =>
      ((await (await fetch(`${sluice.url}/shout/count`)).json()) as any).count as number
    const before = await count()
    expect(before).toBeGreaterThan(0)
    sluice.signal('SIGHUP')
    await until('it was reloaded', () =>
      sluice.log().some(({ message }) => message === 'config reloaded'),
    )
    await ask(sluice)
    expect(await count()).toBe(before + 1)
  })

  test('their routes are guarded like every other', async () => {
    const foreign = await fetch(`${sluice.url}/shout/count`, { headers: { host: 'evil.example' } })
    expect(foreign.status).toBe(403)
  })
})

/** Misbehaves as the request's \`user\` says. */
const odd = `
import { answerWith, deferred, definePlugin, v } from 'sluice/plugin'
const secret = new TypeError('SECRET')
const ways = {
  'throws at once': () => { throw secret },
  'throws a string': () => { throw 'SECRET' },
  'throws null': () => { throw null },
  'throws before the first chunk': async function* () { throw secret },
  'throws instead of a later answer': async function* () { await Bun.sleep(5); throw secret },
  'throws within what it looks at': async function* (call, next) {
    for await (const chunk of next(call)) yield chunk.choices.no.such.thing
  },
  'returns nothing': () => undefined,
  'returns a number': () => 5,
  'returns a promise': async () => 5,
  'returns a promise that fails': async () => { throw secret },
  'says nothing': async function* () {},
  'returns a list': () => [1, 2],
  'yields a number': async function* () { yield 5 },
  'yields null': async function* () { yield null },
  'yields a text': async function* () { yield 'data: x' },
  'yields choices that are none': async function* () { yield { choices: 5 } },
  'yields a choice that is none': async function* () { yield { choices: [null] } },
  'yields a circle': async function* () {
    const chunk = { choices: [{ index: 0, delta: { content: 'a' } }] }
    chunk.self = chunk
    yield chunk
  },
  'decides late and fails': () => deferred(async () => { await Bun.sleep(5); throw secret }),
  'decides for something that is no answer': () => deferred(async () => 5),
  'iterates with something that is no promise': () => ({
    [Symbol.asyncIterator]: () => ({ next: () => 5 }),
  }),
  'cannot even be iterated': () => ({ [Symbol.asyncIterator]: () => { throw secret } }),
  'throws after some content': async function* (call, next) {
    let n = 0
    for await (const chunk of next(call)) {
      if (n++ > 2) throw secret
      yield chunk
    }
  },
  'answers by itself': async function* () {
    const base = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'odd' }
    yield { ...base, choices: [{ index: 0, delta: { role: 'assistant', content: 'By ' } }] }
    yield { ...base, choices: [{ index: 0, delta: { content: 'myself.' }, finish_reason: 'stop' }] }
  },
  'answers by itself at once': () => answerWith({
    id: 'x', object: 'chat.completion', created: 1, model: 'odd',
    choices: [{ index: 0, delta: { role: 'assistant', content: 'At once.' }, finish_reason: 'stop' }],
  }),
  'asks many times': async function* (call, next) {
    for (let n = 0; n < 20; n++) for await (const _ of next(call));
    yield* next(call)
  },
  'asks many times at once': async function* (call, next) {
    const all = await Promise.all(Array.from({ length: 20 }, () => Array.fromAsync(next(call))))
    yield* all[7]
  },
  'opens and forgets': async function* (call, next) {
    for (let n = 0; n < 5; n++) for await (const _ of next(call)) break
    yield* next(call)
  },
  'rejects behind its back': async function* (call, next) {
    void Promise.reject(secret)
    setTimeout(() => { throw secret }, 1)
    yield* next(call)
  },
  'passes': (call, next) => next(call),
}
export default definePlugin({
  name: 'odd',
  options: v.optional(v.strictObject({})),
  setup: () => (call, next) => ways[call.request.user ?? 'passes'](call, next),
})`

const start = () =>
  startSluice({ config: `${base()}plugins: [./odd.ts]`, files: { 'odd.ts': odd } })

describe('a plugin that misbehaves', () => {
  let sluice: Sluice
  beforeAll(async () => {
    sluice = await start()
  })
  afterAll(() => sluice.stop())

  const expectBlamed = ({ error, raw }: Answer) => {
    expect(error).toMatchObject({
      code: 'plugin_error',
      type: 'api_error',
      message: 'The plugin odd failed.',
      metadata: { plugin: 'odd' },
    })
    expect(raw).not.toContain('SECRET')
    expect(raw).not.toContain('.ts')
  }

  const expectOwnFailure = async (user: string) => {
    for (const stream of [true, false]) {
      const [failed, ...others] = await Promise.all([
        ask(sluice, { user, stream }),
        ask(sluice, { stream }),
        ask(sluice, { stream: !stream }),
      ])
      expect(failed!.status).toBe(500)
      expect(failed!.headers.get('x-should-retry')).toBe('false')
      expectBlamed(failed!)
      for (const { status, text } of others) {
        expect(status).toBe(200)
        expect(text).toBe('Hello from box.')
      }
    }
  }

  test.each([
    'throws at once',
    'throws a string',
    'throws null',
    'throws before the first chunk',
    'throws instead of a later answer',
    'throws within what it looks at',
    'returns nothing',
    'returns a number',
    'returns a promise',
    'returns a list',
    'yields a number',
    'yields null',
    'yields a text',
  ])('fails its own call only, under its name: it %s', expectOwnFailure)

  // guarded() looks at rejections of generators only: not at answers that are deferred, nor at what chunks hold
  for (const way of [
    'yields choices that are none',
    'yields a choice that is none',
    'decides late and fails',
    'decides for something that is no answer',
    'iterates with something that is no promise',
    'cannot even be iterated',
  ])
    test(`fails its own call only, under its name: it ${way}`, () => expectOwnFailure(way))

  test('that says nothing at all is no success, streamed or whole', async () => {
    // streamed, the client gets 200 and [DONE]; whole, upstream_empty_response although nobody was asked
    for (const stream of [true, false]) {
      const answer = await ask(sluice, { user: 'says nothing', stream })
      expect(answer.status).toBe(500)
      expectBlamed(answer)
    }
  })

  test('ends its call as an error when it yields what cannot be written', async () => {
    const [streamed, whole] = [
      await ask(sluice, { user: 'yields a circle', stream: true }),
      await ask(sluice, { user: 'yields a circle', stream: false }),
    ]
    expect(streamed.error).toBeDefined()
    expect(whole.status).toBe(500)
  })

  test('fails in-band after some content', async () => {
    const streamed = await ask(sluice, { user: 'throws after some content', stream: true })
    expect(streamed.status).toBe(200)
    expect(streamed.text).not.toBe('')
    expect(streamed.stream!.events.at(-1).choices[0].finish_reason).toBe('error')
    expectBlamed(streamed)
  })

  test('may answer by itself, streamed or whole as the client wants it', async () => {
    for (const [user, text] of [
      ['answers by itself', 'By myself.'],
      ['answers by itself at once', 'At once.'],
    ])
      for (const stream of [true, false]) {
        const answer = await ask(sluice, { user, stream })
        expect([answer.status, answer.text]).toEqual([200, text!])
        expect(answer.headers.get('x-sluice-attempts')).toBe('0')
        expect(answer.headers.get('x-sluice-provider')).toBeNull()
        const [first] = answer.stream?.events ?? [answer.json]
        expect(first.object).toBe(stream ? 'chat.completion.chunk' : 'chat.completion')
        const finishes = (answer.stream?.events ?? [answer.json]).map(
          (event: any) => event.choices[0].finish_reason ?? null,
        )
        expect(finishes.at(-1)).toBe('stop')
      }
  })

  test.each(['asks many times', 'asks many times at once', 'opens and forgets'])(
    'is answered however often it asks: it %s',
    async (user) => {
      const { status, text, headers } = await ask(sluice, { user, stream: false })
      expect([status, text]).toEqual([200, 'Hello from box.'])
      expect(Number(headers.get('x-sluice-attempts'))).toBeGreaterThan(5)
    },
  )

  test('leaves the trace to the log and nothing in flight', async () => {
    const { headers } = await ask(sluice, { user: 'throws at once' })
    const failed = () => sluice.log().find(({ id }) => id === headers.get('x-generation-id'))
    await until('it is logged', () => failed() !== undefined)
    expect(failed().stack).toContain('odd.ts')
    await until('nothing is in flight', async () => {
      const { in_flight } = (await (await fetch(`${sluice.url}/ready`)).json()) as any
      return in_flight === 0
    })
    expect(sluice.log().filter(({ level }) => level === 'fatal')).toEqual([])
  })
})

test('a plugin that fails behind everybody’s back ends neither its call nor the process', async () => {
  const sluice = await start()
  try {
    for (const stream of [true, false]) {
      const { status, text } = await ask(sluice, { user: 'rejects behind its back', stream })
      expect([status, text]).toEqual([200, 'Hello from box.'])
    }
    await until('it is told to the operator', () =>
      ['unhandledRejection', 'uncaughtException'].every((event) =>
        sluice.log().some(({ level, message }) => level === 'fatal' && message === event),
      ),
    )
    expect((await ask(sluice)).status).toBe(200)
  } finally {
    sluice.signal('SIGTERM')
    expect(await sluice.exited).toBe(0)
    await rm(sluice.directory, { recursive: true })
  }
})

test('a plugin that is an async function which fails is no rejection that nobody handles', async () => {
  // guarded() refuses the promise but does not catch it; the commonest slip of a plugin's author is logged as fatal
  const sluice = await start()
  try {
    const { status, error } = await ask(sluice, { user: 'returns a promise that fails' })
    expect([status, error.code]).toEqual([500, 'plugin_error'])
    await ask(sluice)
    await until('both are logged', () => sluice.log().filter(({ status }) => status).length === 2)
    expect(sluice.log().filter(({ level }) => level === 'fatal')).toEqual([])
  } finally {
    sluice.signal('SIGTERM')
    await sluice.exited
    await rm(sluice.directory, { recursive: true })
  }
})

test('what stands after fallback runs once for each attempt, what stands before it once', async () => {
  const counting = (name: string) => `
import { definePlugin, v } from 'sluice/plugin'
export default definePlugin({
  name: '${name}',
  options: v.optional(v.strictObject({})),
  setup: (_, host) => async function* counted(call, next) {
    host.log.info('${name}', { model: call.request.model, provider: call.endpoint?.provider })
    yield* next(call)
  },
})`
  await using sluice = await startSluice({
    config: `${base()}
routes: { m: [down/m, box/m] }
plugins: [./outer.ts, fallback, ./inner.ts]
`.replace('providers: {', 'providers: { down: { base_url: "http://127.0.0.1:9/v1" },'),
    files: { 'outer.ts': counting('outer'), 'inner.ts': counting('inner') },
  })
  expect((await ask(sluice, { model: 'm' })).text).toBe('Hello from box.')
  const told = (name: string) =>
    sluice
      .log()
      .filter(({ message }) => message === name)
      .map(({ provider }) => provider)
  await until('it is logged', () => told('inner').length === 2)
  expect([told('outer'), told('inner')]).toEqual([[undefined], ['down', 'box']])
})

/** Opens something and closes it slowly, as a database does. */
const opening = `
import { definePlugin, v } from 'sluice/plugin'
export default definePlugin({
  name: 'opening',
  options: v.strictObject({ folder: v.string() }),
  setup({ folder }, host) {
    host.log.info('opened')
    host.onClose(async () => {
      await Bun.sleep(100)
      await Bun.write(folder + '/closed', 'well')
      host.log.info('closed')
    })
    return (call, next) => next(call)
  },
})`

test('at the end of the process what plugins opened is closed first', async () => {
  // stop() retires the gateway without waiting for its closers, and process.exit cuts them off
  const folder = await mkdtemp(join(tmpdir(), 'sluice-closing-'))
  const sluice = await startSluice({
    config: `${base()}plugins: [./opening.ts: { folder: ${folder} }]`,
    files: { 'opening.ts': opening },
  })
  await ask(sluice)
  await sluice.stop()
  const closed = await Bun.file(join(folder, 'closed')).exists()
  await rm(folder, { recursive: true })
  expect(closed).toBe(true)
})

test('a reload that fails closes what it opened on the way', async () => {
  // buildGateway forgets the closers of plugins that were set up before the one that threw
  const failing = `
import { definePlugin, v } from 'sluice/plugin'
export default definePlugin({
  name: 'failing',
  options: v.optional(v.strictObject({})),
  setup() { throw new Error('no database') },
})`
  const config = (more: string) =>
    `${base()}plugins: [./opening.ts: { folder: ${tmpdir()} }${more}]`
  const sluice = await startSluice({
    config: config(''),
    files: { 'opening.ts': opening, 'failing.ts': failing },
  })
  const count = (name: string) => sluice.log().filter(({ message }) => message === name).length
  try {
    await sluice.write('config.yaml', config(', ./failing.ts'))
    await until('it was refused', () => count('config not reloaded; the one before stays') === 1)
    await until('the second was closed', () => count('closed') === 1, 1_000)
  } finally {
    await sluice.stop()
  }
})

test('what a plugin logs while it is set up is printed at the start too', async () => {
  // configureLog comes after the first gateway is built
  const sluice = await startSluice({
    config: `${base()}plugins: [./opening.ts: { folder: ${tmpdir()} }]`,
    files: { 'opening.ts': opening },
  })
  try {
    await until(
      'it is printed',
      () => sluice.log().some(({ message }) => message === 'opened'),
      500,
    )
  } finally {
    await sluice.stop()
  }
})
