import type { Percentile } from '../../preferences.ts'

export type Percentiles = Readonly<Record<Percentile, number>>

/** The place of a value in a sorted list, or where it belongs. */
const placeOf = (sorted: readonly number[], value: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The latest values of some time, and no more than so many of them. They are kept in order as they come and go, so that
 * asking for percentiles costs nothing when nothing has changed.
 */
export class Rolling {
  readonly #age: number
  readonly #most: number
  #times: number[] = []
  #values: number[] = []
  #head = 0
  readonly #better: 'less' | 'more'
  readonly #sorted: number[] = []
  #percentiles: Percentiles | undefined

  /**
   * @param age milliseconds that a value counts
   * @param better p90 is what nine of ten reach: the larger of times, the smaller of speeds
   */
  constructor(age: number, most: number, better: 'less' | 'more' = 'less') {
    this.#age = age
    this.#most = most
    this.#better = better
  }

  add(now: number, value: number): void {
    this.#expire(now)
    if (this.#sorted.length >= this.#most) this.#drop()
    this.#times.push(now)
    this.#values.push(value)
    this.#sorted.splice(placeOf(this.#sorted, value), 0, value)
    this.#percentiles = undefined
  }

  /** Nearest rank: each is a value that was measured. Undefined with fewer values than `least`. */
  percentiles(now: number, least = 1): Percentiles | undefined {
    this.#expire(now)
    if (this.#sorted.length < least) return undefined
    return (this.#percentiles ??= {
      p50: this.#rank(0.5),
      p75: this.#rank(0.75),
      p90: this.#rank(0.9),
      p95: this.#rank(0.95),
      p99: this.#rank(0.99),
    })
  }

  #rank(share: number): number {
    const count = this.#sorted.length
    const rank = Math.ceil(share * count)
    return this.#sorted[this.#better === 'less' ? rank - 1 : count - rank] ?? 0
  }

  #expire(now: number): void {
    while (now - (this.#times[this.#head] ?? Infinity) >= this.#age) this.#drop()
  }

  /** The oldest goes. */
  #drop(): void {
    const value = this.#values[this.#head++] ?? 0
    this.#sorted.splice(placeOf(this.#sorted, value), 1)
    this.#percentiles = undefined
    if (this.#head < this.#most) return
    this.#times = this.#times.slice(this.#head)
    this.#values = this.#values.slice(this.#head)
    this.#head = 0
  }
}
