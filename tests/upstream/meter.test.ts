import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Call, Chunk, Request, Usage } from '../../src/chat.ts'
import type { StreamEnd } from '../../src/dialects/dialect.ts'
import { openai } from '../../src/dialects/openai.ts'
import { GatewayError } from '../../src/errors.ts'
import { eventText, wholeText } from '../../src/kept.ts'
import { type Batch } from '../../src/stream.ts'
import { fakeCall } from '../../src/testing.ts'
import { exceeds } from '../../src/upstream/estimate.ts'
import { meterStream, meterWhole } from '../../src/upstream/meter.ts'
import { createRandom } from '../support/random.ts'

const endpoint = { provider: 'box', model: 'm' }
const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm-2026' }
const usage: Usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }

const role: Chunk = { ...base, choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }
const says = (content: string, index = 0): Chunk => ({
  ...base,
  choices: [{ index, delta: { content }, finish_reason: null }],
})
const finish = (finish_reason = 'stop', index = 0): Chunk => ({
  ...base,
  choices: [{ index, delta: {}, finish_reason }],
})
const counts = (counted: object = usage): Chunk => ({
  ...base,
  choices: [],
  usage: counted as Usage,
})

const nothing = () => {}

interface Metered {
  readonly batches: readonly Batch[]
  readonly chunks: readonly Chunk[]
  readonly error?: GatewayError
  /** The provider was stopped. */
  readonly cut: boolean
}

const meter = async (
  steps: readonly (Chunk | Chunk[] | Batch)[],
  { end = 'done', ...request }: Partial<Request> & { end?: StreamEnd } = {},
): Promise<Metered> => {
  let cut = false
  const source = (async function* (): AsyncGenerator<Batch, StreamEnd> {
    for (const step of steps)
      yield 'chunks' in step
        ? (step as Batch)
        : { chunks: Array.isArray(step) ? step : [step as Chunk] }
    return end
  })()
  const batches: Batch[] = []
  const call: Call = fakeCall({ stream: true, ...request })
  let error: GatewayError | undefined
  try {
    for await (const batch of meterStream(source, call, endpoint, () => void (cut = true)))
      batches.push(batch)
  } catch (thrown) {
    error = thrown as GatewayError
  }
  const chunks = batches.flatMap((batch) => batch.chunks)
  return { batches, chunks, cut, ...(error && { error }) }
}

const textOf = ({ chunks }: Metered): string =>
  chunks.flatMap(({ choices }) => choices?.map(({ delta }) => delta?.content ?? '') ?? []).join('')
const usagesOf = ({ chunks }: Metered) =>
  chunks.flatMap((chunk) => (chunk.usage ? [chunk.usage] : []))

