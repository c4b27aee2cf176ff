import type { GatewayError } from '../errors.ts'

/** Limits on the silence of one attempt. */
export interface Watch {
  /** Fails with `error` unless touched or armed anew within so many milliseconds. */
  arm(limit: number, error: () => GatewayError): void
  /** Calls back if nothing was armed anew within so many milliseconds. */
  glance(after: number, look: () => void): void
  /** Something arrived. */
  touch(): void
  /** Fails with `error` unless told `met` within so many milliseconds, whatever arrives. */
  expect(limit: number, error: () => GatewayError): void
  /** What was expected has come. */
  met(): void
  stop(): void
  /** What ran out, if anything did. */
  readonly expired: GatewayError | undefined
}

interface Watched {
  check(now: number): void
}

/** Milliseconds between two looks at the clock: how late a limit may be noticed. */
const resolution = 25

/** One timer for all attempts: a timer of its own for each, and each read, would cost more than the rest of it. */
const watched = new Set<Watched>()
let sweeping: ReturnType<typeof setInterval> | undefined

const sweep = () => {
  const now = performance.now()
  for (const one of watched) one.check(now)
  if (watched.size > 0) return
  clearInterval(sweeping)
  sweeping = undefined
}

const add = (one: Watched): void => {
  watched.add(one)
  sweeping ??= setInterval(sweep, resolution)
}

/**
 * @param total milliseconds that the attempt may last altogether
 * @param tooLong what to fail with after that
 * @param expire called once, with what ran out
 */
export const createWatch = (
  total: number,
  tooLong: () => GatewayError,
  expire: (error: GatewayError) => void,
): Watch => {
  const end = performance.now() + total
  let due = end
  let limit = total
  let reason = tooLong
  let expired: GatewayError | undefined
  let expectedBy = Infinity
  let unmet = tooLong
  let glanceAt = Infinity
  let glance = () => {}
  const one: Watched = {
    check(now) {
      if (now >= glanceAt) {
        glanceAt = Infinity
        glance()
      }
      if (now < due && now < end && now < expectedBy) return
      watched.delete(one)
      expired = now >= end ? tooLong() : now >= expectedBy ? unmet() : reason()
      expire(expired)
    },
  }
  add(one)
  return {
    arm(next, error) {
      if (expired) return
      limit = next
      reason = error
      glanceAt = Infinity
      due = performance.now() + limit
      if (limit === 0) one.check(due)
    },
    glance(after, look) {
      glanceAt = performance.now() + after
      glance = look
    },
    touch() {
      due = performance.now() + limit
    },
    expect(within, error) {
      expectedBy = performance.now() + within
      unmet = error
    },
    met() {
      expectedBy = Infinity
    },
    stop: () => void watched.delete(one),
    get expired() {
      return expired
    },
  }
}
