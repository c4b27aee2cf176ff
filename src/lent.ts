import type { AnyElysia } from 'elysia'
import type { Call, Endpoint } from './chat.ts'
import type { Health } from './router/health/health.ts'
import type { CallerLimits } from './router/limits/callers.ts'
import type { Percentiles } from './router/measures/stats.ts'
import type { Plan } from './router/plan.ts'

/** Small state of one plugin: it survives a reload, not a restart; the least used of 10,000 entries goes first. */
export interface Store {
  get(key: string): unknown
  /** @param options.ttl milliseconds; `keepTtl` leaves the clock of the entry before running */
  set(
    key: string,
    value: unknown,
    options?: { readonly ttl?: number; readonly keepTtl?: boolean },
  ): void
  delete(key: string): void
}

/** What the gateway lends to a plugin. */
export interface Host {
  readonly log: Record<
    'debug' | 'info' | 'warn' | 'error',
    (message: string, fields?: object) => void
  >
  /** Runs when the last call of a replaced or stopping gateway has ended. */
  onClose(close: () => void | Promise<void>): void
  /** Routes to add to; Host and Origin are checked before them, keys are their own business. */
  readonly http: AnyElysia
  readonly store: Store
  /** Refuses addresses that are not public. */
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>
  /**
   * Where the call may be answered, in the order to try, and why nowhere else; by its model, `models`, preferences,
   * variants and needs. Throws `model_not_found` and `no_endpoints`.
   */
  plan(call: Call): Plan
  /** The model's name behind its variants and aliases. */
  canonical(model: string): string
  /** Whether the model stands for others (`sluice/auto`), of which the plan leaves those that the caller may use. */
  stands(model: string): boolean
  readonly health: Health
  /**
   * Milliseconds until the call could begin at the endpoint as far as its provider's limits allow, about; 0 when it could
   * now. An attempt at a full one fails with `provider_full`, or waits in line as long as `patience` in `call.vars` says.
   */
  room(endpoint: Endpoint, call: Call): number
  /** Seconds to the first content at an endpoint, over the last five minutes; undefined below 20 samples. */
  latency(endpoint: Endpoint): Percentiles | undefined
  /** Counts the call for its `caller` until it ends. Throws `caller_limit_exceeded` where that is beyond its limits. */
  admit(call: Call, limits: CallerLimits): void
}
