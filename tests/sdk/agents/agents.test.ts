import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { eventsIn } from '../../matrix/wire.ts'
import { expected, fixture, type Scenario } from '../../support/fixtures.ts'
import { turn, type Agent } from './agent.ts'
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { dialectOf, kinds, startDesk, type Desk, type Kind } from './desk.ts'
import { geminiCli } from './gemini-cli.ts'
import { opencode } from './opencode.ts'
import { cachedOf } from './prefix.ts'
import { sealsIn, sealsOf } from './seals.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const plugin = (path: string) => Bun.file(join(import.meta.dir, path)).text()

const ways = ['without plugins', 'with a plugin that copies all', 'with one that changes a word']
type Way = (typeof ways)[number]

let desks: Readonly<Record<Way, Desk>>
beforeAll(async () => {
  const files = {
    'copying.ts': await plugin('../../fuzz/plugins/copying.ts'),
    'changing.ts': await plugin('changing.ts'),
  }
  const started = await Promise.all([
    startDesk(),
    startDesk(['./copying.ts'], files),
    startDesk([{ './changing.ts': { from: 'Zürich?', to: 'Genève?' } }], files),
  ])
  desks = Object.fromEntries(ways.map((way, at) => [way, started[at]!])) as typeof desks
})
afterAll(() => Promise.all(Object.values(desks).map((one) => one[Symbol.asyncDispose]())))

const agents = [claudeCode, codex, geminiCli, opencode]
const pairs = ways.flatMap((way) =>
  agents.flatMap((agent) => kinds.map((kind) => [agent.name, kind, way, agent] as const)),
)

/** Whether the provider gets its signatures back: the agent keeps them, or Sluice does where it translates. */
const sealed = (agent: Agent, kind: Kind): boolean =>
  agent.keepsSeals || !agent.alike.includes(kind)

/** The session: a thought and a call, a call without a thought, a text, and one more question. */
const play = async (desk: Desk, agent: Agent, kind: Kind) => {
  const mark = desk.providers[kind].requests.length
  const first: Scenario = sealed(agent, kind) ? 'reasoning_tool' : 'tool'
  desk.plays(kind, first, 'empty_tool_args', 'after_tool')
  const one = await turn(desk, agent, kind, agent.opening)
  const weather = one.seen.calls.map((call) => ({ call, output: 'It is 21 °C.\n"sunny" ☀️' }))
  const two = await turn(desk, agent, kind, [...one.history, ...agent.results(weather)])
  const files = two.seen.calls.map((call) => ({ call, output: 'größe.txt' }))
  const three = await turn(desk, agent, kind, [...two.history, ...agent.results(files)])
  desk.plays(kind, 'text')
  const four = await turn(desk, agent, kind, [...three.history, ...agent.user('Thanks. And?')])
  const requests = desk.since(kind, mark)
  return { first, requests, turns: [one, two, three, four] as const }
}

describe.each(pairs)('%s before a provider of the kind %s, %s', (_name, kind, way, agent) => {
  const played = () => play(desks[way]!, agent, kind)
  const dialect = dialectOf(kind)

  test('a session of four turns comes to its end, with all results and signatures in place', async () => {
    const { first, requests, turns } = await played()
    const [one, two, three, four] = turns
    expect(one.seen.calls.map(({ name, args }) => ({ name, arguments: args }))).toEqual([
      ...expected(dialect, first).tool_calls!,
    ])
    expect(two.seen.calls.map(({ name }) => name)).toEqual(['list_files'])
    expect(three.seen.text).toBe(expected(dialect, 'after_tool').content)
    expect(four.seen.text).toBe(expected(dialect, 'text').content)
    expect(turns.map(({ seen }) => seen.finish)).toEqual([
      'tool_calls',
      'tool_calls',
      'stop',
      'stop',
    ])
    for (const { seen } of turns) expect(seen.usage.output).toBeGreaterThan(0)

    expect(requests).toHaveLength(4)
    const result = JSON.stringify('It is 21 °C.\n"sunny" ☀️').slice(1, -1)
    for (const { body } of requests.slice(1)) expect(body).toContain(result)
    for (const { body } of requests.slice(2)) expect(body).toContain('größe.txt')
    const seals = sealed(agent, kind) ? sealsOf(kind, first) : []
    for (const { json } of requests.slice(1, 3)) expect(sealsIn(kind, json)).toEqual(seals)
  })

  test('what one turn sent is the beginning of what the next one sends', async () => {
    const { requests } = await played()
    const cached = requests.map(({ json }) => cachedOf(kind, json))
    for (const [at, { head, messages }] of cached.entries()) {
      if (at === 0) continue
      const before = cached[at - 1]!
      expect(head).toBe(before.head)
      expect(messages.slice(0, before.messages.length)).toEqual([...before.messages])
    }
  })

  if (!agent.alike.includes(kind)) return

  test('only the model and what a plugin changed differ from what the agent posted', async () => {
    const { requests, turns } = await played()
    const model = desks[way]!.model(kind)
    const changes = way === 'with one that changes a word'
    const upstream = model.slice(model.indexOf('/') + 1)
    for (const [at, { body, headers }] of requests.entries()) {
      const wanted = turns[at]!.posted.replace(`"model":"${model}"`, `"model":"${upstream}"`)
      expect(body).toBe(changes ? wanted.replace('in Zürich?', 'in Genève?') : wanted)
      if (kind === 'anthropic')
        expect(headers['anthropic-beta']).toBe(agent.headers['anthropic-beta'])
    }
  })

  // OpenAI’s format has no event without a field of ours: the provider’s name
  if (dialect === 'openai' || way === 'with a plugin that copies all') return

  test('events come as the provider said them', async () => {
    const { first, turns } = await played()
    const scenarios: readonly Scenario[] = [first, 'empty_tool_args', 'after_tool', 'text']
    for (const [at, scenario] of scenarios.entries()) {
      const data = (text: string) => eventsIn(text).map((event) => event.data)
      expect(data(turns[at]!.raw)).toEqual(data(fixture(dialect, scenario).sse))
    }
  })
})
