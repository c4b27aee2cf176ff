import { GatewayError } from '../errors.ts'

export interface Flight {
  leave(): void
  /** Why the daemon ended it, if it did. */
  stopped(): GatewayError | undefined
}

export interface Lifecycle {
  readonly draining: boolean
  readonly inFlight: number
  /** Throws `draining` or `overloaded` when no new call may begin. */
  admit(): void
  enter(abort: () => void): Flight
  /** No new calls from now on; those in flight may end by themselves, after `patience` milliseconds they are ended. */
  drain(patience: number): Promise<void>
}

/** How long ended answers may take to tell their clients. */
const farewell = 1_000

/** Counts the calls in flight and lets them end before the process does. */
export const createLifecycle = (mostInFlight: () => number): Lifecycle => {
  const flights = new Map<symbol, () => void>()
  let draining = false
  let idle: (() => void) | undefined

  const empty = (patience: number) =>
    new Promise<void>((resolve) => {
      if (flights.size === 0) return resolve()
      const timer = setTimeout(resolve, patience)
      idle = () => {
        clearTimeout(timer)
        resolve()
      }
    })

  return {
    get draining() {
      return draining
    },
    get inFlight() {
      return flights.size
    },
    admit() {
      if (draining) throw new GatewayError('draining')
      if (flights.size >= mostInFlight()) throw new GatewayError('overloaded')
    },
    enter(abort) {
      const id = Symbol('flight')
      let error: GatewayError | undefined
      flights.set(id, () => {
        error = new GatewayError('server_shutting_down')
        abort()
      })
      return {
        leave() {
          if (flights.delete(id) && flights.size === 0) idle?.()
        },
        stopped: () => error,
      }
    },
    async drain(patience) {
      draining = true
      await empty(patience)
      for (const stop of flights.values()) stop()
      await empty(farewell)
    },
  }
}
