import type { Facts } from '../catalog/facts.ts'
import type { Secret } from '../secret.ts'
import type { Percentile, Preferences } from '../preferences.ts'
import type { PluginEntry } from './plugin-terms.ts'

export type { Preferences }

/** A place inside the YAML: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[]

export type Env = Readonly<Record<string, string | undefined>>

/** All durations are milliseconds, all sizes bytes. */
export interface ServerConfig {
  readonly host: string
  readonly port: number
  /** Names besides loopback under which clients may address the daemon. */
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
  readonly max_body: number
  readonly max_depth: number
  readonly max_keys: number
  readonly heartbeat: number
  readonly write_timeout: number
  readonly drain: number
  readonly max_in_flight: number
  /** Bytes and milliseconds of what surfaces keep between requests. */
  readonly memory: { readonly size: number; readonly age: number }
  readonly log: 'auto' | 'pretty' | 'json' | 'silent'
  readonly discover: boolean
}

/** Milliseconds. */
export interface Timeouts {
  readonly connect: number
  readonly first_byte: number
  /** From the send; heads, roles and comments are nothing, reasoning is something. */
  readonly first_content: number
  readonly stall: number
  readonly total: number
}

/** Where a provider differs from the format that it speaks; the first eight are about OpenAI's chat completions. */
export interface Quirks {
  readonly rename?: Readonly<Record<string, string>>
  readonly drop?: readonly string[]
  readonly force?: Readonly<Record<string, unknown>>
  readonly clamp?: Readonly<Record<string, readonly [number, number]>>
  /** Lists of content parts become one string. */
  readonly flatten_content?: boolean
  /** `false`: `include_usage` is never asked. */
  readonly stream_options?: boolean
  /** The field of an assistant message that takes its reasoning back; without it, whatever its own client sent. */
  readonly reasoning_field?: 'reasoning_content' | 'reasoning' | 'none'
  /** How it is told whether to think; `effort`: by `reasoning_effort`, also `none`. */
  readonly thinking?: 'effort' | 'reasoning' | 'thinking' | 'enable_thinking' | 'template'
  /** Answers may begin with `<think>…</think>` in their content. */
  readonly think_tags?: boolean
  /** Where usage stands besides `usage`. */
  readonly usage_in?: 'x_groq'
  /** Ids of tool calls that it takes: nine letters and digits. */
  readonly tool_ids?: 'mistral9'
  /** How it goes on with what an assistant has begun: as it is, with `prefix: true`, or vLLM's two fields. */
  readonly prefill?: 'plain' | 'prefix' | 'vllm' | false
  /** It knows OpenAI's `custom` tools. */
  readonly custom_tools?: boolean
  /**
   * Anthropic's format behind Google's addresses: `/models/{model}:rawPredict` or `:streamRawPredict`, no model in the
   * body, and `anthropic_version` in the body instead of the header.
   */
  readonly vertex?: boolean
}

/** How a key is sent; `query` as `?key=`, the last two make something of it for each request. */
export const authNames = [
  'bearer',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'query',
  'sigv4',
  'gcp',
  'none',
] as const
export type Auth = (typeof authNames)[number]

/** The wire formats that providers speak; `ai-sdk` is whatever a package of the user's makes of it. */
export const dialectNames = ['openai', 'responses', 'anthropic', 'gemini', 'ai-sdk'] as const
export type DialectName = (typeof dialectNames)[number]

/** What may be sent in a minute. */
export interface Rate {
  readonly requests?: number
  readonly tokens?: number
}

