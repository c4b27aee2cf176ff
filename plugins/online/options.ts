import { duration, v } from 'sluice/plugin'
import type { Engine } from './engine.ts'
import { engineNames, engines, type EngineName } from './engines.ts'
import { contextSize, domains, engineMode, userLocation } from './wanted.ts'

const count = (most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most, `expected at most ${most}`))

const address = v.pipe(
  v.string(),
  v.regex(/^https?:\/\/[^\s?#]+$/, 'expected an address such as http://127.0.0.1:8888'),
  v.transform((written) => written.replace(/\/+$/, '')),
)

const engine = v.strictObject({
  api_key: v.exactOptional(v.pipe(v.string(), v.trim())),
  base_url: v.exactOptional(address),
  /** Dollars of one search; `unknown` where that is not known. */
  cost: v.exactOptional(v.union([v.pipe(v.number(), v.minValue(0)), v.literal('unknown')])),
  /** Fields of the engine's own, laid over those that are sent. */
  params: v.exactOptional(v.record(v.string(), v.unknown())),
})

export type EngineSettings = v.InferOutput<typeof engine>

const named = v.picklist(['native', ...engineNames])
const chosen = v.union(
  [v.literal('auto'), named, v.pipe(v.array(named), v.nonEmpty('is empty'))],
  `expected auto, native, ${engineNames.join(', ')}, or a list of them`,
)

const pages = v.strictObject({
  pages: v.optional(count(10), 3),
  timeout: v.optional(duration, '5s'),
  bytes: v.optional(count(8 * 1024 * 1024), 512 * 1024),
  characters: v.optional(count(100_000), 8_000),
  /** Hosts that may be private: `wiki.internal`, `10.0.0.5:8080`. */
  allow: v.optional(v.array(v.string()), []),
})

export type PageSettings = v.InferOutput<typeof pages>

export const options = v.strictObject({
  engine: v.optional(chosen, 'auto'),
  /** `auto`: one search before the call, unless it came as a tool for the model. */
  mode: v.optional(v.picklist(['auto', 'inject', 'tool']), 'auto'),
  max_results: v.optional(count(25), 5),
  max_uses: v.optional(count(20), 5),
  search_prompt: v.exactOptional(v.string()),
  search_context_size: v.optional(contextSize, 'medium'),
  include_domains: v.optional(domains, []),
  exclude_domains: v.optional(domains, []),
  user_location: v.exactOptional(userLocation),
  /** A model that writes the query; without it, the user's own words are the query. */
  query_model: v.exactOptional(v.pipe(v.string(), v.nonEmpty('is empty'))),
  when_down: v.optional(v.picklist(['answer', 'fail']), 'answer'),
  timeout: v.optional(duration, '10s'),
  /** How long the results of a query are good. */
  cache: v.optional(duration, '5m'),
  fetch: v.exactOptional(pages),
  engines: v.optional(v.partial(v.strictObject(v.entriesFromList(engineNames, engine))), {}),
})

export type Options = v.InferOutput<typeof options>

/** OpenRouter's plugin `web`. */
export const asked = v.strictObject({
  engine: v.nullish(v.pipe(v.string(), v.maxLength(40))),
  mode: v.nullish(engineMode),
  max_results: v.nullish(count(25)),
  max_uses: v.nullish(count(20)),
  search_prompt: v.nullish(v.pipe(v.string(), v.maxLength(10_000))),
  search_context_size: v.nullish(contextSize),
  include_domains: v.nullish(domains),
  exclude_domains: v.nullish(domains),
  user_location: v.nullish(userLocation),
})

export type Asked = v.InferOutput<typeof asked>

/** The variable that has an engine's key where the YAML has none. */
export const envOf = (name: EngineName): string | undefined => {
  const { env }: Engine = engines[name]
  return env
}

/** The key that the YAML or the environment has; empty where none is needed, undefined where it is missing. */
export const keyOf = (
  name: EngineName,
  settings: EngineSettings | undefined,
): string | undefined => {
  const env = envOf(name)
  const key = settings?.api_key ?? (env ? process.env[env] : '')
  // one's own address may want none
  return key || (env && settings?.base_url === undefined ? undefined : '')
}
