import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startLab, type Lab } from '../support/lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ plugins: ['privacy', 'context-compression', 'fallback'] })
})
afterAll(() => lab[Symbol.asyncDispose]())

test('calls of tools that are none are refused, and nobody is asked', async () => {
  for (const tool_calls of [5, {}, true, 'x', [null], [5]]) {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b', tool_calls },
    ]
    const { status, error } = await lab.chat({ messages })
    expect([status, error.type]).toEqual([400, 'invalid_request_error'])
  }
  expect(lab.a.requests).toHaveLength(0)
  for (const tool_calls of [null, []])
    expect(
      (await lab.chat({ messages: [{ role: 'user', content: 'a', tool_calls }] })).status,
    ).toBe(200)
})
