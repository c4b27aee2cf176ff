import { describe, expect, test, setDefaultTimeout } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, fittings, notices, type Handler } from 'sluice/plugin'
import { fakeCall, mount, says, scripted } from 'sluice/testing'
import cache from '../../plugins/cache.ts'
import { startLab, type Answer, type Lab } from '../support/lab.ts'
import { runCommand } from '../support/command.ts'
import type { Script } from '../support/provider.ts'
import { answers, sendJson, status } from '../support/scripts.ts'
import { until } from '../support/until.ts'
import { postJson } from '../support/post.ts'

// each starts daemons of its own
setDefaultTimeout(60_000)

const told = ({ headers }: Answer) => headers.get('x-openrouter-cache-status')
const mail = 'ada.lovelace@analytical-engines.com'
const ask = (lab: Lab, more: object = {}, init?: RequestInit) =>
  lab.chat({ messages: [{ role: 'user', content: `Write to ${mail}.` }], ...more }, init)

/** Repeats what it was told. */
const echoes: Script = (exchange) => {
  const { messages } = exchange.request.json
  return answers(`You said: ${messages.at(-1).content}`)(exchange)
}

describe('the cache and privacy', () => {
  for (const plugins of [
    [{ cache: { mode: 'on' } }, 'privacy', 'fallback'],
    ['privacy', { cache: { mode: 'on' } }, 'fallback'],
  ])
    test(`${JSON.stringify(plugins)}: nothing private leaves, and all comes back readable`, async () => {
      await using lab = await startLab({ plugins })
      lab.a.always(echoes)
      const first = await ask(lab)
      const again = await ask(lab)
      const streamed = await ask(lab, { stream: true })
      expect([first, again, streamed].map(told)).toEqual(['MISS', 'HIT', 'HIT'])
      for (const { text } of [first, again, streamed])
        expect(text).toBe(`You said: Write to ${mail}.`)
      expect(lab.a.requests).toHaveLength(1)
      expect(JSON.stringify(lab.a.requests)).not.toContain(mail)
    })

  test('inside, one conversation’s answers are not another’s', async () => {
    await using lab = await startLab({
      plugins: ['privacy', { cache: { mode: 'on', shared: true } }, 'fallback'],
    })
    lab.a.always(echoes)
    for (const session_id of ['one', 'two', 'one']) {
      const { text } = await ask(lab, { session_id })
      expect(text).toBe(`You said: Write to ${mail}.`)
    }
    expect(lab.a.requests).toHaveLength(2)
  })
})

describe('the cache and auth', () => {
  test('in the wrong order, nobody without a key is given anything', async () => {
    await using lab = await startLab({
      plugins: [
        { cache: { mode: 'on', shared: true } },
        { auth: { keys: { ada: { key: 'sk-ada' } } } },
        'fallback',
      ],
    })
    const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })
    let release = () => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    lab.a.next(async (exchange) => {
      await gate
      await answers('For Ada.')(exchange)
    })
    const ada = lab.chat({ stream: true }, as('sk-ada'))
    await until('Ada asks', () => lab.a.requests.length === 1)
    const strangers = [lab.chat({}, as('sk-none')), lab.chat({ stream: true })]
    release()
    expect((await ada).text).toBe('For Ada.')
    expect((await Promise.all(strangers)).map((one) => one.status)).toEqual([401, 401])
    expect((await lab.chat()).status).toBe(401)
    const embed = (key: string) =>
      postJson(
        `${lab.sluice.v1}/embeddings`,
        { model: 'solo', input: 'x' },
        { headers: as(key).headers },
      )
    expect([(await embed('sk-ada')).status, (await embed('sk-none')).status]).toEqual([200, 401])
  })
})

describe('the cache and fallback', () => {
  test('inside, what an endpoint has answered is that endpoint’s', async () => {
    await using lab = await startLab({ plugins: ['fallback', { cache: { mode: 'on' } }] })
    lab.a.next(status(503))
    const first = await lab.chat()
    expect([told(first), first.text]).toEqual(['MISS', 'Hello from b.'])
    lab.a.next(status(503))
    const second = await lab.chat()
    expect([told(second), second.text]).toEqual(['HIT', 'Hello from b.'])
    expect([lab.a.requests.length, lab.b.requests.length]).toEqual([2, 1])
  })

  test('inside, another config of the routes is another answer', async () => {
    await using lab = await startLab({ plugins: ['fallback', { cache: { mode: 'on' } }] })
    expect(told(await lab.chat({ model: 'solo' }))).toBe('MISS')
    expect(told(await lab.chat({ model: 'solo', n: 2 }))).toBe('MISS')
    expect(told(await lab.chat({ model: 'solo', models: ['m'] }))).toBe('MISS')
  })

  test('the cache inside of it, and outside of auth, is warned of', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sluice-order-'))
    const config = JSON.stringify({
      server: { discover: false },
      providers: { box: { base_url: 'http://127.0.0.1:1/v1' } },
      plugins: ['cache', 'fallback', 'auth', 'cache'],
    })
    await Bun.write(join(directory, 'config.yaml'), config)
    const env = { PATH: process.env.PATH ?? '', HOME: directory }
    const { stdout, stderr } = await runCommand(['check', '--config', 'config.yaml'], {
      cwd: directory,
      env,
    })
    await rm(directory, { recursive: true })
    expect(stdout + stderr).toContain('an answer is kept for each endpoint')
    expect(stdout + stderr).toContain('no caller is known')
  })

  test('outside, an answer that had to go elsewhere is kept as any other', async () => {
    await using lab = await startLab({ plugins: [{ cache: { mode: 'on' } }, 'fallback'] })
    lab.a.next(status(503))
    await lab.chat()
    const again = await lab.chat()
    expect([told(again), again.text]).toEqual(['HIT', 'Hello from b.'])
    const id = again.headers.get('x-generation-id')
    const record = await fetch(`${lab.sluice.v1}/generation?id=${id}`)
    expect(((await record.json()) as any).data.provider_name).toBe('b')
  })
})

