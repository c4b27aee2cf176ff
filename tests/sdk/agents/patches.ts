import { checkAnthropic } from '../../support/anthropic-rules.ts'
import { checkOpenAI } from '../../support/fixtures-openai-rules.ts'
import { replaysFixture, sendStream } from '../../support/fixtures-replay.ts'
import { strictly } from '../../support/fixtures-strict.ts'
import { checkGemini } from '../../support/gemini-rules.ts'
import type { Script } from '../../support/provider.ts'
import { checkResponses } from '../../support/responses-rules.ts'
import { dialectOf, type Kind } from './desk.ts'

/** As the recorded custom calls have it. */
export const patch =
  '*** Begin Patch\n*** Update File: grüße.txt\n-hallo\n+grüezi 漢\n*** End Patch'

const args = JSON.stringify({ input: patch })
const pieces = args.match(/[^]{1,7}/g) ?? []
const sse = (events: readonly object[], named: boolean): string[] =>
  events.map(
    (event: any) => `${named ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
  )

const anthropicCall = (name: string): string[] =>
  sse(
    [
      {
        type: 'message_start',
        message: {
          id: 'msg_01patch',
          type: 'message',
          role: 'assistant',
          model: 'claude-sonnet-4-5-20250929',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 9, output_tokens: 1 },
        },
      },
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 'toolu_01patch', name, input: {} },
      },
      ...pieces.map((partial_json) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'input_json_delta', partial_json },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: { output_tokens: 40 },
      },
      { type: 'message_stop' },
    ],
    true,
  )

const geminiCall = (name: string): string[] =>
  sse(
    [
      {
        candidates: [
          {
            content: { role: 'model', parts: [{ functionCall: { name, args: { input: patch } } }] },
            finishReason: 'STOP',
            index: 0,
          },
        ],
        usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 40, totalTokenCount: 49 },
        modelVersion: 'gemini-3-pro',
        responseId: 'patch',
      },
    ],
    false,
  )

const openaiCall = (name: string): string[] => {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    id: 'gen-patch',
    object: 'chat.completion.chunk',
    created: 1767225600,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
  })
  const call = (fields: object) => chunk({ tool_calls: [{ index: 0, ...fields }] })
  return [
    ...sse(
      [
        chunk({ role: 'assistant', content: null }),
        call({ id: 'call_patch', type: 'function', function: { name, arguments: '' } }),
        ...pieces.map((piece) => call({ function: { arguments: piece } })),
        chunk({}, 'tool_calls'),
        {
          ...chunk({}),
          choices: [],
          usage: { prompt_tokens: 9, completion_tokens: 40, total_tokens: 49 },
        },
      ],
      false,
    ),
    'data: [DONE]\n\n',
  ]
}

const calls = { anthropic: anthropicCall, gemini: geminiCall, router: openaiCall } as const

const checked = (kind: Kind): ((script: Script) => Script) => {
  const dialect = dialectOf(kind)
  return (script) =>
    strictly(dialect, ({ request: { json, headers, path } }) => {
      if (dialect === 'anthropic') checkAnthropic(json, headers)
      else if (dialect === 'gemini') checkGemini(json, headers, path)
      else if (dialect === 'responses') checkResponses(json, headers)
      else checkOpenAI(json, headers, kind === 'router')
      return script
    })
}

/** A call of a tool with a free input, as a provider without such tools makes it; then a text. */
export const patches = (kind: Kind, name = 'apply_patch'): readonly Script[] => {
  const check = checked(kind)
  const free = kind === 'openai' || kind === 'responses'
  const call = free
    ? replaysFixture(dialectOf(kind), 'custom_tool')
    : sendStream(dialectOf(kind), calls[kind](name))
  return [check(call), check(replaysFixture(dialectOf(kind), 'after_tool'))]
}
