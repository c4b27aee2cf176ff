import type { Clock } from '../../src/router/limits/clock.ts'

/** A clock that stands still until it is told otherwise. */
export const fakeClock = (begin = 1_000_000) => {
  let now = begin
  const alarms = new Set<{ readonly at: number; readonly act: () => void }>()
  const clock: Clock & { pass(ms: number): void; readonly alarms: number } = {
    now: () => now,
    after(delay, act) {
      const alarm = { at: now + delay, act }
      alarms.add(alarm)
      return () => void alarms.delete(alarm)
    },
    /** Time passes, and whatever is due happens at its time. */
    pass(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...alarms]
          .filter(({ at }) => at <= end)
          .sort((one, other) => one.at - other.at)
        if (!next) break
        now = Math.max(now, next.at)
        alarms.delete(next)
        next.act()
      }
      now = end
    },
    get alarms() {
      return alarms.size
    },
  }
  return clock
}
