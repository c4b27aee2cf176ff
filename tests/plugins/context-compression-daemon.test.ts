import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startLab, type Lab } from '../support/lab.ts'
import { errorBody, status } from '../support/scripts.ts'
import { postJson } from '../support/post.ts'

const contexts = { a: 2_000, b: 4_000, c: 16_000 }

const labOf = (plugins: readonly unknown[]): Promise<Lab> =>
  startLab({
    plugins,
    providers: (providers) =>
      Object.fromEntries(
        (['a', 'b', 'c'] as const).map((name) => [
          name,
          {
            base_url: providers[name].url,
            auth: 'none',
            models: { m: { context_length: contexts[name] } },
          },
        ]),
      ),
    routes: { short: ['a/m', 'b/m'], long: ['c/m'] },
  })

let lab: Lab
beforeAll(async () => {
  lab = await labOf(['context-compression', 'fallback'])
})
afterAll(() => lab[Symbol.asyncDispose]())

const turn = (n: number) => [
  { role: 'user', content: `${n}? ${'The lake is calm. '.repeat(20)}` },
  { role: 'assistant', content: `${n}! ${'It is indeed. '.repeat(20)}` },
]
const talk = (turns: number) => [
  { role: 'system', content: 'Be brief.' },
  ...Array.from({ length: turns }, (_, n) => turn(n)).flat(),
  { role: 'user', content: 'And now?' },
]

test.each([true, false])('a talk is made to fit the larger of two, stream: %p', async (stream) => {
  const answer = await lab.chat(
    { model: 'short', messages: talk(60), stream },
    { headers: { 'x-openrouter-metadata': 'enabled' } },
  )
  expect(answer.text).toBe('Hello from b.')
  expect(answer.headers.get('x-sluice-warnings')).toContain('the middle of the prompt was left out')
  const sent = lab.b.requests.at(-1)?.json.messages
  expect(sent.length).toBeLessThan(talk(60).length)
  expect([sent[0], sent.at(-1)]).toEqual([talk(60)[0], talk(60).at(-1)])
  expect(JSON.stringify(sent).length / 4).toBeLessThan(contexts.b)
  expect(answer.raw).toContain('"context_compression"')
})

test('Messages and Responses are made to fit too', async () => {
  const [, ...messages] = talk(60)
  const bodies = {
    messages: { max_tokens: 500, system: 'Be brief.', messages },
    responses: { instructions: 'Be brief.', input: messages },
  }
  for (const [path, body] of Object.entries(bodies)) {
    const answer = await postJson(`${lab.sluice.v1}/${path}`, { model: 'short', ...body })
    expect(answer.status).toBe(200)
    const sent = lab.b.requests.at(-1)?.json.messages
    expect(sent.length).toBeLessThan(messages.length)
    expect(sent.at(-1).content).toContain('And now?')
  }
})

test('a longer one is refused with advice, and heeds it', async () => {
  lab.c.next(status(400, errorBody('too long', 'context_length_exceeded')))
  const messages = talk(200)
  const refused = await lab.chat({ model: 'long', messages })
  expect([refused.status, refused.error.code]).toEqual([400, 'context_length_exceeded'])
  expect(refused.error.message).toContain('context-compression')
  const plugins = [{ id: 'context-compression', engine: 'middle-out' }]
  const answer = await lab.chat({ model: 'long', messages, plugins })
  expect(answer.text).toBe('Hello from c.')
  expect(lab.c.requests.at(-1)?.json.messages.length).toBeLessThan(messages.length)
})

test('a short one goes as it came', async () => {
  const answer = await lab.chat({ model: 'short', messages: talk(1) })
  expect(answer.headers.get('x-sluice-warnings')).toBeNull()
  expect(lab.a.requests.at(-1)?.json.messages).toEqual(talk(1))
})

test('inside of fallback it fits each endpoint that is tried', async () => {
  await using inside = await labOf(['fallback', 'context-compression'])
  inside.b.always(status(503))
  const messages = talk(60)
  const answer = await inside.chat({ model: 'b/m', models: ['a/m'], messages })
  expect(answer.text).toBe('Hello from a.')
  const lengths = [inside.b, inside.a].map(({ requests }) => requests.at(-1)?.json.messages.length)
  expect(lengths[1]).toBeLessThan(lengths[0])
  expect(lengths[0]).toBeLessThan(messages.length)
})
