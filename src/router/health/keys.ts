import { LRUCache } from 'lru-cache'
import type { ProviderConfig } from '../../config.ts'
import type { GatewayError } from '../../errors.ts'
import type { ErrorCode } from '../../errors/kinds.ts'
import type { Secret } from '../../secret.ts'
import { Breakers, type Breaker, type Findings } from './breaker.ts'
import type { Tell } from './changes.ts'

export interface ProviderKey {
  readonly index: number
  /** Absent where the provider wants none. */
  readonly secret?: Secret
}

/** What is known of a key's health; `limited`: it may not send more for now. */
export type KeyFindings = Omit<Findings, 'condition'> & {
  readonly condition: Findings['condition'] | 'limited'
}

/** A key that was refused, or whose account is empty, rests at once, and longer each time that it still is. */
const refused = { after: 1, first: 300_000, most: 1_800_000 }

/** Milliseconds that a key rests when the provider says that it is too fast and not for how long; longer each time. */
const slower = { first: 5_000, most: 60_000 }

/** How often in a row a key was too fast, and until when it rests. */
interface Limit {
  readonly times: number
  readonly until: number
}

const mostKeys = 10_000

/** The keys of each provider in turn, without those that rest. It outlives reloads. */
export class Keys {
  readonly #turns = new Map<string, number>()
  readonly #limits = new LRUCache<string, Limit>({ max: mostKeys })
  readonly #places = new LRUCache<string, { provider: string; key: number }>({ max: mostKeys })
  readonly #breakers: Breakers
  readonly #now: () => number
  readonly #tell: Tell

  constructor(now: () => number = () => performance.now(), tell: Tell = () => {}) {
    this.#now = now
    this.#tell = tell
    const records = new LRUCache<string, Breaker>({ max: mostKeys })
    this.#breakers = new Breakers(records, now, (id, turn) => {
      const place = this.#places.get(id)
      if (place) tell(place, turn)
    })
  }

  /**
   * The next usable key; when all are cooling, the one that is soonest usable, never none.
   * @param resting milliseconds that a key has to rest for other reasons
   */
  pick(provider: ProviderConfig, resting: (index: number) => number = () => 0): ProviderKey {
    const count = provider.api_keys.length
    if (count === 0) return { index: 0 }
    const turn = this.#turns.get(provider.name) ?? 0
    this.#turns.set(provider.name, (turn + 1) % count)
    const order = Array.from({ length: count }, (_, step) => (turn + step) % count)
    const wait = (at: number) => Math.max(this.cooling(provider, at), resting(at))
    const index = order.reduce((best, at) => (wait(at) < wait(best) ? at : best))
    const secret = provider.api_keys[index]
    return secret ? { index, secret } : { index }
  }

  /** An attempt begins with the key; after it was refused, only one at a time. */
  started(provider: ProviderConfig, index: number): void {
    this.#breakers.started(this.id(provider, index))
  }

  succeeded(provider: ProviderConfig, index: number): void {
    const id = this.id(provider, index)
    this.#limits.delete(id)
    this.#breakers.succeeded(id)
  }

  /** Counts only what was the key's own fault. */
  failed(provider: ProviderConfig, index: number, { fault, code, details }: GatewayError): void {
    const id = this.id(provider, index)
    if (fault !== 'key') return this.#breakers.released(id)
    this.#places.set(id, { provider: provider.name, key: index })
    const told = details.retryAfter === undefined ? undefined : details.retryAfter * 1_000
    if (code === 'rate_limit_exceeded') this.#limit(id, told)
    else this.#breakers.failed(id, { ...refused, code, told: told ?? 0 })
  }

  /** The attempt ended without a verdict. */
  released(provider: ProviderConfig, index: number): void {
    this.#breakers.released(this.id(provider, index))
  }

  /** Milliseconds until the key may be used, 0 when it may be now. */
  cooling(provider: ProviderConfig, index: number): number {
    const id = this.id(provider, index)
    return Math.max(this.#breakers.wait(id), this.#limited(id))
  }

  /** Milliseconds until any key of the provider may be used. */
  wait(provider: ProviderConfig): number {
    const keys = Math.max(1, provider.api_keys.length)
    return Math.min(...Array.from({ length: keys }, (_, index) => this.cooling(provider, index)))
  }

  /** Why none of the provider's keys may be used now: what the one that is soonest usable rests for. */
  why(provider: ProviderConfig): ErrorCode | undefined {
    const wait = this.wait(provider)
    if (wait === 0) return undefined
    const all = Array.from({ length: Math.max(1, provider.api_keys.length) }, (_, index) => index)
    const soonest = all.find((index) => this.cooling(provider, index) === wait) ?? 0
    const id = this.id(provider, soonest)
    return this.#breakers.wait(id) > 0 ? this.#breakers.look(id).last?.code : 'rate_limit_exceeded'
  }

  findings(provider: ProviderConfig, index: number): KeyFindings {
    const id = this.id(provider, index)
    const findings = this.#breakers.findings(id)
    const limited = this.#limited(id)
    return findings.condition === 'well' && limited > 0
      ? { ...findings, condition: 'limited', rest: limited }
      : findings
  }

  /** What a key's record is kept by: a new key in the YAML starts with a clean one. */
  id(provider: ProviderConfig, index: number): string {
    return `${provider.name}\n${provider.api_keys[index]?.reveal() ?? ''}`
  }

  #limited(id: string): number {
    return Math.max(0, (this.#limits.get(id)?.until ?? 0) - this.#now())
  }

  /** Answers to what was sent before the first of them say nothing new. */
  #limit(id: string, told: number | undefined): void {
    const { times = 0, until = 0 } = this.#limits.get(id) ?? {}
    const now = this.#now()
    const begins = until <= now
    const rest = told ?? Math.min(slower.first * (times + 1), slower.most)
    this.#breakers.released(id)
    if (!begins && told === undefined) return
    this.#limits.set(id, {
      times: times + (begins ? 1 : 0),
      until: Math.max(until, now + rest),
    })
    const place = this.#places.get(id)
    if (begins && place) this.#tell(place, { code: 'rate_limit_exceeded', ms: rest })
  }
}