export interface ProviderConfig {
  readonly name: string
  /** The formats it speaks, the usual one first; a call that came in another of them goes out in that. */
  readonly dialects: readonly [DialectName, ...DialectName[]]
  /** Without a trailing slash; `demo:` is the in-process upstream, `ai-sdk:` leaves it to the package. */
  readonly base_url: string
  /**
   * Empty exactly when `auth` is `none`. For `sigv4` each is `id:secret` or `id:secret:token`; for `gcp` an access
   * token, the JSON of a credentials file, or `file:` and its path.
   */
  readonly api_keys: readonly Secret[]
  readonly auth: Auth
  readonly headers: Readonly<Record<string, Secret>>
  readonly models: readonly string[]
  /** What the YAML knows better about some of them. */
  readonly facts: Readonly<Record<string, Facts>>
  readonly timeouts: Timeouts
  readonly quirks: Quirks
  /** The most tokens that a model of it can answer with, for formats that must say a limit; `*` is for all others. */
  readonly max_output_tokens: Readonly<Record<string, number>>
  /** Given exactly when it speaks `ai-sdk`: a provider package of the Vercel AI SDK. */
  readonly package?: string
  /** What the package's factory is called with, besides the key and the address; may hold secrets. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** The config's own, from which the package is resolved; given with it. */
  readonly directory?: string
  readonly max_concurrent: number
  readonly limits: Rate & { readonly per_key?: Rate }
  /** Calls that may wait for it. */
  readonly queue: number
  /** Whether it keeps prompts; only who says `deny` does not. */
  readonly data_collection: 'allow' | 'deny'
  readonly zdr: boolean
  /** Its full name in preferences. */
  readonly tag: string
  readonly service_tier?: 'priority' | 'flex'
  /** Milliseconds that its prompt cache lives. */
  readonly cache_ttl: number
  /** Milliseconds between two looks whether it is there. */
  readonly probe?: number
  readonly preset?: string
  /** A runtime of the user's own: a local preset, or a base_url on loopback. */
  readonly local: boolean
}

export interface RouteEndpoint {
  /** `provider/model`, `*` being what the route's own matched, or `provider` alone. */
  readonly endpoint: string
  /** Once one endpoint of a route has a weight, it is 1 for the others. */
  readonly weight?: number
}

/** How the endpoints of a route are chosen. */
export interface RouteOptions {
  /** `order`: as the YAML lists them; `price`: balanced by the inverse square of their prices. */
  readonly balance?: 'order' | 'price'
  readonly provider?: Preferences
  readonly hedge?: Hedge | null
  readonly when_full?: 'next' | 'wait'
  /** Milliseconds in line. */
  readonly max_wait?: number
  readonly sticky?: boolean
}

/** A second endpoint is asked when the first is slow to speak. */
export interface Hedge {
  /** Milliseconds, or a percentile of the endpoint's own latency. */
  readonly after: number | Percentile
  /** Dollars. */
  readonly max_cost?: number
}

export interface RouteTarget extends RouteOptions {
  readonly endpoints: readonly RouteEndpoint[]
  /** Models to try after this one. */
  readonly models?: readonly string[]
  /** The endpoint that is left when no other can be reached. */
  readonly offline?: string
}

export type RouteConfig = { readonly alias: string } | RouteTarget

/** What `sluice/auto` chooses from. */
export interface AutoConfig {
  readonly models?: readonly string[]
  readonly excluded_models?: readonly string[]
  readonly hard?: readonly string[]
  /** From 0 to 1. */
  readonly threshold: number
  /** How much each sign adds to the difficulty. */
  readonly difficulty: {
    readonly length: number
    readonly code: number
    readonly tools: number
    readonly reasoning: number
    readonly schema: number
    readonly words: number
    readonly turns: number
  }
  /** In small letters. */
  readonly words: readonly string[]
}

export interface RoutingConfig extends RouteOptions {
  readonly auto: AutoConfig
  /** Calls of `:free` for each caller. */
  readonly free: { readonly per_minute: number; readonly per_day: number }
}

/** Fields of a request under a name; `provider` is checked, the others are the providers' business. */
export type Bundle = Readonly<Record<string, unknown>> & { readonly provider?: Preferences }

export interface Position {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

/** Where the text of a config came from, and where in it a path stands. */
export interface Source {
  /** As shown in messages. */
  readonly file: string
  /** Relative paths of plugins resolve from here. */
  readonly directory: string
  /** Where the value (or its key) stands; if there is none, its nearest ancestor. */
  locate(path: Path, part?: 'key' | 'value'): Position | undefined
  /** The scalar as written, when `${…}` was filled into it: what a message may show. */
  written?(path: Path): string | undefined
}

/** The plugins of one YAML, and where it came from. */
export interface PluginList {
  readonly plugins: readonly PluginEntry[]
  readonly source: Source
}

export interface Config extends PluginList {
  readonly server: ServerConfig
  readonly providers: ReadonlyMap<string, ProviderConfig>
  readonly routes: ReadonlyMap<string, RouteConfig>
  readonly routing: RoutingConfig
  /** By the name after the colon. */
  readonly variants: ReadonlyMap<string, Bundle>
  /** By the name after `@preset/`. */
  readonly presets: ReadonlyMap<string, Bundle>
}
