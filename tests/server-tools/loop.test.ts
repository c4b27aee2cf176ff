import { describe, expect, test } from 'bun:test'
import { collect, stages, withTools, type Call, type Chunk, type ServerTool } from 'sluice/plugin'
import { calls, fails, fakeCall, says, scripted, type Turn } from 'sluice/testing'

const clock = (more: Partial<ServerTool> = {}): ServerTool => ({
  name: 'clock',
  description: 'Tells the time.',
  parameters: { type: 'object', properties: { zone: { type: 'string' } } },
  execute: async (args) => ({ text: `12:00 ${JSON.stringify(args)}` }),
  ...more,
})

const wants = (tool: ServerTool) => (entry: unknown) =>
  (entry as { type?: string }).type === `openrouter:${tool.name}` ? tool : undefined

const asked = { tools: [{ type: 'openrouter:clock' }] }

const run = async (
  turns: readonly Turn[],
  request: Partial<Call['request']> = {},
  tool = clock(),
  given: Partial<Call> = {},
) => {
  const provider = scripted(...turns)
  const call = fakeCall({ ...asked, ...request }, given)
  const chunks: Chunk[] = []
  let error: any
  try {
    for await (const chunk of withTools(call, provider, [], wants(tool))) chunks.push(chunk)
  } catch (thrown) {
    error = thrown
  }
  const whole = await collect(
    (async function* () {
      yield* chunks
    })(),
  )
  const message = whole?.choices?.[0]?.delta
  const sent = provider.calls.map((one) => one.request)
  return { provider, call, chunks, error, whole, message: message as any, sent: sent as any[] }
}

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

test('an error in a later turn is one', async () => {
  const { error, chunks } = await run([once[0]!, fails('upstream_error')], { stream: true })
  expect(error.code).toBe('upstream_error')
  expect(chunks.length).toBeGreaterThan(0)
})
