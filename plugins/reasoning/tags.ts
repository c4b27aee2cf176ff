import { createThinkSplitter, type Choice, type Chunk } from 'sluice/plugin'

type Splitter = ReturnType<typeof createThinkSplitter>

interface Part {
  readonly splitter: Splitter
  /** What was taken for a thought, as long as it may turn out to be the answer. */
  said: string
}

const hasThoughts = ({ delta }: Choice): boolean =>
  Boolean(delta?.reasoning ?? delta?.reasoning_content)

/**
 * Parts thoughts in tags from what is said, in each choice of an answer.
 * @param inside whether an answer is taken to begin with a thought; one that never ends it has only been an answer
 */
export const createParting = (inside: boolean) => {
  const parts = new Map<number, Part>()
  /** Choices whose provider parts them by itself. */
  const apart = new Set<number>()

  const partOf = (index: number): Part => {
    const part = parts.get(index) ?? { splitter: createThinkSplitter(inside), said: '' }
    parts.set(index, part)
    return part
  }

  const of = (choice: Choice): Choice => {
    const { index, delta, finish_reason } = choice
    if (!delta || apart.has(index)) return choice
    if (hasThoughts(choice)) {
      apart.add(index)
      return choice
    }
    const { content } = delta
    const before = typeof content === 'string' ? content : ''
    if (before === '' && !finish_reason) return choice
    const part = partOf(index)
    const { splitter } = part
    const pieces = [splitter.push(before)]
    const isOpen = splitter.open
    if (finish_reason) pieces.push(splitter.end())
    const text = pieces.map((piece) => piece.content).join('')
    const reasoning = pieces.map((piece) => piece.reasoning).join('')
    part.said = splitter.settled || !inside ? '' : part.said + before
    if (finish_reason && finish_reason !== 'length' && inside && isOpen)
      return part.said === before ? choice : { ...choice, delta: { ...delta, content: part.said } }
    if (text === before && reasoning === '') return choice
    const details = [{ type: 'reasoning.text', text: reasoning, index: 0, format: 'unknown' }]
    return {
      ...choice,
      delta: {
        ...delta,
        content: text,
        ...(reasoning !== '' && { reasoning, reasoning_details: details }),
      },
    }
  }

  return {
    of(chunk: Chunk): Chunk {
      const choices = chunk.choices?.map(of)
      const same = choices?.every((choice, at) => choice === chunk.choices?.[at]) ?? true
      return same ? chunk : { ...chunk, ...(choices && { choices }) }
    },
    /** Text that is added is nothing but content from here on. */
    get settled(): boolean {
      const isSettled = (index: number) =>
        apart.has(index) || (parts.get(index)?.splitter.settled ?? false)
      const known = [...new Set([...parts.keys(), ...apart])]
      return known.length > 0 && known.every(isSettled)
    },
  }
}

export type Parting = ReturnType<typeof createParting>
