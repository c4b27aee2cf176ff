import { describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  collect,
  GatewayError,
  notices,
  stages,
  v,
  type Call,
  type Chunk,
  type Host,
  type Message,
} from 'sluice/plugin'
import { contract, fails, fakeCall, mount, says, scripted } from 'sluice/testing'
import moderation from '../../plugins/moderation.ts'
import { createMatcher } from '../../plugins/moderation/matcher.ts'

contract(moderation, { words: ['xyzzy'] })
for (const action of ['flag', 'block'] as const)
  contract(moderation, { words: ['xyzzy'], scope: 'both', action })

type Options = v.InferInput<typeof moderation.options>

/** A moderation model that flags what has certain words. */
const judges = (flags: Record<string, string>, asked: string[][] = []): Partial<Host> => ({
  ask: (_, { operation, request }) => {
    const input = request.input as string[]
    asked.push(input)
    return (async function* judged(): AsyncGenerator<Chunk> {
      expect([operation, request.model]).toEqual(['moderations', 'openai/omni'])
      yield {
        results: input.map((text) => {
          const found = Object.entries(flags).filter(([word]) => text.includes(word))
          const names = Object.values(flags)
          return {
            flagged: found.length > 0,
            categories: Object.fromEntries(
              names.map((name) => [name, found.some(([, flag]) => flag === name)]),
            ),
            category_scores: Object.fromEntries(
              names.map((name) => [name, found.some(([, flag]) => flag === name) ? 0.6 : 0.1]),
            ),
          }
        }),
      }
    })()
  },
})

const user = (content: string): Message => ({ role: 'user', content })

const refusalOf = async (asking: Promise<unknown>): Promise<GatewayError> => {
  const error = await asking.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(GatewayError)
  return error as GatewayError
}

describe('words', () => {
  const matcher = createMatcher(['bad', 'very wrong thing', 'Straße', '坏词'])

  test.each([
    'This is bad.',
    'BAD!',
    'so-bad-it-hurts',
    'a very  wrong,\nthing',
    'VERY WRONG THING',
    'ba\u200bd',
    'ｂａｄ',
    'die straße',
    '这是坏词吗',
  ])('are found in %j', (text) => {
    expect(matcher.has(text)).toBe(true)
  })

  test.each(['badge', 'embad', 'very wrong', 'wrong thing very', '', 'strasse'])(
    'are not found in %j',
    (text) => {
      expect(matcher.has(text)).toBe(false)
    },
  )

  test('ten thousand are looked for in a megabyte at once', () => {
    const many = createMatcher(Array.from({ length: 10_000 }, (_, n) => `word${n} and more`))
    expect(many.has('word1 and less '.repeat(70_000))).toBe(false)
    expect(many.has(`${'word1 and less '.repeat(70_000)} word77 and more`)).toBe(true)
  })
})

