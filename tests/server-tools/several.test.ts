import { describe, expect, test } from 'bun:test'
import { collect, withTools, type Call, type Handler } from 'sluice/plugin'
import { calls, fakeCall, says, scripted } from 'sluice/testing'
import { clock, wants } from './run.ts'

const names = ['sun', 'moon', 'star']
const tools = names.map((name) =>
  clock({ name, execute: async () => ({ text: `the ${name}`, annotations: [name] }) }),
)

/** Plugins that each bring one of the tools, the first outermost. */
const around = (order: readonly number[], provider: Handler): Handler =>
  order.reduceRight<Handler>((next, at) => {
    const tool = tools[at]!
    return (call) => withTools(call, next, [], wants(tool))
  }, provider)

const entries = names.map((name) => ({ type: `openrouter:${name}` }))

describe.each([
  [0, 1, 2],
  [2, 1, 0],
  [1, 2, 0],
])('plugins in the order %p, %p, %p', (...order) => {
  test('bring their tools to one loop', async () => {
    const turn = calls([
      { name: 'star', id: 's' },
      { name: 'sun', id: 'u' },
    ])
    const provider = scripted(turn, calls([{ name: 'moon', id: 'm' }]), says('Night.'))
    const call: Call = fakeCall({ tools: entries, tool_choice: 'required' })
    const whole = await collect(around(order, provider)(call))
    expect(provider.calls).toHaveLength(3)
    for (const { request } of provider.calls)
      expect((request.tools as any[]).map((tool) => tool.function.name)).toEqual(names)
    const last = provider.calls[2]!.request
    const results = last.messages!.filter(({ role }) => role === 'tool')
    expect(results.map(({ content }) => content)).toEqual(['the star', 'the sun', 'the moon'])
    expect(last.tool_choice).toBe('auto')
    const { delta } = whole!.choices![0]!
    expect(delta).toMatchObject({ content: 'Night.', annotations: ['star', 'sun', 'moon'] })
  })

  test('leave nothing behind for the next call with the same vars', async () => {
    const turns = () => scripted(calls([{ name: 'sun' }]), says('Day.'))
    const call = fakeCall({ tools: entries })
    for (const provider of [turns(), turns()]) {
      await collect(around(order, provider)(call))
      expect(provider.calls).toHaveLength(2)
    }
  })
})
