import { describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  caller,
  collect,
  GatewayError,
  notices,
  stages,
  type Call,
  type Candidate,
  type Chunk,
  type Handler,
  type Request,
} from 'sluice/plugin'
import { contract, fails, fakeCall, mount, says } from 'sluice/testing'
import { atCandidate } from '../../src/router/plan.ts'
import { demo } from '../../src/config/provider.ts'
import reasoning from '../../plugins/reasoning.ts'

contract(reasoning, {})
contract(reasoning, { think_tags: true }, { text: '<think>Hm, so.</think>Four is the answer.' })
contract(reasoning, { think_tags: 'inside' }, { text: 'Hm, so.\n</think>\n\nFour is the answer.' })
contract(reasoning, {}, { request: { reasoning: { effort: 'high', exclude: true } } })
contract(reasoning, {
  default: 'provider',
  think_tags: true,
  budget: { tokens: 1_000_000 },
})

const candidate = (model: string, facts: object = {}, provider: object = {}): Candidate => ({
  model,
  route: model,
  endpoint: { provider: 'p', model },
  provider: { ...demo, name: 'p', dialects: ['openai'], ...provider },
  facts,
  notes: [],
})

/** As `fallback` does it: who is asked is chosen behind the plugin. */
const at =
  (chosen: Candidate, provider: Handler): Handler =>
  (call) =>
    provider(atCandidate(call, chosen))

const folder = () => mkdtempSync(join(tmpdir(), 'sluice-reasoning-'))

interface Asked {
  readonly call: Call
  readonly sent: Request | undefined
  readonly error: GatewayError | undefined
}

const ask = async (
  options: object,
  chosen: Candidate,
  request: Partial<Request>,
  host: object = {},
): Promise<Asked> => {
  const call = fakeCall({ model: chosen.model, ...request })
  let sent: Request | undefined
  const provider: Handler = (asked) => {
    sent = asked.request
    return says('Hi.')(asked)
  }
  const handler = await mount(reasoning, options, at(chosen, provider), host)
  const error = await collect(handler(call)).then(
    () => undefined,
    (thrown) => thrown as GatewayError,
  )
  return { call, sent, error }
}

const thinker = candidate('maker/thinker', {
  reasoning: { default_enabled: true, mandatory: false },
})
const effortOnly = candidate('maker/effort', {
  reasoning: {
    mandatory: true,
    supported_efforts: ['high', 'medium', 'low'],
    supports_max_tokens: false,
  },
})
const budgeter = candidate('maker/budget', {
  max_completion_tokens: 10_000,
  reasoning: { default_enabled: false, supports_max_tokens: true },
})

describe('ceilings', () => {
  test.each([
    [{ max_effort: 'medium' }, effortOnly, { effort: 'high' }, { effort: 'medium' }],
    [{ max_effort: 'low' }, budgeter, { max_tokens: 6_000 }, { max_tokens: 2_000 }],
    [{ max_effort: 'low' }, budgeter, { enabled: true }, { effort: 'low' }],
    [{ max_tokens: 3_000 }, budgeter, { max_tokens: 6_000 }, { max_tokens: 3_000 }],
    [{ max_tokens: 3_000 }, budgeter, { effort: 'high' }, { max_tokens: 3_000 }],
    [{ max_tokens: 3_000 }, budgeter, { enabled: true }, { max_tokens: 3_000 }],
    [{ max_effort: 'low' }, budgeter, { effort: 'high', max_tokens: 100 }, { effort: 'low' }],
    [{ max_tokens: 20_000 }, effortOnly, { effort: 'high' }, { effort: 'low' }],
  ] as const)('%j lowers what is above', async (options, chosen, wish, expected) => {
    const { sent, call } = await ask(options, chosen, { reasoning: wish })
    expect(sent?.reasoning).toEqual(expected)
    expect(call.vars.get(notices).join()).toContain('reasoning: lowered to')
    expect(call.vars.get(stages)).toMatchObject([{ name: 'reasoning', data: expected }])
  })

  test.each([
    [{ max_effort: 'high' }, effortOnly, { effort: 'high' }],
    [{ max_tokens: 6_000, max_effort: 'high' }, budgeter, { max_tokens: 6_000 }],
    [{ max_effort: 'medium' }, budgeter, { enabled: true, summary: 'auto' }],
  ] as const)('%j leaves what is within as it is', async (options, chosen, wish) => {
    const { sent, call } = await ask(options, chosen, { reasoning: wish })
    expect(sent?.reasoning).toBe(wish)
    expect([call.vars.get(notices), call.vars.get(stages)]).toEqual([[], []])
  })
})

