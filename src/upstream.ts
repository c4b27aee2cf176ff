import type { Catalog } from './catalog/facts.ts'
import { route, type Call, type Chunk, type Endpoint, type Handler } from './chat.ts'
import type { Config, ProviderConfig } from './config.ts'
import { isAlike, type Dialect } from './dialects/dialect.ts'
import { dialectFor } from './dialects/dialects.ts'
import { GatewayError, toGatewayError } from './errors.ts'
import type { Free } from './router/limits/free.ts'
import type { Place } from './router/limits/lane.ts'
import type { Limits } from './router/limits/limits.ts'
import { patience, usualPatience } from './router/limits/patience.ts'
import { atCandidate, plan, type Candidate, type Placed } from './router/plan.ts'
import type { Router } from './router/router.ts'
import type { Target } from './router/routes/target.ts'
import { answer, type Batch } from './stream.ts'
import { withAnswerLimit } from './upstream/answer-limit.ts'
import { createAttempt, type Attempt } from './upstream/attempt.ts'
import { estimateUsage } from './upstream/estimate.ts'
import { tokensFor } from './upstream/expected.ts'
import { judge, type JudgeParts } from './upstream/judge.ts'
import type { Listener } from './upstream/outcome.ts'
import { countFree, createEntry, tokensUsed, type Entry } from './upstream/place.ts'
import type { Recall } from './upstream/recall.ts'

export interface UpstreamParts {
  readonly config: Config
  readonly catalog: Catalog
  readonly router: Router
  readonly judged: JudgeParts
  readonly limits: Limits
  readonly free: Free
  readonly recall: Recall
  /** Who hears how every attempt ended, in this order. */
  readonly listeners: readonly Listener[]
  /** The plugins around this handler, which the demo provider tells. */
  readonly plugins: (call: Call) => readonly string[]
}

const unsupported = ({ operation }: Call, { name }: ProviderConfig) =>
  new GatewayError('operation_not_supported', {
    message: `The provider ${name} does not serve ${operation}.`,
    provider: name,
  })

/**
 * Whether the client may have dropped what its answer was signed with. Who speaks the provider's own format keeps it;
 * OpenRouter's signatures are an addition to OpenAI's format that most of its clients do not know.
 */
const forgets = (call: Call, { format }: Dialect, { preset }: ProviderConfig): boolean =>
  !isAlike(call, format) || (format === 'openai' && preset === 'openrouter')

/** How providers say that they count no tokens, though others of their format do. */
const uncounted = new Set([404, 405, 501])

const isUncounted = ({ operation }: Call, error: GatewayError | undefined): boolean =>
  operation === 'count_tokens' && uncounted.has(error?.details.upstreamStatus ?? 0)

/** For providers that count no tokens. */
const countedHere = ({ request }: Call): Chunk => ({
  object: 'token_count',
  data: [{ tokens: estimateUsage(request, '').prompt_tokens, estimated: true }],
})

/** A call with who is asked, and in which format. */
interface Served {
  readonly call: Call
  readonly endpoint: Endpoint
  readonly provider: ProviderConfig
  readonly dialect: Dialect
}

const isPlaced = (call: Call): call is Placed => call.endpoint !== undefined

/** Whether an endpoint's provider can be asked what the call asks; tokens are counted here where it cannot. */
export const serves = ({ provider }: Pick<Target, 'provider'>, call: Call): boolean => {
  if (call.operation === 'count_tokens') return true
  try {
    return dialectFor(provider, call) !== undefined
  } catch {
    return false
  }
}