describe('what is asked', () => {
  test('is refused for a word, of a list or a file, without saying which', async () => {
    const file = join(tmpdir(), `sluice-words-${process.pid}.txt`)
    await writeFile(file, '# house rules\nplugh  # a magic word\n\n')
    const provider = scripted(says('Hi.'))
    const handler = await mount(moderation, { words: ['xyzzy'], files: [file] }, provider)
    for (const word of ['xyzzy', 'Plugh'])
      for (const role of ['user', 'tool']) {
        const messages = [user('Hello'), { role, content: `Say ${word}!` }]
        const error = await refusalOf(collect(handler(fakeCall({ messages }))))
        expect([error.status, error.code]).toEqual([403, 'guardrail_blocked'])
        expect(error.details.metadata).toEqual({ reasons: ['words'] })
        expect(JSON.stringify([error.message, error.details])).not.toMatch(/xyzzy|plugh/i)
      }
    expect(provider.calls).toHaveLength(0)
    const system = [{ role: 'system', content: 'Never say xyzzy.' }, user('house rules')]
    await collect(handler(fakeCall({ messages: system })))
    await collect(handler(fakeCall({ prompt: 'fine' }, { operation: 'completions' })))
    const image = collect(handler(fakeCall({ prompt: 'xyzzy' }, { operation: 'images' })))
    expect((await refusalOf(image)).code).toBe('guardrail_blocked')
  })

  test('is refused by a model, for the categories that it tells', async () => {
    const provider = scripted(says('Hi.'))
    const host = judges({ fight: 'violence', fool: 'harassment' })
    const handler = await mount(moderation, { model: 'openai/omni' }, provider, host)
    const messages = [user('Let us fight'), user('you fool')]
    const { details } = await refusalOf(collect(handler(fakeCall({ messages }))))
    expect(details.metadata).toEqual({ reasons: ['violence', 'harassment'] })
    expect(provider.calls).toHaveLength(0)
    await collect(handler(fakeCall({ messages: [user('Let us eat')] })))
    expect(provider.calls).toHaveLength(1)
  })

  test('is only told of where it is flagged', async () => {
    const provider = scripted(says('Hi.'))
    const host = judges({ fight: 'violence' })
    const options: Options = { model: 'openai/omni', words: ['lake'], action: 'flag' }
    const handler = await mount(moderation, options, provider, host)
    const call = fakeCall({ messages: [user('Let us fight at the lake')] })
    expect((await collect(handler(call)))?.choices).toHaveLength(1)
    expect(call.vars.get(stages).map(({ type, summary }) => [type, summary])).toEqual([
      ['guardrail', 'flagged the request: words'],
      ['guardrail', 'flagged the request: violence'],
    ])
  })

  test('counts from the score on that the YAML says, each category for itself', async () => {
    const host = judges({ fight: 'violence', fool: 'harassment' })
    const ask = async (thresholds: Record<string, number>, text: string) => {
      const options: Options = { model: 'openai/omni', thresholds }
      const handler = await mount(moderation, options, says('Hi.'), host)
      return collect(handler(fakeCall({ messages: [user(text)] }))).then(
        () => 'passed',
        (error: GatewayError) => error.details.metadata?.reasons,
      )
    }
    expect(await ask({ violence: 0.7 }, 'fight')).toBe('passed')
    expect(await ask({ violence: 0.5 }, 'fight')).toEqual(['violence'])
    expect(await ask({ violence: 0.7 }, 'fool')).toEqual(['harassment'])
    expect(await ask({ harassment: 0.05 }, 'fight')).toEqual(['violence', 'harassment'])
  })

  test('is looked at once, though a conversation sends it again and again', async () => {
    const asked: string[][] = []
    const host = judges({ fight: 'violence' }, asked)
    const handler = await mount(moderation, { model: 'openai/omni' }, says('Hi.'), host)
    const talk = [user('One'), { role: 'assistant', content: 'Hi.' }]
    await collect(handler(fakeCall({ messages: talk.slice(0, 1) })))
    await collect(handler(fakeCall({ messages: [...talk, user('Two')] })))
    await refusalOf(collect(handler(fakeCall({ messages: [user('fight')] }))))
    await refusalOf(collect(handler(fakeCall({ messages: [user('fight')] }))))
    expect(asked).toEqual([['One'], ['Two'], ['fight']])
  })

  test('is cut to what a model can look at', async () => {
    const asked: string[][] = []
    const host = judges({ fight: 'violence' }, asked)
    const handler = await mount(moderation, { model: 'openai/omni' }, says('Hi.'), host)
    const lines = Array.from({ length: 40_000 }, (_, n) => `line ${n}, `)
    await collect(handler(fakeCall({ messages: [user(`${lines.join('')}`)] })))
    expect(asked.flat().join('')).toBe(lines.join(''))
    expect(asked.every((some) => some.length <= 32)).toBe(true)
    expect(asked.flat().every((piece) => piece.length <= 20_000)).toBe(true)
  })

  test('is cut between words, where there are any', async () => {
    const asked: string[][] = []
    const host = judges({ fight: 'violence' }, asked)
    const handler = await mount(moderation, { model: 'openai/omni' }, says('Hi.'), host)
    const words = Array.from({ length: 3_000 }, (_, n) => `ada-${n}@analytical-engines.co.uk`)
    await collect(handler(fakeCall({ messages: [user(words.join(' '))] })))
    expect(asked.flat().flatMap((piece) => piece.trim().split(' '))).toEqual(words)
    asked.length = 0
    await collect(handler(fakeCall({ messages: [user('x'.repeat(50_000))] })))
    expect(asked.flat().join('')).toHaveLength(30_000)
  })
})