describe('what models know', () => {
  test('an effort becomes the nearest that there is, a budget of one that knows none an effort', async () => {
    for (const [wish, effort] of [
      [{ effort: 'xhigh' }, 'high'],
      [{ effort: 'minimal' }, 'low'],
      [{ max_tokens: 1_000 }, 'low'],
      [{ max_tokens: 60_000 }, 'high'],
    ] as const) {
      const { sent, call } = await ask({}, effortOnly, { reasoning: wish })
      expect(sent?.reasoning).toEqual({ effort })
      expect(call.vars.get(notices)).toEqual([])
    }
  })

  test('the catalog knows better than the name', async () => {
    const quiet = candidate('qwen3-8b', { reasoning: { default_enabled: false } })
    expect((await ask({}, quiet, {})).sent?.reasoning).toBeUndefined()
    const must = candidate('gpt-5.2', {
      reasoning: { mandatory: true, supported_efforts: ['high', 'low'] },
    })
    expect((await ask({}, must, {})).sent?.reasoning).toEqual({ effort: 'low' })
    const none = candidate('x/y', { supported_parameters: ['tools'] })
    expect((await ask({ default: 'high' }, none, {})).sent?.reasoning).toBeUndefined()
  })
})

describe('the default', () => {
  test('is off, and may be the provider’s, or an effort for models that can think', async () => {
    expect((await ask({}, thinker, {})).sent?.reasoning).toEqual({ effort: 'none', enabled: false })
    expect((await ask({ default: 'provider' }, thinker, {})).sent?.reasoning).toBeUndefined()
    expect((await ask({ default: 'low' }, thinker, {})).sent?.reasoning).toEqual({ effort: 'low' })
    expect((await ask({ default: 'low' }, candidate('m'), {})).sent?.reasoning).toBeUndefined()
    const off = await ask({ default: 'low' }, thinker, { reasoning: { enabled: false } })
    expect(off.sent?.reasoning).toMatchObject({ enabled: false })
  })

  test('does not hold where anything is asked', async () => {
    for (const request of [
      { reasoning: {} },
      { reasoning: { summary: 'auto' } },
      { include_reasoning: true },
      { reasoning_effort: 'high' },
    ])
      expect((await ask({}, thinker, request)).sent).toMatchObject(request)
    const named = candidate('qwen/qwen3-30b:thinking')
    expect((await ask({}, named, {})).sent?.reasoning).toBeUndefined()
    expect((await ask({}, thinker, { reasoning: { exclude: true } })).sent?.reasoning).toEqual({
      exclude: true,
      effort: 'none',
      enabled: false,
    })
  })
})

describe('an allow-list', () => {
  const asks = { reasoning: { effort: 'high' } }
  const host = { canonical: (model: string) => model.replace(/:.*/, '') }

  test('lets its models think, by their names, without variants, or by provider', async () => {
    for (const allow of [['maker/*'], ['p/maker/thinker'], ['other', 'maker/thinker']])
      expect((await ask({ allow }, thinker, asks, host)).sent).toMatchObject(asks)
    const variant = { ...thinker, model: 'maker/thinker:nitro' }
    expect((await ask({ allow: ['maker/thinker'] }, variant, asks, host)).sent).toMatchObject(asks)
  })

  test('switches the others off, and says so, or refuses', async () => {
    const allow = ['other/*']
    const { sent, call } = await ask({ allow }, thinker, asks)
    expect(sent?.reasoning).toEqual({ effort: 'none', enabled: false })
    expect(call.vars.get(notices)).toEqual([
      'reasoning: this model may not think here, so it is off',
    ])
    const least = await ask({ allow }, effortOnly, asks)
    expect(least.sent?.reasoning).toEqual({ effort: 'low' })
    expect(least.call.vars.get(notices)[0]).toEndWith('so it is as little as the model can')
    const refused = await ask({ allow, when_not_allowed: 'refuse' }, thinker, asks)
    expect([refused.error?.status, refused.error?.details.param, refused.sent]).toEqual([
      403,
      'reasoning',
      undefined,
    ])
    const silent = await ask({ allow, when_not_allowed: 'refuse' }, thinker, {})
    expect(silent.error).toBeUndefined()
  })
})

