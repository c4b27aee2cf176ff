import { isObject, type Fields } from '../../fields.ts'
import type { Call, Chunk } from '../../chat.ts'
import { classify } from '../../errors/classify.ts'
import { createCustomCalls, customNames } from '../../formats/custom-tools.ts'
import { objectsIn } from '../../formats/gemini.ts'
import { toUsage } from '../../formats/gemini/usage.ts'
import { createCandidate } from './candidate.ts'

/** Throws for an error that came as a success. */
export const refuseError = (body: Fields): void => {
  if (isObject(body.error) || typeof body.error === 'string') throw classify({ status: 200, body })
}

/** A prompt that was refused has no candidates. */
const blocked = ({ promptFeedback }: Fields) =>
  isObject(promptFeedback) && typeof promptFeedback.blockReason === 'string'
    ? [
        {
          index: 0,
          delta: { role: 'assistant' },
          finish_reason: 'content_filter',
          native_finish_reason: promptFeedback.blockReason,
        },
      ]
    : []

/** What one answer's events mean, in order; or the one body of a whole one. */
export interface Reader {
  read(body: Fields): Chunk
  /** Takes note of text that was not read as an event. */
  skip(text: string): void
}

export const createReader = (call: Call, object: string): Reader => {
  const candidates = new Map<number, ReturnType<typeof createCandidate>>()
  const custom = createCustomCalls(customNames(call.request))
  const created = Math.floor(Date.now() / 1_000)
  let finished = false
  let id: string | undefined
  let model: string | undefined

  const candidate = (index: number) => {
    const known = candidates.get(index) ?? createCandidate(id ?? call.id)
    candidates.set(index, known)
    return known
  }

  return {
    skip: (text) => candidate(0).skip(text),
    read(body) {
      refuseError(body)
      if (id === undefined && typeof body.responseId === 'string') id = body.responseId
      if (typeof body.modelVersion === 'string') model = body.modelVersion
      const spoken = objectsIn(body.candidates)
      const choices =
        spoken.length > 0
          ? spoken.map((one) => candidate(typeof one.index === 'number' ? one.index : 0).read(one))
          : blocked(body)
      finished ||= choices.some(({ finish_reason }) => finish_reason !== null)
      const usage = finished ? toUsage(body.usageMetadata) : undefined
      return custom.restore({
        id: id ?? call.id,
        object,
        created,
        model: model ?? call.request.model,
        choices,
        ...(usage && { usage }),
      })
    },
  }
}
