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

  /**
   * Milliseconds until so many more places have become free, at the pace of the latest; undefined when too few are known.
   * The pace slackens while none comes; of one that is overdue, a quarter of the usual time is taken to be left.
   */
  wait(count: number): number | undefined {
    const now = this.#now()
    const recent = this.#times.filter((time) => now - time < age)
    const [first] = recent
    const last = recent.at(-1)
    if (first === undefined || last === undefined || recent.length < 2) return undefined
    const pace = Math.max((last - first) / (recent.length - 1), (now - first) / recent.length)
    return (count - 1) * pace + Math.max(pace - (now - last), pace / 4)
  }
}
