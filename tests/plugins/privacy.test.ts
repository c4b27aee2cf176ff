import { describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import privacy from '../../plugins/privacy.ts'
import { caller, type Call, type Chunk, type Handler, type Request } from '../../src/chat.ts'
import { GatewayError } from '../../src/errors.ts'
import { collect } from '../../src/fold.ts'
import { served } from '../../src/router/plan.ts'
import { answer, answerWith, batchesOf, textBatch } from '../../src/stream.ts'
import type { Screen } from '../../src/plugins/host.ts'
import { demo } from '../../src/config/provider.ts'
import { fakeHost, fakePlan } from '../../src/testing/fakes.ts'
import { contract, fakeCall, mount, says, scripted } from '../../src/testing.ts'
import { notices, stages } from '../../src/told.ts'
import { until } from '../support/until.ts'

const mail = 'ada.lovelace@analytical-engines.co.uk'
const phone = '+41 44 668 18 00'
const card = '4111 1111 1111 1111'
const secret = 'sk-proj-T4v9QmZ2xLr8Kd3WbN7yHs5PfJc1GuEa6RtXo0Vq'

contract(privacy, {})
contract(privacy, { answers: { email: 'redact' } })

const asks = (content: string, rest: Partial<Request> = {}): Partial<Request> => ({
  messages: [{ role: 'user', content }],
  ...rest,
})

/** What a provider reads of a request, and what the client hears. */
const through = async (
  options: Parameters<typeof mount<typeof privacy.options>>[1],
  call: Call,
  turn: Handler = says('ok'),
  host: Parameters<typeof mount>[3] = {},
) => {
  const provider = scripted(turn)
  const handler = await mount(privacy, options, provider, host)
  const chunks: Chunk[] = []
  for await (const chunk of handler(call)) chunks.push(chunk)
  const whole = await collect(
    (async function* all() {
      yield* chunks
    })(),
  )
  const [reached] = provider.calls
  return { reached, chunks, said: whole?.choices?.[0]?.delta, whole }
}

const contentOf = (call: Call | undefined): unknown => call?.request.messages?.[0]?.content

/** Says what it read. */
const echo: Handler = (call) => says(String(contentOf(call)), 3)(call)

const thrown = async (run: () => Promise<unknown>): Promise<GatewayError> => {
  try {
    await run()
  } catch (error) {
    return error as GatewayError
  }
  throw new Error('nothing was thrown')
}

describe('each kind has its action', () => {
  test('what is masked looks like it, and comes back', async () => {
    const call = fakeCall(asks(`${mail}, ${phone}, ${card}, ${secret}`, { stream: true }))
    const { reached, said } = await through({}, call, echo)
    const read = String(contentOf(reached))
    expect(read).toMatch(
      /^[a-z]{8}\.[a-z]{8}@example\.com, \+41 \d\d \d{3} \d\d \d\d, \d{4} \d{4} \d{4} \d{4}, sk-proj-\w+$/,
    )
    for (const value of [mail, phone, card, secret]) expect(read).not.toContain(value)
    expect(said?.content).toBe(`${mail}, ${phone}, ${card}, ${secret}`)
  })

  test('what is redacted stays away, in OpenRouter’s words', async () => {
    const call = fakeCall(asks(`${mail} ${phone} ${card} ${secret} Falcon`))
    const { reached, said } = await through(
      { action: 'redact', words: { project: ['Falcon'] } },
      call,
      echo,
    )
    const read = '[EMAIL] [PHONE] [CREDIT_CARD] [SECRET] [REDACTED]'
    expect(contentOf(reached)).toBe(read)
    expect(said?.content).toBe(read)
  })

  test('what is blocked is named by its kind, never by its value', async () => {
    const provider = scripted(says('ok'))
    const options = { kinds: { credit_card: 'block', secret: 'block' } } as const
    const handler = await mount(privacy, options, provider)
    const error = await thrown(() => collect(handler(fakeCall(asks(`${mail} ${card} ${secret}`)))))
    expect([error.code, error.status]).toEqual(['guardrail_blocked', 403])
    expect(error.details.metadata).toEqual({ patterns: ['credit_card', 'secret'] })
    expect(error.message).not.toContain('4111')
    expect(provider.calls).toHaveLength(0)
  })

  test('what is flagged passes as it is, and is told', async () => {
    const call = fakeCall(asks(`${mail} and ${mail}, ${phone}`))
    const options = { kinds: { email: 'flag', phone: 'off' } } as const
    const { reached } = await through(options, call)
    expect(reached?.request).toBe(call.request)
    expect(call.vars.get(notices)).toEqual(['privacy: found 1 email'])
    expect(call.vars.get(stages)).toEqual([
      {
        type: 'guardrail',
        name: 'privacy',
        summary: 'found 1 email',
        data: { flag: { email: 1 } },
      },
    ])
  })

  test('what is done is told in numbers', async () => {
    const call = fakeCall(asks(`${mail} ${phone} b@b.org ${secret}`))
    await through({ kinds: { secret: 'redact' } }, call)
    expect(call.vars.get(stages)).toEqual([
      {
        type: 'guardrail',
        name: 'privacy',
        summary: 'masked 2 email, 1 phone; redacted 1 secret',
        data: { mask: { email: 2, phone: 1 }, redact: { secret: 1 } },
      },
    ])
  })

  test('a kind that there is not is a mistake', async () => {
    expect(mount(privacy, { kinds: { emial: 'mask' } }, says('ok'))).rejects.toThrow(
      'no kind of that name; there are secret, credit_card',
    )
  })
})

describe('placeholders', () => {
  const readOf = async (call: Call, directory?: string) => {
    const host = directory === undefined ? {} : { directory: () => directory }
    return String(contentOf((await through({}, call, says('ok'), host)).reached))
  }
  const folder = () => mkdtempSync(join(tmpdir(), 'sluice-privacy-'))

  test('are the same in all of a conversation, whatever follows', async () => {
    const first = asks(`I am ${mail}`)
    const later = {
      messages: [
        ...first.messages!,
        { role: 'assistant', content: `Hello ${mail}` },
        { role: 'user', content: `Call ${phone}, not ${mail}` },
      ],
    }
    const before = (await through({}, fakeCall(first))).reached!
    const after = (await through({}, fakeCall(later))).reached!
    expect(after.request.messages![0]).toEqual(before.request.messages![0]!)
    const [read] = /\S+@\S+/.exec(String(contentOf(before)))!
    expect(after.request.messages![1]!.content).toBe(`Hello ${read}`)
  })

  test('are others in another conversation, for another caller, and elsewhere', async () => {
    const ada = fakeCall(asks(mail))
    ada.vars.set(caller, { name: 'ada', tags: {} })
    const named = fakeCall(asks(mail, { session_id: 'one' }))
    const reads = [
      await readOf(fakeCall(asks(mail))),
      await readOf(fakeCall(asks(`${mail} `))),
      await readOf(ada),
      await readOf(named),
      await readOf(fakeCall(asks(mail)), folder()),
    ].map((text) => text.trim())
    expect(new Set(reads).size).toBe(reads.length)
  })

  test('are made with a secret that only its owner reads, and that outlives a restart', async () => {
    const directory = folder()
    const read = await readOf(fakeCall(asks(mail)), directory)
    const file = join(directory, 'secret')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
    expect(await readOf(fakeCall(asks(mail)), directory)).toBe(read)
  })

  test('are none that stand in the request already', async () => {
    const directory = folder()
    const taken = await readOf(fakeCall(asks(mail, { session_id: 's' })), directory)
    const call = fakeCall(asks(`${mail} is not ${taken}`, { session_id: 's' }))
    const host = { directory: () => directory }
    const options = { kinds: { email: 'mask' } } as const
    const { reached, said } = await through(options, call, echo, host)
    expect(String(contentOf(reached))).not.toContain(taken)
    expect(said?.content).toBe(`${mail} is not ${taken}`)
  })
})

test('what was put back into a signed thought is known after a restart, and cannot be read', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-privacy-'))
  const host = { directory: () => directory }
  const signed = { type: 'reasoning.text', index: 0, format: 'anthropic-claude-v1' }
  await through(
    {},
    fakeCall(asks(mail)),
    async function* thinks(call) {
      const text = `${String(contentOf(call))} not x@invented.org`
      const delta = { reasoning_details: [{ ...signed, text, signature: 'c2lnbmVk' }] }
      yield { choices: [{ index: 0, delta, finish_reason: 'stop' }] }
    },
    host,
  )
  const file = join(directory, 'thoughts')
  await until('it is written', () => existsSync(file) && statSync(file).size > 0)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{32} [0-9a-f]{4}\n$/)
  const text = `${mail} not x@invented.org`
  const messages = [
    { role: 'user', content: 'Go on.' },
    {
      role: 'assistant',
      content: 'x',
      reasoning_details: [{ ...signed, text, signature: 'c2lnbmVk' }],
    },
  ]
  const { reached } = await through({}, fakeCall({ messages }), says('ok'), host)
  expect(JSON.stringify(reached?.request)).toMatch(/"[a-z.]+@example\.com not x@invented\.org"/)
})

