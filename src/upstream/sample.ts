import { endpointId, hedged, isSpoken, type Call } from '../chat.ts'
import { objectOf } from '../fields.ts'
import type { Sample, Stats } from '../router/measures/stats.ts'
import type { Listener, Outcome } from './outcome.ts'

/** Milliseconds that handing an answer on may take. */
const unnoticed = 100

/** Whether the endpoint did its part; undefined where that is not known. */
const verdict = ({ error, complete }: Outcome): boolean | undefined => {
  if (error) return error.fault === 'endpoint' ? false : undefined
  return complete || undefined
}

/**
 * What the endpoint itself has said while it was speaking. Reasoning that nobody could read was made before the first
 * content, and an answer that the client mostly left waiting was as slow as the client.
 */
const spokenIn = (speaking: number, { usage, reasoned, whole, held }: Outcome) => {
  const tokens = usage?.completion_tokens ?? 0
  if (whole) return { tokens }
  if (held > Math.max(speaking / 2, unnoticed)) return {}
  const thought = Number(objectOf(usage?.completion_tokens_details).reasoning_tokens) || 0
  return { speaking, tokens: Math.max(0, tokens - (reasoned ? 0 : thought)) }
}

/**
 * What an attempt says about its endpoint. An answer that was given up while it was silent says nothing, as how long it
 * would have taken is not known; but a rival's was faster than one that had been silent for so long at least: without
 * these the slowest would never be measured, and percentiles sink with every hedge. Counting tokens is no answer.
 */
export const toSample = (call: Call, outcome: Outcome): Sample => {
  if (call.operation === 'count_tokens') return {}
  const { error, complete, whole, first, ms, tools } = outcome
  const ok = verdict(outcome)
  if (first === undefined && call.signal.reason === hedged)
    return { first: ms, whole: whole || !isSpoken(call) }
  return {
    ...(ok !== undefined && { ok }),
    ...(error?.code === 'rate_limit_exceeded' && { limited: true }),
    ...(first !== undefined && { first, whole: whole || !isSpoken(call) }),
    ...(first !== undefined && complete && isSpoken(call) && spokenIn(ms - first, outcome)),
    ...(tools !== undefined && { tools }),
  }
}

/** Measures every attempt. */
export const measureIn =
  (stats: Stats): Listener =>
  (call, outcome) => {
    const sample = toSample(call, outcome)
    if (Object.keys(sample).length > 0) stats.record(endpointId(outcome.endpoint), sample)
  }
