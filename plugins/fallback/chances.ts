import { endpointId, type Candidate, type Endpoint, type Host } from 'sluice/plugin'

export interface ChancesParts {
  readonly candidates: readonly Candidate[]
  readonly health: Host['health']
  /** Endpoints that failed in this call; they are not asked again, whoever calls. */
  readonly failed: ReadonlySet<string>
  /** How often endpoints of one model may be asked. */
  readonly attempts: number
  /** Milliseconds until the call could begin there as far as limits allow. */
  readonly room: (endpoint: Endpoint) => number
  /** Whether a full endpoint is passed over as long as another is not. */
  readonly passesFull: boolean
  /** Whether an endpoint that failed lately may be asked after another has failed. */
  readonly mayRetry: (endpoint: Endpoint) => boolean
}

/** The same endpoint under another variant may answer otherwise. */
const onceEach = (candidates: readonly Candidate[]): Candidate[] => {
  const seen = new Set<string>()
  return candidates.filter(({ endpoint, patch }) => {
    const id = `${endpointId(endpoint)}\n${patch ? JSON.stringify(patch) : ''}`
    return !seen.has(id) && seen.add(id)
  })
}

/** Who may still be asked for one call, in the order of its plan. */
export const createChances = (parts: ChancesParts) => {
  const { health, failed, attempts, room, passesFull, mayRetry } = parts
  const candidates = onceEach(parts.candidates)
  const tried = new Set<Candidate>()
  const asked = new Map<string, number>()
  let some = false

  const hasFailed = ({ endpoint }: Candidate) => failed.has(endpointId(endpoint))
  const waitFor = ({ endpoint }: Candidate) => health.wait(endpoint)
  const isLeft = (candidate: Candidate) =>
    !tried.has(candidate) && !hasFailed(candidate) && (asked.get(candidate.model) ?? 0) < attempts

  return {
    /**
     * The next one that is well, and not full if full ones are passed over and others are left; where nobody was asked
     * yet, one that is not well, rather than nobody.
     */
    pick(): Candidate | undefined {
      const left = candidates.filter(isLeft)
      const well = left.filter((candidate) => waitFor(candidate) === 0)
      const roomFor = ({ endpoint }: Candidate) => room(endpoint)
      const mayAsk = ({ endpoint }: Candidate) => !some || mayRetry(endpoint)
      const ready = passesFull
        ? (well.find((candidate) => roomFor(candidate) === 0 && mayAsk(candidate)) ??
          well
            .filter((candidate) => roomFor(candidate) > 0)
            .sort((one, other) => roomFor(one) - roomFor(other))
            .find(mayAsk))
        : well.find(mayAsk)
      if (ready || some) return ready
      // the last one is never ejected: a breaker may be wrong, a cooling key may not
      return left
        .filter(({ endpoint }) => health.keyWait(endpoint) === 0)
        .sort((one, other) => waitFor(one) - waitFor(other))[0]
    },
    /** Who is asked beside one that is slow to speak; another provider if there is one. */
    rival({ endpoint }: Candidate, fits: (candidate: Candidate) => boolean): Candidate | undefined {
      const able = candidates.filter(
        (candidate) =>
          isLeft(candidate) &&
          waitFor(candidate) === 0 &&
          room(candidate.endpoint) === 0 &&
          !health.suspect(candidate.endpoint) &&
          fits(candidate),
      )
      return able.find((other) => other.endpoint.provider !== endpoint.provider) ?? able[0]
    },
    /** The one that is soonest well again, and in how many milliseconds; also one whose key was to rest. */
    soonest(): readonly [candidate: Candidate, wait: number] | undefined {
      const [first] = candidates
        .filter((candidate) => waitFor(candidate) > 0 && !hasFailed(candidate))
        .filter(({ model }) => (asked.get(model) ?? 0) < attempts)
        .sort((one, other) => waitFor(one) - waitFor(other))
      return first && [first, waitFor(first)]
    },
    take(candidate: Candidate): void {
      some = true
      tried.add(candidate)
      asked.set(candidate.model, (asked.get(candidate.model) ?? 0) + 1)
    },
    /** It may be asked again, with another key. */
    again: (candidate: Candidate) => void tried.delete(candidate),
    /** Leaves the other endpoints of a model out; false when no other model is left. */
    leave(model: string): boolean {
      for (const same of candidates) if (same.model === model) tried.add(same)
      return candidates.some((candidate) => candidate.model !== model && !tried.has(candidate))
    },
  }
}

export type Chances = ReturnType<typeof createChances>