describe('who has nothing to do', () => {
  test('hands on the very call and the very answer', async () => {
    const call = fakeCall(asks('nothing private'))
    const said = answerWith({ choices: [] })
    const seen: Call[] = []
    const handler = await mount(privacy, {}, (handed) => {
      seen.push(handed)
      return said
    })
    expect(handler(call)).toBe(said)
    expect(seen).toEqual([call])
    expect(seen[0]).toBe(call)
  })

  test('does not parse what cannot hold a placeholder, and keeps its bytes', async () => {
    let parsed = 0
    const plain = (text: string) =>
      textBatch(
        text,
        () => {
          parsed++
          return [{ choices: [{ index: 0, delta: { content: text } }] }]
        },
        { framed: `data: ${text}` },
      )
    const batches = [plain('12 34 '), plain('!? '), plain('56')]
    const given = [...batches]
    const handler = await mount(privacy, {}, () =>
      answer({
        next: async () => {
          const value = batches.shift()
          return value ? { done: false, value } : { done: true, value: undefined }
        },
      }),
    )
    const out = batchesOf(handler(fakeCall(asks(mail))))
    for (const batch of given) expect((await out.next()).value).toBe(batch)
    expect(parsed).toBe(0)
  })
})

describe('whom it leaves alone', () => {
  const at = (name: string, local: boolean) => ({
    model: 'm',
    route: 'm',
    endpoint: { provider: name, model: 'm' },
    provider: { ...demo, name, local },
    facts: {},
    notes: [],
  })
  const home = at('home', true)
  const cloud = at('cloud', false)
  const planned = (...candidates: ReturnType<typeof at>[]) => ({
    plan: (call: Call) => ({ ...fakePlan(call, () => []), candidates }),
  })

  test.each([
    ['a local provider, where local is off', { local: 'off' }, [home], true],
    ['nobody by default', {}, [home], false],
    ['nobody where somebody else may be asked', { local: 'off' }, [home, cloud], false],
    ['a provider by name', { providers: { cloud: 'off' } }, [cloud], true],
    [
      'a local provider that is not trusted',
      { local: 'off', providers: { home: 'on' } },
      [home],
      false,
    ],
  ] as const)('%s', async (_what, options, candidates, plain) => {
    const call = fakeCall(asks(mail))
    const { reached } = await through(options, call, says('ok'), planned(...candidates))
    expect(contentOf(reached) === mail).toBe(plain)
  })

  test('inside fallback, each by its endpoint', async () => {
    for (const candidate of [home, cloud]) {
      const call = fakeCall(asks(mail), { endpoint: candidate.endpoint })
      call.vars.set(served, candidate)
      const { reached } = await through({ local: 'off' }, call, says('ok'), planned(home, cloud))
      expect(contentOf(reached) === mail).toBe(candidate === home)
    }
  })
})