describe.each([
  ['fails', () => fails()(fakeCall())],
  ['says nothing', () => says('?')(fakeCall())],
  [
    'says too little',
    async function* little(): AsyncGenerator<Chunk> {
      yield { results: [{ flagged: 'no' }] }
    },
  ],
] as const)('a model that %s', (_, answer) => {
  const ask = async (fail: 'closed' | 'open') => {
    const call = fakeCall({ messages: [user('Hello')] })
    const host: Partial<Host> = { ask: answer }
    const handler = await mount(moderation, { model: 'openai/omni', fail }, says('Hi.'), host)
    return { call, answering: collect(handler(call)) }
  }

  test('lets nothing through', async () => {
    const error = await refusalOf((await ask('closed')).answering)
    expect([error.status, error.code]).toEqual([503, 'moderation_unavailable'])
  })

  test('lets all through where that is wished, and the client hears of it', async () => {
    const { call, answering } = await ask('open')
    expect((await answering)?.choices).toHaveLength(1)
    expect(call.vars.get(notices).join()).toContain('nothing was checked')
  })
})

const told = async (chunks: AsyncIterable<Chunk>) => {
  let text = ''
  try {
    for await (const chunk of chunks) text += chunk.choices?.[0]?.delta?.content ?? ''
    return { text, error: undefined }
  } catch (error) {
    return { text, error: error as GatewayError }
  }
}

test('what only begins as a data URL does is looked at', async () => {
  for (const text of ['data: xyzzy', 'data:,xyzzy', 'data:text/plain;base64, xyzzy']) {
    const handler = await mount(moderation, { words: ['xyzzy'] }, says('ok'))
    const error = await refusalOf(collect(handler(fakeCall({ messages: [user(text)] }))))
    expect(error.code).toBe('guardrail_blocked')
  }
})

