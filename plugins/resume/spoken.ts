import { isNothing, type Batch, type Choice, type Chunk, type Usage } from 'sluice/plugin'

/** Parts of an answer beside its text that can stay as they are. */
const harmless = new Set([
  'role',
  'content',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'annotations',
])

const isText = ({ index, delta = {}, logprobs }: Choice): boolean =>
  index === 0 &&
  isNothing(logprobs) &&
  (isNothing(delta.content) || typeof delta.content === 'string') &&
  Object.entries(delta).every(([field, value]) => harmless.has(field) || isNothing(value))

/** Follows what the client has been told of an answer. */
export const createSpoken = () => {
  let text = ''
  let head: Chunk = {}
  let usage: Usage | undefined
  let some = false
  let open = true

  const note = (chunk: Chunk): void => {
    const { id, created, model, provider } = chunk
    head = {
      ...(id !== undefined && { id }),
      ...(created !== undefined && { created }),
      ...(model !== undefined && { model }),
      ...(provider !== undefined && { provider }),
      ...head,
    }
    if (chunk.usage) usage = chunk.usage
    for (const choice of chunk.choices ?? []) {
      if (!isText(choice) || choice.finish_reason) open = false
      const { content, reasoning, reasoning_content } = choice.delta ?? {}
      some ||= Boolean(content || reasoning || reasoning_content)
      if (typeof content === 'string') text += content
    }
  }

  return {
    take(batch: Batch): void {
      // the first is looked at for its names
      if (batch.plain === undefined || !some) for (const chunk of batch.chunks) note(chunk)
      else text += batch.plain
    },
    /** It has neither ended nor become something else than text. */
    get isOpen() {
      return some && open
    },
    get text() {
      return text
    },
    /** What all chunks of the answer have in common. */
    get head() {
      return head
    },
    get usage() {
      return usage
    },
  }
}

export type Spoken = ReturnType<typeof createSpoken>
