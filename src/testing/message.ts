import type { Chunk, Delta } from '../chat.ts'
import { answer, answerWith, type Batch } from '../stream.ts'
import type { Turn } from './fakes.ts'

const base = { id: 'chatcmpl-test', created: 1, model: 'test-model' }
const usage = { prompt_tokens: 30, completion_tokens: 50, total_tokens: 80 }

/** Everything that a message may be made of. */
const messageOf = (text: string) => ({
  reasoning: `Let me think: ${text}`,
  content: text,
  tools: ['look', 'see'].map((name, index) => ({
    id: `call_${index}`,
    name,
    arguments: JSON.stringify({ text, deep: { list: [text, 1.5, null] } }),
  })),
  other: `${text} Or not.`,
})

const piecesOf = (text: string, piece: number): string[] =>
  Array.from({ length: Math.ceil(text.length / piece) }, (_, at) =>
    text.slice(at * piece, (at + 1) * piece),
  )

const wholeOf = (text: string): Chunk => {
  const { reasoning, content, tools, other } = messageOf(text)
  const tool_calls = tools.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }))
  const message = (delta: Delta) => ({ role: 'assistant', ...delta })
  return {
    ...base,
    object: 'chat.completion',
    choices: [
      { index: 0, delta: message({ reasoning, content, tool_calls }), finish_reason: 'tool_calls' },
      { index: 1, delta: message({ content: other }), finish_reason: 'stop' },
    ],
    usage,
  }
}

const eventsOf = (text: string, piece: number): Chunk[] => {
  const { reasoning, content, tools, other } = messageOf(text)
  const event = (index: number, delta: Delta, finish_reason: string | null = null): Chunk => ({
    ...base,
    object: 'chat.completion.chunk',
    choices: [{ index, delta, finish_reason }],
  })
  const others = piecesOf(other, piece).map((part) => event(1, { content: part }))
  return [
    event(0, { role: 'assistant', content: '' }),
    event(1, { role: 'assistant', content: '' }),
    ...piecesOf(reasoning, piece).map((part) => event(0, { reasoning: part })),
    // the two choices speak by turns
    ...piecesOf(content, piece).flatMap((part) => [
      event(0, { content: part }),
      ...others.splice(0, 1),
    ]),
    ...tools.flatMap(({ id, name, arguments: args }, index) => [
      event(0, {
        tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
      }),
      ...piecesOf(args, piece).map((part) =>
        event(0, { tool_calls: [{ index, function: { arguments: part } }] }),
      ),
    ]),
    ...others,
    event(1, {}, 'stop'),
    event(0, {}, 'tool_calls'),
    { ...base, object: 'chat.completion.chunk', choices: [], usage },
  ]
}

/**
 * Answers with reasoning, a text, two tool calls and a second choice, whole or in pieces of so many characters.
 * @param together chunks that arrive in one read
 */
export const saysAll =
  (text: string, piece = 4, together = 1): Turn =>
  (call) => {
    if (call.request.stream !== true) return answerWith(wholeOf(text))
    const events = eventsOf(text, piece)
    return answer(
      (async function* reads(): AsyncGenerator<Batch> {
        for (let at = 0; at < events.length; at += together)
          yield { chunks: events.slice(at, at + together) }
      })(),
    )
  }

/** What an answer comes to, however it came. */
export const saidIn = (chunk: Chunk | undefined): unknown => ({
  tokens: chunk?.usage?.total_tokens,
  choices: chunk?.choices
    ?.toSorted((one, other) => one.index - other.index)
    .map(({ index, text, delta, finish_reason }) => ({
      index,
      text: text ?? delta?.content ?? '',
      reasoning: delta?.reasoning ?? '',
      tools: delta?.tool_calls?.map(({ id, function: called }) => ({ id, ...called })) ?? [],
      finish_reason,
    })),
})
