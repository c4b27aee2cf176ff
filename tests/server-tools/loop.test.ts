import { describe, expect, test } from 'bun:test'
import { stages, type Chunk } from 'sluice/plugin'
import { calls, fails, fakeCall, says } from 'sluice/testing'
import { clock, run } from './run.ts'

const once = [
  calls([{ name: 'clock', arguments: '{"zone":"UTC"}', id: 'c1' }], 'I look.'),
  says('It is noon.'),
]

describe.each([true, false])('an answer that is %p for stream', (stream) => {
  test('goes on with the results of the tools that the model called', async () => {
    const { sent, message, whole, chunks } = await run(once, { stream })
    expect(sent[0].tools).toEqual([
      {
        type: 'function',
        function: { name: 'clock', description: 'Tells the time.', parameters: clock().parameters },
      },
    ])
    expect(sent[1].messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'clock', arguments: '{"zone":"UTC"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: '12:00 {"zone":"UTC"}' },
    ])
    expect(message.content).toBe('I look.\n\nIt is noon.')
    expect(message.tool_calls).toBeUndefined()
    expect(message.reasoning_details).toEqual([
      {
        type: 'reasoning.server_tool_call',
        tool_name: 'openrouter:clock',
        arguments: '{"zone":"UTC"}',
        result: '12:00 {"zone":"UTC"}',
        tool_call_id: 'c1',
        index: 0,
      },
    ])
    expect(whole?.choices?.[0]?.finish_reason).toBe('stop')
    expect(chunks.filter(({ usage }) => usage)).toHaveLength(1)
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    const told = { web_search_requests: 0, tool_calls_requested: 1, tool_calls_executed: 1 }
    expect(whole?.usage).toMatchObject({
      prompt_tokens: 10,
      completion_tokens: 16,
      total_tokens: 26,
      server_tool_use: told,
      server_tool_use_details: told,
    })
  })

  test('of a model that calls none is left as it is', async () => {
    const { chunks, provider } = await run([says('Hi.')], { stream })
    const untouched: Chunk[] = []
    for await (const chunk of says('Hi.')(fakeCall({ stream }))) untouched.push(chunk)
    expect(chunks).toEqual(untouched)
    expect(provider.calls).toHaveLength(1)
  })
})

test('a tool is told of in the stages', async () => {
  const { call } = await run(once)
  expect(call.vars.get(stages)).toMatchObject([
    { type: 'server_tools', name: 'openrouter:clock', data: { calls: 1 } },
  ])
})

test('an error in a later turn is one, and nobody hides what was said before', async () => {
  const { error, message } = await run([once[0]!, fails('upstream_error')], { stream: true })
  expect(error.code).toBe('upstream_error')
  expect(message.content).toBe('I look.')
})

const clientTool = { type: 'function', function: { name: 'open', parameters: {} } }
const both = [{ type: 'openrouter:clock' }, clientTool]

describe.each([true, false])('a turn that calls tools of both, stream %p', (stream) => {
  const turn = calls([
    { name: 'clock', id: 'c1' },
    { name: 'open', arguments: '{"door":1}', id: 'c2' },
    { name: 'clock', id: 'c3' },
    { name: 'open', arguments: '{"door":2}', id: 'c4' },
  ])

  test('ends with the client’s calls, and with what ours found', async () => {
    const { message, whole, provider } = await run([turn], { stream, tools: both })
    expect(provider.calls).toHaveLength(1)
    expect(message.tool_calls).toEqual([
      { index: 0, id: 'c2', type: 'function', function: { name: 'open', arguments: '{"door":1}' } },
      { index: 1, id: 'c4', type: 'function', function: { name: 'open', arguments: '{"door":2}' } },
    ])
    expect(message.reasoning_details).toMatchObject([
      { tool_call_id: 'c1' },
      { tool_call_id: 'c3' },
    ])
    expect(whole?.choices?.[0]?.finish_reason).toBe('tool_calls')
    expect(whole?.usage?.server_tool_use_details).toMatchObject({ tool_calls_executed: 2 })
  })

  test('is told to the model as the one turn that it was', async () => {
    const { message } = await run([turn], { stream, tools: both })
    const results = ['c2', 'c4'].map((id) => ({ role: 'tool', tool_call_id: id, content: 'done' }))
    const messages = [{ role: 'user', content: 'Go.' }, message, ...results]
    const { sent } = await run([says('Fine.')], { stream, tools: both, messages })
    const [, assistant, ...told] = sent[0].messages
    expect(assistant.tool_calls.map((call: any) => call.id)).toEqual(['c1', 'c3', 'c2', 'c4'])
    expect(assistant.reasoning_details).toBeUndefined()
    expect(told.map((one: any) => one.tool_call_id)).toEqual(['c1', 'c3', 'c2', 'c4'])
  })
})