const thinks = (tokens: number | undefined, text = 'Hm.'): Handler =>
  async function* thinking(call) {
    const base = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' }
    const details = [
      { type: 'reasoning.text', text, signature: 'sig', index: 0 },
      { type: 'reasoning.encrypted', data: 'sealed', index: 1 },
    ]
    const delta = { reasoning: text, reasoning_content: text, reasoning_details: details }
    const usage = {
      prompt_tokens: 3,
      completion_tokens: 9_000,
      total_tokens: 9_003,
      ...(tokens !== undefined && { completion_tokens_details: { reasoning_tokens: tokens } }),
    }
    if (call.request.stream === true) {
      yield { ...base, choices: [{ index: 0, delta }] }
      yield { ...base, choices: [{ index: 0, delta: { content: 'Hi.' }, finish_reason: 'stop' }] }
      yield { ...base, choices: [], usage }
    } else
      yield {
        ...base,
        choices: [{ index: 0, delta: { ...delta, content: 'Hi.' }, finish_reason: 'stop' }],
        usage,
      }
  }

describe('hidden thoughts', () => {
  for (const stream of [true, false])
    test(`never reach the client (stream: ${stream}), but are paid for`, async () => {
      for (const request of [
        { reasoning: { effort: 'low', exclude: true } },
        { reasoning_effort: 'low', include_reasoning: false },
      ]) {
        const handler = await mount(reasoning, {}, at(budgeter, thinks(7)))
        const whole = await collect(
          handler(fakeCall({ model: budgeter.model, stream, ...request })),
        )
        expect(JSON.stringify(whole)).not.toMatch(/Hm|sig|sealed|reasoning_details/)
        expect(whole?.choices?.[0]?.delta?.content).toBe('Hi.')
        expect(whole?.usage?.completion_tokens_details).toEqual({ reasoning_tokens: 7 })
      }
    })

  test('stay hidden where another plugin answers, such as a cache', async () => {
    const handler = await mount(reasoning, {}, thinks(7))
    const whole = await collect(handler(fakeCall({ reasoning: { exclude: true } })))
    expect(JSON.stringify(whole)).not.toMatch(/Hm|sig|sealed/)
    const shown = await collect(handler(fakeCall()))
    expect(JSON.stringify(shown)).toContain('Hm')
  })

  test('leave a client of Responses what it must give back and cannot read', async () => {
    const handler = await mount(reasoning, {}, at(budgeter, thinks(7)))
    const request = {
      model: budgeter.model,
      messages: [],
      reasoning: { exclude: true, effort: 'low' },
    }
    const source = { format: 'responses', json: { text: '{}', value: {} }, request } as const
    const whole = await collect(handler(fakeCall(request, { source })))
    expect(whole?.choices?.[0]?.delta?.reasoning_details).toEqual([
      { type: 'reasoning.encrypted', data: 'sealed', index: 1 },
    ])
    expect(JSON.stringify(whole)).not.toMatch(/Hm|sig/)
  })
})

