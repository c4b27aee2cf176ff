import { Fork, hedged, toGatewayError, type Answer, type Call, type Candidate } from 'sluice/plugin'
import type { Failure } from './failure.ts'

/** One candidate being asked beside others, with a signal and notes of its own. */
export interface Runner {
  readonly candidate: Candidate
  readonly answer: Promise<Answer>
  /** Its notes are the call's. */
  win(): void
  /** Stops it at once. */
  stop(): void
}

export type Ask = (candidate: Candidate, call: Call) => Promise<Answer>

export const run = (candidate: Candidate, call: Call, ask: Ask): Runner => {
  const controller = new AbortController()
  const vars = new Fork(call.vars)
  const leave = () => controller.abort(call.signal.reason)
  call.signal.addEventListener('abort', leave, { once: true })
  if (call.signal.aborted) leave()
  return {
    candidate,
    answer: ask(candidate, { ...call, vars, signal: controller.signal }),
    win: () => vars.join(),
    stop() {
      call.signal.removeEventListener('abort', leave)
      controller.abort(hedged)
    },
  }
}

/** Who spoke, or why nobody did. */
export type Result = { readonly answer: Answer } | { readonly failures: readonly Failure[] }

/**
 * The answer of whoever speaks first. A rival joins when the first has said nothing for so many milliseconds; the loser
 * is stopped at once, and when one fails the other goes on.
 */
export const race = (
  first: Runner,
  rival: () => Runner | undefined,
  after: number,
): Promise<Result> => {
  const { promise, resolve } = Promise.withResolvers<Result>()
  const running = new Set<Runner>()
  const failures: Failure[] = []
  let over = false

  const join = (runner: Runner): void => {
    running.add(runner)
    runner.answer.then(
      (answer) => {
        running.delete(runner)
        if (over) return void answer.batches().return?.()
        over = true
        clearTimeout(timer)
        for (const other of running) other.stop()
        runner.win()
        resolve({ answer })
      },
      (thrown) => {
        running.delete(runner)
        if (over) return
        failures.push({ candidate: runner.candidate, error: toGatewayError(thrown) })
        if (running.size > 0) return
        over = true
        clearTimeout(timer)
        resolve({ failures })
      },
    )
  }

  const timer = setTimeout(() => {
    const other = over ? undefined : rival()
    if (other) join(other)
  }, after)
  join(first)
  return promise
}
