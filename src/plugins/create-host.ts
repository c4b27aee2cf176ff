import type { AnyElysia } from 'elysia'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { caller, endings, endpointId, type Call, type Chunk } from '../chat.ts'
import { toNanos } from '../catalog/money.ts'
import { charges } from '../ledger/charge.ts'
import { askedOf, isOn, type Layer } from './layer.ts'
import { switches } from './switches.ts'
import { Vars } from '../pipeline.ts'
import type { Config } from '../config.ts'
import { log } from '../log.ts'
import type { Errand, Host, Screen } from './host.ts'
import type { Health } from '../router/health/health.ts'
import type { Router } from '../router/router.ts'
import { readPage } from '../outside/page.ts'
import { askService } from '../outside/ask-service.ts'
import { safeFetch } from '../outside/safe-fetch.ts'
import type { Shared } from '../shared.ts'
import { storeOf } from './store.ts'
import { expectedTokens, tokensFor, tokensTaken } from '../upstream/expected.ts'

export interface HostParts extends Pick<Host, 'onClose'> {
  readonly config: Config
  readonly router: Router
  readonly health: Health
  readonly http: AnyElysia
  readonly shared: Shared
  /** Answers an errand through the plugins after the layer. */
  ask(layer: Layer, call: Call): AsyncIterable<Chunk>
  /** What the call would meet behind the layer. */
  fingerprint(layer: Layer, call: Call): string
}

/** A new call on behalf of the same client: it shares the caller, the bill and the switches, and nothing else. */
const errandOf = (call: Call, { operation, request, signal = call.signal }: Errand): Call => {
  const { source: _, endpoint: __, ...rest } = call
  const vars = new Vars()
  vars.set(caller, call.vars.get(caller))
  vars.set(charges, call.vars.get(charges))
  vars.set(switches, call.vars.get(switches))
  return { ...rest, operation, request, signal, vars }
}

/** Below this, percentiles of an endpoint mean nothing. */
const enoughSamples = 20

/** What a gateway lends to a plugin, by the plugin's name. */
export const createHost = ({ ask, fingerprint, ...parts }: HostParts) => {
  const { config, router, health, http, shared, onClose } = parts
  const screens: Screen[] = []
  const leaving = (text: string, call: Call): string =>
    screens.reduce((left, screen) => screen(left, call), text)
  return (layer: Layer): Host => {
    const { name } = layer
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
      directory() {
        const directory = join(shared.data, 'plugins', name.replace(/[^\w-]+/g, '-'))
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        return directory
      },
      path: (file) => resolve(config.source.directory, file),
      asked: (call) => askedOf(call, layer),
      ask: (call, errand) => ask(layer, errandOf(call, errand)),
      fingerprint: (call) => fingerprint(layer, call),
      charge(call, what, dollars) {
        const cost = dollars === undefined ? undefined : toNanos(dollars)
        call.vars.get(charges).push({ endpoint: what, ms: 0, cost })
      },
      onLeave: (screen) =>
        void screens.push((text, call) =>
          isOn(call, layer, router.canonical) ? screen(text, call) : text,
        ),
      leaving,
      fetch: async (url, init) => (await safeFetch(url, init)).response,
      page: async (url, call, limits) => readPage(leaving(url, call), limits, call.signal),
      service: askService,
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
}
