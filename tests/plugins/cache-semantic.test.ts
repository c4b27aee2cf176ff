import { describe, expect, test, setDefaultTimeout } from 'bun:test'
import { startLab, type Answer, type Lab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { answers, byPath, sendJson, status } from '../support/scripts.ts'

// each starts daemons of its own
setDefaultTimeout(60_000)

const told = ({ headers }: Answer) => headers.get('x-openrouter-cache-status')
const how = ({ headers }: Answer) => headers.get('x-sluice-cache')

/** Says which way a text points: about the capital of France, about the sky, or anything else. */
const directions: readonly (readonly [RegExp, readonly number[]])[] = [
  [/capital.*France\?$/, [1, 0, 0]],
  [/France.*capital/, [0.97, 0.2431, 0]],
  [/sky/, [0, 1, 0]],
]
const embeds: Script = (exchange) => {
  const { input, model } = exchange.request.json
  const embedding = directions.find(([words]) => words.test(input))?.[1] ?? [0, 0, 1]
  return sendJson(exchange, 200, {
    object: 'list',
    model,
    data: [{ object: 'embedding', index: 0, embedding }],
    usage: { prompt_tokens: 4, total_tokens: 4 },
  })
}

const start = async (more: object = {}, plugins: readonly unknown[] = []): Promise<Lab> => {
  const lab = await startLab({
    plugins: [
      ...plugins,
      { cache: { mode: 'on', semantic: { model: 'meaning', threshold: 0.95, ...more } } },
      'fallback',
    ],
    routes: { meaning: ['b/e'] },
  })
  lab.b.always(embeds)
  return lab
}

const ask = (lab: Lab, content: unknown, more: object = {}, init?: RequestInit) =>
  lab.chat({ model: 'solo', messages: [{ role: 'user', content }], ...more }, init)

const first = 'What is the capital of France?'
const alike = 'France has which capital'

describe('by what is meant', () => {
  test('a question that means the same is answered with the same', async () => {
    await using lab = await start()
    lab.a.next(answers('Paris.'))
    expect(told(await ask(lab, first))).toBe('MISS')
    const near = await ask(lab, alike)
    expect([told(near), how(near), near.text]).toEqual([
      'HIT',
      'semantic; similarity=0.97',
      'Paris.',
    ])
    expect(near.usage.total_tokens).toBe(0)
    const streamed = await ask(lab, [{ type: 'text', text: alike }], { stream: true })
    expect([told(streamed), streamed.text]).toEqual(['HIT', 'Paris.'])
    expect(told(await ask(lab, 'Why is the sky blue?'))).toBe('MISS')
    expect(lab.a.requests).toHaveLength(2)
  })

  test('not below the threshold', async () => {
    await using lab = await start({ threshold: 0.98 })
    await ask(lab, first)
    expect(told(await ask(lab, alike))).toBe('MISS')
  })

  test('not where anything else differs, in a conversation, with tools or images', async () => {
    await using lab = await start()
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }]
    const system = [{ role: 'system', content: 'Be short.' }]
    const user = { role: 'user', content: alike }
    await ask(lab, first)
    const others = [
      ask(lab, alike, { temperature: 0.5 }),
      ask(lab, alike, { model: 'm' }),
      ask(lab, alike, { tools }),
      ask(lab, alike, { messages: [...system, user] }),
      ask(lab, alike, {
        messages: [{ role: 'user', content: 'Hi.' }, { role: 'assistant', content: 'Hi.' }, user],
      }),
      ask(lab, [
        { type: 'text', text: alike },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ]),
    ]
    expect(new Set((await Promise.all(others)).map(told))).toEqual(new Set(['MISS']))
  })

  test('not where it is about somebody or something else', async () => {
    await using lab = await start()
    lab.b.always((exchange) =>
      sendJson(exchange, 200, {
        object: 'list',
        model: 'e',
        data: [{ object: 'embedding', index: 0, embedding: [1, 0] }],
        usage: { prompt_tokens: 4, total_tokens: 4 },
      }),
    )
    await ask(lab, 'When was Ada Lovelace born?')
    for (const other of [
      'When was Alan Turing born?',
      'When was Ada Lovelace born, 1815?',
      'When was ada@example.com born?',
    ])
      expect(told(await ask(lab, other))).toBe('MISS')
    expect(told(await ask(lab, 'Ada Lovelace was born when, please?'))).toBe('HIT')
  })

  test('not for somebody else', async () => {
    const keys = { alice: { key: 'sk-alice' }, bob: { key: 'sk-bob' } }
    await using lab = await start({}, [{ auth: { keys } }])
    const as = (who: string) => ({ headers: { authorization: `Bearer sk-${who}` } })
    await ask(lab, first, {}, as('alice'))
    expect(told(await ask(lab, alike, {}, as('bob')))).toBe('MISS')
    expect(told(await ask(lab, alike, {}, as('alice')))).toBe('HIT')
  })

  test('what cannot be compared is asked', async () => {
    await using lab = await start({ timeout: '200ms' })
    lab.b.always(status(500))
    expect((await ask(lab, first)).status).toBe(200)
    lab.b.always((exchange) => exchange.gone)
    expect((await ask(lab, alike)).status).toBe(200)
    lab.b.always(byPath('b'))
    expect((await ask(lab, `${alike}!`)).status).toBe(200)
    expect(lab.a.requests).toHaveLength(3)
  })

  test('the same question at once is compared once', async () => {
    await using lab = await start()
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(lab, first)))
    expect(all.filter((one) => told(one) === 'MISS')).toHaveLength(1)
    expect(lab.a.requests).toHaveLength(1)
    expect(lab.b.requests).toHaveLength(1)
  })
})
