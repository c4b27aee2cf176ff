import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
  setDefaultTimeout,
} from 'bun:test'
import { startLab, type Lab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { sendJson, status } from '../support/scripts.ts'
import { postJson } from '../support/post.ts'

// each starts daemons of its own
setDefaultTimeout(60_000)

/** A vector that says whose it is. */
const vectorOf = (input: unknown): number[] => [
  String(input).length,
  JSON.stringify(input).length / 7,
]

/** Answers in the wrong order, as some do: `index` tells. */
const embeds: Script = (exchange) => {
  const { input, model } = exchange.request.json
  const inputs = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input]
  const data = inputs.map((one: unknown, index: number) => ({
    object: 'embedding',
    index,
    embedding: vectorOf(one),
  }))
  const usage = { prompt_tokens: inputs.length * 10, total_tokens: inputs.length * 10 }
  return sendJson(exchange, 200, { object: 'list', model, data: data.toReversed(), usage })
}

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ plugins: [{ cache: { mode: 'on' } }, 'fallback'] })
  lab.a.always(embeds)
})
afterAll(() => lab[Symbol.asyncDispose]())

let round = 0
beforeEach(() => void round++)
const word = (name: string) => `${name} ${round}`

const embed = async (input: unknown, more: object = {}) => {
  const response = await postJson(`${lab.sluice.v1}/embeddings`, { model: 'solo', input, ...more })
  return {
    status: response.status,
    told: response.headers.get('x-openrouter-cache-status'),
    how: response.headers.get('x-sluice-cache'),
    json: (await response.json()) as any,
  }
}
const inputs = () => lab.a.requests.at(-1)?.json.input
const vectors = ({ json }: { json: any }) =>
  json.data
    .toSorted((one: any, other: any) => one.index - other.index)
    .map(({ embedding }: any) => embedding)

describe('embeddings', () => {
  test('of many texts, only those are asked that are not known', async () => {
    const known = ['b', 'e', 'g'].map(word)
    await embed(known)
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(word)
    const mixed = await embed(all)
    expect(inputs()).toEqual(all.filter((text) => !known.includes(text)))
    expect(mixed.json.data.map(({ index }: any) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(vectors(mixed)).toEqual(all.map(vectorOf))
    expect([mixed.told, mixed.how]).toEqual(['MISS', 'partial; known=3'])
    expect(mixed.json.usage.prompt_tokens).toBe(70)
    const times = lab.a.requests.length
    const again = await embed(all.toReversed())
    expect(vectors(again)).toEqual(all.toReversed().map(vectorOf))
    expect([again.told, again.json.usage.prompt_tokens]).toEqual(['HIT', 0])
    expect(lab.a.requests).toHaveLength(times)
  })

  test('of one text twice are asked once', async () => {
    const twice = await embed([word('a'), word('a'), word('b')])
    expect(inputs()).toEqual([word('a'), word('b')])
    expect(vectors(twice)).toEqual(['a', 'a', 'b'].map(word).map(vectorOf))
  })

  test('of one text and of a list of it are the same', async () => {
    await embed(word('alone'))
    expect(inputs()).toBe(word('alone'))
    expect((await embed([word('alone')])).told).toBe('HIT')
  })

  test('of tokens are of one text', async () => {
    await embed([1, 2, 3, round])
    expect(inputs()).toEqual([1, 2, 3, round])
    const two = await embed([
      [1, 2, 3, round],
      [4, round],
    ])
    expect(inputs()).toEqual([[4, round]])
    expect(two.json.data).toHaveLength(2)
  })

  test('of other lengths or in another encoding are others', async () => {
    await embed(word('text'))
    expect((await embed(word('text'), { dimensions: 2 })).told).toBe('MISS')
    expect((await embed(word('text'), { encoding_format: 'base64' })).told).toBe('MISS')
  })

  test('that fail are not kept', async () => {
    lab.a.next(status(400, 'no'))
    expect((await embed([word('bad')])).status).toBe(400)
    expect((await embed([word('bad')])).told).toBe('MISS')
  })

  test('that are too few are handed on as they are, and not kept', async () => {
    lab.a.next((exchange) =>
      sendJson(exchange, 200, {
        object: 'list',
        model: 'm',
        data: [{ object: 'embedding', index: 0, embedding: [1] }],
        usage: { prompt_tokens: 1, total_tokens: 1 },
      }),
    )
    expect((await embed([word('one'), word('two')])).json.data).toHaveLength(1)
    expect((await embed([word('one')])).told).toBe('MISS')
  })

  test('that are asked for at once by several are asked for once', async () => {
    const before = lab.a.requests.length
    const all = await Promise.all(Array.from({ length: 20 }, () => embed([word('x'), word('y')])))
    expect(lab.a.requests.length).toBe(before + 1)
    expect(all.filter(({ told }) => told === 'MISS')).toHaveLength(1)
    for (const one of all) expect(vectors(one)).toEqual([word('x'), word('y')].map(vectorOf))
  })

  test('through Gemini’s format are kept too', async () => {
    const batch = async (...texts: string[]) => {
      const response = await postJson(`${lab.sluice.url}/v1beta/models/solo:batchEmbedContents`, {
        requests: texts.map((text) => ({ model: 'models/solo', content: { parts: [{ text }] } })),
      })
      return (await response.json()) as any
    }
    await batch(word('a'))
    const { embeddings } = await batch(word('b'), word('a'))
    expect(inputs()).toEqual([word('b')])
    expect(embeddings.map(({ values }: any) => values)).toEqual(['b', 'a'].map(word).map(vectorOf))
  })
})
