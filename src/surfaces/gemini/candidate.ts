import { isObject, type Fields } from '../../fields.ts'
import type { Choice, Delta, ToolCall } from '../../chat.ts'
import { seal } from '../../formats/envelope.ts'
import { isGoogles, objectsIn, toFinishReason } from '../../formats/gemini.ts'
import { rewriteTurn, writeCall } from '../../formats/gemini/rewrite.ts'
import { fold } from '../../fold.ts'
import { argumentsOf, isServerCall, searchTool } from '../../server-call.ts'
import {
  citationsOf,
  extended,
  groundingOf,
  imagesOf,
  isComplete,
  joined,
  logprobsOf,
  type Pending,
} from './answer.ts'
import { wordOf } from '../../formats/unchecked.ts'
import { soundDelta } from '../../formats/sound.ts'

const asDetails = (details: readonly Fields[], more: readonly Fields[]): readonly Fields[] => {
  const choice = (list: readonly Fields[]) => ({
    choices: [{ index: 0, delta: { reasoning_details: list } }],
  })
  const folded = fold(choice(details), choice(more)).choices?.[0]?.delta
  return objectsIn(folded?.reasoning_details)
}

const textIn = (details: readonly Fields[]): string =>
  details.map(({ text, summary }) => wordOf(text, wordOf(summary))).join('')

const thoughtIn = ({ reasoning, reasoning_content, reasoning_details }: Delta): string =>
  reasoning || reasoning_content || textIn(objectsIn(reasoning_details))

/** One candidate of an answer, on its way into Gemini's parts. */
export interface Candidate {
  /** The parts that a piece adds. */
  push(choice: Choice): readonly Fields[]
  /** Whether parts are held back. */
  readonly waits: boolean
  /** The parts that were still held back. */
  rest(): readonly Fields[]
  /** The candidate's fields beside its content, once it has finished. */
  readonly finish: Fields | undefined
}

/**
 * @param shows whether the client asked to see thoughts; what has to come back with the next request travels anyway
 */
export const createCandidate = (shows: boolean): Candidate => {
  const pending = new Map<number, Pending>()
  let details: readonly Fields[] = []
  let thoughts = ''
  let text = ''
  let cited: Fields[] = []
  const queries: string[] = []
  let finish: Fields | undefined

  /** The call with its own signature, or with what another model needs to get back. */
  const signed = (call: ToolCall): Fields => {
    const part = writeCall(call)
    const own = details.find((one) => isGoogles(one) && one.id === call.id && one.data)
    if (own) {
      details = details.filter((one) => one !== own)
      return { ...part, thoughtSignature: own.data }
    }
    const kept = details.filter((one) => !isGoogles(one))
    details = details.filter(isGoogles)
    if (kept.length > 0) return { ...part, thoughtSignature: seal(kept) }
    if (thoughts === '') return part
    const thought = { type: 'reasoning.text', text: thoughts, format: 'unknown', index: 0 }
    thoughts = ''
    return { ...part, thoughtSignature: seal([thought]) }
  }

  const flush = (which: (call: Pending) => boolean): Fields[] => {
    const ready = [...pending].filter(([, call]) => which(call)).sort(([one], [two]) => one - two)
    for (const [index] of ready) pending.delete(index)
    return ready.map(([, call]) => signed(joined(call)))
  }

  const think = (delta: Delta): Fields[] => {
    const more = objectsIn(delta.reasoning_details)
    for (const call of more.filter(isServerCall)) {
      const { query } = argumentsOf(call.arguments)
      if (call.tool_name === searchTool && typeof query === 'string') queries.push(query)
    }
    if (more.length > 0) {
      details = asDetails(details, more)
      thoughts = ''
    }
    const said = thoughtIn(delta)
    if (!said) return []
    if (details.length === 0) thoughts += said
    return shows ? [{ text: said, thought: true }] : []
  }

  const push = (choice: Choice): readonly Fields[] => {
    const delta = soundDelta(choice.delta)
    const calls = delta.tool_calls ?? []
    // what a plugin holds back of a call's arguments comes later
    const turn = rewriteTurn(delta)
    const own = turn && calls.every((call) => isComplete(extended(undefined, call))) && turn.flat()
    const parts: Fields[] = own ? [...own] : []
    if (!own) {
      const said = (delta.content ?? '') + (delta.refusal ?? '') + (choice.text ?? '')
      const images = imagesOf(delta)
      // what follows a call stays behind it, and what signs it may still come
      if (pending.size > 0 && (said !== '' || images.length > 0 || thoughtIn(delta)))
        parts.push(...flush(isComplete))
      parts.push(...think(delta))
      if (said !== '') parts.push({ text: said })
      parts.push(...images)
      calls.forEach((piece, at) => {
        const index = piece.index ?? at
        pending.set(index, extended(pending.get(index), piece))
      })
    }
    text += delta.content ?? ''
    cited = [...cited, ...citationsOf(delta)]
    const { finish_reason, native_finish_reason } = choice
    if (finish_reason)
      finish = { finishReason: toFinishReason(finish_reason, native_finish_reason) }
    return parts
  }

  return {
    push,
    get waits() {
      return pending.size > 0
    },
    rest() {
      const parts = flush(() => true)
      const own = details.find((one) => isGoogles(one) && one.data && one.id === undefined)
      if (own) parts.push({ text: '', thoughtSignature: own.data })
      const kept = details.filter((one) => !isGoogles(one))
      if (kept.length > 0) parts.push({ text: '', thoughtSignature: seal(kept) })
      details = []
      return parts
    },
    get finish() {
      if (!finish || cited.length + queries.length === 0) return finish
      const asked = queries.length > 0 && { webSearchQueries: queries }
      return { ...finish, groundingMetadata: { ...asked, ...groundingOf(cited, text) } }
    },
  }
}

export const beside = (choice: Choice): Fields => {
  const logprobsResult = logprobsOf(choice.logprobs)
  return isObject(logprobsResult) ? { logprobsResult } : {}
}
