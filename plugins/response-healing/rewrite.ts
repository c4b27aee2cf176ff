import type { Batch, Choice, Chunk, Usage } from 'sluice/plugin'

const saysNothing = ({ delta = {}, finish_reason }: Choice): boolean =>
  !finish_reason && Object.keys(delta).length === 0

/** The batches with other texts for their choices, each said at once where it began. */
export const rewritten = (
  batches: readonly Batch[],
  texts: ReadonlyMap<number, string>,
  usage: Usage | undefined,
): readonly Batch[] => {
  const begun = new Set<number>()

  const toChoice = (choice: Choice): Choice => {
    const text = texts.get(choice.index)
    if (text === undefined || typeof choice.delta?.content !== 'string') return choice
    const { content, ...rest } = choice.delta
    if (content === '' || begun.has(choice.index)) return { ...choice, delta: rest }
    begun.add(choice.index)
    return { ...choice, delta: { ...rest, content: text } }
  }

  const toChunks = (chunk: Chunk): readonly Chunk[] => {
    const choices = chunk.choices?.map(toChoice).filter((choice) => !saysNothing(choice))
    if (choices?.length === 0 && chunk.choices?.length !== 0 && !chunk.usage) return []
    const counted = chunk.usage && usage
    return [{ ...chunk, ...(choices && { choices }), ...(counted && { usage: counted }) }]
  }

  return batches.map(({ chunks }) => ({ chunks: chunks.flatMap(toChunks) }))
}
