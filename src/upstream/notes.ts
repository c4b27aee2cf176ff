import { isSpoken, type Call, type Chunk, type Usage } from '../chat.ts'
import type { Batch } from '../stream.ts'
import { estimateUsage, said } from './estimate.ts'
import type { Outcome } from './outcome.ts'

type Noted = Pick<Outcome, 'reasoned' | 'id' | 'model' | 'finish'>

/** What is remembered of one answer as it goes by; text that nobody parsed is not parsed here either. */
export const createNotes = (call: Call) => {
  let answer = ''
  let usage: Usage | undefined
  let reasoned = false
  let id: string | undefined
  let model: string | undefined
  let finish: string | undefined

  const note = (chunk: Chunk): void => {
    id ??= chunk.id
    model ??= chunk.model
    if (chunk.usage) usage = chunk.usage
    for (const choice of chunk.choices ?? []) {
      const { delta, finish_reason } = choice
      answer += said(choice)
      reasoned ||= Boolean(delta?.reasoning ?? delta?.reasoning_content)
      finish = finish_reason ?? finish
    }
  }

  return {
    take(batch: Batch): void {
      if (batch.plain === undefined) for (const chunk of batch.chunks) note(chunk)
      else answer += batch.plain
    },
    /** What an answer that broke off has cost is not told: it is counted by what was said until then. */
    usage(): Usage | undefined {
      if (answer !== '' && isSpoken(call)) usage ??= estimateUsage(call.request, answer)
      return usage
    },
    noted: (): Noted => ({
      reasoned,
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(finish !== undefined && { finish }),
    }),
  }
}
