import { attempts, endpointId, seams, type Call, type Seam } from '../chat.ts'
import { stages, timings, type Stage, type Timing } from '../told.ts'
import type { Attempt, GatewayError } from '../errors.ts'
import { toExcluded } from '../router/choice/no-endpoints.ts'
import { plan, type Plan, type Strategy } from '../router/plan.ts'
import { chargeOf, charges, dollarsOf } from './charge.ts'

/** Endpoints that are listed; all are counted. */
const mostListed = 100

interface Considered {
  readonly provider: string
  readonly model: string
  readonly selected: boolean
  /** Dollars that the call was taken to cost there. */
  readonly cost?: number
  /** Why it stands where it does. */
  readonly notes?: readonly string[]
}

/** OpenRouter's `openrouter_metadata`, and more: why a call went where it went. */
export interface Explanation {
  readonly requested: string
  readonly strategy: Strategy
  readonly region: null
  readonly summary: string
  /** The number of the attempt that answered, or of the last; 0 when nothing reached a provider. */
  readonly attempt: number
  readonly attempts: readonly Attempt[]
  readonly is_byok: true
  readonly endpoints: { readonly total: number; readonly available: readonly Considered[] }
  readonly excluded: ReturnType<typeof toExcluded>
  /** Milliseconds from the send of the last attempt to the end of its answer. */
  readonly generation_time?: number
  /** Dollars of all attempts that have ended; absent where a price is not known. */
  readonly cost?: number
  /** Where the answer was gone on with elsewhere after it had broken off. */
  readonly resumed?: readonly Seam[]
  /** Whether another endpoint was asked beside one that was slow to speak. */
  readonly hedged?: true
  /** What plugins changed. */
  readonly pipeline: readonly Stage[]
  /** How long each took, outermost first. */
  readonly plugins?: readonly Timing[]
}

/** To the microsecond. */
const rounded = (timing: Timing): Timing => ({ ...timing, ms: Math.round(timing.ms * 1e3) / 1e3 })

const isSame = (one: Considered | Attempt, { provider, model }: Attempt): boolean =>
  one.provider === provider && one.model === model

/** The endpoints in the order to try; where nothing was planned, those that were tried. */
const consideredIn = (
  made: Plan | undefined,
  tried: readonly Attempt[],
  served: Attempt | undefined,
): Considered[] => {
  const candidates = made?.offline ? [...made.candidates, made.offline] : made?.candidates
  const planned = candidates?.map(({ endpoint, cost, notes }) => ({
    provider: endpoint.provider,
    model: endpoint.model,
    selected: false,
    ...(cost !== undefined && { cost }),
    ...(notes.length > 0 && { notes }),
  }))
  const known: Considered[] = planned ?? []
  const beside = tried
    .filter((one, at) => tried.findIndex((other) => isSame(other, one)) === at)
    .filter((one) => !known.some((other) => isSame(other, one)))
    .map(({ provider, model }) => ({ provider, model, selected: false }))
  return [...known, ...beside].map((one) =>
    served && isSame(one, served) ? { ...one, selected: true } : one,
  )
}

/** Whether another model than the first of those that were asked for has answered, or the one for when nobody can. */
const fellBack = ({ candidates, offline }: Plan, served: Attempt | undefined): boolean => {
  if (!served) return false
  const [first] = candidates
  const chosen = candidates.find(({ endpoint }) => endpointId(endpoint) === endpointId(served))
  if (!chosen) return offline !== undefined && endpointId(offline.endpoint) === endpointId(served)
  return chosen.model !== first?.model
}

const summaryOf = (
  available: readonly Considered[],
  left: number,
  served: Attempt | undefined,
  made: Plan | undefined,
): string =>
  [
    `available=${available.length}`,
    ...(left > 0 ? [`excluded=${left}`] : []),
    ...(served ? [`selected=${served.provider}/${served.model}`] : []),
    ...(made?.summary ? [made.summary] : []),
  ].join(', ')

/**
 * Why the call went where it went, as far as it has come.
 * @param elapsed milliseconds since the request came
 * @param error what it ended with, if it did
 */
export const explanationOf = (call: Call, elapsed: number, error?: GatewayError): Explanation => {
  const made = call.vars.get(plan)
  const tried = call.vars.get(attempts)
  const served = error ? undefined : tried.findLast(({ code }) => code === 'ok')
  const excluded = made ? toExcluded(made.excluded) : (error?.details.availability?.excluded ?? [])
  const left = made?.excluded.length ?? excluded.length
  const available = consideredIn(made, tried, served)
  const last = served ?? tried.at(-1)
  const resumed = call.vars.get(seams)
  const charged = call.vars.get(charges)
  const cost = charged.length > 0 ? dollarsOf(charged) : undefined
  const taken = call.vars.get(timings)
  return {
    // as the client wrote it: plugins and presets may have changed it
    requested: call.source?.request.model || call.request.model,
    strategy: made && fellBack(made, served) ? 'fallback' : (made?.strategy ?? 'direct'),
    region: null,
    summary: summaryOf(available, left, served, made),
    attempt: served ? tried.indexOf(served) + 1 : tried.length,
    attempts: tried,
    is_byok: true,
    endpoints: { total: available.length + left, available: available.slice(0, mostListed) },
    excluded,
    ...(last && { generation_time: Math.round(chargeOf(charged, last)?.ms ?? elapsed) }),
    ...(cost !== undefined && { cost }),
    ...(resumed.length > 0 && { resumed }),
    ...(tried.some(({ code }) => code === 'hedged') && { hedged: true }),
    pipeline: call.vars.get(stages),
    ...(taken?.length && { plugins: taken.map(rounded) }),
  }
}