describe('a budget', () => {
  const callOf = (name: string, more: Partial<Request> = {}): Call => {
    const call = fakeCall({ model: budgeter.model, reasoning: { max_tokens: 500 }, ...more })
    call.vars.set(caller, { name, tags: {} })
    return call
  }
  const options = (when_spent: 'refuse' | 'downgrade', tokens = 1_000) => ({
    budget: { tokens, when_spent },
  })

  const lab = async (
    provider: Handler,
    settings = options('refuse'),
    directory = folder(),
    store?: object,
  ) => {
    const closing: (() => void | Promise<void>)[] = []
    const sent: Request[] = []
    const seen: Handler = (call) => {
      sent.push(call.request)
      return provider(call)
    }
    const handler = await mount(reasoning, settings, at(budgeter, seen), {
      directory: () => directory,
      onClose: (close) => void closing.push(close),
      ...store,
    })
    return { handler, sent, directory, close: () => closing.forEach((close) => void close()) }
  }

  const outcome = (answered: AsyncIterable<Chunk>) =>
    collect(answered).then(
      () => 200,
      (thrown) => (thrown as GatewayError).status,
    )

  test('is spent by what providers counted, for each caller alone, and survives a restart', async () => {
    const first = await lab(thinks(600))
    expect(await outcome(first.handler(callOf('ann')))).toBe(200)
    expect(await outcome(first.handler(callOf('ann', { stream: true })))).toBe(200)
    expect(await outcome(first.handler(callOf('ann')))).toBe(429)
    expect(await outcome(first.handler(callOf('bob')))).toBe(200)
    first.close()
    const second = await lab(thinks(600), options('refuse'), first.directory)
    expect(await outcome(second.handler(callOf('ann')))).toBe(429)
    expect(await outcome(second.handler(callOf('bob')))).toBe(200)
    second.close()
  })

  test('where it is spent, the refusal says until when, and requests that do not think pass', async () => {
    const { handler, sent } = await lab(thinks(1_000))
    await collect(handler(callOf('ann')))
    const error = await collect(handler(callOf('ann'))).catch((thrown) => thrown as GatewayError)
    if (!(error instanceof GatewayError)) throw error
    expect([error.code, error.status, error.details.param, error.retryable]).toEqual([
      'caller_limit_exceeded',
      429,
      'reasoning',
      false,
    ])
    expect(error.message).toContain('midnight UTC')
    expect(error.retryAfter).toBeGreaterThan(0)
    expect(error.retryAfter).toBeLessThanOrEqual(86_400)
    expect(await outcome(handler(callOf('ann', { reasoning: undefined })))).toBe(200)
    expect(sent).toHaveLength(2)
  })

  test('or the thoughts are left out, and the client hears of it', async () => {
    const { handler, sent } = await lab(thinks(1_000), options('downgrade'))
    await collect(handler(callOf('ann')))
    const call = callOf('ann')
    await collect(handler(call))
    expect(sent.at(-1)?.reasoning).toEqual({ effort: 'none', enabled: false })
    expect(call.vars.get(notices)).toEqual([
      'reasoning: the tokens of today are spent, so it is off',
    ])
  })

  test('counts what nobody asked for, and is as spent for a second attempt as for the first', async () => {
    const directory = folder()
    const { handler } = await lab(thinks(1_000), options('downgrade'), directory)
    const other = candidate('maker/other')
    const silent = fakeCall({ model: other.model, reasoning: { enabled: false } })
    await collect(
      (
        await mount(reasoning, options('downgrade'), at(other, thinks(1_000)), {
          directory: () => directory,
        })
      )(silent),
    )
    const sent: unknown[] = []
    const twice: Handler = (call) => {
      for (let attempt = 0; attempt < 2; attempt++)
        sent.push(atCandidate(call, budgeter).request.reasoning)
      return says('Hi.')(call)
    }
    const again = await mount(reasoning, options('downgrade'), twice, {
      directory: () => directory,
    })
    await collect(again(fakeCall({ model: budgeter.model, reasoning: { effort: 'high' } })))
    expect(sent).toEqual([
      { effort: 'none', enabled: false },
      { effort: 'none', enabled: false },
    ])
    expect(await outcome(handler(callOf('ann')))).toBe(200)
  })

  test('counts the text that was seen where the provider counts nothing', async () => {
    const { handler } = await lab(thinks(undefined, 'word '.repeat(2_000)))
    expect(await outcome(handler(callOf('ann', { stream: true })))).toBe(200)
    expect(await outcome(handler(callOf('ann')))).toBe(429)
  })

  test('cannot be overrun by a hundred calls at once', async () => {
    const gate = Promise.withResolvers<void>()
    const provider: Handler = async function* waiting(call) {
      await gate.promise
      yield* thinks(500)(call)
    }
    const { handler, sent } = await lab(provider)
    const all = Array.from({ length: 100 }, () => outcome(handler(callOf('ann'))))
    await Bun.sleep(20)
    gate.resolve()
    const statuses = await Promise.all(all)
    expect(statuses.filter((status) => status === 200)).toHaveLength(2)
    expect(sent).toHaveLength(2)
  })

  test('what was reserved for a call that failed, or was given up, is free again', async () => {
    let turn = 0
    const provider: Handler = (call) => {
      turn++
      if (turn <= 5) return fails('upstream_error')(call)
      return thinks(0, '')(call)
    }
    const { handler } = await lab(provider)
    for (let n = 0; n < 5; n++) expect(await outcome(handler(callOf('ann')))).toBe(502)
    for (let n = 0; n < 5; n++)
      for await (const _ of handler(callOf('ann', { stream: true }))) break
    expect(await outcome(handler(callOf('ann')))).toBe(200)
  })

  test('what calls in flight may think is known to the gateway after a reload', async () => {
    const entries = new Map<string, unknown>()
    const store = {
      store: {
        get: (name: string) => entries.get(name),
        set: (name: string, value: unknown) => void entries.set(name, value),
        delete: (name: string) => void entries.delete(name),
      },
    }
    const gate = Promise.withResolvers<void>()
    const waiting: Handler = async function* waiting(call) {
      await gate.promise
      yield* thinks(1_000)(call)
    }
    const before = await lab(waiting, options('refuse'), folder(), store)
    const running = outcome(before.handler(callOf('ann', { reasoning: { max_tokens: 1_000 } })))
    await Bun.sleep(5)
    const after = await lab(thinks(1), options('refuse'), before.directory, store)
    expect(await outcome(after.handler(callOf('ann')))).toBe(429)
    gate.resolve()
    expect(await running).toBe(200)
    before.close()
    expect(await outcome(after.handler(callOf('ann')))).toBe(429)
    after.close()
  })
})
