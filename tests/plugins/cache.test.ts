import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
  setDefaultTimeout,
} from 'bun:test'
import cache from '../../plugins/cache.ts'
import { contract } from 'sluice/testing'
import { chat, startLab, prompt, type Answer, type Lab } from '../support/lab.ts'
import { toolCalls } from '../support/recorded.ts'
import { answers, replays, status } from '../support/scripts.ts'
import { startSluice } from '../support/sluice.ts'
import { dieAfter } from '../support/spoils.ts'
import { until } from '../support/until.ts'

// each starts daemons of its own
setDefaultTimeout(60_000)

contract(cache, { disk: false })
contract(cache, { mode: 'off' })

const wanted = { headers: { 'x-openrouter-cache': 'true' } }
const told = ({ headers }: Answer) => headers.get('x-openrouter-cache-status')
const say = (content: string, more: object = {}) => ({
  messages: [{ role: 'user', content }],
  ...more,
})

let lab: Lab
let questions = 0
/** A question that nobody has asked before. */
let fresh: string
beforeEach(() => {
  fresh = `Question ${++questions}?`
})
const keys = {
  alice: { key: 'sk-alice' },
  bob: { key: 'sk-bob' },
}
const as = (name: 'alice' | 'bob', more: object = {}) => ({
  headers: { authorization: `Bearer sk-${name}`, 'x-openrouter-cache': 'true', ...more },
})

beforeAll(async () => {
  lab = await startLab({ plugins: ['cache', 'fallback'] })
})
afterAll(() => lab[Symbol.asyncDispose]())

/** What was asked of provider a since. */
const asked = async (work: () => Promise<void>): Promise<number> => {
  const before = lab.a.requests.length
  await work()
  return lab.a.requests.length - before
}

