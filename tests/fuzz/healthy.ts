import { foreignAnswer } from '../support/fixtures-desk.ts'
import { replaysFixture, sendWhole } from '../support/fixtures-replay.ts'
import { scenarios, type Dialect, type Scenario } from '../support/fixtures.ts'
import type { Exchange, Script } from '../support/provider.ts'
import { byPath, sendEvents } from '../support/scripts.ts'

const ranking = { id: 'rr', model: 'm', results: [{ index: 0, relevance_score: 0.9 }] }
const judgement = {
  id: 'modr-1',
  model: 'omni-moderation-latest',
  results: [{ flagged: false, categories: {}, category_scores: {} }],
}
const picture = { created: 1767225600, data: [{ b64_json: 'iVBORw0KGgo=' }] }
const pictureEvent = `event: image_generation.completed\ndata: ${JSON.stringify({ type: 'image_generation.completed', ...picture.data[0] })}\n\n`

const sound: Script = async (exchange) => {
  await exchange.head(200, { 'content-type': 'audio/mpeg' })
  await exchange.body(new Uint8Array([0xff, 0xfb, 0, 1, 2, 3]))
  await exchange.end()
}

const sides: Readonly<Record<string, (exchange: Exchange) => Script>> = {
  rerank: () => sendWhole('openai', ranking),
  moderations: () => sendWhole('openai', judgement),
  generations: ({ request }) =>
    request.json?.stream === true ? sendEvents([pictureEvent]) : sendWhole('openai', picture),
  speech: () => sound,
  transcriptions: () => sendWhole('openai', { text: 'Grüezi.' }),
}

/** Answers whatever comes: chats with the fixture whose turn it is, other paths as healthy providers do. */
export const lenient =
  (dialect: Dialect, turn: () => number, without: readonly Scenario[] = []): Script =>
  (exchange) => {
    const path = exchange.request.path.split('?')[0] ?? ''
    const chats = /(chat\/completions|\/messages|\/responses|[gG]enerateContent)$/.test(path)
    // the readers know no custom tools
    const list = scenarios[dialect].filter(
      (name) => name !== 'custom_tool' && !without.includes(name),
    )
    if (chats) return replaysFixture(dialect, list[turn() % list.length]!)(exchange)
    const side = sides[path.slice(path.lastIndexOf('/') + 1)]
    return (side?.(exchange) ?? foreignAnswer(exchange) ?? byPath(dialect))(exchange)
  }
