import { describe, expect, test } from 'bun:test'
import { calls, says } from 'sluice/testing'
import { clock, run } from './run.ts'

const again = calls([{ name: 'clock' }])

/** How many turns with tools the model gets that would call them for ever, and what ends it. */
const turnsOf = async (request: object) => {
  const { sent, whole, error } = await run([again], request)
  const free = sent.filter(({ tool_choice }) => tool_choice !== 'none')
  return { free: free.length, last: sent.at(-1), whole, error }
}

describe('a model that calls tools for ever', () => {
  test('is asked for a last turn without them', async () => {
    const { free, last, whole } = await turnsOf({ max_tool_calls: 2 })
    expect(free).toBe(2)
    expect(last.tool_choice).toBe('none')
    expect(last.tools).toHaveLength(1)
    expect(last.max_tool_calls).toBeUndefined()
    expect(whole?.choices?.[0]?.finish_reason).toBe('stop')
    expect(whole?.choices?.[0]?.delta?.tool_calls).toBeUndefined()
  })

  test('gets thirty turns, whatever more is asked for', async () => {
    expect((await turnsOf({})).free).toBe(30)
    expect((await turnsOf({ max_tool_calls: 500 })).free).toBe(30)
    expect((await turnsOf({ max_tool_calls: 0 })).free).toBe(0)
  })

  test.each([
    [{ type: 'step_count_is', step_count: 3 }, 3],
    [{ type: 'has_tool_call', tool_name: 'clock' }, 1],
    [{ type: 'max_tokens_used', max_tokens: 30 }, 2],
    [{ type: 'finish_reason_is', reason: 'tool_calls' }, 1],
    [{ type: 'has_tool_call', tool_name: 'other' }, 100],
  ])('stops at %p', async (condition, free) => {
    const stop = { stop_server_tools_when: [condition], max_tool_calls: 1 }
    expect((await turnsOf(stop)).free).toBe(free)
  })

  test('stops when it has cost enough', async () => {
    const dear = clock({ execute: async () => ({ text: 'x', cost: 0.02 }) })
    const stop_server_tools_when = [{ type: 'max_cost', max_cost_in_dollars: 0.05 }]
    const { provider } = await run([again], { stop_server_tools_when }, dear)
    expect(provider.calls).toHaveLength(4)
  })

  test('stops at the first of several conditions', async () => {
    const conditions = [
      { type: 'step_count_is', step_count: 9 },
      { type: 'step_count_is', step_count: 2 },
    ]
    expect((await turnsOf({ stop_server_tools_when: conditions })).free).toBe(2)
  })

  test.each([
    [[]],
    [[{ type: 'never' }]],
    [[{ type: 'step_count_is', step_count: 'x' }]],
    ['soon'],
  ])('is not asked at all with the conditions %p', async (stop_server_tools_when) => {
    const { error } = await turnsOf({ stop_server_tools_when })
    expect(error.code).toBe('invalid_request_error')
    expect(error.message).toStartWith('stop_server_tools_when')
    expect(error.message).not.toContain('never')
    expect(error.message).not.toContain('soon')
  })
})

describe('a call that is not made', () => {
  const told = async (turn: ReturnType<typeof calls>, tool = clock()) => {
    const { sent, whole } = await run([turn, says('Well.')], {}, tool)
    const results = sent[1].messages.filter(({ role }: any) => role === 'tool')
    const { tool_calls_executed } = whole!.usage!.server_tool_use_details as any
    return { texts: results.map(({ content }: any) => content), executed: tool_calls_executed }
  }

  test('is told to the model: no JSON', async () => {
    const { texts, executed } = await told(calls([{ name: 'clock', arguments: '{"zone":' }]))
    expect(texts).toEqual(['The arguments are not valid JSON: the call was not made.'])
    expect(executed).toBe(0)
  })

  test('is told to the model: too often', async () => {
    const twice = calls([{ name: 'clock' }, { name: 'clock' }])
    const { texts, executed } = await told(twice, clock({ maxUses: 1 }))
    expect(texts).toEqual(['12:00 {}', expect.stringContaining('max_uses_exceeded')])
    expect(executed).toBe(1)
  })

  test('is told to the model: too many at once, of which a few run at a time', async () => {
    let running = 0
    let most = 0
    const slow = clock({
      execute: async () => {
        most = Math.max(most, ++running)
        await Bun.sleep(1)
        running--
        return { text: 'ok' }
      },
    })
    const many = calls(Array.from({ length: 40 }, (_, at) => ({ name: 'clock', id: `c${at}` })))
    const { texts, executed } = await told(many, slow)
    expect(texts).toHaveLength(40)
    expect(executed).toBe(32)
    expect(most).toBe(8)
  })
})

test('a tool that fails by itself fails the call', async () => {
  const broken = clock({ execute: () => Promise.reject(new Error('broken')) })
  expect((await run([again], {}, broken)).error.message).toBe('broken')
})

test.each([true, false])('a client that leaves stops the tool, stream %p', async (stream) => {
  const client = new AbortController()
  let stopped = false
  const endless = clock({
    execute: (_args, { signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', () => void (stopped = true))
        setTimeout(() => client.abort(), 1)
      }),
  })
  const { error, provider } = await run([again], { stream }, endless, { signal: client.signal })
  expect(error.code).toBe('client_closed')
  expect(stopped).toBe(true)
  expect(provider.calls).toHaveLength(1)
})