test('what was thought in each turn goes back as it was, and comes out in one order', async () => {
  const thought = (text: string, signature: string) => ({
    reasoning: text,
    reasoning_details: [
      { type: 'reasoning.text', text, signature, format: 'anthropic-claude-v1', index: 0 },
    ],
  })
  const turns = [
    calls([{ name: 'clock', id: 'c1' }], '', thought('One.', 'sig-1')),
    calls([{ name: 'clock', id: 'c2' }], '', thought('Two.', 'sig-2')),
    says('Done.'),
  ]
  const { sent, message } = await run(turns, { stream: true })
  const [, first, , second] = sent[2].messages
  expect(first.reasoning_details).toEqual(thought('One.', 'sig-1').reasoning_details)
  expect(second.reasoning_details).toEqual(thought('Two.', 'sig-2').reasoning_details)
  expect(message.reasoning_details).toMatchObject([
    { signature: 'sig-1', index: 0 },
    { tool_call_id: 'c1', index: 1 },
    { signature: 'sig-2', index: 2 },
    { tool_call_id: 'c2', index: 3 },
  ])

  const messages = [{ role: 'user', content: 'Go.' }, message, { role: 'user', content: 'On.' }]
  const again = await run([says('Fine.')], { messages })
  const roles = again.sent[0].messages.map(({ role }: any) => role)
  expect(roles).toEqual(['user', 'assistant', 'tool', 'assistant', 'tool', 'assistant', 'user'])
  expect(again.sent[0].messages[1].reasoning_details).toMatchObject([{ signature: 'sig-1' }])
  expect(again.sent[0].messages[5].content).toBe('Done.')
})

test('turns are told apart in what is thought and said, and their citations stand where they stood', async () => {
  const cited = (at: number) => ({
    type: 'url_citation',
    url_citation: { url: 'https://a.example', title: 'A', start_index: at, end_index: at + 2 },
  })
  const turns = [
    calls([{ name: 'clock' }], 'I look.', { reasoning: 'Hm.', annotations: [cited(0)] }),
    calls([], 'Noon.\n', { reasoning: 'So.', annotations: [cited(1)] }),
  ]
  for (const stream of [true, false]) {
    const { message } = await run(turns, { stream })
    expect(message).toMatchObject({ content: 'I look.\n\nNoon.\n', reasoning: 'Hm.\n\nSo.' })
    const starts = message.annotations.map((one: any) => one.url_citation.start_index)
    expect(starts).toEqual([0, 'I look.\n\n'.length + 1])
  }
})

test('a function of the client’s keeps its name, and ours gets another', async () => {
  const own = { type: 'function', function: { name: 'clock', parameters: {} } }
  const tools = [own, { type: 'openrouter:clock' }]
  const { sent, message } = await run([calls([{ name: 'clock_2' }]), calls([{ name: 'clock' }])], {
    tools,
    tool_choice: { type: 'openrouter:clock' },
  })
  expect(sent[0].tools.map((tool: any) => tool.function.name)).toEqual(['clock', 'clock_2'])
  expect(sent[0].tool_choice).toEqual({ type: 'function', function: { name: 'clock_2' } })
  expect(sent[1].tool_choice).toBe('auto')
  expect(message.tool_calls).toMatchObject([{ function: { name: 'clock' } }])
})

test('calls without an id, or with one that was there before, get one of their own', async () => {
  const { sent } = await run([
    calls([
      { name: 'clock', id: 'same' },
      { name: 'clock', id: '' },
    ]),
    calls([{ name: 'clock', id: 'same' }]),
    says('Done.'),
  ])
  const ids = sent[2].messages.flatMap((one: any) =>
    (one.tool_calls ?? []).map(({ id }: any) => id),
  )
  const answered = sent[2].messages.flatMap((one: any) => one.tool_call_id ?? [])
  expect(new Set(ids).size).toBe(3)
  expect(ids).not.toContain('')
  expect(answered).toEqual(ids)
})

test('an answer that was cut off in the middle of a call ends there', async () => {
  const cut: typeof once = [
    async function* () {
      const call = { index: 0, id: 'c', function: { name: 'clock', arguments: '{"zo' } }
      yield { id: 'x', choices: [{ index: 0, delta: { content: 'Well', tool_calls: [call] } }] }
      yield { id: 'x', choices: [{ index: 0, delta: {}, finish_reason: 'length' }] }
    },
  ]
  const { provider, whole } = await run(cut, { stream: true })
  expect(provider.calls).toHaveLength(1)
  expect(whole?.choices?.[0]).toMatchObject({ finish_reason: 'length', delta: { content: 'Well' } })
})

test('more than one choice is refused', async () => {
  expect((await run(once, { n: 2 })).error.message).toStartWith('n: tools')
})
