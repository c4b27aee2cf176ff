import type { Delta } from '../../chat.ts'
import { createCallKeys, type CallKeys } from '../../formats/call-keys.ts'

/** Gives the tool calls of one answer the indices that tell them apart, where their provider did not. */
export const createCallOrder = () => {
  const keys = new Map<number, CallKeys>()
  return (choice: number, delta: Delta): Delta => {
    const { tool_calls } = delta
    if (!tool_calls?.length) return delta
    const keyOf = keys.get(choice) ?? createCallKeys()
    keys.set(choice, keyOf)
    const ordered = tool_calls.map((call) => {
      const index = keyOf(call)
      return call.index === index ? call : { ...call, index }
    })
    return ordered.every((call, at) => call === tool_calls[at])
      ? delta
      : { ...delta, tool_calls: ordered }
  }
}
