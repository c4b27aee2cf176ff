/** Departures that are remembered, and milliseconds for which they tell something. */
const most = 32
const age = 60_000

/** How often a place becomes free, by the latest ones that did. */
export class Departures {
  readonly #times: number[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  add(): void {
    this.#times.push(this.#now())
    if (this.#times.length > most) this.#times.shift()
  }

  /** Milliseconds between two; undefined when too few are known. It grows while none comes. */
  get pace(): number | undefined {
    const now = this.#now()
    const recent = this.#times.filter((time) => now - time < age)
    const [first] = recent
    return first === undefined || recent.length < 3
      ? undefined
      : (now - first) / (recent.length - 1)
  }
}
