import { LRUCache } from 'lru-cache'
import {
  attempts,
  collect,
  deferred,
  GatewayError,
  type Call,
  type Chunk,
  type Host,
  type Plan,
  type v,
} from 'sluice/plugin'
import { fakeCall, fakePlan, mount, says, type Turn } from 'sluice/testing'
import fallback from '../../plugins/fallback.ts'
import { createHealth, type Breaker } from '../../src/router/health/health.ts'
import type { Percentiles } from '../../src/router/measures/stats.ts'

type Options = v.InferInput<typeof fallback.options>

export const throws =
  (error: GatewayError): Turn =>
  () =>
    deferred(() => Promise.reject(error))

export interface SetUp {
  readonly options?: Options
  /** The endpoints of each model; `m` has a, b and c without. */
  readonly routes?: Readonly<Record<string, readonly string[]>>
  /** What each provider does, turn by turn, the last again and again; without, it says its name. */
  readonly turns?: Readonly<Record<string, readonly Turn[]>>
  /** What the plan says besides. */
  readonly changes?: Partial<Plan>
  readonly latency?: Percentiles
}

export const setUp = async ({
  options = {},
  routes = { m: ['a', 'b', 'c'] },
  turns = {},
  changes = {},
  latency,
}: SetUp = {}) => {
  let now = 1_000
  const asked: Call[] = []
  const keyWaits: Record<string, number> = {}
  const breakers = new LRUCache<string, Breaker>({ max: 100 })
  const health = createHealth(
    breakers,
    (provider) => keyWaits[provider] ?? 0,
    () => now,
  )
  const host: Partial<Host> = {
    health,
    plan: (call) => ({
      ...fakePlan(call, (model) => {
        const providers = routes[model]
        if (!providers) throw new GatewayError('model_not_found')
        return providers.map((provider) => ({ provider, model }))
      }),
      ...changes,
    }),
    latency: () => latency,
  }
  const played: Record<string, number> = {}
  const provider = async function* (call: Call): AsyncGenerator<Chunk> {
    const { provider: name, model } = call.endpoint!
    asked.push(call)
    const record = { provider: name, model, status: 0, code: 'ok', ms: 1 }
    call.vars.get(attempts).push(record)
    const own = turns[name] ?? [says(`I am ${name}.`)]
    const turn = own[Math.min(played[name] ?? 0, own.length - 1)]!
    played[name] = (played[name] ?? 0) + 1
    try {
      yield* turn(call)
    } catch (error) {
      record.code = (error as GatewayError).code
      throw error
    }
  }
  const handler = await mount(fallback, options, provider, host)
  /** The answer's text, or the error's code. */
  const ask = async (request: Partial<Call['request']> = {}, call: Partial<Call> = {}) => {
    try {
      const whole = await collect(handler(fakeCall({ model: 'm', stream: true, ...request }, call)))
      return whole?.choices?.[0]?.delta?.content
    } catch (error) {
      return (error as GatewayError).code
    }
  }
  const failure = async (request: Partial<Call['request']> = {}): Promise<GatewayError> => {
    try {
      await collect(handler(fakeCall({ model: 'm', stream: true, ...request })))
    } catch (error) {
      return error as GatewayError
    }
    throw new Error('it was answered')
  }
  return {
    handler,
    ask,
    failure,
    health,
    keyWaits,
    asked,
    /** The providers that were asked, in order. */
    order: () => asked.map(({ endpoint }) => endpoint?.provider).join(''),
    after: (ms: number) => void (now += ms),
  }
}

/** Endpoints of a model at these providers, as a plan lists them. */
export const fakeCandidates = (providers: readonly string[], model = 'm') =>
  fakePlan(fakeCall({ model }), () => providers.map((provider) => ({ provider, model }))).candidates