describe('two privacy plugins', () => {
  const both = async (
    outer: Parameters<typeof through>[0],
    inner: Parameters<typeof through>[0],
    call: Call,
  ) => {
    const provider = scripted(echo)
    const inside = await mount(privacy, inner, provider)
    const handler = await mount(privacy, outer, inside)
    const whole = await collect(handler(call))
    return {
      read: String(contentOf(provider.calls[0])),
      said: whole?.choices?.[0]?.delta?.content,
    }
  }

  test('mask a value once', async () => {
    const call = fakeCall(asks(`${mail} ${phone}`))
    const { read, said } = await both({ kinds: { phone: 'off' } }, {}, call)
    const once = await through({ kinds: { phone: 'off' } }, fakeCall(asks(`${mail} ${phone}`)))
    const [masked] = String(contentOf(once.reached)).split(' ')
    expect(read).toStartWith(`${masked} +41 `)
    expect(read).not.toContain(phone)
    expect(said).toBe(`${mail} ${phone}`)
  })

  test('apply the stricter action', async () => {
    const call = () => fakeCall(asks(`${mail} ${phone}`, { stream: true }))
    const { read, said } = await both({}, { kinds: { email: 'redact', phone: 'flag' } }, call())
    expect(read).toStartWith('[EMAIL] +41')
    expect(said).toBe(`[EMAIL] ${phone}`)
    const error = await thrown(() => both({}, { kinds: { phone: 'block' } }, call()))
    expect(error.details.metadata).toEqual({ patterns: ['phone'] })
  })
})

