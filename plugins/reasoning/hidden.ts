import { isObject, listOf, type Chunk, type Delta } from 'sluice/plugin'

/** What nobody can read, and a client of Responses must give back. */
const isSealed = (detail: unknown): boolean =>
  isObject(detail) && detail.type === 'reasoning.encrypted'

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
    const sealed = keepsSealed ? listOf(details).filter(isSealed) : []
    return { ...choice, delta: sealed.length > 0 ? { ...delta, reasoning_details: sealed } : delta }
  })
  return { ...chunk, choices }
}
