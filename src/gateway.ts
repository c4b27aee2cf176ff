import { Elysia, type AnyElysia } from 'elysia'
import { createCatalog, type LiveCatalog } from './catalog/catalog.ts'
import { createList, modelsChunk } from './catalog/models.ts'
import { isLook, type Call, type Handler } from './chat.ts'
import type { Config, ProviderConfig } from './config.ts'
import { charges, toCharge } from './ledger/charge.ts'
import { passed } from './plugins/layer.ts'
import { log, traceOf } from './log.ts'
import { configPrint } from './plugins/fingerprint.ts'
import { createHost } from './plugins/create-host.ts'
import { createOnion, mountPlugins } from './plugins/onion.ts'
import type { LoadedPlugin } from './plugins.ts'
import { acceptedBy, acceptor } from './router/asked/accept.ts'
import { createIntake } from './router/asked/intake.ts'
import { createHealth, type Health } from './router/health/health.ts'
import { logChange } from './router/health/changes.ts'
import { toHealthReport, type HealthReport } from './router/health/health-report.ts'
import type { Plan } from './router/plan.ts'
import type { Limits } from './router/limits/limits.ts'
import { createRouter, type Router } from './router/router.ts'
import type { Stats } from './router/measures/stats.ts'
import type { Shared } from './shared.ts'
import { answerWith, deferred } from './stream.ts'
import type { Memory } from './surfaces/surface.ts'
import { createUpstream, serves } from './upstream.ts'
import { watchPresence } from './upstream/presence.ts'
import { measureIn } from './upstream/sample.ts'

/** Everything that one config means. It never changes: a reload builds another and swaps it. */
export interface Gateway {
  readonly config: Config
  /** What is known of the models of its providers. */
  readonly catalog: LiveCatalog
  readonly router: Router
  readonly health: Health
  readonly plugins: readonly LoadedPlugin[]
  /** Whether nobody gets through without a key. */
  readonly guarded: boolean
  /** Routes that plugins added. */
  readonly http: AnyElysia
  readonly handle: Handler
  /** What was measured of every endpoint. */
  readonly stats: Stats
  healthReport(): HealthReport
  /**
   * The call as it is meant: with its preset and its model's variants laid under the request. What is wrong with them
   * is said once the caller is known.
   */
  accept(call: Call): Call
  /** Where the call of a caller who is known would be answered. Throws as the call itself would. */
  decide(call: Call): Plan
  /** What surfaces keep between requests. */
  readonly memory: Memory
  /** What each provider is being sent. */
  readonly limits: Limits
  /** Calls that have ended, by their ids. */
  readonly generations: Shared['generations']
  /** A call begins; the function that comes back tells its end. */
  enter(): () => void
  /** It is the one that answers from now on: providers that want it are looked at until it retires. */
  begin(): void
  /** No new calls; comes back when the last one has ended and the plugins are closed. */
  retire(): Promise<void>
}

export const buildGateway = async (
  config: Config,
  plugins: readonly LoadedPlugin[],
  shared: Shared,
): Promise<Gateway> => {
  const looking = shared.learned.look()
  const catalog = createCatalog(config, shared.learned)
  const router = createRouter(config, {
    catalog,
    conversations: shared.conversations,
    stats: shared.stats,
    serves,
  })
  const http = new Elysia()
  const closers: (() => void | Promise<void>)[] = []
  const ofKeys = <T>(name: string, ask: (provider: ProviderConfig) => T): T | undefined => {
    const provider = config.providers.get(name)
    return provider && ask(provider)
  }
  const health = createHealth(
    shared.breakers,
    (name) => ofKeys(name, (provider) => shared.keys.wait(provider)) ?? 0,
    undefined,
    logChange,
    (name) => ofKeys(name, (provider) => shared.keys.why(provider)),
  )

  const onClose = (closer: () => void | Promise<void>) => void closers.push(closer)
  const intake = createIntake(config, router.names)
  const print = configPrint(config)
  const hostFor = createHost({
    config,
    router,
    health,
    http,
    shared,
    onClose,
    ask: (layer, call) => onion.inside(layer)({ ...call, request: intake(call.request) }),
    fingerprint: (layer, call) => [print, ...onion.prints(layer, call)].join(),
  })

  const close = async () => {
    for (const closer of closers.splice(0))
      try {
        await closer()
      } catch (error) {
        log.error('a plugin failed to close', { stack: traceOf(error) })
      }
  }

  const mounted = await mountPlugins(plugins, config, hostFor, router.canonical).catch(
    async (error) => {
      await close()
      throw error
    },
  )

  const upstream = createUpstream({
    config,
    catalog,
    router,
    judged: { health, keys: shared.keys, inFlight: shared.inFlight },
    limits: shared.limits,
    free: shared.free,
    recall: shared.recall,
    listeners: [
      measureIn(shared.stats),
      (call, outcome) => {
        const { pricing } = catalog.facts(outcome.provider.name, outcome.endpoint.model)
        call.vars.get(charges).push(toCharge(outcome, pricing))
      },
      (call, { complete, endpoint, usage }) => {
        if (complete) router.served(call, endpoint, usage)
      },
    ],
    plugins: (call) => [...call.vars.get(passed)],
  })
  const list = createList({ config, router, catalog })
  const models = async (call: Call) => {
    await catalog.ask()
    return answerWith(modelsChunk(call, list(), router))
  }
  const innermost: Handler = (call: Call) =>
    call.operation === 'models'
      ? deferred(() => models(call))
      : isLook(call.operation)
        ? answerWith({ object: call.operation, data: [] })
        : upstream(call)
  const onion = createOnion(mounted, innermost, router.canonical)

  await looking
  shared.limits.configure(config.providers)

  const accept = acceptor(intake)
  let running = 0
  const idle = Promise.withResolvers<void>()
  let stopLooking = () => {}
  let retired = false
  const settle = () => {
    if (retired && running === 0) idle.resolve()
  }

  return {
    config,
    catalog,
    router,
    health,
    plugins,
    guarded: mounted.some(({ guards }) => guards),
    http,
    memory: shared.memory(config.server.memory),
    stats: shared.stats,
    healthReport: () => toHealthReport({ ...shared, config, router, health }),
    limits: shared.limits,
    generations: shared.generations,
    accept,
    decide: (call) => router.plan(acceptedBy(accept)(call)),
    handle: onion.handle,
    enter() {
      running++
      let left = false
      return () => {
        if (left) return
        left = true
        running--
        settle()
      }
    },
    begin() {
      if (!retired) stopLooking = watchPresence(config.providers.values(), health)
    },
    async retire() {
      retired = true
      stopLooking()
      settle()
      await idle.promise
      await close()
    },
  }
}
