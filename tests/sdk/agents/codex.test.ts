import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readRaw } from '../../matrix/lab.ts'
import { eventsIn } from '../../matrix/wire.ts'
import { breaksOff } from '../../support/fixtures-replay.ts'
import { expected } from '../../support/fixtures.ts'
import { post } from './agent.ts'
import { codex, grammar } from './codex.ts'
import { dialectOf, kinds, startDesk, type Desk, type Kind } from './desk.ts'
import { patch, patches } from './patches.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

const ask = async (kind: Kind, history: readonly unknown[], more: object = {}) => {
  const body = JSON.stringify({ ...codex.body(desk.model(kind), history), ...more })
  const raw = await readRaw(await post(desk, codex.path(''), codex.headers, body))
  expect(raw.status, raw.text).toBe(200)
  return { raw, seen: codex.surface.read(raw, true), events: eventsIn(raw.text) }
}

describe.each([...kinds])('Codex before a provider of the kind %s', (kind) => {
  const dialect = dialectOf(kind)

  test('a tool with a free input is called, answered and remembered', async () => {
    desk.providers[kind].next(...patches(kind))
    const before = desk.providers[kind].requests.length
    const { seen, events } = await ask(kind, codex.opening)
    expect(seen.mistakes).toEqual([])
    const call = seen.replay.find(({ type }: any) => type === 'custom_tool_call')
    expect(call).toMatchObject({ name: 'apply_patch', input: patch })
    const deltas = events.filter(({ event }) => event === 'response.custom_tool_call_input.delta')
    expect(deltas.map(({ json }) => json.delta).join('')).toBe(patch)

    const history = [
      ...codex.opening,
      ...codex.replay(seen),
      { type: 'custom_tool_call_output', call_id: call.call_id, output: 'Success: größe.' },
    ]
    const next = await ask(kind, history)
    expect(next.seen.mistakes).toEqual([])
    expect(next.seen.text).toBe(expected(dialect, 'after_tool').content)
    const [first, second] = desk.providers[kind].requests.slice(before)
    expect(first!.body).toContain('apply_patch')
    // what the model is told of the form of the input
    expect(first!.body).toContain(JSON.stringify(grammar).slice(1, 40))
    expect(second!.body).toContain('Success: größe.')
    expect(second!.body).toContain('grüezi 漢')
  })

  test('an answer of a form comes as its schema says', async () => {
    desk.plays(kind, 'structured')
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, mayor: { type: ['string', 'null'] } },
      required: ['name', 'mayor'],
      additionalProperties: false,
    }
    const { seen } = await ask(kind, codex.opening, {
      text: { format: { type: 'json_schema', strict: true, name: 'codex_output_schema', schema } },
    })
    expect(JSON.parse(seen.text)).toEqual(JSON.parse(expected(dialect, 'structured').content))
    expect(desk.providers[kind].requests.at(-1)!.body).toContain(JSON.stringify(schema))
  })

  test('an answer that breaks off ends as a failed response', async () => {
    desk.providers[kind].next(breaksOff(dialect, 'text', dialect === 'responses' ? 7 : 4))
    const { events } = await ask(kind, codex.opening)
    expect(events.at(-1)?.event).toBe('response.failed')
    expect(events.at(-1)?.json.response.error.message).toBeString()
  })

  if (kind === 'responses' || kind === 'openai') return

  test('a tool in a namespace is called by the name that it had', async () => {
    const name = 'mcp__notes__search'
    desk.providers[kind].next(...patches(kind, name))
    const { seen } = await ask(kind, codex.opening)
    const call = seen.replay.find(({ type }: any) => type === 'function_call')
    expect(call).toMatchObject({ name: 'search', namespace: 'mcp__notes' })
    const history = [
      ...codex.opening,
      ...codex.replay(seen),
      { type: 'function_call_output', call_id: call.call_id, output: 'Found.' },
    ]
    const next = await ask(kind, history)
    expect(next.seen.mistakes).toEqual([])
    const request = desk.providers[kind].requests.at(-1)!
    expect(request.body.split(`"${name}"`).length - 1).toBeGreaterThanOrEqual(2)
  })
})
