import { expected, type Scenario } from '../../support/fixtures.ts'
import type { Ask, Seen, SeenCall } from '../ask.ts'
import { playsCustom, type Bench, type Feature } from '../bench.ts'
import { listing, question, time, weather } from './samples.ts'

const bare = (calls: readonly SeenCall[]) => calls.map(({ name, args }) => ({ name, args }))

const wantedCalls = ({ dialect }: Bench, scenario: Scenario) =>
  (expected(dialect.name, scenario).tool_calls ?? []).map(({ name, arguments: args }) => ({
    name,
    args,
  }))

/** The next turn: what was seen, and a result for each of its calls. */
export const answered = (ask: Ask, seen: Seen): Ask => ({
  ...ask,
  turns: [
    ...ask.turns,
    { role: 'seen', seen },
    {
      role: 'results',
      results: seen.calls.map((call) => ({ call, text: `${call.name}: 21 °C, sunny ☀️` })),
    },
  ],
})

/** Holds both turns of a loop to what was called and what came of it. */
export const loop = async (bench: Bench, ask: Ask, scenario: Scenario) => {
  const { dialect, turn, same } = bench
  const first = await turn(ask, scenario)
  const wanted = wantedCalls(bench, scenario)
  same('calls', bare(first.seen.calls), wanted)
  same('finish', first.seen.finish, 'tool_calls')
  const second = await turn(answered(ask, first.seen), 'after_tool')
  same('calls, back at the provider', bare(second.sent.calls), wanted)
  same(
    'results by the name of their call',
    second.sent.results.map(({ name, text }) => [name, text]),
    wanted.map(({ name }) => [name, `${name}: 21 °C, sunny ☀️`]),
  )
  same('text of turn 2', second.seen.text, expected(dialect.name, 'after_tool').content)
  return { first, second }
}

export const tools: Feature = {
  name: 'tools',
  parts: [
    {
      name: 'declared',
      async run({ turn, same }) {
        const { sent } = await turn(question, 'text')
        same('names', bareNames(sent.tools), bareNames([weather, time]))
        same('descriptions', sent.tools.map(described), [weather, time].map(described))
        same('schema', sent.tools[0]?.schema, weather.schema)
        same('schema', sent.tools[1]?.schema, time.schema)
      },
    },
    {
      name: 'a call and its result',
      run: async (bench) => void (await loop(bench, question, 'tool')),
    },
    {
      name: 'a call after text',
      async run(bench) {
        const { first, second } = await loop(bench, question, 'text_and_tool')
        const wanted = expected(bench.dialect.name, 'text_and_tool').content
        bench.same('text', first.seen.text, wanted)
        bench.same('text, back at the provider', second.sent.said.join(''), wanted)
      },
    },
    {
      name: 'a call without arguments',
      run: async (bench) =>
        void (await loop(bench, { ...question, tools: [listing] }, 'empty_tool_args')),
    },
    {
      name: 'a custom tool',
      async run({ dialect, turn, same }) {
        const custom = { name: 'apply_patch', description: 'Patches files.' }
        const { system, turns } = question
        const ask: Ask = { ...(system !== undefined && { system }), turns, custom }
        const { seen, sent } = await turn(ask, playsCustom(dialect))
        const [called] = expected('openai', 'custom_tool').tool_calls ?? []
        same('names', [...sent.customTools, ...bareNames(sent.tools)], ['apply_patch'])
        same(
          'calls',
          seen.calls.map(({ name, args, custom: free }) => [name, args, free]),
          [['apply_patch', called?.arguments, true]],
        )
        same('finish', seen.finish, 'tool_calls')
        const second = await turn(answered(ask, seen), 'after_tool')
        const [back] = second.sent.calls
        const free = second.sent.customTools.length > 0
        same('name, back at the provider', back?.name, 'apply_patch')
        same(
          'input, back at the provider',
          back?.args,
          free ? called?.arguments : { input: called?.arguments },
        )
        same(
          'result',
          second.sent.results.map(({ name, text }) => [name, text]),
          [['apply_patch', 'apply_patch: 21 °C, sunny ☀️']],
        )
      },
    },
    {
      name: 'a hosted tool of another vendor',
      async run({ turn, same, must }) {
        const { seen, sent } = await turn({ ...question, hosted: true }, 'text')
        same('names', bareNames(sent.tools), bareNames([weather, time]))
        const told = seen.headers.get('x-sluice-warnings') !== null
        must(sent.hosted === (told ? 0 : 1), `${sent.hosted} hosted tools, and warned: ${told}`)
      },
    },
  ],
}

const bareNames = (list: readonly { name: string }[]) => list.map(({ name }) => name)
const described = ({ description }: { description: string }) => description

export const parallel: Feature = {
  name: 'parallel tools',
  parts: [
    {
      name: 'two calls, two results',
      run: async (bench) => void (await loop(bench, question, 'parallel')),
    },
    {
      name: 'switched off',
      async run({ turn, same }) {
        const { sent } = await turn({ ...question, parallel: false }, 'tool')
        same('parallel', sent.parallel, false)
      },
    },
  ],
}

export const forced: Feature = {
  name: 'forced tool',
  parts: [
    {
      name: 'by name',
      async run({ turn, same }) {
        const { sent } = await turn({ ...question, choice: { name: 'get_weather' } }, 'tool')
        same('choice', sent.choice, { name: 'get_weather' })
      },
    },
    {
      name: 'any',
      async run({ turn, same }) {
        const { sent } = await turn({ ...question, choice: 'required' }, 'tool')
        same('choice', sent.choice, 'required')
      },
    },
    {
      name: 'none',
      async run({ turn, same }) {
        const { sent } = await turn({ ...question, choice: 'none' }, 'text')
        same('choice', sent.choice, 'none')
      },
    },
  ],
}
