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
    let same = true
    const tool_calls = delta.tool_calls.map((call) => {
      const index = keyOf(call)
      if (call.index === index) return call
      same = false
      return { ...call, index }
    })
    return same ? choice : { ...choice, delta: { ...delta, tool_calls } }
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
