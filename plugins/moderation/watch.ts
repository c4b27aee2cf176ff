import type { Batch, Choice } from 'sluice/plugin'

/** Characters of an answer that are remembered to be checked. */
const most = 4_000_000

const textsOf = ({ text, delta }: Choice): string => {
  if (text) return text
  let all = delta?.content ?? ''
  if (delta?.refusal) all += delta.refusal
  for (const call of delta?.tool_calls ?? []) all += call.function?.arguments ?? ''
  return all
}

/**
 * The answer, checked once all of it was said. @param hold whether nothing is handed on before; else only its end waits
 * @param check throws where the answer must not be given
 */
export async function* watched(
  batches: AsyncIterator<Batch>,
  hold: boolean,
  check: (texts: readonly string[]) => Promise<void>,
): AsyncGenerator<Batch> {
  const texts = new Map<number, string[]>()
  const held: Batch[] = []
  let length = 0
  let checked = false

  const add = (index: number, text: string): void => {
    if (text === '' || length > most) return
    length += text.length
    const known = texts.get(index)
    if (known) known.push(text)
    else texts.set(index, [text])
  }
  const take = (batch: Batch): boolean => {
    if (batch.plain !== undefined) {
      add(0, batch.plain)
      return false
    }
    const choices = batch.chunks.flatMap((chunk) => chunk.choices ?? [])
    for (const choice of choices) add(choice.index, textsOf(choice))
    return choices.some(({ finish_reason }) => finish_reason)
  }
  const settle = async (): Promise<void> => {
    checked = true
    await check([...texts.values()].map((pieces) => pieces.join('')))
  }

  try {
    for (;;) {
      const { done, value } = await batches.next()
      if (done) break
      const ends = take(value)
      if (hold) held.push(value)
      else {
        if (ends && !checked) await settle()
        yield value
      }
    }
    if (!checked) await settle()
    yield* held
  } finally {
    await batches.return?.()
  }
}
