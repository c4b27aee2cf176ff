import { expect, test } from 'bun:test'
import type { Chunk, Request } from '../../src/chat.ts'
import { nameRules } from '../../src/dialects/named.ts'
import { createToolNames } from '../../src/formats/tool-names.ts'

const long = 'a'.repeat(65)
const refused = ['mcp.server/tool', 'two words', 'größe', '工具', '🔧', long, `${long}b`]
const taken = ['plain', 'with-dash_and_1', 'a'.repeat(64)]
const tool = (name: string) => ({ type: 'function', function: { name } })
const call = (name: string) => ({ id: 'c', type: 'function', function: { name, arguments: '{}' } })

const request: Request = {
  model: 'm',
  messages: [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: null, tool_calls: [...refused, ...taken].map(call) },
  ],
  tools: [...[...refused, ...taken].map(tool), { type: 'custom', custom: { name: 'apply.patch' } }],
  tool_choice: tool('two words'),
}

const namesIn = (items: any): string[] =>
  items.map((item: any) => (item.function ?? item.custom).name)

test('names that would be refused are replaced by ones that are taken, all different', () => {
  const sent = createToolNames(request, nameRules.openai).replace(request)
  const names = namesIn(sent.tools)
  for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
  expect(new Set(names).size).toBe(names.length)
  expect(names.slice(refused.length, -1)).toEqual(taken)
  expect(namesIn(sent.messages?.[1]?.tool_calls)).toEqual(names.slice(0, -1))
  expect(namesIn([sent.tool_choice])).toEqual([names[1]!])
})

test('an answer has the client’s own names, and others as they came', () => {
  const names = createToolNames(request, nameRules.openai)
  const sent = namesIn(names.replace(request).tools)
  const tool_calls = [...sent.slice(0, -1).map(call), call('unheard_of')]
  const chunk: Chunk = { choices: [{ index: 0, delta: { tool_calls } }] }
  const told = names.restore(chunk).choices?.[0]?.delta?.tool_calls
  expect(namesIn(told)).toEqual([...refused, ...taken, 'unheard_of'])
})

test('the same name is replaced by the same one whatever stands beside it', () => {
  const alone: Request = { model: 'm', tools: [tool('two words')] }
  const [name] = namesIn(createToolNames(alone, nameRules.openai).replace(alone).tools)
  expect(namesIn(createToolNames(request, nameRules.openai).replace(request).tools)).toContain(
    name!,
  )
})

test('what nobody would refuse keeps its identity', () => {
  const fine: Request = { model: 'm', messages: [], tools: taken.map(tool) }
  const chunk: Chunk = { choices: [{ index: 0, delta: { tool_calls: [call('plain')] } }] }
  const names = createToolNames(fine, nameRules.openai)
  expect(names.replace(fine)).toBe(fine)
  expect(names.restore(chunk)).toBe(chunk)
  expect(createToolNames(request, nameRules.openai).restore(chunk)).toBe(chunk)
})

test('allowed tools are named alike', () => {
  const allowed = { mode: 'auto', tools: [tool('two words')] }
  const choosing = { ...request, tool_choice: { type: 'allowed_tools', allowed_tools: allowed } }
  const sent: any = createToolNames(choosing, nameRules.openai).replace(choosing)
  expect(namesIn(sent.tool_choice.allowed_tools.tools)).toEqual([namesIn(sent.tools)[1]!])
})
