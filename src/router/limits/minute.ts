/** Milliseconds: the window, and the slots that it moves by. */
const window = 60_000
const slots = 240
const width = window / slots
/** The slot that is filling, besides those that make a minute. */
const kept = slots + 1

/**
 * What was taken within the last minute. No window of 60 s ever holds more than its limit: what was taken counts for a
 * minute, and up to a quarter of a second longer.
 */
export class Minute {
  readonly #taken = new Float64Array(kept)
  readonly #now: () => number
  #slot = 0
  #sum = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** What is left under the limit. */
  left(limit: number): number {
    this.#move()
    return Math.max(0, limit - this.#sum)
  }

  /**
   * Milliseconds until so much can be taken: 0 when it can be now. What is more than a whole limit can be taken once
   * there is nothing else.
   */
  wait(amount: number, limit: number): number {
    this.#move()
    let needed = this.#sum + Math.min(amount, limit) - limit
    if (needed <= 0) return 0
    for (let slot = this.#slot - slots; slot <= this.#slot; slot++) {
      needed -= this.#taken[slot % kept] ?? 0
      if (needed <= 0) return slot * width - this.#now()
    }
    return window + width
  }

  /** Takes it, whatever is left; what comes back is needed to `settle`. */
  take(amount: number): number {
    this.#move()
    this.#add(this.#slot, amount)
    return this.#slot
  }

  /** It was more, or less, than was taken: less was never used, more is being used now. */
  settle(slot: number, taken: number, used: number): void {
    this.#move()
    if (used > taken) this.#add(this.#slot, used - taken)
    else if (slot > this.#slot - kept) this.#add(slot, used - taken)
  }

  #add(slot: number, amount: number): void {
    this.#taken[slot % kept] = (this.#taken[slot % kept] ?? 0) + amount
    this.#sum += amount
  }

  /** What is older than a minute counts no more. */
  #move(): void {
    // numbered by when they count no more, which keeps all of them above 0
    const slot = Math.floor(this.#now() / width) + kept
    if (slot - this.#slot >= kept) {
      this.#taken.fill(0)
      this.#sum = 0
    } else
      for (let next = this.#slot + 1; next <= slot; next++) {
        this.#sum -= this.#taken[next % kept] ?? 0
        this.#taken[next % kept] = 0
      }
    this.#slot = slot
  }
}