describe('the cache', () => {
  test('is off for who does not ask for it', async () => {
    const times = await asked(async () => {
      expect(told(await lab.chat(say(fresh)))).toBeNull()
      expect(told(await lab.chat(say(fresh)))).toBeNull()
    })
    expect(times).toBe(2)
  })

  test('answers again, under a new id and for nothing', async () => {
    lab.a.next(answers('Once.'))
    const first = await lab.chat(say(fresh), wanted)
    const second = await lab.chat(say(fresh), wanted)
    expect([told(first), told(second)]).toEqual(['MISS', 'HIT'])
    expect(second.text).toBe('Once.')
    expect(second.json.id).toBe(second.headers.get('x-generation-id'))
    expect(second.json.id).not.toBe(first.json.id)
    expect(second.json.created).toBeGreaterThan(first.json.created)
    expect(first.usage.total_tokens).toBeGreaterThan(0)
    expect(second.usage).toEqual({
      ...second.usage,
      prompt_tokens: 0,
      completion_tokens: 0,
      total_tokens: 0,
    })
    expect(second.headers.get('x-openrouter-cache-source-id')).toBe(
      first.headers.get('x-generation-id'),
    )
    expect(first.headers.get('x-openrouter-cache-ttl')).toBe('300')
    expect(Number(second.headers.get('x-openrouter-cache-age'))).toBeLessThan(10)
    expect(Number(second.headers.get('x-openrouter-cache-ttl'))).toBeGreaterThan(290)
    expect(second.headers.get('x-sluice-attempts')).toBe('0')
    const { choices, model } = first.json
    expect([second.json.choices, second.json.model]).toEqual([choices, model])
  })

  test('says in the record whose answer it was, and that it took nothing', async () => {
    const first = await lab.chat(say(fresh), wanted)
    const second = await lab.chat(say(fresh), wanted)
    const id = second.headers.get('x-generation-id')
    const record = await fetch(`${lab.sluice.v1}/generation?id=${id}`).then((one): Promise<any> =>
      one.json(),
    )
    expect(record.data).toMatchObject({
      response_cache_source_id: first.headers.get('x-generation-id'),
      provider_name: 'a',
      tokens_prompt: 0,
      total_cost: 0,
    })
  })

  test('gives what was streamed whole, and what was whole as a stream', async () => {
    const streamed = await lab.chat(say(fresh, { stream: true }), wanted)
    const whole = await lab.chat(say(fresh), wanted)
    const again = await lab.chat(say(fresh, { stream: true }), wanted)
    expect([streamed, whole, again].map(told)).toEqual(['MISS', 'HIT', 'HIT'])
    expect(new Set([streamed.text, whole.text, again.text]).size).toBe(1)
    expect(again.stream!.events.length).toBeGreaterThan(3)
    expect(again.stream!.events.length).toBe(streamed.stream!.events.length)

    const other = `${fresh} And?`
    const one = await lab.chat(say(other), wanted)
    const two = await lab.chat(say(other, { stream: true }), wanted)
    expect([told(two), two.text]).toEqual(['HIT', one.text])
    expect(two.usage.total_tokens).toBe(0)
  })

  test('tells nothing of a route that was not taken, but what it did to who asks here', async () => {
    const metadata = { ...wanted.headers, 'x-openrouter-metadata': 'enabled' }
    const first = await lab.chat(say(fresh), { headers: metadata })
    expect(first.json.openrouter_metadata.attempt).toBe(1)
    for (const stream of [false, true])
      expect((await lab.chat(say(fresh, { stream }), { headers: metadata })).raw).not.toContain(
        'openrouter_metadata',
      )
    const traced = { ...wanted.headers, 'x-sluice-trace': '1' }
    const again = await lab.chat(say(fresh), { headers: traced })
    expect(again.json.openrouter_metadata.attempt).toBe(0)
    expect(again.json.openrouter_metadata.pipeline).toEqual([
      {
        type: 'plugin',
        name: 'cache',
        summary: 'answered from the cache',
        data: { source: first.headers.get('x-generation-id'), age: expect.any(Number) },
      },
    ])
  })

  test('does not mind the order of fields, nor those that change nothing', async () => {
    const request = { temperature: 0, top_p: 1, ...say(fresh) }
    await lab.chat(request, wanted)
    const turned = Object.fromEntries(Object.entries({ model: 'm', ...request }).toReversed())
    for (const more of [
      {},
      { user: 'u' },
      { metadata: { a: 'b' } },
      { session_id: 's' },
      { seed: null },
    ])
      expect(told(await lab.chat({ ...turned, ...more }, wanted))).toBe('HIT')
    for (const more of [{ temperature: 0.1 }, { seed: 1 }, { n: 1 }, { provider: { only: ['a'] } }])
      expect(told(await lab.chat({ ...request, ...more }, wanted))).toBe('MISS')
  })

  test('keeps models apart, as they were asked for', async () => {
    const both = ['m', 'solo', 'm:nitro'].map((model) => lab.chat(say(fresh, { model }), wanted))
    expect((await Promise.all(both)).map(told)).toEqual(['MISS', 'MISS', 'MISS'])
    expect(told(await lab.chat(say(fresh, { model: 'solo', models: ['m'] }), wanted))).toBe('MISS')
  })

  test('reads a time to live as OpenRouter does', async () => {
    const ttls = {
      '60': '60',
      '0': '1',
      '-5': '1',
      '99999999': '86400',
      '12.9s': '12',
      soon: '300',
    }
    for (const [ttl, meant] of Object.entries(ttls)) {
      const headers = { ...wanted.headers, 'x-openrouter-cache-ttl': ttl }
      const { headers: told } = await lab.chat(say(`${fresh} ${ttl}`), { headers })
      expect(told.get('x-openrouter-cache-ttl')).toBe(meant)
    }
  })

  test('forgets what has lived long enough', async () => {
    const headers = { ...wanted.headers, 'x-openrouter-cache-ttl': '1' }
    await lab.chat(say(fresh), { headers })
    await Bun.sleep(1_100)
    expect(told(await lab.chat(say(fresh), { headers }))).toBe('MISS')
  })

  test('asks anew when it is told to clear, and keeps that', async () => {
    lab.a.next(answers('Old.'), answers('New.'))
    await lab.chat(say(fresh), wanted)
    const headers = { ...wanted.headers, 'x-openrouter-cache-clear': 'true' }
    const cleared = await lab.chat(say(fresh), { headers })
    expect([told(cleared), cleared.text]).toEqual(['MISS', 'New.'])
    expect((await lab.chat(say(fresh), wanted)).text).toBe('New.')
  })

  test('can be asked for in the request itself', async () => {
    const request = say(fresh, { plugins: [{ id: 'cache', ttl: 60 }] })
    const first = await lab.chat(request)
    expect(first.headers.get('x-openrouter-cache-ttl')).toBe('60')
    expect(first.headers.get('x-sluice-warnings')).toBeNull()
    expect(told(await lab.chat(request))).toBe('HIT')
    expect(lab.a.requests.at(-1)?.json.plugins).toBeUndefined()
    const wrong = await lab.chat(say(fresh, { plugins: [{ id: 'cache', ttl: 'long' }] }))
    expect([wrong.status, wrong.error.param]).toEqual([400, 'plugins[0].ttl'])
  })

  test('keeps tool calls', async () => {
    const call = { id: 'call_1', name: 'look', arguments: '{"at":"the sky"}' }
    lab.a.next(replays(toolCalls(call)))
    const first = await lab.chat(say(fresh, { stream: true }), wanted)
    const second = await lab.chat(say(fresh), wanted)
    expect(told(first)).toBe('MISS')
    expect(second.json.choices[0].message.tool_calls).toEqual([
      { id: 'call_1', type: 'function', function: { name: 'look', arguments: call.arguments } },
    ])
    expect(second.json.choices[0].finish_reason).toBe('tool_calls')
  })

  test('keeps no failure', async () => {
    lab.a.next(status(400, 'no'))
    expect((await lab.chat(say(fresh, { model: 'solo' }), wanted)).status).toBe(400)
    expect(told(await lab.chat(say(fresh, { model: 'solo' }), wanted))).toBe('MISS')
  })

  test('keeps nothing that was filtered, or cut where nobody wanted that', async () => {
    for (const finish of ['content_filter', 'length']) {
      lab.a.next(answers('So f', { finish }), answers('So far'))
      await lab.chat(say(`${fresh} ${finish}`), wanted)
      expect((await lab.chat(say(`${fresh} ${finish}`), wanted)).text).toBe('So far')
    }
    lab.a.next(answers('So f', { finish: 'length' }))
    await lab.chat(say(fresh, { max_tokens: 2 }), wanted)
    expect(told(await lab.chat(say(fresh, { max_tokens: 2 }), wanted))).toBe('HIT')
  })

  test('keeps nothing of a stream that broke off', async () => {
    lab.a.next(dieAfter(3, answers('One two three four five.')))
    const broken = await lab.chat(say(fresh, { model: 'solo', stream: true }), wanted)
    expect(broken.error).toBeDefined()
    expect(told(await lab.chat(say(fresh, { model: 'solo' }), wanted))).toBe('MISS')
  })
})

