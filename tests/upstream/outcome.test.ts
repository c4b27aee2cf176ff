import { afterAll, beforeAll, expect, test } from 'bun:test'
import { LRUCache } from 'lru-cache'
import { collect } from 'sluice/plugin'
import { fakeCall } from 'sluice/testing'
import { parseConfig } from '../../src/config.ts'
import { createHealth } from '../../src/router/health/health.ts'
import { InFlight } from '../../src/router/health/in-flight.ts'
import { Free } from '../../src/router/limits/free.ts'
import { Keys } from '../../src/router/health/keys.ts'
import { Limits } from '../../src/router/limits/limits.ts'
import { createRouter } from '../../src/router/router.ts'
import { createUpstream } from '../../src/upstream.ts'
import type { Outcome } from '../../src/upstream/outcome.ts'
import { createRecall } from '../../src/upstream/recall.ts'
import { startProvider, type Provider, type Script } from '../support/provider.ts'
import { answers, endless, silent, status } from '../support/scripts.ts'
import { dieAfter, late } from '../support/spoils.ts'

let box: Provider
beforeAll(async () => void (box = await startProvider({ name: 'box' })))
afterAll(() => box.stop())

const setUp = (script: Script) => {
  box.always(script)
  const heard: Outcome[] = []
  const yaml = `providers: { box: { base_url: "${box.url}", api_keys: [k0, k1], models: [echo] } }`
  const config = parseConfig(yaml, { file: 'c', directory: '/', env: {} })
  const keys = new Keys()
  const handle = createUpstream({
    config,
    catalog: { facts: () => ({}), models: () => [], version: 0 },
    router: createRouter(config),
    judged: {
      health: createHealth(new LRUCache({ max: 10 }), () => 0),
      keys,
      inFlight: new InFlight(),
    },
    limits: new Limits(keys),
    free: new Free(),
    recall: createRecall(),
    listeners: [(_call, outcome) => void heard.push(outcome)],
    plugins: () => [],
  })
  const call = (request: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal) =>
    fakeCall({ model: 'box/echo', ...request }, signal && { signal })
  return { heard, handle, call }
}

test('an answer tells its times, tokens, names and the key that it was asked with', async () => {
  const { heard, handle, call } = setUp(late(20, answers('one two three')))
  await collect(handle(call({ stream: true })))
  await collect(handle(call()))
  const [streamed, whole] = heard
  expect(streamed).toMatchObject({
    endpoint: { provider: 'box', model: 'echo' },
    key: 0,
    complete: true,
    whole: false,
    reasoned: false,
    finish: 'stop',
  })
  expect(streamed?.id).toBeString()
  expect(streamed?.model).toBeString()
  expect(streamed?.usage?.completion_tokens).toBeGreaterThan(0)
  expect(streamed?.error).toBeUndefined()
  expect(streamed?.first).toBeGreaterThanOrEqual(15)
  expect(streamed?.ms).toBeGreaterThanOrEqual(streamed?.first ?? Infinity)
  expect(whole).toMatchObject({ key: 1, complete: true, whole: true, finish: 'stop' })
  expect(whole?.first).toBeGreaterThanOrEqual(15)
})

test('a refusal tells its error and no first content', async () => {
  const { heard, handle, call } = setUp(status(500))
  await expect(collect(handle(call()))).rejects.toThrow()
  expect(heard).toHaveLength(1)
  expect(heard[0]).toMatchObject({ complete: false, error: { code: 'upstream_error' } })
  expect(heard[0]?.first).toBeUndefined()
  expect(heard[0]?.usage).toBeUndefined()
})

test('an answer that breaks off tells what it had said, counted here', async () => {
  const { heard, handle, call } = setUp(dieAfter(4, answers('one two three four five')))
  await expect(collect(handle(call({ stream: true })))).rejects.toThrow()
  expect(heard[0]).toMatchObject({ complete: false, error: { code: 'upstream_disconnected' } })
  expect(heard[0]?.first).toBeGreaterThan(0)
  expect(heard[0]?.usage).toMatchObject({ estimated: true })
  expect(heard[0]?.usage?.completion_tokens).toBeGreaterThan(0)
})

test('an answer that is given up is neither complete nor failed', async () => {
  const { heard, handle, call } = setUp(endless())
  for await (const chunk of handle(call({ stream: true }))) if (chunk.choices?.length) break
  expect(heard).toHaveLength(1)
  expect(heard[0]?.complete).toBe(false)
  expect(heard[0]?.error).toBeUndefined()
})

test('time that the client leaves an answer unread is told apart', async () => {
  const { heard, handle, call } = setUp(answers('one two three'))
  let slept = false
  for await (const chunk of handle(call({ stream: true }))) {
    if (!slept && chunk.choices?.length) await Bun.sleep(40)
    slept = true
  }
  expect(heard[0]?.complete).toBe(true)
  expect(heard[0]?.held).toBeGreaterThanOrEqual(30)
})

test('a client that leaves before anything is said is told as such, once', async () => {
  const { heard, handle, call } = setUp(silent())
  const leaving = new AbortController()
  const asked = collect(handle(call({ stream: true }, leaving.signal)))
  await Bun.sleep(20)
  leaving.abort()
  await expect(asked).rejects.toThrow()
  expect(heard.map(({ error }) => error?.code)).toEqual(['client_closed'])
})

const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
]

test.each([
  ['that fit', '{"city":"Zürich"}', 'get_weather', 'tool_calls', true],
  ['that do not', '{"town":"Zürich"}', 'get_weather', 'tool_calls', false],
  ['for nobody', '{"city":"Zürich"}', 'get_wether', 'tool_calls', false],
  ['that were cut', '{"city":"Zü', 'get_weather', 'length', undefined],
] as const)('tool calls %s are told as such, in pieces or whole', async (_what, ...rest) => {
  const [text, name, finish_reason, expected] = rest
  const called = { id: 'call_1', type: 'function', function: { name, arguments: text } }
  const delta = (tool: object) => ({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'echo',
    choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...tool }] }, finish_reason: null }],
  })
  const { heard, handle, call } = setUp(async (exchange) => {
    if (exchange.request.json.stream !== true) {
      const message = { role: 'assistant', content: null, tool_calls: [called] }
      await exchange.head(200, { 'content-type': 'application/json' })
      await exchange.body(
        JSON.stringify({
          id: 'c1',
          model: 'echo',
          choices: [{ index: 0, message, finish_reason }],
        }),
      )
      return exchange.end()
    }
    await exchange.head(200, { 'content-type': 'text/event-stream' })
    const pieces = [
      delta({ ...called, function: { name, arguments: '' } }),
      delta({ function: { arguments: text.slice(0, 5) } }),
      delta({ function: { arguments: text.slice(5) } }),
      { ...delta({}), choices: [{ index: 0, delta: {}, finish_reason }] },
    ]
    for (const piece of pieces) await exchange.body(`data: ${JSON.stringify(piece)}\n\n`)
    await exchange.body('data: [DONE]\n\n')
    return exchange.end()
  })
  await collect(handle(call({ stream: true, tools })))
  await collect(handle(call({ tools })))
  expect(heard.map((outcome) => outcome.tools)).toEqual([expected, expected])
})

test('nothing is told of tool calls where none were made, or none could be', async () => {
  const { heard, handle, call } = setUp(answers('one two'))
  await collect(handle(call({ tools })))
  await collect(handle(call()))
  expect(heard.map((outcome) => 'tools' in outcome)).toEqual([false, false])
})
