import type { GatewayError } from '../errors.ts'

/** Limits on silence: one timer for an attempt, re-armed only when it fires, so that a read costs nothing. */
export interface Watch {
  /** Fails with `error` unless touched or armed anew within so many milliseconds. */
  arm(limit: number, error: () => GatewayError): void
  /** Something arrived. */
  touch(): void
  stop(): void
  /** What ran out, if anything did. */
  readonly expired: GatewayError | undefined
}

/** @param total milliseconds that the attempt may last altogether */
export const createWatch = (
  total: number,
  tooLong: () => GatewayError,
  expire: (error: GatewayError) => void,
): Watch => {
  const end = performance.now() + total
  let limit = total
  let since = performance.now()
  let error = tooLong
  let timer: ReturnType<typeof setTimeout> | undefined
  let expired: GatewayError | undefined

  const check = () => {
    const now = performance.now()
    const left = Math.min(since + limit, end) - now
    if (left > 0) timer = setTimeout(check, left)
    else {
      expired = now >= end ? tooLong() : error()
      expire(expired)
    }
  }

  return {
    arm(next, reason) {
      limit = next
      since = performance.now()
      error = reason
      clearTimeout(timer)
      check()
    },
    touch() {
      since = performance.now()
    },
    stop: () => clearTimeout(timer),
    get expired() {
      return expired
    },
  }
}