describe('with keys', () => {
  const locked = (options: object) =>
    startLab({ plugins: [{ auth: { keys } }, { cache: options }, 'fallback'] })

  test('nobody is answered with what somebody else was', async () => {
    await using lab = await locked({})
    const ask = (who: 'alice' | 'bob') => lab.chat({ messages: prompt }, as(who))
    expect(told(await ask('alice'))).toBe('MISS')
    expect(told(await ask('bob'))).toBe('MISS')
    expect(told(await ask('alice'))).toBe('HIT')
    expect(lab.a.requests).toHaveLength(2)
  })

  test('all are, where that is said', async () => {
    await using lab = await locked({ shared: true })
    const ask = (who: 'alice' | 'bob') => lab.chat({ messages: prompt }, as(who))
    await ask('alice')
    expect(told(await ask('bob'))).toBe('HIT')
  })
})

describe('what the YAML says', () => {
  test('may turn it on for all, whom a header turns off', async () => {
    await using lab = await startLab({
      plugins: [{ cache: { mode: 'on', ttl: '1h' } }, 'fallback'],
    })
    const first = await lab.chat()
    expect([told(first), first.headers.get('x-openrouter-cache-ttl')]).toEqual(['MISS', '3600'])
    expect(told(await lab.chat({}, { headers: { 'x-openrouter-cache': 'false' } }))).toBeNull()
    expect(told(await lab.chat())).toBe('HIT')
  })

  test('may turn it off for all', async () => {
    await using lab = await startLab({ plugins: [{ cache: { mode: 'off' } }, 'fallback'] })
    for (let at = 0; at < 2; at++) expect(told(await lab.chat({}, wanted))).toBeNull()
  })

  test('may leave out what is not meant to come out the same', async () => {
    await using lab = await startLab({
      plugins: [{ cache: { mode: 'on', temperature: 'zero', seed: 'ignore' } }, 'fallback'],
    })
    expect(told(await lab.chat({ temperature: 0.7 }))).toBeNull()
    expect(told(await lab.chat({ temperature: 0, seed: 1 }))).toBe('MISS')
    expect(told(await lab.chat({ temperature: 0, seed: 2 }))).toBe('HIT')
  })

  test('counts: another config is not answered with what the old one was', async () => {
    await using lab = await startLab({ plugins: [{ cache: { mode: 'on' } }, 'fallback'] })
    await lab.chat()
    const yaml = await Bun.file(`${lab.sluice.directory}/config.yaml`).json()
    yaml.routes.m = ['b/m']
    await lab.sluice.write('config.yaml', JSON.stringify(yaml))
    await until('b is asked', async () => (await lab.chat()).text === 'Hello from b.')
  })

  test('a preset may say it, and no header overrules its no', async () => {
    await using lab = await startLab({
      plugins: ['cache', 'fallback'],
    })
    const yaml = await Bun.file(`${lab.sluice.directory}/config.yaml`).json()
    yaml.presets = {
      kept: { cache_enabled: true, cache_ttl_seconds: 77 },
      never: { cache_enabled: false },
    }
    await using sluice = await startSluice({ config: JSON.stringify(yaml) })
    const ask = (preset: string, init?: RequestInit) =>
      chat(sluice.v1, { model: `m@preset/${preset}`, messages: prompt }, init)
    const first = await ask('kept')
    expect([told(first), first.headers.get('x-openrouter-cache-ttl')]).toEqual(['MISS', '77'])
    expect(told(await ask('kept'))).toBe('HIT')
    expect(told(await ask('kept', { headers: { 'x-openrouter-cache': 'false' } }))).toBeNull()
    expect(told(await ask('never', wanted))).toBeNull()
    expect(Object.keys(lab.a.requests.at(-1)?.json)).not.toContain('cache_enabled')
  })
})
