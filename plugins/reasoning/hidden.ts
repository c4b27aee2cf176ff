import type { Chunk, Delta } from 'sluice/plugin'

type Detail = { readonly type?: unknown }

/** What nobody can read, and a client of Responses must give back. */
const isSealed = (detail: unknown): boolean =>
  typeof detail === 'object' && detail !== null && (detail as Detail).type === 'reasoning.encrypted'

const isHidden = (delta: Delta): boolean =>
  'reasoning' in delta || 'reasoning_content' in delta || 'reasoning_details' in delta

/**
 * The chunk without what was thought. Signatures that lead to tool calls are remembered by the gateway for clients that
 * do not give them back; only who must by its format keeps what it cannot read.
 */
export const hidden = (chunk: Chunk, keepsSealed: boolean): Chunk => {
  if (!chunk.choices?.some(({ delta }) => delta && isHidden(delta))) return chunk
  const choices = chunk.choices.map((choice) => {
    if (!choice.delta || !isHidden(choice.delta)) return choice
    const {
      reasoning: _,
      reasoning_content: __,
      reasoning_details: details,
      ...delta
    } = choice.delta
    const sealed = keepsSealed && Array.isArray(details) ? details.filter(isSealed) : []
    return { ...choice, delta: sealed.length > 0 ? { ...delta, reasoning_details: sealed } : delta }
  })
  return { ...chunk, choices }
}