describe('when it fails', () => {
  const broken: Partial<Request> = {
    messages: [
      {
        role: 'user',
        get content(): string {
          throw new Error(`broken by ${mail}`)
        },
      },
    ],
  }

  test('nothing is sent, and nothing is told of why', async () => {
    const provider = scripted(says('ok'))
    const handler = await mount(privacy, {}, provider)
    const error = await thrown(() => collect(handler(fakeCall(broken))))
    expect([error.code, error.status]).toEqual(['privacy_unavailable', 503])
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('ada')
    expect(provider.calls).toHaveLength(0)
  })
})

describe('with a recogniser', () => {
  const recogniser = (body: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'sluice-privacy-')), 'names.ts')
    writeFileSync(file, `export default async (texts, signal) => { ${body} }`)
    return file
  }
  const finds = `return texts.map((text) => {
    const start = text.indexOf('Ada')
    return start < 0 ? [] : [{ kind: 'person', start, end: start + 12 }]
  })`

  test('what it finds is masked as well, also within JSON', async () => {
    const settings = { recogniser: recogniser(finds) }
    for (const text of ['I am Ada Lovelace.', '{"who":"x\\nAda Lovelace"}']) {
      const call = fakeCall(asks(text, { stream: true }))
      const { reached, said } = await through(settings, call, echo)
      expect(String(contentOf(reached))).not.toContain('Lovelace')
      expect(said?.content).toBe(text)
      expect(call.vars.get(stages)[0]?.summary).toBe('masked 1 person')
    }
  })

  test.each([
    ['fails', `throw new TypeError('broken by ' + texts[0])`, 'TypeError'],
    ['says nonsense', 'return [[{ kind: 1 }]]', 'ValiError'],
    ['never answers', 'return new Promise(() => {})', 'it took too long'],
  ])('nothing is sent when it %s, and the log says why', async (_what, body, reason) => {
    const provider = scripted(says('ok'))
    const settings = { recogniser: recogniser(body), recogniser_time: '20ms' } as const
    const warned: unknown[] = []
    const log = { ...fakeHost().log, warn: (...told: unknown[]) => void warned.push(told) }
    const handler = await mount(privacy, settings, provider, { log })
    const error = await thrown(() => collect(handler(fakeCall(asks('I am Ada Lovelace.')))))
    const told = ['the recogniser failed; nothing was sent', expect.objectContaining({ reason })]
    expect(warned).toEqual([told])
    expect(JSON.stringify(warned)).not.toContain('Ada')
    expect(error.code).toBe('privacy_unavailable')
    expect(`${error.message} ${String(error.cause)}`).not.toContain('Ada')
    expect(provider.calls).toHaveLength(0)
  })

  test('it is not told to watch answers', async () => {
    const settings = { recogniser: recogniser(finds), answers: { person: 'redact' } } as const
    expect(mount(privacy, settings, says('ok'))).rejects.toThrow('does not see answers')
  })
})

describe('what is told to the router', () => {
  test('is tightened where something was found, and only there', async () => {
    const options = { when_found: { data_collection: 'deny', zdr: true } } as const
    const provider = { order: ['a'], data_collection: 'allow' }
    const found = await through(options, fakeCall(asks(mail, { provider })))
    expect(found.reached?.request.provider).toEqual({
      order: ['a'],
      data_collection: 'deny',
      zdr: true,
    })
    const none = await through(options, fakeCall(asks('nothing', { provider })))
    expect(none.reached?.request.provider).toBe(provider)
  })
})

