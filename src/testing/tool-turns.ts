import type { Chunk, Delta, ToolCall } from '../chat.ts'
import { answerWith } from '../stream.ts'
import type { Turn } from './fakes.ts'

/** A call of a tool that a scripted model makes. */
export interface Called {
  readonly name: string
  /** JSON as the model writes it. */
  readonly arguments?: string
  readonly id?: string
}

const base = { id: 'chatcmpl-tools', created: 1, model: 'test-model' }
const usage = { prompt_tokens: 7, completion_tokens: 11, total_tokens: 18 }

/** Calls tools, after a text if there is one; streamed in pieces or whole, as the call wants it. */
export const calls =
  (called: readonly Called[], text = '', more: Delta = {}): Turn =>
  (call) => {
    const made = called.map(({ name, arguments: json = '{}', id }, index) => ({
      index,
      id: id ?? `call_${name}_${index}`,
      type: 'function',
      function: { name, arguments: json },
    }))
    const delta = { role: 'assistant', ...(text !== '' && { content: text }), ...more }
    if (call.request.stream !== true)
      return answerWith({
        ...base,
        object: 'chat.completion',
        choices: [{ index: 0, delta: { ...delta, tool_calls: made }, finish_reason: 'tool_calls' }],
        usage,
      })
    return (async function* calling(): AsyncGenerator<Chunk> {
      const event = (said: Delta, finish_reason: string | null = null): Chunk => ({
        ...base,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: said, finish_reason }],
      })
      yield event(delta)
      for (const { index, id, type, function: said } of made) {
        const begun: ToolCall = { index, id, type, function: { name: said.name, arguments: '' } }
        yield event({ tool_calls: [begun] })
        for (const piece of said.arguments.match(/[^]{1,4}/g) ?? [])
          yield event({ tool_calls: [{ index, function: { arguments: piece } }] })
      }
      yield event({}, 'tool_calls')
      yield { ...base, object: 'chat.completion.chunk', choices: [], usage }
    })()
  }