describe('a stream', () => {
  test('names its provider up to the first content, and not in every chunk', async () => {
    const { chunks } = await meter([role, says('a'), says('b'), finish(), counts()])
    expect(chunks.map(({ provider }) => provider)).toEqual([
      'box',
      'box',
      undefined,
      undefined,
      'box',
    ])
    expect(chunks.map(({ id }) => id)).toEqual(chunks.map(() => base.id))
  })

  test('keeps a provider that the provider itself named', async () => {
    const inner = [role, says('a'), finish(), counts()].map((chunk) => ({
      ...chunk,
      provider: 'Inner',
    }))
    expect((await meter(inner)).chunks.map(({ provider }) => provider)).toEqual(
      inner.map(() => 'Inner'),
    )
  })

  test('keeps the bytes of every event but for the provider in front', async () => {
    const texts = [
      '{ "id":"x", "choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"new": 1.0 }',
      '{ "id":"x", "choices":[{"index":0,"delta":{"content":"a"}}],"new": 1.0 }',
      '{ "id":"x", "choices":[{"index":0,"delta":{"content":"\\u00e9"}}] }',
      '{ "id":"x", "choices":[{"index":0,"delta":{},"finish_reason":"stop"}] }',
      '{ "id":"x", "choices":[],"usage": {"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"new":1.0} }',
    ]
    const reads = [...texts, '[DONE]'].map((text) => new TextEncoder().encode(`data: ${text}\n\n`))
    const source = decodeStream(
      openai,
      (async function* () {
        yield* reads
      })(),
      { event: 10_000 },
      fakeCall(),
    )
    const batches = await Array.fromAsync(
      meterStream(source, fakeCall({ stream: true }), endpoint, nothing),
    )
    const named = (text: string) => text.replace('{', '{"provider":"box",')
    expect(batches.flatMap(({ chunks }) => chunks.map((chunk) => eventText(chunk)))).toEqual([
      named(texts[0]!),
      named(texts[1]!),
      texts[2]!,
      texts[3]!,
      named(texts[4]!),
    ])
    expect(batches[2]?.bytes).toBe(reads[2]!)
    expect(batches[3]?.bytes).toBe(reads[3]!)
  })

  test('tells its usage once, at the end, in a chunk without choices', async () => {
    const late = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
    for (const steps of [
      [role, says('a'), finish(), counts(late)],
      [counts(late), says('a'), finish()],
      [says('a'), { ...finish(), usage: late }],
      [
        { ...says('a'), usage },
        { ...finish(), usage: late },
      ],
      [{ ...says('a'), usage: null }, finish(), counts(usage), counts(late)],
      [[says('a'), finish(), counts(late)]],
    ]) {
      const metered = await meter(steps)
      expect(usagesOf(metered)).toEqual([late])
      expect(metered.chunks.at(-1)).toMatchObject({ ...base, choices: [] })
      expect(metered.chunks.at(-1)?.usage).toEqual(late)
      expect(textOf(metered)).toBe('a')
    }
  })

  test('keeps fields of the usage that nobody here knows', async () => {
    const rich = { ...usage, cost: 0.001, completion_tokens_details: { reasoning_tokens: 1 } }
    expect(usagesOf(await meter([says('a'), finish(), counts(rich)]))).toEqual([rich])
  })

  test('is counted by us where the provider did not count, and says so', async () => {
    const metered = await meter([says('one two three four'), finish()])
    const [counted] = usagesOf(metered)
    expect(counted?.estimated).toBe(true)
    expect(counted?.completion_tokens).toBeWithin(2, 9)
    expect(counted?.total_tokens).toBe(counted!.prompt_tokens + counted!.completion_tokens!)
    expect(metered.chunks.at(-1)).toMatchObject({ id: base.id, model: base.model, choices: [] })
  })

  test.each([
    { ...usage, completion_tokens: -5 },
    { ...usage, total_tokens: 1e18 },
    { ...usage, prompt_tokens: '9' },
    { ...usage, completion_tokens: 1.5 },
    { completion_tokens: 2 },
    { prompt_tokens: null, completion_tokens: null, total_tokens: null },
  ])('is counted by us where the provider counts nonsense: %j', async (nonsense) => {
    const [counted, ...more] = usagesOf(await meter([says('a'), finish(), counts(nonsense)]))
    expect(more).toEqual([])
    expect(counted?.estimated).toBe(true)
  })

  test('is counted by us where the provider counts less than half of what it plainly said', async () => {
    const long = 'The quick brown fox jumps over the lazy dog. '.repeat(40)
    const [counted] = usagesOf(await meter([says(long), finish(), counts()]))
    expect(counted?.estimated).toBe(true)
    expect(counted?.completion_tokens).toBeGreaterThan(200)
  })

  test('without a total the provider’s own two numbers are believed', async () => {
    // some servers leave total_tokens out; their count is better than our estimate
    const [counted] = usagesOf(
      await meter([says('a'), finish(), counts({ prompt_tokens: 9, completion_tokens: 1 })]),
    )
    expect(counted).toMatchObject({ prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 })
  })

  test('hidden reasoning is more than was said, and believed', async () => {
    const thinking = { prompt_tokens: 9, completion_tokens: 4_000, total_tokens: 4_009 }
    expect(usagesOf(await meter([says('a'), finish(), counts(thinking)]))).toEqual([thinking])
  })

  test.each([
    ['no event at all', []],
    ['a role and an end', [role]],
    ['a role and a stop', [role, finish()]],
    ['no choices', [{ ...base, choices: [] }]],
    ['a usage of nothing', [role, finish(), counts({ ...usage, completion_tokens: 0 })]],
  ] as [string, Chunk[]][])('of %s is empty, which is a failure', async (_what, steps) => {
    for (const end of ['done', 'eof'] as const)
      expect((await meter(steps, { end })).error?.code).toBe('upstream_empty_response')
  })

  test.each(['length', 'content_filter', 'tool_calls'])(
    'that says nothing but the finish %s is an answer',
    async (reason) => {
      expect((await meter([role, finish(reason)])).error).toBeUndefined()
    },
  )

  test('that says nothing but was paid for is an answer', async () => {
    expect((await meter([role, finish(), counts()])).error).toBeUndefined()
  })

  test('that ends without a finish and without [DONE] is broken off, after all that was said', async () => {
    for (const steps of [
      [says('a')],
      [says('a'), counts()],
      [says('a'), says('b', 1), finish('stop', 0)],
    ]) {
      const metered = await meter(steps, { end: 'eof' })
      expect(metered.error?.code).toBe('upstream_disconnected')
      expect(textOf(metered)).toStartWith('a')
      expect(usagesOf(metered)).toEqual([])
    }
  })

  test('that ends with every choice finished is complete without [DONE]', async () => {
    const steps = [says('a'), says('b', 1), finish('stop', 1), finish('stop', 0)]
    const metered = await meter(steps, { end: 'eof', n: 2 })
    expect(metered.error).toBeUndefined()
    expect(usagesOf(metered)).toHaveLength(1)
  })

  test('of things that are no chunks is no answer, even if [DONE] follows', async () => {
    // hasContent takes every object without choices for content: the client gets 200 and no answer
    const { error } = await meter([{ message: 'Internal server error' } as Chunk])
    expect(error).toBeInstanceOf(GatewayError)
  })

  test('may say null where it has no choices', async () => {
    const nothing = { ...base, choices: null } as unknown as Chunk
    expect((await meter([nothing, says('a'), finish(), counts()])).error).toBeUndefined()
  })

  test('that fails is let go and its failure thrown', async () => {
    const source = (async function* (): AsyncGenerator<Batch, StreamEnd> {
      yield { chunks: [says('a')] }
      throw new GatewayError('upstream_timeout')
    })()
    const reading = Array.fromAsync(meterStream(source, fakeCall(), endpoint, nothing))
    await expect(reading).rejects.toThrow('in time')
  })

  test('that nobody reads any more is let go', async () => {
    let stopped = false
    const source = (async function* (): AsyncGenerator<Batch, StreamEnd> {
      try {
        for (;;) yield { chunks: [says('a')] }
      } finally {
        stopped = true
      }
    })()
    for await (const _ of meterStream(source, fakeCall(), endpoint, nothing)) break
    expect(stopped).toBe(true)
  })
})

