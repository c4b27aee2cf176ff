/** What is counted. */
export interface Counts {
  readonly ok: number
  readonly failed: number
  /** Answers with tool calls, and those of them whose calls were sound. */
  readonly called: number
  readonly sound: number
}

type Bucket = { at: number } & { -readonly [Name in keyof Counts]: number }

/** Counts over time, kept for each step of it: what has passed in a window is known to a step. */
export class Tally {
  readonly #step: number
  readonly #most: number
  #buckets: Bucket[] = []
  #totals = { ok: 0, failed: 0, called: 0, sound: 0 }

  /**
   * @param step milliseconds
   * @param most steps that are remembered
   */
  constructor(step: number, most: number) {
    this.#step = step
    this.#most = most
  }

  add(now: number, counted: Partial<Counts>): void {
    this.#expire(now)
    const at = Math.floor(now / this.#step)
    let bucket = this.#buckets.at(-1)
    if (bucket?.at !== at) {
      bucket = { at, ok: 0, failed: 0, called: 0, sound: 0 }
      this.#buckets.push(bucket)
    }
    this.#shift(bucket, counted, 1)
    this.#shift(this.#totals, counted, 1)
  }

  /** Everything that is remembered. */
  all(now: number): Counts {
    this.#expire(now)
    return this.#totals
  }

  /** The last so many milliseconds, rounded up to whole steps. */
  within(now: number, window: number): Counts {
    const from = Math.floor((now - window) / this.#step)
    const sum = { ok: 0, failed: 0, called: 0, sound: 0 }
    for (let index = this.#buckets.length - 1; index >= 0; index--) {
      const bucket = this.#buckets[index]
      if (!bucket || bucket.at < from) break
      this.#shift(sum, bucket, 1)
    }
    return sum
  }

  #shift(sum: Omit<Bucket, 'at'>, by: Partial<Counts>, sign: number): void {
    sum.ok += sign * (by.ok ?? 0)
    sum.failed += sign * (by.failed ?? 0)
    sum.called += sign * (by.called ?? 0)
    sum.sound += sign * (by.sound ?? 0)
  }

  #expire(now: number): void {
    const from = Math.floor(now / this.#step) - this.#most
    let gone = 0
    for (const bucket of this.#buckets) {
      if (bucket.at > from) break
      this.#shift(this.#totals, bucket, -1)
      gone++
    }
    if (gone > 0) this.#buckets = this.#buckets.slice(gone)
  }
}
