import { batchesOf, hasContent, listOf, type Batch, type Chunk } from 'sluice/plugin'
import type { Parsed } from './parsed.ts'

/** What lets the next turn do without reading the file again. */
const toAnnotation = ({ hash, name, text }: Parsed): object => ({
  type: 'file',
  file: { hash, name, content: [{ type: 'text', text }] },
})

const withFiles = (chunk: Chunk, annotations: readonly object[]): Chunk => ({
  ...chunk,
  choices: (chunk.choices ?? []).map((choice) =>
    choice.index === 0
      ? {
          ...choice,
          delta: {
            ...choice.delta,
            annotations: [...listOf(choice.delta?.annotations), ...annotations],
          },
        }
      : choice,
  ),
})

/** The answer, with the files where it begins to say something; all else is as it came. */
export async function* annotated(
  chunks: AsyncIterable<Chunk>,
  files: readonly Parsed[],
): AsyncGenerator<Batch> {
  const batches = batchesOf(chunks)
  let annotations = files.map(toAnnotation)
  try {
    for (;;) {
      const { done, value } = await batches.next()
      if (done) return
      if (annotations.length === 0) {
        yield value
        continue
      }
      const at: number = value.chunks.findIndex(
        (chunk) => hasContent(chunk) && chunk.choices?.some(({ index }) => index === 0),
      )
      if (at === -1) yield value
      else {
        const chunks = value.chunks.map((chunk, n) =>
          n === at ? withFiles(chunk, annotations) : chunk,
        )
        annotations = []
        yield { chunks }
      }
    }
  } finally {
    await batches.return?.()
  }
}