describe('rules for answers', () => {
  const theirs = 'grace.hopper@navy.mil'
  const options = { answers: { email: 'redact', secret: 'redact', phone: 'flag' } } as const

  test.each([1, 2, 7, 50, 1000])(
    'are one-way, and leave alone what the client sent (%i)',
    async (size) => {
      const text = `Ask ${mail} or ${theirs}, ${'very '.repeat(40)} or ${phone}. The key: ${secret}`
      const answered = `Ask ${mail} or [EMAIL], ${'very '.repeat(40)} or ${phone}. The key: [SECRET]`
      for (const stream of [true, false]) {
        const call = fakeCall(asks(`I am ${mail}`, { stream }))
        const { said, chunks } = await through(options, call, (handed) => {
          const [read = ''] = /\S+@\S+/.exec(String(contentOf(handed))) ?? []
          return says(text.replace(mail, read), size)(handed)
        })
        expect(said?.content).toBe(answered)
        if (stream && size < 50) expect(chunks.length).toBeGreaterThan(5)
        const summaries = call.vars.get(stages).map(({ summary }) => summary)
        expect(summaries).toContain('answer: redacted 1 email, 1 secret; found 1 phone')
      }
    },
  )

  test('hold for calls of tools as well, which stay JSON', async () => {
    const args = JSON.stringify({ to: theirs, text: `a\n${secret}\n"b"` })
    const pieces = args.match(/.{1,5}/gs)!
    const { whole } = await through(
      options,
      fakeCall(asks('x', { stream: true })),
      async function* () {
        for (const [at, piece] of pieces.entries())
          yield {
            choices: [
              {
                index: 0,
                delta: {
                  tool_calls: [
                    { index: 0, function: { ...(at === 0 && { name: 'f' }), arguments: piece } },
                  ],
                },
                finish_reason: null,
              },
            ],
          }
        yield { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }
      },
    )
    const said = whole?.choices?.[0]?.delta?.tool_calls?.[0]?.function?.arguments
    expect(JSON.parse(said!)).toEqual({ to: '[EMAIL]', text: 'a\n[SECRET]\n"b"' })
  })
})

describe('what leaves by another way', () => {
  const screenOf = async (options: Parameters<typeof through>[0]) => {
    const screens: Screen[] = []
    const seen: Call[] = []
    const handler = await mount(
      privacy,
      options,
      (call) => {
        seen.push(call)
        return says('ok')(call)
      },
      { onLeave: (screen) => void screens.push(screen) },
    )
    return { handler, seen, screen: (text: string, call: Call) => screens[0]!(text, call) }
  }

  test('says a word for what is private, and for what stands for it', async () => {
    const { handler, seen, screen } = await screenOf({ kinds: { phone: 'flag' } })
    const call = fakeCall(asks(mail))
    await collect(handler(call))
    const read = String(contentOf(seen[0]))
    expect(screen(`who is ${read}, ${mail} or ${phone}?`, call)).toBe(
      `who is [EMAIL], [EMAIL] or ${phone}?`,
    )
    expect(screen('weather in Zürich', call)).toBe('weather in Zürich')
  })

  test('is refused where it may not leave', async () => {
    const { screen } = await screenOf({ kinds: { secret: 'block' } })
    expect(() => screen(`find ${secret}`, fakeCall())).toThrow('may not be sent: secret')
  })
})

