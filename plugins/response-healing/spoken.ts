import type { Batch, Chunk, Usage } from 'sluice/plugin'

/** Characters beyond which an answer is not held back any longer. */
const most = 4_000_000

interface Said {
  readonly index: number
  readonly text: string
  readonly finish: string | undefined
}

/** Follows what an answer says, choice by choice. */
export const createSpoken = () => {
  const pieces = new Map<number, string[]>()
  const finishes = new Map<number, string>()
  let usage: Usage | undefined
  let length = 0
  let other = false

  const add = (index: number, text: string): void => {
    length += text.length
    const known = pieces.get(index)
    if (known) known.push(text)
    else pieces.set(index, [text])
  }

  const look = (chunk: Chunk): void => {
    if (chunk.usage) usage = chunk.usage
    for (const { index, delta, finish_reason } of chunk.choices ?? []) {
      if (delta?.tool_calls?.length || delta?.function_call || delta?.refusal) other = true
      if (delta?.content) add(index, delta.content)
      if (finish_reason) finishes.set(index, finish_reason)
    }
  }

  return {
    take(batch: Batch): void {
      if (batch.plain === undefined) for (const chunk of batch.chunks) look(chunk)
      else add(0, batch.plain)
    },
    get hasText(): boolean {
      return length > 0
    },
    /** It calls tools, refuses, or goes on without end: nothing to be healed. */
    get isOther(): boolean {
      return other || length > most
    },
    get usage(): Usage | undefined {
      return usage
    },
    choices: (): readonly Said[] =>
      [...pieces].map(([index, texts]) => ({
        index,
        text: texts.join(''),
        finish: finishes.get(index),
      })),
  }
}

export type Spoken = ReturnType<typeof createSpoken>

/** An answer to its end. */
export const readAll = async (batches: AsyncIterator<Batch>): Promise<Spoken> => {
  const spoken = createSpoken()
  try {
    for (;;) {
      const { done, value } = await batches.next()
      if (done || spoken.isOther) return spoken
      spoken.take(value)
    }
  } finally {
    await batches.return?.()
  }
}