describe('the cache and what stands inside it', () => {
  test('plugins that are switched off for a request make it another', async () => {
    await using lab = await startLab({
      plugins: [{ cache: { mode: 'on' } }, 'privacy', 'fallback'],
    })
    lab.a.always(echoes)
    await ask(lab)
    const bare = await ask(lab, {}, { headers: { 'x-sluice-plugins': '-privacy' } })
    expect(told(bare)).toBe('MISS')
    const off = await ask(lab, {}, { headers: { 'x-sluice-plugins': '-cache' } })
    expect(told(off)).toBeNull()
  })

  test('an answer of which a plugin had to say that something was amiss is not kept', async () => {
    const provider = scripted(says('Without a search.'), says('With one.'))
    const amiss: Handler = (call) => {
      if (provider.calls.length === 0) call.vars.get(notices).push('online: the search is down')
      return provider(call)
    }
    const handler = await mount(cache, { mode: 'on', disk: false }, amiss)
    const ask = async () => (await collect(handler(fakeCall())))?.choices?.[0]?.delta?.content
    expect([await ask(), await ask(), await ask()]).toEqual([
      'Without a search.',
      'With one.',
      'With one.',
    ])
  })

  test('where somebody outside will yet change the request, conversations are apart', async () => {
    const provider = scripted(says('One.'), says('Two.'))
    const handler = await mount(cache, { mode: 'on', disk: false }, provider)
    const ask = async (session_id: string, fitted: boolean) => {
      const call = fakeCall({ session_id })
      if (fitted) call.vars.get(fittings).push(({ request }) => request)
      return (await collect(handler(call)))?.choices?.[0]?.delta?.content
    }
    expect([await ask('a', true), await ask('b', true), await ask('a', true)]).toEqual([
      'One.',
      'Two.',
      'One.',
    ])
    expect([await ask('c', false), await ask('d', false)]).toEqual(['Two.', 'Two.'])
  })

  test('betas that a provider is told of make it another', async () => {
    await using lab = await startLab({ plugins: [{ cache: { mode: 'on' } }, 'fallback'] })
    expect(told(await lab.chat())).toBe('MISS')
    expect(told(await lab.chat({}, { headers: { 'anthropic-beta': 'new-2026' } }))).toBe('MISS')
    expect(told(await lab.chat({}, { headers: { 'x-title': 'My app' } }))).toBe('HIT')
  })

  test('what was left out of a request is told again', async () => {
    await using lab = await startLab({
      plugins: [{ cache: { mode: 'on' } }, 'fallback'],
      providers: ({ a }) => ({
        claude: { dialect: 'anthropic', base_url: a.url, api_key: 'sk-provider-claude' },
      }),
    })
    const ask = () =>
      lab.chat({ model: 'claude/m', response_format: { type: 'json_object' }, max_tokens: 99 })
    const [first, second] = [await ask(), await ask()]
    expect([told(first), told(second)]).toEqual(['MISS', 'HIT'])
    expect(first.headers.get('x-sluice-warnings')).toContain('json_object')
    expect(second.headers.get('x-sluice-warnings')).toBe(first.headers.get('x-sluice-warnings'))
  })
})

describe('the pace of an answer that is given again', () => {
  const streamed = async (replay: 'full' | 'natural' | number) => {
    const handler = await mount(
      cache,
      { mode: 'on', disk: false, replay },
      async function* slow(call) {
        for await (const chunk of says('One two three four.', 4)(call)) {
          await Bun.sleep(20)
          yield chunk
        }
      },
    )
    const call = () => fakeCall({ stream: true })
    await collect(handler(call()))
    const began = performance.now()
    const again = await collect(handler(call()))
    expect(again?.choices?.[0]?.delta?.content).toBe('One two three four.')
    return performance.now() - began
  }

  test('is as fast as can be, the one it had, or so many tokens a second', async () => {
    const [full, natural, counted] = [
      await streamed('full'),
      await streamed('natural'),
      await streamed(50),
    ]
    expect(natural).toBeGreaterThan(full)
    expect(counted).toBeGreaterThan(full)
  })

  test('does not keep one who leaves', async () => {
    const handler = await mount(
      cache,
      { mode: 'on', disk: false, replay: 1 },
      says('A b c d e.', 2),
    )
    const { signal, abort } = (() => {
      const controller = new AbortController()
      return { signal: controller.signal, abort: () => controller.abort() }
    })()
    await collect(handler(fakeCall({ stream: true })))
    const reading = collect(handler(fakeCall({ stream: true }, { signal })))
    abort()
    await expect(reading).rejects.toThrow('left')
  })
})

test('rerankings and moderations are kept where that is said', async () => {
  await using lab = await startLab({
    plugins: [{ cache: { mode: 'on', operations: ['moderations'] } }, 'fallback'],
  })
  lab.a.always((exchange) =>
    sendJson(exchange, 200, { id: 'modr-1', model: 'm', results: [{ flagged: false }] }),
  )
  const moderate = async () => {
    const response = await postJson(`${lab.sluice.v1}/moderations`, {
      model: 'solo',
      input: 'Well.',
    })
    expect(((await response.json()) as any).results).toEqual([{ flagged: false }])
    return response.headers.get('x-openrouter-cache-status')
  }
  expect([await moderate(), await moderate()]).toEqual(['MISS', 'HIT'])
  expect(told(await lab.chat())).toBeNull()
})