describe('a limit on tokens', () => {
  const sentence = 'It was the best of times, it was the worst of times, said he. '

  test('cuts what runs far beyond it, with the finish “length” and a usage of ours', async () => {
    for (const request of [{ max_tokens: 20 }, { max_completion_tokens: 20 }]) {
      const runaway = Array.from({ length: 1_000 }, () => says(sentence))
      const metered = await meter(runaway, request)
      expect(metered.error).toBeUndefined()
      expect(metered.cut).toBe(true)
      expect(textOf(metered).length).toBeLessThan(sentence.length * 20)
      const [finished] = metered.chunks.filter(({ choices }) => choices?.[0]?.finish_reason)
      expect(finished).toMatchObject({ ...base, choices: [{ index: 0, finish_reason: 'length' }] })
      expect(usagesOf(metered)).toEqual([metered.chunks.at(-1)!.usage!])
      expect(metered.chunks.at(-1)?.usage?.estimated).toBe(true)
    }
  })

  test('counts for each of several choices', async () => {
    const steps = [...[0, 1, 2, 3].map((index) => says(sentence.repeat(2), index)), finish()]
    expect((await meter(steps, { max_tokens: 40, n: 4 })).cut).toBe(false)
  })

  test('of null, or none, cuts nothing', async () => {
    const steps = [says(sentence.repeat(500)), finish()]
    for (const request of [{}, { max_tokens: null }, { max_completion_tokens: null }])
      expect((await meter(steps, request)).cut).toBe(false)
  })

  test('never cuts a whole word of real text that keeps within it', () => {
    const random = createRandom(4)
    const words =
      'the of and to in is that it for as with was on be at by this have from or had but not are which you one'.split(
        ' ',
      )
    for (let turn = 0; turn < 50; turn++) {
      const count = 20 + Math.floor(random() * 3_000)
      const prose = Array.from({ length: count }, () => random.pick(words)).join(' ')
      expect(exceeds(prose, count)).toBe(false)
    }
  })

  test.each([
    ['Chinese', '天地玄黃宇宙洪荒'.repeat(200), 1600],
    ['code with deep indentation', `${' '.repeat(40)}return x\n`.repeat(300), 1200],
    ['rules and tables', '|----------------|================|\n'.repeat(200), 1400],
    ['base64', 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ'.repeat(50), 1500],
    ['emoji', '👋🏽😀🎉'.repeat(300), 1800],
    ['one long line of a letter', 'a'.repeat(4_000), 500],
  ])('does not take %s for more than it is', (_what, text, tokens) => {
    expect(exceeds(text, tokens)).toBe(false)
  })
})

describe('a whole answer', () => {
  const decoded = (body: object) => openai.decodeWhole(JSON.stringify(body), fakeCall())
  const body = (message: object | undefined, rest: object = {}) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: message ? [{ index: 0, message, finish_reason: 'stop' }] : [],
    ...rest,
  })
  const metered = (answer: object): Chunk =>
    meterWhole(decoded(answer), fakeCall(), endpoint).chunks[0]!

  test('names its provider, and its other bytes stay', () => {
    const text =
      '{ "id": "x", "choices": [{"message":{"content":"a"}, "finish_reason":"stop"}],\n "usage": {"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}, "new": 1.0 }'
    const { chunks } = meterWhole(openai.decodeWhole(text, fakeCall()), fakeCall(), endpoint)
    expect(wholeText(chunks[0]!)).toBe(text.replace('{', '{"provider":"box",'))
    expect(chunks[0]?.provider).toBe('box')
  })

  test('keeps a provider and a usage to believe', () => {
    const answer = body({ content: 'a' }, { usage, provider: 'Inner' })
    expect(metered(answer)).toMatchObject({ provider: 'Inner', usage })
  })

  test('is counted by us where the provider did not, or counted nonsense', () => {
    for (const wrong of [undefined, null, { ...usage, total_tokens: -1 }]) {
      const chunk = metered(body({ content: 'a' }, { usage: wrong }))
      expect(chunk.usage?.estimated).toBe(true)
      expect(wholeText(chunk)).toBeUndefined()
    }
  })

  test('of nothing is empty, which is a failure', () => {
    const nothing = { ...usage, completion_tokens: 0 }
    for (const answer of [
      body(undefined),
      body({ role: 'assistant', content: '' }),
      body({ role: 'assistant', content: null, tool_calls: [] }, { usage: nothing }),
    ])
      expect(() => metered(answer)).toThrow('empty')
  })

  test('of tool calls alone, or cut by a limit, is an answer', () => {
    const calls = { content: null, tool_calls: [{ id: 'c', function: { name: 'f' } }] }
    expect(metered(body(calls)).provider).toBe('box')
    const cut = { ...body({ content: '' }), choices: [{ message: {}, finish_reason: 'length' }] }
    expect(metered(cut).provider).toBe('box')
  })

  test('without choices is passed with its provider', () => {
    const call = fakeCall({}, { operation: 'embeddings' })
    const text =
      '{"object":"list","data":[{"embedding":[0.10]}],"usage":{"prompt_tokens":1,"total_tokens":1}}'
    const { chunks } = meterWhole(openai.decodeWhole(text, call), call, endpoint)
    expect(wholeText(chunks[0]!)).toBe(text.replace('{', '{"provider":"box",'))
  })
})
