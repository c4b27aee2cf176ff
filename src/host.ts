import type { AnyElysia } from 'elysia'
import { caller, endings, endpointId } from './chat.ts'
import type { Config } from './config.ts'
import { log } from './log.ts'
import type { Host } from './lent.ts'
import type { Health } from './router/health/health.ts'
import type { Router } from './router/router.ts'
import { safeFetch } from './safe-fetch.ts'
import type { Shared } from './shared.ts'
import { storeOf } from './store.ts'
import { expectedTokens, tokensFor, tokensTaken } from './upstream/expected.ts'

export interface HostParts extends Pick<Host, 'onClose'> {
  readonly config: Config
  readonly router: Router
  readonly health: Health
  readonly http: AnyElysia
  readonly shared: Shared
}

/** Fewer say nothing of an endpoint's percentiles. */
const enoughSamples = 20

/** What a gateway lends to a plugin, by the plugin's name. */
export const createHost =
  ({ config, router, health, http, shared, onClose }: HostParts) =>
  (name: string): Host => {
    const logger = log.getChild(name)
    return {
      log: {
        debug: (message, fields) => logger.debug(message, { ...fields }),
        info: (message, fields) => logger.info(message, { ...fields }),
        warn: (message, fields) => logger.warn(message, { ...fields }),
        error: (message, fields) => logger.error(message, { ...fields }),
      },
      onClose,
      http,
      store: storeOf(shared, name),
      fetch: safeFetch,
      plan: router.plan,
      canonical: router.canonical,
      stands: router.stands,
      health,
      room(endpoint, call) {
        const provider = config.providers.get(endpoint.provider)
        return provider ? shared.limits.room(provider, tokensFor(provider, call)) : 0
      },
      latency: (endpoint) => shared.stats.latency(endpointId(endpoint), enoughSamples),
      admit(call, limits) {
        const tokens = limits.tokens === undefined ? 0 : expectedTokens(call)
        const leave = shared.callers.enter(call.vars.get(caller)?.name ?? '', limits, tokens)
        call.vars.get(endings).push((ended) => leave(tokensTaken(call, ended)))
      },
    }
  }
