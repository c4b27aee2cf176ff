import {
  startProvider,
  type Provider,
  type ProviderRequest,
  type Script,
} from '../support/provider.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import type { Dialect, Raw, Written } from './ask.ts'
import { anthropic } from './dialects/anthropic.ts'
import { gemini } from './dialects/gemini.ts'
import { openai } from './dialects/openai.ts'
import { responses } from './dialects/responses.ts'
import { callers, plugins, type PluginName } from './plugins.ts'

export const dialects: readonly Dialect[] = [openai, anthropic, gemini, responses]

/** How many providers of each dialect there are: failures would wear out a single one. */
const lanes = 160

/** The model as the provider calls it; of OpenAI's, the newest take breakpoints. */
export const modelAt = (dialect: Dialect['name']): string =>
  dialect === 'responses' ? 'gpt-6' : 'm'

export interface Lab {
  /** What stands before `fallback`. */
  readonly plugin?: PluginName
  readonly providers: Readonly<Record<Dialect['name'], Provider>>
  /** The name at Sluice of a model at the provider that never fails. */
  steady(dialect: Dialect): string
  /** The same, each time at a provider that has not failed yet, or not for long. */
  fresh(dialect: Dialect): string
  /** What the provider did with the last request. */
  last(dialect: Dialect): ProviderRequest | undefined
  /** From now on, of this dialect. */
  play(dialect: Dialect, script: Script): void
  post(written: Written, signal?: AbortSignal): Promise<Response>
  [Symbol.asyncDispose](): Promise<void>
}

export const readRaw = async (response: Response): Promise<Raw> => ({
  status: response.status,
  headers: response.headers,
  text: await response.text(),
})

/**
 * One daemon, and providers of every dialect behind it.
 * @param entries more of the YAML's `plugins`
 */
export const startMatrixLab = async (
  plugin?: PluginName,
  entries: readonly unknown[] = [],
): Promise<Lab> => {
  const started = await Promise.all(
    dialects.map(async ({ name }) => [name, await startProvider({ name })] as const),
  )
  const providers = Object.fromEntries(started) as Record<Dialect['name'], Provider>
  const stopAll = () => Promise.all(started.map(([, provider]) => provider.stop()))
  const each = dialects.flatMap((dialect) =>
    Array.from({ length: lanes }, (_, lane) => ({ dialect, lane: `at-${dialect.name}-${lane}` })),
  )
  const config = {
    server: { drain: '1s', discover: false },
    providers: Object.fromEntries(
      each.map(({ dialect: { name, base, settings }, lane }) => [
        lane,
        {
          dialect: name,
          base_url: `http://127.0.0.1:${providers[name].port}${base}`,
          api_key: `sk-provider-${name}`,
          max_output_tokens: 32_000,
          ...settings,
        },
      ]),
    ),
    routes: Object.fromEntries(
      each.map(({ dialect: { name }, lane }) => [lane, [`${lane}/${modelAt(name)}`]]),
    ),
    plugins: ['./callers.ts', ...(plugin ? ['./plugin.ts'] : []), ...entries, 'fallback'],
  }
  const sluice: Sluice = await startSluice({
    config: JSON.stringify(config),
    files: { 'callers.ts': callers, ...(plugin && { 'plugin.ts': plugins[plugin] }) },
    env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' },
  }).catch(async (error) => {
    await stopAll()
    throw error
  })
  const used = new Map<string, number>()
  return {
    ...(plugin && { plugin }),
    providers,
    steady: ({ name }) => `at-${name}-0`,
    fresh({ name }) {
      const lane = used.get(name) ?? 0
      used.set(name, lane + 1)
      return `at-${name}-${1 + (lane % (lanes - 1))}`
    },
    last: ({ name }) => providers[name].requests.at(-1),
    play: ({ name }, script) => providers[name].always(script),
    post: ({ path, headers, body }, signal) =>
      fetch(`${sluice.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        ...(signal && { signal }),
      }),
    async [Symbol.asyncDispose]() {
      try {
        await sluice.stop()
      } finally {
        await stopAll()
      }
    },
  }
}
