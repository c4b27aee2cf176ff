import {
  atCandidate,
  attempts,
  deferred,
  definePlugin,
  duration,
  endpointId,
  firstContent,
  GatewayError,
  key,
  patience,
  plan,
  route,
  served,
  toGatewayError,
  v,
  type Answer,
  type Call,
  type Candidate,
  type Handler,
  type Host,
  usualPatience,
} from 'sluice/plugin'
import { createBudget } from './fallback/budget.ts'
import { createChances } from './fallback/chances.ts'
import { isOffline, summarise, type Failure } from './fallback/failure.ts'
import { hedgeAfter, isAffordable } from './fallback/hedge.ts'
import { race, run, type Result } from './fallback/race.ts'

const share = (ratio: number, min: number) =>
  v.optional(
    v.strictObject({
      ratio: v.optional(v.pipe(v.number(), v.minValue(0)), ratio),
      min: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), min),
    }),
    {},
  )

const options = v.strictObject({
  attempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3),
  deadline: v.optional(duration, '60s'),
  max_wait: v.optional(duration, '0s'),
  retry_budget: share(0.2, 3),
  hedge_budget: share(0.1, 3),
  breaker: v.optional(
    v.strictObject({
      failures: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 5),
      open: v.optional(duration, '30s'),
      max_open: v.optional(duration, '300s'),
    }),
    {},
  ),
})

/** Endpoints that have failed in the call, though another plugin may have called more than once. */
const failedKey = key<Set<string>>('failed endpoints', () => new Set())

const sleep = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

/** Why nobody is asked: all keys rest, because the providers refused them or said that we are too fast. */
const limited = (wait: number, call: Call, why: ReturnType<Host['health']['keyWhy']>) => {
  const tried = call.vars.get(attempts)
  if (why !== undefined && why !== 'rate_limit_exceeded')
    return new GatewayError(why, { attempts: tried })
  return new GatewayError('rate_limit_exceeded', {
    message: 'All providers of this model are at their rate limit.',
    retryAfter: Math.max(1, Math.ceil(wait / 1_000)),
    attempts: tried,
  })
}

/** Tries the endpoints that the plan lists, then those of `models`, until one has said something. */
export default definePlugin({
  name: 'fallback',
  options,
  setup(settings, host) {
    const { health } = host
    // retries at endpoints that just failed: in an outage every provider sees little more than the load itself
    const retries = createBudget(settings.retry_budget)
    const hedges = createBudget(settings.hedge_budget)

    /** What one candidate says once it has begun to; its record is kept. */
    const ask = async (candidate: Candidate, call: Call, next: Handler): Promise<Answer> => {
      const { endpoint } = candidate
      const note = (thrown: unknown): GatewayError => {
        const error = toGatewayError(thrown)
        health.failed(endpoint, error, settings.breaker)
        if (error.fault === 'endpoint') call.vars.get(failedKey).add(endpointId(endpoint))
        return error
      }
      health.started(endpoint)
      call.vars.set(route, candidate.route)
      call.vars.set(served, candidate)
      try {
        const answer = await firstContent(next(atCandidate(call, candidate)), note)
        health.succeeded(endpoint)
        return answer
      } catch (thrown) {
        throw note(thrown)
      }
    }

    const choose = async (call: Call, next: Handler): Promise<Answer> => {
      const end = performance.now() + settings.deadline
      const planned = host.plan(call)
      call.vars.set(plan, planned)
      const failed = call.vars.get(failedKey)
      const failures: Failure[] = []
      const chances = createChances({
        candidates: planned.candidates,
        health,
        failed,
        attempts: settings.attempts,
        room: (endpoint) => host.room(endpoint, call),
        passesFull: planned.options.when_full !== 'wait',
        mayRetry: (endpoint) => !health.suspect(endpoint) || retries.take(),
      })
      retries.called()
      hedges.called()
      let mayHedge = true

      const { max_wait: inLine = usualPatience } = planned.options
      const soonest = async (): Promise<Candidate | undefined> => {
        const found = chances.soonest()
        if (!found) return undefined
        const [candidate, wait] = found
        if (wait > settings.max_wait || performance.now() + wait > end) {
          if (failures.length === 0) throw limited(wait, call, health.keyWhy(candidate.endpoint))
          return undefined
        }
        await sleep(wait, call.signal)
        return candidate
      }

      const askOne = (candidate: Candidate): Promise<Result> =>
        ask(candidate, call, next).then(
          (answer) => ({ answer }),
          (error: GatewayError) => ({ failures: [{ candidate, error }] }),
        )

      const askTwo = (candidate: Candidate, after: number): Promise<Result> => {
        const runOne = (one: Candidate) => run(one, call, (chosen, copy) => ask(chosen, copy, next))
        return race(
          runOne(candidate),
          () => {
            if (performance.now() > end) return undefined
            const rival = chances.rival(candidate, (other) => isAffordable(other, planned))
            if (!rival || !hedges.take()) return undefined
            mayHedge = false
            chances.take(rival)
            return runOne(rival)
          },
          after,
        )
      }

      /** Takes note of a failure; throws it where nobody else can do better. */
      const note = ({ candidate, error }: Failure): void => {
        if (error.code === 'client_closed') throw error
        const last = () => error.with({ attempts: call.vars.get(attempts) })
        if (error.fault === 'gateway') throw last()
        if (error.fault === 'client' && !chances.leave(candidate.model)) throw last()
        if (error.fault === 'key' && health.keyWait(candidate.endpoint) === 0)
          chances.again(candidate)
        failures.push({ candidate, error })
      }

      for (;;) {
        const candidate = chances.pick() ?? (await soonest())
        if (call.signal.aborted) throw new GatewayError('client_closed')
        if (!candidate || (failures.length > 0 && performance.now() > end)) break
        chances.take(candidate)
        call.vars.set(patience, Math.max(0, Math.min(inLine, end - performance.now())))
        // who stands in line is not slow to speak
        const isFull = host.room(candidate.endpoint, call) > 0
        const after = mayHedge && !isFull ? hedgeAfter(call, planned, candidate, host) : undefined
        const result = await (after === undefined ? askOne(candidate) : askTwo(candidate, after))
        if ('answer' in result) return result.answer
        result.failures.forEach(note)
      }

      const { offline, fallbacks } = planned
      const isLeft = offline && !failed.has(endpointId(offline.endpoint))
      if (isLeft && fallbacks && isOffline(failures)) {
        const result = await askOne(offline)
        if ('answer' in result) return result.answer
        result.failures.forEach(note)
      }
      const last = failures.at(-1)
      const tried = call.vars.get(attempts)
      throw last && !fallbacks ? last.error.with({ attempts: tried }) : summarise(failures, tried)
    }

    return (call, next) => deferred(() => choose(call, next))
  },
})
