import {
  attempts,
  hasContent,
  route,
  warnings,
  type Call,
  type Chunk,
  type Endpoint,
  type Handler,
} from './chat.ts'
import type { Config, ProviderConfig } from './config.ts'
import { isAlike } from './dialects/dialect.ts'
import { dialectFor } from './dialects/dialects.ts'
import { GatewayError } from './errors.ts'
import type { Keys, ProviderKey } from './router/keys.ts'
import type { Router } from './router/router.ts'
import { answer, type Batch } from './stream.ts'
import { classifyThrown, type Stage } from './errors/classify.ts'
import { openExchange } from './upstream/exchange.ts'
import { senderFor } from './upstream/send.ts'
import { estimateUsage } from './upstream/estimate.ts'
import type { Recall } from './upstream/recall.ts'
import { createWatch } from './upstream/watch.ts'

/** Milliseconds that a key rests after the provider refused it or its account was empty. */
const refusedKeyRest = 300_000

export interface UpstreamParts {
  readonly config: Config
  readonly router: Router
  readonly keys: Keys
  readonly recall: Recall
  /** The plugins around this handler, which the demo provider tells. */
  readonly plugins: (call: Call) => readonly string[]
}

const unsupported = ({ operation }: Call, { name }: ProviderConfig) =>
  new GatewayError('operation_not_supported', {
    message: `The provider ${name} does not serve ${operation}.`,
    provider: name,
  })

/** How providers say that they count no tokens, though others of their format do. */
const uncounted = new Set([404, 405, 501])

/** For providers that count no tokens. */
const countedHere = ({ request }: Call): Chunk => ({
  object: 'token_count',
  data: [{ tokens: estimateUsage(request, '').prompt_tokens, estimated: true }],
})

/** A provider's words never carry our own key. */
const scrubbed = (error: GatewayError, { secret }: ProviderKey): GatewayError => {
  const key = secret?.reveal()
  return key && error.message.includes(key)
    ? error.with({ message: error.message.replaceAll(key, '***') })
    : error
}

const keyRest = ({ code, retryAfter = 0 }: GatewayError): number =>
  code === 'rate_limit_exceeded' ? retryAfter * 1_000 : refusedKeyRest

/** The innermost handler: one attempt at one endpoint. Every failure is a GatewayError; every attempt is recorded. */
export const createUpstream = ({
  config,
  router,
  keys,
  recall,
  plugins,
}: UpstreamParts): Handler => {
  const inFlight = new Map<string, number>()
  const enter = (name: string, by: number) => inFlight.set(name, (inFlight.get(name) ?? 0) + by)

  const choose = (call: Call): Endpoint => {
    const resolved = router.resolve(call.request.model)
    call.vars.set(route, resolved.route)
    const [first] = resolved.endpoints
    if (!first) throw new GatewayError('model_not_found', { param: 'model' })
    return first
  }

  const debugHeaders = (call: Call, provider: ProviderConfig): Record<string, string> =>
    provider.base_url === 'demo:'
      ? {
          'x-sluice-route': call.vars.get(route) ?? '',
          'x-sluice-plugins': plugins(call).join(', '),
        }
      : {}

  async function* attempt(call: Call): AsyncGenerator<Batch> {
    const endpoint = call.endpoint ?? choose(call)
    const provider = config.providers.get(endpoint.provider)
    if (!provider) throw new GatewayError('model_not_found', { param: 'model' })
    if (call.signal.aborted) throw new GatewayError('client_closed')
    const dialect = dialectFor(provider, call)
    if (!dialect) {
      if (call.operation !== 'count_tokens') throw unsupported(call, provider)
      yield { chunks: [countedHere(call)] }
      return
    }
    if ((inFlight.get(provider.name) ?? 0) >= provider.max_concurrent)
      throw new GatewayError('upstream_busy', { provider: provider.name, retryAfter: 1 })

    // who speaks the provider's own format keeps its own history
    const asked = isAlike(call, dialect.format) ? call : { ...call, request: recall.complete(call) }
    const listener = recall.listen(call)
    const began = performance.now()
    const key = keys.pick(provider)
    const record = { provider: provider.name, model: endpoint.model, status: 0, code: 'ok', ms: 0 }
    call.vars.get(attempts).push(record)
    const clock = () => void (record.ms ||= Math.max(1, Math.round(performance.now() - began)))

    const controller = new AbortController()
    const abort = () => controller.abort()
    call.signal.addEventListener('abort', abort, { once: true })
    const watch = createWatch(
      provider.timeouts.total,
      () => new GatewayError('upstream_timeout'),
      abort,
    )
    enter(provider.name, 1)
    let stage: Stage = 'sent'
    let complete = false
    try {
      const batches = await openExchange(
        {
          call: asked,
          endpoint,
          provider,
          dialect,
          secret: key.secret,
          send: senderFor(provider),
          headers: debugHeaders(call, provider),
          controller,
          watch,
        },
        (status) => {
          record.status = status
          stage = 'headed'
        },
        (told) => call.vars.set(warnings, told),
      )
      try {
        for (;;) {
          const { done, value } = await batches.next()
          if (done) {
            complete = true
            listener.end()
            return
          }
          listener.take(value)
          if (stage !== 'spoken' && value.chunks.some(hasContent)) {
            stage = 'spoken'
            clock()
          }
          yield value
        }
      } finally {
        await batches.return?.()
      }
    } catch (thrown) {
      const error = call.signal.aborted
        ? new GatewayError('client_closed')
        : (watch.expired ?? classifyThrown(thrown, stage))
      record.code = error.code
      record.status = error.details.upstreamStatus ?? record.status
      if (call.operation === 'count_tokens' && uncounted.has(record.status)) {
        yield { chunks: [countedHere(call)] }
        return
      }
      if (error.fault === 'key') keys.cool(provider, key.index, keyRest(error))
      throw scrubbed(error, key).with({ provider: provider.name })
    } finally {
      clock()
      watch.stop()
      // an abort would cost a finished exchange its connection
      if (!complete) controller.abort()
      enter(provider.name, -1)
    }
  }

  return (call) => answer(attempt(call))
}
