/** Milliseconds between two checks for late stretches. */
const period = 100

/** A run of somebody's own work. */
interface Stretch {
  since: number
  readonly limit: number
  late(): void
}

const running = new Set<Stretch>()
let timer: ReturnType<typeof setInterval> | undefined
let looked = 0

const look = (): void => {
  const now = performance.now()
  // time for which the event loop was blocked counts against nobody
  const lag = Math.max(0, now - looked - period)
  looked = now
  if (running.size === 0) {
    clearInterval(timer)
    timer = undefined
  }
  for (const stretch of running) {
    stretch.since += lag
    if (now - stretch.since <= stretch.limit) continue
    running.delete(stretch)
    stretch.late()
  }
}

const watch = (stretch: Stretch): void => {
  running.add(stretch)
  if (timer) return
  looked = performance.now()
  timer = setInterval(look, period)
  timer.unref()
}

/** Measures stretches of work. */
export interface OwnTime {
  /** @param limit milliseconds */
  start(limit: number): void
  stop(): void
}

/**
 * One timer watches all: a stretch costs no timer of its own, and is found to be late up to a tenth of a second later.
 * @param late hears of a stretch that is longer than its limit
 * @param took hears of milliseconds of stretches that have ended
 */
export const createOwnTime = (late: () => void, took?: (ms: number) => void): OwnTime => {
  let began = 0
  let stretch: Stretch | undefined
  let runs = false
  return {
    start(limit) {
      if (runs) return
      runs = true
      began = performance.now()
      if (limit === Infinity) return
      stretch = { since: began, limit, late }
      watch(stretch)
    },
    stop() {
      if (!runs) return
      runs = false
      took?.(performance.now() - began)
      if (stretch) running.delete(stretch)
      stretch = undefined
    },
  }
}
