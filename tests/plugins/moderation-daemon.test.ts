import { afterAll, beforeAll, expect, test } from 'bun:test'
import { answers, replays, sendJson } from '../support/scripts.ts'
import { text } from '../support/recorded.ts'
import { startLab, type Lab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { bodyFor, surfaces, type SurfaceName } from '../support/formats.ts'
import { postJson } from '../support/post.ts'

/** Flags what fights, and answers chats with a fixed text. */
const judging =
  (answer: string): Script =>
  (exchange) => {
    const { path, json } = exchange.request
    if (!path.endsWith('/moderations')) return answers(answer)(exchange)
    const results = json.input.map((one: string) => ({
      flagged: one.includes('fight'),
      categories: { violence: one.includes('fight') },
      category_scores: { violence: one.includes('fight') ? 0.99 : 0.01 },
    }))
    return sendJson(exchange, 200, { id: 'modr-1', model: 'omni', results })
  }

let lab: Lab
beforeAll(async () => {
  lab = await startLab({
    plugins: [
      { moderation: { model: 'a/omni-moderation-latest', scope: 'both', words: ['xyzzy'] } },
      'fallback',
    ],
  })
})
afterAll(() => lab[Symbol.asyncDispose]())

const post = (surface: SurfaceName, body: object) =>
  postJson(lab.sluice.url + surfaces[surface]('solo'), body)

const names = Object.keys(surfaces) as SurfaceName[]

test.each(names)('%s: what is flagged is refused in the words of the format', async (surface) => {
  lab.a.always(judging('They eat.'))
  const body = JSON.parse(JSON.stringify(bodyFor(surface, 'solo')).replace('Hello!', 'We fight!'))
  const answer = await post(surface, body)
  const said = await answer.text()
  expect([answer.status, said.includes('flagged by the moderation')]).toEqual([403, true])
  expect(said).not.toContain('fight')
  expect((await post(surface, bodyFor(surface, 'solo'))).status).toBe(200)
})

test.each(names)('%s: an answer that is flagged is not given', async (surface) => {
  lab.a.always(judging('They fight.'))
  const answer = await post(surface, bodyFor(surface, 'solo'))
  const said = await answer.text()
  expect([answer.status, said.includes('flagged by the moderation')]).toEqual([403, true])
  expect(said).not.toContain('They')
})

test('OpenRouter’s clients find the reasons, streamed or not', async () => {
  lab.a.always(judging('They fight.'))
  for (const stream of [true, false]) {
    const { error, status } = await lab.chat({ model: 'solo', stream })
    expect([status, error.code, error.metadata.reasons]).toEqual([
      403,
      'guardrail_blocked',
      ['violence'],
    ])
  }
})

test('a stream stops before a word of the list', async () => {
  await using words = await startLab({
    plugins: [{ moderation: { words: ['xyzzy'], scope: 'output' } }, 'fallback'],
  })
  const pieces = ['Say it: ', 'xy', 'zz', 'y. ', 'Done.']
  words.a.always(replays(text(pieces.join(''), { pieces })))
  const answer = await words.chat({ model: 'solo', stream: true })
  expect(answer.text).not.toContain('xy')
  expect(answer.text).toStartWith('Say')
  expect(answer.error.metadata).toMatchObject({ reasons: ['words'] })
})

test('a file of words that is not there is told with its place', async () => {
  const starting = startLab({ plugins: [{ moderation: { files: ['none.txt'] } }] })
  await expect(starting).rejects.toThrow(/config\.yaml:\d+:\d+[^]*moderation[^]*none\.txt/)
})