describe('texts of all kinds', () => {
  const reads = async (request: Partial<Request>, call: Partial<Call> = {}) => {
    const { reached } = await through({}, fakeCall(request, call))
    return JSON.stringify(reached?.request)
  }

  test.each([
    ['embeddings', { input: ['a', `b ${mail}`] }],
    ['embeddings', { input: mail }],
    ['completions', { prompt: `x ${mail}`, suffix: mail }],
    ['rerank', { query: mail, documents: [mail, { text: mail }] }],
    ['images', { prompt: mail }],
    ['speech', { input: mail, instructions: mail }],
    ['moderations', { input: [{ type: 'text', text: mail }] }],
    ['transcriptions', { prompt: mail }],
    ['chat', { prediction: { type: 'content', content: mail } }],
    ['chat', { user: mail, metadata: { owner: mail, [mail]: 'x' }, stop: [mail] }],
    [
      'chat',
      {
        tools: [
          {
            type: 'function',
            function: { description: mail, parameters: { description: mail, enum: [mail] } },
          },
        ],
      },
    ],
    [
      'chat',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'file',
                file: {
                  filename: `Letter to ${mail} (1).pdf`,
                  file_data: 'data:application/pdf;base64,JVBERi0=',
                },
              },
            ],
          },
        ],
      },
    ],
    [
      'chat',
      {
        messages: [
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              { function: { name: 'f', arguments: JSON.stringify({ a: `x\n${mail}` }) } },
            ],
          },
        ],
      },
    ],
    ['chat', { messages: [{ role: 'tool', content: `{"mail":"a\\n${mail}"}` }] }],
    [
      'chat',
      {
        messages: [
          {
            role: 'assistant',
            content: 'x',
            reasoning: mail,
            reasoning_content: mail,
            refusal: mail,
            reasoning_details: [{ type: 'reasoning.summary', summary: mail }],
          },
        ],
      },
    ],
  ] as const)('of %s are masked: %j', async (operation, request) => {
    const read = await reads(structuredClone(request) as Partial<Request>, { operation })
    expect(read).not.toContain('ada.lovelace')
    expect(read).toContain('@example.com')
  })

  test('in JSON with escapes, what a name tells and what a string says', async () => {
    const args = JSON.stringify({
      note: 'a\n"b"',
      api_key: 'Zk9vQ2mX7rT4wLp8Ns3Bd6Fh',
      at: `x\t${mail}`,
      card: 4111111111111111,
    })
    const tool_calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: args } }]
    const { reached } = await through(
      {},
      fakeCall({ messages: [{ role: 'assistant', content: null, tool_calls }] }),
    )
    const read = JSON.parse(reached!.request.messages![0]!.tool_calls![0]!.function!.arguments!)
    expect(read.note).toBe('a\n"b"')
    expect(read.at).toMatch(/^x\t[a-z.]+@example\.com$/)
    expect(read.api_key).toMatch(/^[A-Za-z0-9]{24}$/)
    expect(read.api_key).not.toContain('Zk9v')
    expect(String(read.card)).toMatch(/^\d{16}$/)
    expect(read.card).not.toBe(4111111111111111)
  })

  test('a thought in pieces is one', async () => {
    const detail = { type: 'reasoning.text', index: 0, format: 'anthropic-claude-v1' }
    const details = [...`Ask ${mail}.`].map((text) => ({ ...detail, text }))
    const messages = [
      { role: 'user', content: mail },
      {
        role: 'assistant',
        content: 'x',
        reasoning_details: [...details, { ...detail, signature: 'c2ln' }],
      },
    ]
    expect(await reads({ messages })).toMatch(/"text":"Ask [a-z.]+@example\.com\."/)
  })

  test('what is no text stays: data URLs, base64, signatures, the names of models', async () => {
    const trap = 'AKIAQ3EGR5XW7YB2KLMN'
    const parts = [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${trap}AAAA` } },
      { type: 'input_audio', input_audio: { data: trap, format: 'wav' } },
      { type: 'text', text: `see data:image/png;base64,${trap}${'Ab1'.repeat(60)}` },
    ]
    const request: Partial<Request> = {
      model: 'a/b',
      messages: [
        { role: 'user', content: parts },
        {
          role: 'assistant',
          content: 'x',
          reasoning_details: [
            { type: 'reasoning.encrypted', data: trap },
            { type: 'reasoning.text', text: 'x', signature: trap },
          ],
        },
      ],
    }
    const call = fakeCall(request)
    expect((await through({}, call)).reached).toBe(call)
  })

  test('only what was found changes', async () => {
    const said = {
      role: 'user',
      content: [
        { type: 'text', text: mail },
        { type: 'text', text: 'b' },
      ],
    }
    const other = { role: 'user', content: 'c' }
    const call = fakeCall({ messages: [other, said], tools: [{ type: 'function' }] })
    const { reached } = await through({}, call)
    expect(reached?.request.messages?.[0]).toBe(other)
    expect(reached?.request.tools).toBe(call.request.tools)
    expect((reached!.request.messages![1]!.content as object[])[1]).toBe(said.content[1]!)
  })
})
