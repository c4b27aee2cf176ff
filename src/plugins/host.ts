import type { AnyElysia } from 'elysia'
import type { Call, Chunk, Endpoint, Operation, Request } from '../chat.ts'
import type { Page, PageLimits } from '../outside/page.ts'
import type { ServiceAnswer, ServiceRequest } from '../outside/ask-service.ts'
import type { Health } from '../router/health/health.ts'
import type { CallerLimits } from '../router/limits/callers.ts'
import type { Percentiles } from '../router/measures/stats.ts'
import type { Plan } from '../router/plan.ts'

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

/** Changes a text of a call that is about to leave. */
export type Screen = (text: string, call: Call) => string

/** A call of the gateway's own, on behalf of one of a client's. */
export interface Errand {
  readonly operation: Operation
  readonly request: Request
  /** The client's, by default. */
  readonly signal?: AbortSignal
}

/** What a request says of a plugin, and the call without that. */
export interface Asked<Options> {
  /** Undefined where it says nothing. */
  readonly options: Options | undefined
  readonly call: Call
}

/** What the gateway lends to a plugin. */
export interface Host<AskedOptions = unknown> {
  readonly log: Record<
    'debug' | 'info' | 'warn' | 'error',
    (message: string, fields?: object) => void
  >
  /** Runs when the last call of a replaced or stopping gateway has ended. */
  onClose(close: () => void | Promise<void>): void
  /** Routes to add to; Host and Origin are checked before them, keys they check themselves. */
  readonly http: AnyElysia
  readonly store: Store
  /** A folder of the plugin's own, for what must outlive a restart; made when it is first asked for. */
  directory(): string
  /** The path of a file that the YAML names: from the YAML's own folder. */
  path(file: string): string
  /**
   * What the request says of this plugin in `plugins: [{ id, … }]`, as far as the YAML lets it, and the call without it.
   * Throws `invalid_request_error`.
   */
  asked(call: Call): Asked<AskedOptions>
  /**
   * Asks a model on behalf of a call, through the plugins after this one: what is private stays so. Its cost is the
   * call's; what it tells (attempts, plan) is not.
   */
  ask(call: Call, errand: Errand): AsyncIterable<Chunk>
  /** What decides a call's answer behind this plugin: the plugins there, the YAML's providers and routes, as a hash. */
  fingerprint(call: Call): string
  /** What the call took besides its attempts: dollars, undefined where that is not known. */
  charge(call: Call, what: string, dollars: number | undefined): void
  /**
   * From now on, all text that leaves by another way than a provider (a search, an address) is first changed by this, in
   * calls that are the plugin's business.
   */
  onLeave(screen: Screen): void
  /** The text as it may leave by another way than a provider. Throws where it must not. */
  leaving(text: string, call: Call): string
  /** Refuses addresses that are not public. */
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>
  /**
   * A page of the web as Markdown, on behalf of the call: its address leaves as `leaving` says, and must be public. A
   * stranger wrote it: it goes to a model as `untrusted` only. Rejects with a GatewayError whose words say why.
   */
  page(url: string, call: Call, limits?: PageLimits): Promise<Page>
  /**
   * Asks a service of the operator's, whose address stands in the YAML and never in a request. Rejects where it cannot
   * be reached, takes too long or says too much.
   */
  service(url: string, request: ServiceRequest): Promise<ServiceAnswer>
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