describe('an answer that a model looks at', () => {
  const options: Options = { model: 'openai/omni', scope: 'output' }
  const host = judges({ fight: 'violence' })

  test('is looked at wherever it says something', async () => {
    const deltas = [
      { reasoning: 'They fight.' },
      { refusal: 'They fight.' },
      { tool_calls: [{ index: 0, custom: { name: 'x', input: 'They fight.' } }] },
      { tool_calls: [{ index: 0, function: { name: 'x', arguments: '"They fight."' } }] },
    ]
    for (const delta of deltas) {
      const handler = await mount(
        moderation,
        options,
        async function* says() {
          yield { choices: [{ index: 0, delta }] }
          yield { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
        },
        host,
      )
      expect((await refusalOf(collect(handler(fakeCall({}))))).code).toBe('guardrail_blocked')
    }
  })

  test('is not given, nor held for ever, where it is too long for that', async () => {
    let said = 0
    const endless = async function* endless(): AsyncGenerator<Chunk> {
      for (; said < 100; said++)
        yield { choices: [{ index: 0, delta: { content: 'x'.repeat(1_000_000) } }] }
    }
    const closed = await mount(moderation, options, endless, host)
    const error = await refusalOf(collect(closed(fakeCall({}))))
    expect(error.code).toBe('moderation_unavailable')
    expect(said).toBeLessThan(10)
    const open = await mount(moderation, { ...options, fail: 'open' }, endless, host)
    for await (const { choices } of open(fakeCall({}))) {
      expect(choices?.[0]?.delta?.content).toHaveLength(1_000_000)
      if (said > 20) break
    }
    expect(said).toBeGreaterThan(20)
  })
})

describe.each([true, false])('what is answered, with stream: %p', (stream) => {
  const call = () => fakeCall({ stream })

  test('stops before a word, however it is cut', async () => {
    const options: Options = { words: ['very wrong thing', 'bad'], scope: 'output' }
    for (const text of ['This is fine. A very wrong thing. More.', 'All good, then bad.'])
      for (let piece = 1; piece < 12; piece++) {
        const handler = await mount(moderation, options, says(text, piece))
        const { text: said, error } = await told(handler(call()))
        expect(error?.code).toBe('guardrail_blocked')
        expect(said).not.toMatch(/thing|bad/)
        if (stream && piece < 4) expect(said).toMatch(/^(This is|All )/)
      }
  })

  test('comes whole where there is none', async () => {
    const options: Options = { words: ['very wrong thing', 'bad'], scope: 'output' }
    const text = 'A very wrong idea, a badge, and bad'
    for (let piece = 1; piece < 12; piece++) {
      const handler = await mount(moderation, options, says(`${text}ly`, piece))
      expect(await told(handler(call()))).toEqual({ text: `${text}ly`, error: undefined })
    }
  })

  test('is held back until a model has seen it', async () => {
    const host = judges({ fight: 'violence' })
    const options: Options = { model: 'openai/omni', scope: 'output' }
    const bad = await mount(moderation, options, says('They fight at dawn.', 3), host)
    const { text, error } = await told(bad(call()))
    expect([text, error?.details.metadata]).toEqual(['', { reasons: ['violence'] }])
    const good = await mount(moderation, options, says('They eat at dawn.', 3), host)
    expect((await told(good(call()))).text).toBe('They eat at dawn.')
  })

  test('flows where it is only flagged, and only its end waits', async () => {
    const host = judges({ fight: 'violence' })
    const options: Options = {
      model: 'openai/omni',
      words: ['dawn'],
      scope: 'both',
      action: 'flag',
    }
    const provider = says('They fight at dawn.', 3)
    const asking = call()
    const chunks: Chunk[] = []
    for await (const chunk of (await mount(moderation, options, provider, host))(asking)) {
      if (chunk.choices?.[0]?.finish_reason)
        expect(asking.vars.get(stages)[0]?.summary).toBe('flagged the answer: words, violence')
      chunks.push(chunk)
    }
    const sent: Chunk[] = []
    for await (const chunk of provider(call())) sent.push(chunk)
    expect(chunks).toEqual(sent)
  })
})

test('a request may want it, and cannot be rid of it', async () => {
  const handler = await mount(moderation, { words: ['xyzzy'] }, says('Hi.'))
  const ask = (entry: object) =>
    collect(
      handler(fakeCall({ messages: [user('xyzzy')], plugins: [{ id: 'moderation', ...entry }] })),
    )
  expect((await refusalOf(ask({}))).code).toBe('guardrail_blocked')
  expect((await refusalOf(ask({ enabled: false }))).code).toBe('guardrail_blocked')
  expect((await refusalOf(ask({ action: 'flag' }))).code).toBe('invalid_request_error')
})

test.each([
  [{}, 'expected a model, words or files'],
  [{ words: ['…'] }, 'expected letters or digits'],
  [{ words: ['a'], thresholds: { violence: 2 } }, 'Invalid value'],
  [{ model: '' }, 'is empty'],
])('options like %j are refused', (options, message) => {
  const { issues = [] } = v.safeParse(moderation.options, options)
  expect(issues.map((issue) => issue.message).join()).toContain(message)
})

test('a client that leaves while the model is asked is not told that it is down', async () => {
  const controller = new AbortController()
  const host: Partial<Host> = {
    ask: (call: Call) => {
      controller.abort()
      return fails('client_closed')(call)
    },
  }
  const handler = await mount(moderation, { model: 'openai/omni' }, says('Hi.'), host)
  const asking = collect(handler(fakeCall({}, { signal: controller.signal })))
  expect((await refusalOf(asking)).code).toBe('client_closed')
})
