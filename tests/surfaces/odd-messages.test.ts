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

test('messages that are none are refused where nobody expects any, too', async () => {
  const before = lab.a.requests.length
  for (const messages of [[null], 5, {}, [[1], 'x']])
    for (const path of ['/completions', '/images/generations', '/embeddings']) {
      const body = JSON.stringify({ model: 'solo', prompt: 'a', input: 'a', messages })
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(lab.sluice.v1 + path, { method: 'POST', headers, body })
      const { error } = (await response.json()) as any
      expect([response.status, error.param]).toEqual([400, 'messages'])
    }
  expect(lab.a.requests).toHaveLength(before)
})
