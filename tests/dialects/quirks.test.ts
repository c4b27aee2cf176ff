import { expect, test } from 'bun:test'
import { applyQuirks, toMistralId, withUsageOf } from '../../src/dialects/quirks.ts'

const messagesOf = (body: Readonly<Record<string, unknown>>) => body.messages as any[]

test('a body that needs no change stays the very same', () => {
  const body = { model: 'm', messages: [{ role: 'assistant', content: 'x', reasoning: 'r' }] }
  expect(applyQuirks(body, {})).toBe(body)
  const quirks = {
    rename: { a: 'b' },
    reasoning_field: 'reasoning' as const,
    flatten_content: true,
  }
  expect(applyQuirks(body, quirks).messages).toBe(body.messages)
})

test('parameters are renamed, dropped, clamped and forced, in this order', () => {
  const body = { max_completion_tokens: 99, store: true, top_p: 1, n: 2, keep: 'k' }
  const quirks = {
    rename: { max_completion_tokens: 'max_tokens' },
    drop: ['store', 'max_tokens'],
    clamp: { max_tokens: [1, 10], top_p: [0, 0.5], keep: [0, 1] },
    force: { n: 1 },
  } as const
  expect(applyQuirks(body, quirks)).toEqual({ max_tokens: 10, top_p: 0.5, n: 1, keep: 'k' })
})

test('lists of text become one string, lists with images stay', () => {
  const image = { type: 'image_url', image_url: { url: 'data:' } }
  const body = {
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'a' }, 'b'] },
      { role: 'user', content: [{ type: 'text', text: 'a' }, image] },
      'nonsense',
    ],
  }
  expect(messagesOf(applyQuirks(body, { flatten_content: true }))).toEqual([
    { role: 'system', content: 'ab' },
    body.messages[1],
    'nonsense',
  ])
})

const signed = [
  { type: 'reasoning.text', text: 'th', signature: 's' },
  { type: 'reasoning.encrypted', data: 'd' },
  { type: 'reasoning.summary', summary: 'ink' },
]

const thoughts: readonly (readonly [what: string, message: object])[] = [
  ['reasoning_content', { reasoning_content: 'think' }],
  ['reasoning', { reasoning: 'think' }],
  ['reasoning_details', { reasoning_details: signed }],
  ['all three', { reasoning_content: 'think', reasoning: 'think', reasoning_details: signed }],
]

test.each(thoughts)('an assistant’s %s goes where the provider takes it', (_, thought) => {
  const said = { role: 'assistant', content: 'x' }
  const fit = (quirks: Parameters<typeof applyQuirks>[1], native?: boolean) =>
    messagesOf(applyQuirks({ messages: [{ ...said, ...thought }] }, quirks, native))[0]
  expect(fit({ reasoning_field: 'reasoning_content' })).toEqual({
    ...said,
    reasoning_content: 'think',
  })
  const kept = 'reasoning_details' in thought ? { reasoning_details: signed } : {}
  expect(fit({ reasoning_field: 'reasoning' })).toEqual({ ...said, ...kept, reasoning: 'think' })
  expect(fit({ reasoning_field: 'none' })).toEqual(said)
  expect(fit({}, true)).toEqual({ ...said, ...thought })
  expect(fit({}, false)).toEqual(said)
  expect(fit({ drop: [] }, true)).toEqual({ ...said, ...thought })
})

test('reasoning of nobody but assistants is looked at', () => {
  const body = { messages: [{ role: 'user', content: 'x', reasoning: 'mine' }, null, 5] }
  expect(applyQuirks(body, { reasoning_field: 'none' }).messages).toBe(body.messages)
})

test('an assistant that did not think gets no empty thought', () => {
  const body = { messages: [{ role: 'assistant', content: 'x', reasoning: null }] }
  expect(messagesOf(applyQuirks(body, { reasoning_field: 'reasoning_content' }))).toEqual([
    { role: 'assistant', content: 'x' },
  ])
})

test('ids of tool calls and of their results stay together', () => {
  const body = {
    messages: [
      { role: 'user', content: 'x' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_abc', type: 'function', function: { name: 'f', arguments: '{}' } },
          { id: 'AbCd12345', type: 'function', function: { name: 'g', arguments: '{}' } },
          { type: 'function' },
        ],
      },
      { role: 'tool', tool_call_id: 'call_abc', content: '1' },
      { role: 'tool', tool_call_id: 'AbCd12345', content: '2' },
    ],
  }
  const [user, assistant, first, second] = messagesOf(applyQuirks(body, { tool_ids: 'mistral9' }))
  expect(user).toEqual({ role: 'user', content: 'x' })
  expect(assistant.tool_calls[0].id).toMatch(/^[a-zA-Z0-9]{9}$/)
  expect(first.tool_call_id).toBe(assistant.tool_calls[0].id)
  expect(assistant.tool_calls[1].id).toBe('AbCd12345')
  expect(second.tool_call_id).toBe('AbCd12345')
  expect(assistant.tool_calls[2]).toEqual({ type: 'function' })
  expect(body.messages[2]!.tool_call_id).toBe('call_abc')
})

test('an id becomes the same one everywhere and always, and different ones stay different', () => {
  expect(toMistralId('call_abc')).toBe(toMistralId('call_abc'))
  const ids = Array.from({ length: 20_000 }, (_, at) => toMistralId(`toolu_${at}`))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => /^[a-zA-Z0-9]{9}$/.test(id))).toBe(true)
  for (const id of ids.slice(0, 100)) expect(toMistralId(id)).toBe(id)
})

test('usage is found where the provider has it', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
  const chunk = { choices: [], x_groq: { id: 'r', usage } }
  expect(withUsageOf(chunk, { usage_in: 'x_groq' })).toEqual({ ...chunk, usage } as never)
  expect(withUsageOf(chunk, {})).toBe(chunk)
  const own = { ...chunk, usage: { prompt_tokens: 9 } }
  expect(withUsageOf(own, { usage_in: 'x_groq' })).toBe(own)
  for (const x_groq of [undefined, null, 'x', { usage: null }]) {
    const silent = { choices: [], x_groq }
    expect(withUsageOf(silent, { usage_in: 'x_groq' })).toBe(silent)
  }
})
