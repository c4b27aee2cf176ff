/** Time as limits and queues see it; tests bring their own. */
export interface Clock {
  /** Milliseconds since some beginning; never goes back. */
  now(): number
  /** Calls back after so many milliseconds; what comes back calls it off. */
  after(delay: number, act: () => void): () => void
}

/** The longest that a timer can wait. */
const largestDelay = 2 ** 31 - 1

/** The machine's; what waits here alone does not keep the process. */
export const monotonic: Clock = {
  now: () => performance.now(),
  after(delay, act) {
    const timer = setTimeout(act, Math.min(Math.max(0, Math.ceil(delay)), largestDelay))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
