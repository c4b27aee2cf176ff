import { expect, test } from 'bun:test'
import { startLab, type Lab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { sendJson } from '../support/scripts.ts'

const price = (prompt: number) => ({
  models: { m: { pricing: { prompt, completion: prompt, input_cache_read: prompt / 10 } } },
})

/** Answers with its name, and says that it has read so many tokens of the prompt from its cache. */
const cached =
  (name: string, tokens: number): Script =>
  (exchange) =>
    sendJson(exchange, 200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: name }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 2_000,
        completion_tokens: 1,
        total_tokens: 2_001,
        prompt_tokens_details: { cached_tokens: tokens },
      },
    })

const balanced = { m: { endpoints: ['a/m', 'b/m'], balance: 'price' } }

const startBalanced = (prices: readonly [number, number], tokens: number): Promise<Lab> =>
  startLab({
    routes: balanced,
    providers: ({ a, b }) => ({
      a: { base_url: a.url, api_key: 'sk-provider-a', ...price(prices[0]) },
      b: { base_url: b.url, api_key: 'sk-provider-b', ...price(prices[1]) },
    }),
  }).then((lab) => {
    lab.a.always(cached('a', tokens))
    lab.b.always(cached('b', tokens))
    return lab
  })

const conversation = (name: string) => [
  { role: 'system', content: `You talk about ${name}. ${'x'.repeat(8_000)}` },
  { role: 'user', content: 'Say hello.' },
]

test('calls are shared between alike providers, and a conversation stays where its cache is', async () => {
  await using lab = await startBalanced([1, 1], 1_900)
  const firsts = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const messages = conversation(String(at))
      const { text } = await lab.chat({ messages })
      return { text, messages }
    }),
  )
  const names = firsts.map(({ text }) => text)
  expect(new Set(names)).toEqual(new Set(['a', 'b']))
  for (const { text, messages } of firsts) {
    const longer = [
      ...messages,
      { role: 'assistant', content: text },
      { role: 'user', content: '?' },
    ]
    expect((await lab.chat({ messages: longer })).text).toBe(text)
  }
})

test('a conversation that no cache holds is shared like any other', async () => {
  await using lab = await startBalanced([1, 1], 0)
  const short = [{ role: 'user', content: 'Say hello.' }]
  lab.a.always(cached('a', 0))
  const names = new Set<string>()
  for (let turn = 0; turn < 60; turn++) {
    const session = { headers: { 'x-session-id': `s${turn}` } }
    names.add((await lab.chat({ messages: short }, session)).text)
  }
  expect(names).toEqual(new Set(['a', 'b']))
})

test('the cheaper is asked oftener, by the inverse square', async () => {
  await using lab = await startBalanced([1, 3], 0)
  const names: string[] = []
  for (let at = 0; at < 300; at++)
    names.push((await lab.chat({ messages: [{ role: 'user', content: `${at}` }] })).text)
  const dear = names.filter((name) => name === 'b').length
  // 30 of 300 are expected; fewer than 8 or more than 62 would come once in a million runs
  expect(dear).toBeGreaterThan(8)
  expect(dear).toBeLessThan(62)
})

test('a client’s preferences decide, and those that leave nobody are told in words', async () => {
  await using lab = await startBalanced([1, 3], 0)
  expect((await lab.chat({ provider: { order: ['b'] } })).text).toBe('b')
  expect((await lab.chat({ model: 'm:nitro', provider: { ignore: ['a'] } })).text).toBe('b')
  const { status, error } = await lab.chat({
    provider: { max_price: { prompt: '2' }, ignore: ['a'] },
  })
  expect([status, error.code]).toEqual([404, 'no_endpoints'])
  expect(error.message).toBe(
    'No endpoint of m is left: a/m is out because provider.ignore has [a]; b/m because provider.max_price.prompt is 2, and it costs $3 a million tokens.',
  )
  expect(error.availability.excluded_by).toEqual(['ignored_providers', 'max_price'])
  expect(lab.a.requests.length + lab.b.requests.length).toBe(2)
})
