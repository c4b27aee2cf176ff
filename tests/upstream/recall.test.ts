import { expect, test } from 'bun:test'
import { caller, type Chunk, type Delta, type Request } from '../../src/chat.ts'
import { fakeCall } from '../../src/testing.ts'
import { textBatch } from '../../src/stream.ts'
import { createRecall } from '../../src/upstream/recall.ts'

const signed = { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0 }
const piece = (delta: Delta): Chunk => ({ choices: [{ index: 0, delta }] })

const streamed: readonly Chunk[] = [
  piece({ role: 'assistant', content: '' }),
  piece({ reasoning: 'I ', reasoning_details: [{ ...signed, text: 'I ' }] }),
  piece({ reasoning: 'look.', reasoning_details: [{ ...signed, text: 'look.' }] }),
  piece({ reasoning_details: [{ ...signed, signature: 'c2ln' }] }),
  piece({ tool_calls: [{ index: 0, id: 'call_1', function: { name: 'look', arguments: '' } }] }),
  piece({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
  piece({ tool_calls: [{ index: 1, id: 'call_2', function: { name: 'look', arguments: '{}' } }] }),
]

const requestWith = (assistant: object): Request => ({
  model: 'm',
  messages: [
    { role: 'user', content: 'Look.' },
    { role: 'assistant', content: null, ...assistant },
    { role: 'tool', tool_call_id: 'call_2', content: 'seen' },
  ],
})

const calls = (...ids: string[]) => ({
  tool_calls: ids.map((id) => ({
    id,
    type: 'function',
    function: { name: 'look', arguments: '{}' },
  })),
})

const callOf = (request: Request, name?: string) => {
  const call = fakeCall({}, { request })
  if (name !== undefined) call.vars.set(caller, { name, tags: {} })
  return call
}

const heard = (...chunks: readonly Chunk[]) => {
  const recall = createRecall()
  const listener = recall.listen(fakeCall())
  for (const chunk of chunks) listener.take({ chunks: [chunk] })
  listener.end()
  return recall
}

test('a client that dropped the reasoning of a tool call gets it back, whole and in order', () => {
  const completed = heard(...streamed).complete(callOf(requestWith(calls('call_2'))))
  expect(completed.messages?.[1]?.reasoning_details).toEqual([
    { ...signed, text: 'I look.', signature: 'c2ln' },
  ])
})

test('what a client sends of its own stays as it is', () => {
  const own = requestWith({ ...calls('call_1'), reasoning_details: [] })
  expect(heard(...streamed).complete(callOf(own))).toBe(own)
})

test('an unknown call, and a conversation without calls, stay as they are', () => {
  for (const request of [requestWith(calls('toolu_other')), requestWith({ content: 'Yes.' })])
    expect(heard(...streamed).complete(callOf(request))).toBe(request)
})

test('an answer without reasoning is not remembered', () => {
  const request = requestWith(calls('call_1'))
  expect(heard(...streamed.slice(4)).complete(callOf(request))).toBe(request)
})

test('an answer that was broken off before its end is not remembered', () => {
  const recall = createRecall()
  for (const chunk of streamed) recall.listen(fakeCall()).take({ chunks: [chunk] })
  const request = requestWith(calls('call_1'))
  expect(recall.complete(callOf(request))).toBe(request)
})

test('an id that comes again without reasoning brings none back', () => {
  const recall = heard(...streamed)
  const again = recall.listen(fakeCall())
  for (const chunk of streamed.slice(4)) again.take({ chunks: [chunk] })
  again.end()
  const request = requestWith(calls('call_1'))
  expect(recall.complete(callOf(request))).toBe(request)
})

test('another caller does not get it', () => {
  const request = requestWith(calls('call_1'))
  expect(heard(...streamed).complete(callOf(request, 'other'))).toBe(request)
})

test('a call that the client’s format gives no id is known by what it says', () => {
  const google = { type: 'reasoning.encrypted', data: 'c2ln', format: 'google-gemini-v1' }
  const recall = heard(
    piece({ reasoning_details: [{ ...google, id: 'call_x1', index: 0 }] }),
    piece({ tool_calls: [{ index: 0, id: 'call_x1', function: { name: 'look', arguments: '' } }] }),
    piece({ tool_calls: [{ index: 0, function: { arguments: '{"at": 1}' } }] }),
  )
  const withArguments = (text: string, id = 'call_0') =>
    callOf(
      requestWith({
        tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: text } }],
      }),
    )
  const completed = recall.complete(withArguments('{"at":1}'))
  expect(completed.messages?.[1]?.reasoning_details).toEqual([
    { ...google, id: 'call_0', index: 0 },
  ])
  for (const other of [withArguments('{"at":2}'), withArguments('{"at":1}', 'call_of_another')])
    expect(recall.complete(other)).toBe(other.request)
})

test('an event that only adds text is not parsed to find that out', () => {
  const batch = textBatch('more', () => {
    throw new Error('parsed')
  })
  createRecall().listen(fakeCall()).take(batch)
})
