import { expect, test } from 'bun:test'
import { familyOf } from '../../plugins/reasoning/families.ts'

const known: readonly (readonly [string, readonly string[]])[] = [
  ['never', ['gpt-4o-mini', 'openai/gpt-4.1', 'gpt-5.1-chat-latest', 'chatgpt-4o-latest']],
  [
    'never',
    [
      'qwen3-235b-a22b-instruct-2507',
      'qwen/qwen3-coder',
      'gemini-2.0-flash',
      'grok-4-fast-non-reasoning',
    ],
  ],
  [
    'always',
    ['o3', 'openai/o4-mini', 'o1-2024-12-17', 'gpt-5', 'gpt-5-mini-2025-08-07', 'gpt-5.1-codex'],
  ],
  ['always', ['openai/gpt-oss-120b', 'gpt-5-pro', 'gemini-2.5-pro', 'google/gemini-3-pro-preview']],
  [
    'always',
    [
      'deepseek-reasoner',
      'deepseek/deepseek-r1-0528',
      'qwq-32b',
      'Qwen/Qwen3-30B-A3B-Thinking-2507',
    ],
  ],
  [
    'always',
    ['kimi-k2-thinking', 'MiniMaxAI/MiniMax-M2.5', 'grok-4-0709', 'magistral-medium-2509'],
  ],
  [
    'usually',
    ['gpt-5.1', 'gpt-5.2-2025-12-11', 'gpt-6', 'gemini-2.5-flash', 'gemini-3-flash-preview'],
  ],
  [
    'usually',
    ['qwen3:8b', 'Qwen/Qwen3-32B-FP8', 'qwen3.5-9b', 'deepseek-v4-pro', 'glm-4.6', 'z-ai/glm-5.1'],
  ],
  ['usually', ['moonshotai/Kimi-K2.5', 'bytedance/seed-oss-36b']],
  [
    'asked',
    ['claude-sonnet-4-5', 'anthropic.claude-opus-4-6-v1:0', 'gemini-2.5-flash-lite', 'qwen-plus'],
  ],
  ['asked', ['deepseek-chat', 'deepseek/deepseek-chat-v3.1', 'qwen3-max']],
  [
    'unknown',
    ['llama-3.3-70b', 'mistral-large', 'kimi-k2-0905', 'grok-4.1-fast', 'qwen2.5-7b', 'm'],
  ],
]

test.each(known)('these think %s: %p', (thinks, names) => {
  const found = names.map((name) => [name, familyOf(name)?.thinks ?? 'unknown'])
  expect(found).toEqual(names.map((name) => [name, thinks]))
})

test('only the beginning of a long name is looked at', () => {
  expect(familyOf('gpt-'.repeat(250_000))).toBeUndefined()
  expect(familyOf(`${'x'.repeat(300)}gpt-4o`)).toBeUndefined()
})
