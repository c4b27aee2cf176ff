import type { Chunk, Usage } from '../chat.ts'
import type { GatewayError } from '../errors.ts'
import type { Ending } from '../ledger/generation.ts'
import type { Batch } from '../stream.ts'

/** What the log and the ledger want to know of the chunks that pass. */
export const createNotes = () => {
  let usage: Usage | undefined
  let model: string | undefined
  let upstream: string | undefined
  let finish: string | undefined
  let native: unknown
  const look = (chunk: Chunk) => {
    if (chunk.usage) usage = chunk.usage
    model ??= chunk.model
    upstream ??= chunk.id
    const [choice] = chunk.choices ?? []
    if (!choice?.finish_reason) return
    finish = choice.finish_reason
    native = choice.native_finish_reason
  }
  return {
    take(batch: Batch) {
      if (batch.plain === undefined) for (const chunk of batch.chunks) look(chunk)
    },
    look,
    ending: (error?: GatewayError): Ending => ({
      ...(error && { error }),
      ...(usage && { usage }),
      ...(model !== undefined && { model }),
      ...(upstream !== undefined && { upstream }),
      ...(finish !== undefined && { finish }),
      ...(typeof native === 'string' && { native }),
    }),
  }
}
