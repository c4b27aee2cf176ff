import type { Choice, Chunk } from '../../chat.ts'
import { createCallKeys, type CallKeys } from '../../formats/call-keys.ts'

/** Gives the tool calls of one stream the indices that tell them apart, where their provider did not. */
export const createCallOrder = (): ((chunk: Chunk) => Chunk) => {
  const keys = new Map<number, CallKeys>()

  const ordered = (choice: Choice): Choice => {
    const { index: at, delta } = choice
    if (!delta?.tool_calls?.length) return choice
    const keyOf = keys.get(at) ?? createCallKeys()
    keys.set(at, keyOf)
    const indices = delta.tool_calls.map(keyOf)
    if (delta.tool_calls.every(({ index }, position) => index === indices[position])) return choice
    const tool_calls = delta.tool_calls.map((call, position) => ({
      ...call,
      index: indices[position] ?? position,
    }))
    return { ...choice, delta: { ...delta, tool_calls } }
  }

  return (chunk) => {
    let { choices } = chunk
    for (const [at, choice] of (chunk.choices ?? []).entries()) {
      const next = ordered(choice)
      if (next !== choice) choices = choices?.with(at, next)
    }
    return choices === chunk.choices ? chunk : { ...chunk, ...(choices && { choices }) }
  }
}
