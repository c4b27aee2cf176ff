import {
  attempts,
  deferred,
  definePlugin,
  duration,
  firstContent,
  GatewayError,
  route,
  toGatewayError,
  v,
  type Attempt,
  type Call,
  type Endpoint,
  type Handler,
  type Host,
} from 'sluice/plugin'

const options = v.strictObject({
  attempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3),
  deadline: v.optional(duration, '60s'),
  max_wait: v.optional(duration, '0s'),
  retry_budget: v.optional(
    v.strictObject({
      ratio: v.optional(v.pipe(v.number(), v.minValue(0)), 0.2),
      min: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 3),
    }),
    {},
  ),
  breaker: v.optional(
    v.strictObject({
      failures: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 5),
      open: v.optional(duration, '30s'),
      max_open: v.optional(duration, '300s'),
    }),
    {},
  ),
})

const budgetWindow = 10_000

/**
 * Retries at endpoints that just failed may be a share of the calls of the last ten seconds, and a few more: in an
 * outage every provider sees little more than the load itself. Endpoints that are well are not limited.
 */
const createBudget = ({ ratio, min }: { ratio: number; min: number }) => {
  let began = performance.now()
  let calls = 0
  let retries = 0
  const turn = () => {
    if (performance.now() - began < budgetWindow) return
    began = performance.now()
    calls = 0
    retries = 0
  }
  return {
    called() {
      turn()
      calls++
    },
    take(): boolean {
      turn()
      if (retries >= min + calls * ratio) return false
      retries++
      return true
    },
  }
}

const failuresOf = (tried: readonly Attempt[]): string => {
  const told = tried.map(({ provider, status, code }) => `${provider} (${status || code})`)
  return `All providers for this model failed: ${told.join(', ')}.`
}

/** One failure out of several: the common one if all failed alike. */
const summarise = (errors: readonly GatewayError[], tried: readonly Attempt[]): GatewayError => {
  const [first] = errors
  if (!first) return new GatewayError('no_healthy_provider', { attempts: tried })
  const alike = errors.every(({ code }) => code === first.code)
  const waits = errors.map(({ retryAfter }) => retryAfter).filter((wait) => wait !== undefined)
  const common = {
    attempts: tried,
    retryable: errors.every(({ retryable }) => retryable),
    ...(waits.length > 0 && { retryAfter: Math.min(...waits) }),
  }
  return alike && first.code !== 'upstream_error'
    ? first.with(common)
    : new GatewayError('all_providers_failed', { ...common, message: failuresOf(tried) })
}

interface Candidate {
  readonly model: string
  readonly route: string
  readonly endpoint: Endpoint
}

/** Every endpoint of the model and of the models after it, each once. */
const candidatesFor = (call: Call, host: Host): Candidate[] => {
  const { model, models = [] } = call.request
  const seen = new Set<string>()
  const candidates = [...new Set([model, ...models])].flatMap((name) => {
    const { route, endpoints } = host.resolve(name)
    return endpoints.map((endpoint) => ({ model: name, route, endpoint }))
  })
  return candidates.filter(({ endpoint }) => {
    const id = `${endpoint.provider}/${endpoint.model}`
    return !seen.has(id) && seen.add(id)
  })
}

const sleep = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

/** Tries the endpoints of the route, then those of `models`, until one has said something. */
export default definePlugin({
  name: 'fallback',
  options,
  setup(settings, host) {
    const { health } = host
    const budget = createBudget(settings.retry_budget)

    const choose = async (call: Call, next: Handler) => {
      const deadline = performance.now() + settings.deadline
      const candidates = candidatesFor(call, host)
      const errors: GatewayError[] = []
      const tried = new Set<Candidate>()
      budget.called()

      const failure = (error?: GatewayError) => {
        const list = call.vars.get(attempts)
        return error ? error.with({ attempts: list }) : summarise(errors, list)
      }
      const waitFor = ({ endpoint }: Candidate) => health.wait(endpoint)
      const mayRetry = (endpoint: Endpoint) =>
        errors.length === 0 || !health.suspect(endpoint) || budget.take()
      const pick = (): Candidate | undefined => {
        const left = candidates.filter((candidate) => !tried.has(candidate))
        const ready = left.find(
          (candidate) => waitFor(candidate) === 0 && mayRetry(candidate.endpoint),
        )
        if (ready || errors.length > 0) return ready
        // the last one is never ejected: a breaker may be wrong, a cooling key may not
        return left
          .filter(({ endpoint }) => health.keyWait(endpoint) === 0)
          .sort((one, other) => waitFor(one) - waitFor(other))[0]
      }

      /** The one that is cooling for the shortest time, after that time if it may be waited for. */
      const soonest = async (end: number): Promise<Candidate | undefined> => {
        const [first] = candidates
          .filter((candidate) => waitFor(candidate) > 0)
          .sort((one, other) => waitFor(one) - waitFor(other))
        if (!first) return undefined
        const wait = waitFor(first)
        if (wait > settings.max_wait || performance.now() + wait > end) {
          if (errors.length === 0) throw limited(wait, call)
          return undefined
        }
        await sleep(wait, call.signal)
        return first
      }

      for (let count = 0; count < settings.attempts; count++) {
        const candidate = pick() ?? (await soonest(deadline))
        if (call.signal.aborted) throw new GatewayError('client_closed')
        if (!candidate || (count > 0 && performance.now() > deadline)) break
        const { endpoint, model } = candidate
        tried.add(candidate)
        health.started(endpoint)
        call.vars.set(route, candidate.route)
        try {
          const answer = await firstContent(
            next({ ...call, endpoint, request: { ...call.request, model } }),
            (broken) => health.failed(endpoint, toGatewayError(broken), settings.breaker),
          )
          health.succeeded(endpoint)
          return answer
        } catch (thrown) {
          const error = toGatewayError(thrown)
          health.failed(endpoint, error, settings.breaker)
          if (error.code === 'client_closed') throw error
          if (error.fault === 'gateway') throw failure(error)
          if (error.fault === 'client') {
            const others = candidates.filter((other) => other.model !== model && !tried.has(other))
            if (others.length === 0) throw failure(error)
            for (const same of candidates) if (same.model === model) tried.add(same)
          } else if (error.fault === 'key' && health.keyWait(endpoint) === 0)
            tried.delete(candidate)
          errors.push(error)
        }
      }
      throw failure()
    }

    const limited = (wait: number, call: Call) =>
      new GatewayError('rate_limit_exceeded', {
        message: 'All providers of this model are at their rate limit.',
        retryAfter: Math.max(1, Math.ceil(wait / 1_000)),
        attempts: call.vars.get(attempts),
      })

    return (call, next) => deferred(() => choose(call, next))
  },
})
