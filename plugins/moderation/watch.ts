import type { Batch, Choice } from 'sluice/plugin'

/** Characters of an answer that are remembered to be checked. */
const most = 4_000_000

/** All that a choice says, by where it says it. */
const textsOf = ({ text, delta }: Choice): readonly (readonly [string, unknown])[] => [
  ['content', text],
  ['content', delta?.content],
  ['refusal', delta?.refusal],
  ['reasoning', delta?.reasoning ?? delta?.reasoning_content],
  ...(delta?.tool_calls ?? []).map(
    (call, at) =>
      [`call ${call.index ?? at}`, call.function?.arguments ?? call.custom?.input] as const,
  ),
]

/**
 * The answer, checked once all of it was said. @param hold whether nothing is handed on before; else only its end waits
 * @param check throws where the answer must not be given; told whether these are all its texts, or it was too long
 */
export async function* watched(
  batches: AsyncIterator<Batch>,
  hold: boolean,
  check: (texts: readonly string[], all: boolean) => Promise<void>,
): AsyncGenerator<Batch> {
  const texts = new Map<string, string[]>()
  const held: Batch[] = []
  let length = 0
  let checked = false

  const add = (index: number, field: string, text: unknown): void => {
    if (typeof text !== 'string' || text === '' || length > most) return
    length += text.length
    const place = `${index} ${field}`
    const known = texts.get(place)
    if (known) known.push(text)
    else texts.set(place, [text])
  }
  const take = (batch: Batch): boolean => {
    if (batch.plain !== undefined) {
      add(0, 'content', batch.plain)
      return false
    }
    const choices = batch.chunks.flatMap((chunk) => chunk.choices ?? [])
    for (const choice of choices)
      for (const [field, text] of textsOf(choice)) add(choice.index, field, text)
    return choices.some(({ finish_reason }) => finish_reason)
  }
  const settle = async (): Promise<void> => {
    checked = true
    await check(
      [...texts.values()].map((pieces) => pieces.join('')),
      length <= most,
    )
  }

  try {
    for (;;) {
      const { done, value } = await batches.next()
      if (done) break
      const ends = take(value)
      if (!checked && (hold ? length > most : ends)) {
        await settle()
        yield* held.splice(0)
      }
      if (hold && !checked) held.push(value)
      else yield value
    }
    if (!checked) await settle()
    yield* held
  } finally {
    await batches.return?.()
  }
}
