import { caller, type Call } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import type { Place, Waiting } from '../router/limits/lane.ts'
import { countedFree, type Free, type FreeLimits } from '../router/limits/free.ts'
import type { Limits } from '../router/limits/limits.ts'
import { patience, standing } from '../router/limits/patience.ts'
import { plan, type Candidate } from '../router/plan.ts'
import { tokensFor } from './expected.ts'
import type { Outcome } from './outcome.ts'

/** Whose turn it is where several wait: a key's, or an address's where there are no keys. */
const callerOf = ({ vars, address }: Call): string => vars.get(caller)?.name ?? address()

/** One attempt's way to a place at its provider. */
export interface Entry {
  /** Waits in line if the call may. Throws `provider_full`, and `client_closed` when it leaves. */
  enter(): Promise<Place>
  leave(): void
}

export const createEntry = (limits: Limits, provider: ProviderConfig, call: Call): Entry => {
  const { request, signal, vars } = call
  let waiting: Waiting | undefined

  const inLine = async (line: Waiting): Promise<Place> => {
    waiting = line
    vars.set(standing, line.standing)
    try {
      return await line.place
    } finally {
      vars.set(standing, undefined)
    }
  }

  return {
    async enter() {
      const entered = limits.enter(provider, {
        caller: () => callerOf(call),
        model: request.model,
        tokens: tokensFor(provider, call),
        patience: vars.get(patience),
        signal,
      })
      return 'place' in entered ? inLine(entered) : entered
    },
    leave: () => waiting?.leave(),
  }
}

/** A call of the variant `:free` counts once, when it is first sent. Throws `caller_limit_exceeded`. */
export const countFree = (call: Call, free: Free, limits: FreeLimits): void => {
  const { endpoint, request, vars } = call
  const isFree = ({ model, free, endpoint: { provider } }: Candidate) =>
    free && model === request.model && provider === endpoint?.provider
  if (vars.get(countedFree) || !vars.get(plan)?.candidates.some(isFree)) return
  const refusal = free.take(callerOf(call), limits)
  if (refusal) throw refusal
  vars.set(countedFree, true)
}

const isLimited = ({ limits }: ProviderConfig): boolean =>
  limits.tokens !== undefined || limits.per_key?.tokens !== undefined

/** Tokens that an attempt took, where they are limited: none of what a provider refused; undefined where nobody knows. */
export const tokensUsed = (outcome: Outcome): number | undefined => {
  const { provider, error } = outcome
  if (!isLimited(provider)) return undefined
  const refused =
    error?.code === 'upstream_unreachable' || (error?.details.upstreamStatus ?? 0) >= 400
  return outcome.usage?.total_tokens ?? (refused ? 0 : undefined)
}