/** The innermost handler: one attempt at one endpoint. Every failure is a GatewayError; every attempt is recorded. */
export const createUpstream = ({
  config,
  catalog,
  router,
  judged,
  limits,
  free,
  recall,
  listeners,
  plugins,
}: UpstreamParts): Handler => {
  /** The call at an endpoint of its plan, where no plugin has chosen one: the first that is well and not full. */
  const placed = (call: Call): Placed => {
    if (isPlaced(call)) return call
    const planned = router.plan(call)
    const { candidates, options, fallbacks } = planned
    const [first] = candidates
    if (!first) throw new GatewayError('no_endpoints', { param: 'model' })
    const isOpen = ({ provider }: Candidate) =>
      limits.room(provider, tokensFor(provider, call)) === 0
    const isWell = ({ endpoint }: Candidate) => judged.health.wait(endpoint) === 0
    const next =
      fallbacks && options.when_full !== 'wait'
        ? (candidates.find((one) => isOpen(one) && isWell(one)) ?? candidates.find(isOpen))
        : undefined
    const chosen = next ?? first
    call.vars.set(plan, planned)
    call.vars.set(route, chosen.route)
    call.vars.set(patience, options.max_wait ?? usualPatience)
    return atCandidate(call, chosen)
  }

  const debugHeaders = (call: Call, provider: ProviderConfig): Record<string, string> =>
    provider.base_url === 'demo:'
      ? {
          'x-sluice-route': call.vars.get(route) ?? '',
          'x-sluice-plugins': plugins(call).join(', '),
        }
      : {}

  /** Who is asked, in which format; without a dialect, what can be told without asking. */
  const decide = (asked: Call): Omit<Served, 'dialect'> & { readonly dialect?: Dialect } => {
    const call = placed(asked)
    const { endpoint } = call
    const provider = config.providers.get(endpoint.provider)
    if (!provider) throw new GatewayError('model_not_found', { param: 'model' })
    if (call.signal.aborted) throw new GatewayError('client_closed')
    const dialect = dialectFor(provider, call)
    if (!dialect && call.operation !== 'count_tokens') throw unsupported(call, provider)
    return { call, endpoint, provider, ...(dialect && { dialect }) }
  }

  const begin = ({ call, endpoint, provider, dialect }: Served, place: Place): Attempt => {
    const { key } = place
    const trial = judge(judged, endpoint, provider, key.index)
    const listener = recall.listen(call)
    return createAttempt({
      call: forgets(call, dialect, provider) ? { ...call, request: recall.complete(call) } : call,
      endpoint: withAnswerLimit(endpoint, catalog.facts(endpoint.provider, endpoint.model)),
      provider,
      dialect,
      secret: key.secret,
      key: key.index,
      headers: debugHeaders(call, provider),
      heard: listener.take,
      spoke: trial.spoke,
      ended(outcome) {
        const { complete, error } = outcome
        if (complete) listener.end()
        // before the place is free: who comes next shall have another key
        trial.ended(isUncounted(call, error) ? { complete: true } : outcome)
        for (const listen of listeners) listen(call, outcome)
        place.leave(tokensUsed(outcome))
      },
    })
  }

  /** By hand, not a generator: every batch of every answer passes here. */
  const attempt = (call: Call): AsyncIterator<Batch> => {
    const done = { done: true, value: undefined } as const
    let entry: Entry | undefined
    let running: Attempt | undefined
    let over = false
    const countHere = (): IteratorResult<Batch> => {
      over = true
      return { done: false, value: { chunks: [countedHere(call)] } }
    }
    /** Nothing runs after it where the provider is not asked. */
    const start = async (): Promise<void> => {
      const { dialect, ...decided } = decide(call)
      if (!dialect) return
      entry = createEntry(limits, decided.provider, decided.call)
      const place = await entry.enter()
      try {
        if (over) throw new GatewayError('client_closed')
        countFree(decided.call, free, config.routing.free)
        running = begin({ ...decided, dialect }, place)
      } catch (thrown) {
        place.leave(0)
        throw thrown
      }
    }
    return {
      async next() {
        if (over) return done
        try {
          if (!running) await start()
          if (over) return done
          if (!running) return countHere()
          const batch = await running.next()
          over = batch === undefined
          return batch ? { done: false, value: batch } : done
        } catch (thrown) {
          over = true
          if (isUncounted(call, toGatewayError(thrown))) return countHere()
          throw thrown
        }
      },
      async return() {
        over = true
        entry?.leave()
        await running?.leave()
        return done
      },
    }
  }

  return (call) => answer(attempt(call))
}
