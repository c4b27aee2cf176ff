import { endpointId } from '../../chat.ts'
import type { RouteOptions } from '../../config.ts'
import type { Pricing } from '../../catalog/pricing.ts'
import type { Candidate, Excluded, Plan } from '../plan.ts'
import type { Percentiles, Stats } from '../measures/stats.ts'

/** What may be read of a candidate: a provider's settings are nobody's business. */
export interface Choice {
  /** By the name under which it is asked. */
  readonly model: string
  readonly route: string
  /** `provider/model` */
  readonly endpoint: string
  /** Dollars that the call is taken to cost there; absent where that is not known. */
  readonly cost?: number
  /** Dollars per million tokens. */
  readonly pricing?: Pricing
  readonly context_length?: number
  readonly max_completion_tokens?: number
  /** Why it stands where it does. */
  readonly notes: readonly string[]
  /** Seconds to the first content, over the last five minutes. */
  readonly latency?: Percentiles
  /** Tokens per second. */
  readonly throughput?: Percentiles
  /** Parameters that the model's variants add. */
  readonly parameters?: readonly string[]
}

/** A plan, as it can be shown. */
export interface Decision {
  readonly requested: readonly string[]
  readonly strategy: string
  readonly summary: string
  readonly fallbacks: boolean
  readonly candidates: readonly Choice[]
  readonly offline?: Choice
  readonly excluded: readonly (Omit<Excluded, 'endpoint'> & { readonly endpoint: string })[]
  readonly options: RouteOptions
}

/** The plan without what is nobody's business, and with what was measured. */
export const toDecision = (plan: Plan, stats: Pick<Stats, 'latency' | 'throughput'>): Decision => {
  const toChoice = ({ model, route, endpoint, cost, facts, notes, patch }: Candidate): Choice => {
    const id = endpointId(endpoint)
    const latency = stats.latency(id)
    const throughput = stats.throughput(id)
    const { pricing, context_length, max_completion_tokens } = facts
    return {
      model,
      route,
      endpoint: id,
      notes,
      ...(cost !== undefined && { cost }),
      ...(pricing && { pricing }),
      ...(context_length !== undefined && { context_length }),
      ...(max_completion_tokens !== undefined && { max_completion_tokens }),
      ...(latency && { latency }),
      ...(throughput && { throughput }),
      ...(patch && { parameters: Object.keys(patch) }),
    }
  }
  const { requested, strategy, summary, fallbacks, options, offline } = plan
  return {
    requested,
    strategy,
    summary,
    fallbacks,
    candidates: plan.candidates.map(toChoice),
    ...(offline && { offline: toChoice(offline) }),
    excluded: plan.excluded.map((one) => ({ ...one, endpoint: endpointId(one.endpoint) })),
    options,
  }
}
