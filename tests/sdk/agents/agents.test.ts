import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
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

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

let marks: Record<Kind, number>
beforeEach(() => {
  marks = Object.fromEntries(
    kinds.map((kind) => [kind, desk.providers[kind].requests.length]),
  ) as Record<Kind, number>
})
const sent = (kind: Kind) => desk.since(kind, marks[kind])

const agents = [claudeCode, codex, geminiCli, opencode]
const pairs = agents.flatMap((agent) => kinds.map((kind) => [agent.name, kind, agent] as const))

/** Whether the provider gets its signatures back: the agent keeps them, or Sluice does where it translates. */
const sealed = (agent: Agent, kind: Kind): boolean =>
  agent.keepsSeals || !agent.alike.includes(kind)

/** The session: a thought and a call, a call without a thought, a text, and one more question. */
const play = async (agent: Agent, kind: Kind) => {
  const first: Scenario = sealed(agent, kind) ? 'reasoning_tool' : 'tool'
  desk.plays(kind, first, 'empty_tool_args', 'after_tool')
  const one = await turn(desk, agent, kind, agent.opening)
  const weather = one.seen.calls.map((call) => ({ call, output: 'It is 21 °C.\n"sunny" ☀️' }))
  const two = await turn(desk, agent, kind, [...one.history, ...agent.results(weather)])
  const files = two.seen.calls.map((call) => ({ call, output: 'größe.txt' }))
  const three = await turn(desk, agent, kind, [...two.history, ...agent.results(files)])
  desk.plays(kind, 'text')
  const four = await turn(desk, agent, kind, [...three.history, ...agent.user('Thanks. And?')])
  return { first, turns: [one, two, three, four] as const }
}

describe.each(pairs)('%s before a provider of the kind %s', (_name, kind, agent) => {
  const dialect = dialectOf(kind)

  test('a session of four turns comes to its end, with all results and signatures in place', async () => {
    const { first, turns } = await play(agent, kind)
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

    const requests = sent(kind)
    expect(requests).toHaveLength(4)
    const result = JSON.stringify('It is 21 °C.\n"sunny" ☀️').slice(1, -1)
    for (const { body } of requests.slice(1)) expect(body).toContain(result)
    for (const { body } of requests.slice(2)) expect(body).toContain('größe.txt')
    const seals = sealed(agent, kind) ? sealsOf(kind, first) : []
    for (const { json } of requests.slice(1, 3)) expect(sealsIn(kind, json)).toEqual(seals)
  })

  test('what one turn sent is the beginning of what the next one sends', async () => {
    await play(agent, kind)
    const cached = sent(kind).map(({ json }) => cachedOf(kind, json))
    for (const [at, { head, messages }] of cached.entries()) {
      if (at === 0) continue
      const before = cached[at - 1]!
      expect(head).toBe(before.head)
      expect(messages.slice(0, before.messages.length)).toEqual([...before.messages])
    }
  })

  if (!agent.alike.includes(kind)) return

  test('only the model differs from what the agent posted', async () => {
    const { turns } = await play(agent, kind)
    const model = desk.model(kind)
    const upstream = model.slice(model.indexOf('/') + 1)
    for (const [at, { body, headers }] of sent(kind).entries()) {
      expect(body).toBe(turns[at]!.posted.replace(`"model":"${model}"`, `"model":"${upstream}"`))
      if (kind === 'anthropic')
        expect(headers['anthropic-beta']).toBe(agent.headers['anthropic-beta'])
    }
  })

  // OpenAI’s format has no event without a field of ours: the provider’s name
  if (dialect === 'openai') return

  test('events come as the provider said them', async () => {
    const { first, turns } = await play(agent, kind)
    const scenarios: readonly Scenario[] = [first, 'empty_tool_args', 'after_tool', 'text']
    for (const [at, scenario] of scenarios.entries()) {
      const data = (text: string) => eventsIn(text).map((event) => event.data)
      expect(data(turns[at]!.raw)).toEqual(data(fixture(dialect, scenario).sse))
    }
  })
})
