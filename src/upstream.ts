import { route, type Call, type Chunk, type Endpoint, type Handler } from './chat.ts'
import type { Config, ProviderConfig } from './config.ts'
import { isAlike, type Dialect } from './dialects/dialect.ts'
import { dialectFor } from './dialects/dialects.ts'
import { GatewayError, toGatewayError } from './errors.ts'
import type { Keys } from './router/keys.ts'
import { atCandidate, plan } from './router/plan.ts'
import type { Router } from './router/router.ts'
import type { Target } from './router/target.ts'
import { answer, type Batch } from './stream.ts'
import { createAttempt, type Attempt } from './upstream/attempt.ts'
import { estimateUsage } from './upstream/estimate.ts'
import type { Listener } from './upstream/outcome.ts'
import type { Recall } from './upstream/recall.ts'

/** Milliseconds that a key rests after the provider refused it or its account was empty. */
const refusedKeyRest = 300_000

export interface UpstreamParts {
  readonly config: Config
  readonly router: Router
  readonly keys: Keys
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

/** For providers that count no tokens. */
const countedHere = ({ request }: Call): Chunk => ({
  object: 'token_count',
  data: [{ tokens: estimateUsage(request, '').prompt_tokens, estimated: true }],
})

const keyRest = ({ code, retryAfter = 0 }: GatewayError): number =>
  code === 'rate_limit_exceeded' ? retryAfter * 1_000 : refusedKeyRest

type Placed = Call & { readonly endpoint: Endpoint }

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
  router,
  keys,
  recall,
  listeners,
  plugins,
}: UpstreamParts): Handler => {
  const inFlight = new Map<string, number>()
  const enter = (name: string, by: number) => inFlight.set(name, (inFlight.get(name) ?? 0) + by)

  /** The call at the first endpoint of its plan, where no plugin has chosen one. */
  const placed = (call: Call): Placed => {
    if (isPlaced(call)) return call
    const planned = router.plan(call)
    const [first] = planned.candidates
    if (!first) throw new GatewayError('no_endpoints', { param: 'model' })
    call.vars.set(plan, planned)
    call.vars.set(route, first.route)
    return atCandidate(call, first)
  }

  const debugHeaders = (call: Call, provider: ProviderConfig): Record<string, string> =>
    provider.base_url === 'demo:'
      ? {
          'x-sluice-route': call.vars.get(route) ?? '',
          'x-sluice-plugins': plugins(call).join(', '),
        }
      : {}

  /** Who is asked, in which format; without a dialect, what can be told without asking. */
  const decide = (asked: Call) => {
    const call = placed(asked)
    const { endpoint } = call
    const provider = config.providers.get(endpoint.provider)
    if (!provider) throw new GatewayError('model_not_found', { param: 'model' })
    if (call.signal.aborted) throw new GatewayError('client_closed')
    const dialect = dialectFor(provider, call)
    if (!dialect && call.operation !== 'count_tokens') throw unsupported(call, provider)
    if (dialect && (inFlight.get(provider.name) ?? 0) >= provider.max_concurrent)
      throw new GatewayError('upstream_busy', { provider: provider.name, retryAfter: 1 })
    return { call, endpoint, provider, dialect }
  }

  const begin = (asked: Call): Attempt | undefined => {
    const { call, endpoint, provider, dialect } = decide(asked)
    if (!dialect) return undefined
    const key = keys.pick(provider)
    const listener = recall.listen(call)
    enter(provider.name, 1)
    return createAttempt({
      call: forgets(call, dialect, provider) ? { ...call, request: recall.complete(call) } : call,
      endpoint,
      provider,
      dialect,
      secret: key.secret,
      key: key.index,
      headers: debugHeaders(call, provider),
      heard: listener.take,
      ended(outcome) {
        const { complete, error } = outcome
        enter(provider.name, -1)
        if (complete) listener.end()
        if (error?.fault === 'key') keys.cool(provider, key.index, keyRest(error))
        for (const listen of listeners) listen(call, outcome)
      },
    })
  }

  /** By hand, not a generator: every batch of every answer passes here. */
  const attempt = (call: Call): AsyncIterator<Batch> => {
    const done = { done: true, value: undefined } as const
    let running: Attempt | undefined
    let over = false
    const countHere = (): IteratorResult<Batch> => {
      over = true
      return { done: false, value: { chunks: [countedHere(call)] } }
    }
    return {
      async next() {
        if (over) return done
        try {
          running ??= begin(call)
          if (!running) return countHere()
          const batch = await running.next()
          over = batch === undefined
          return batch ? { done: false, value: batch } : done
        } catch (thrown) {
          over = true
          const status = toGatewayError(thrown).details.upstreamStatus ?? 0
          if (call.operation === 'count_tokens' && uncounted.has(status)) return countHere()
          throw thrown
        }
      },
      async return() {
        over = true
        await running?.leave()
        return done
      },
    }
  }

  return (call) => answer(attempt(call))
}
