import type { LRUCache } from 'lru-cache'
import type { ErrorCode } from '../../errors/kinds.ts'

/** The record of one endpoint, key or provider. Times are milliseconds of the clock that its breakers have. */
export interface Breaker {
  readonly failures: number
  readonly ejections: number
  readonly openUntil: number
  readonly probing: boolean
  /** When it was ejected, if it has not been well since. */
  readonly since?: number
  /** Its latest failure; a success leaves it. */
  readonly last?: { readonly code: ErrorCode; readonly at: number }
}

/** `half-open`: it has rested, and one attempt at a time finds out whether it is well. */
export type Condition = 'well' | 'resting' | 'half-open'

/** What is known of an endpoint's, a provider's or a key's health. */
export interface Findings {
  readonly condition: Condition
  /** Milliseconds that it still rests. */
  readonly rest: number
  readonly failures: number
  readonly ejections: number
  /** Its latest failure, so many milliseconds ago. */
  readonly last?: { readonly code: ErrorCode; readonly ago: number }
}

export interface Failure {
  readonly code: ErrorCode
  /** Failures in a row that eject it. */
  readonly after: number
  /** Milliseconds of the first ejection; the nth lasts n times as long, up to `most`. */
  readonly first: number
  readonly most: number
  /** Milliseconds that it asked for. */
  readonly told?: number
  /** 0 when it was counted before: it is only judged anew. */
  readonly count?: 0 | 1
}

/** It rests for so many milliseconds because of `code`; without one, it is well again after so many. */
export type Turn = { readonly ms: number; readonly code?: ErrorCode }

const fresh: Breaker = { failures: 0, ejections: 0, openUntil: 0, probing: false }

/** Milliseconds after which to look again at what is being tried by somebody else. */
const whileProbed = 1_000

/** Circuit breakers by id. */
export class Breakers {
  readonly #records: LRUCache<string, Breaker>
  readonly #now: () => number
  readonly #tell: (id: string, turn: Turn) => void

  /**
   * @param records may be older than the breakers
   * @param tell hears when one begins to rest, and when it is well again
   */
  constructor(
    records: LRUCache<string, Breaker>,
    now: () => number,
    tell: (id: string, turn: Turn) => void,
  ) {
    this.#records = records
    this.#now = now
    this.#tell = tell
  }

  look(id: string): Breaker {
    return this.#records.get(id) ?? fresh
  }

  condition(id: string): Condition {
    const { openUntil } = this.look(id)
    if (openUntil === 0) return 'well'
    return openUntil > this.#now() ? 'resting' : 'half-open'
  }

  findings(id: string): Findings {
    const { failures, ejections, openUntil, last } = this.look(id)
    const now = this.#now()
    return {
      condition: this.condition(id),
      rest: Math.max(0, openUntil - now),
      failures,
      ejections,
      ...(last && { last: { code: last.code, ago: now - last.at } }),
    }
  }

  /** Milliseconds until it may be tried, 0 when it may be now. */
  wait(id: string): number {
    const { openUntil, probing } = this.look(id)
    if (openUntil === 0) return 0
    return Math.max(openUntil - this.#now(), probing ? whileProbed : 0, 0)
  }

  /** An attempt begins; after a rest only one at a time is let through. */
  started(id: string): void {
    if (this.condition(id) === 'half-open') this.#change(id, { probing: true })
  }

  /** The attempt ended without a verdict. */
  released(id: string): void {
    if (this.look(id).probing) this.#change(id, { probing: false })
  }

  succeeded(id: string): void {
    const { failures, since, openUntil, last } = this.look(id)
    if (failures === 0 && openUntil === 0) return
    this.#records.set(id, { ...fresh, ...(last && { last }) })
    if (since !== undefined) this.#tell(id, { ms: this.#now() - since })
  }

  /** What fails while it rests, asked in spite of that, makes the rest no longer. */
  failed(id: string, { code, after, first, most, told = 0, count = 1 }: Failure): void {
    const before = this.look(id)
    const { ejections, openUntil, probing } = before
    const now = this.#now()
    const failures = before.failures + count
    const eject = probing || (openUntil <= now && failures >= after)
    const rest = Math.max(eject ? Math.min(first * (ejections + 1), most) : 0, told)
    const until = Math.max(openUntil, rest > 0 ? now + rest : 0)
    const since = before.since ?? (rest > 0 ? now : undefined)
    this.#records.set(id, {
      failures,
      ejections: ejections + (eject ? 1 : 0),
      openUntil: until,
      probing: false,
      last: { code, at: now },
      ...(since !== undefined && { since }),
    })
    if (openUntil <= now && until > now) this.#tell(id, { code, ms: until - now })
  }

  #change(id: string, change: Partial<Breaker>): void {
    this.#records.set(id, { ...this.look(id), ...change })
  }
}
