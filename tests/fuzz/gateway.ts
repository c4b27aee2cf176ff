import { configureSync } from '@logtape/logtape'
import { parseConfig } from '../../src/config.ts'
import { buildGateway } from '../../src/gateway.ts'
import { loadWithPlugins } from '../../src/plugins.ts'
import { createFetch } from '../../src/server.ts'
import { createLifecycle } from '../../src/server/lifecycle.ts'
import { createShared } from '../../src/shared.ts'
import { dialects, type Dialect } from '../support/fixtures.ts'
import { startProvider, type Provider } from '../support/provider.ts'

/** Models that reach each dialect: `openai/m`, `anthropic/m` … */
export const modelFor = (dialect: Dialect): string => `${dialect}/m`

export interface Posted {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface Desk {
  readonly providers: Readonly<Record<Dialect, Provider>>
  /** Posts to the gateway in this process; rejects when the answer never ends. */
  post(
    path: string,
    body: string | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Posted>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Posted>
  /** What the gateway logged since the last look and is its own fault: stacks. */
  faults(): string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** Milliseconds after which an answer counts as one that never ends. */
const patience = 20_000

/** What all gateways of this process logged as their own fault. */
const stacks: string[] = []

/** The address of a provider under which that dialect is asked. */
const addressOf = (dialect: Dialect, { url }: Provider): string =>
  dialect === 'gemini' ? url.replace(/\/v1$/, '/v1beta') : url

const authOf = { anthropic: 'x-api-key', gemini: 'x-goog-api-key' } as const

/** A gateway in this process, in front of one scripted provider for each dialect. */
export const startDesk = async (plugins: readonly unknown[] = []): Promise<Desk> => {
  const started = await Promise.all(dialects.map((name) => startProvider({ name })))
  const providers = Object.fromEntries(
    dialects.map((dialect, at) => [dialect, started[at]!]),
  ) as Record<Dialect, Provider>
  const config = {
    server: { discover: false, log: 'silent' },
    providers: Object.fromEntries(
      dialects.map((dialect) => [
        dialect,
        {
          ...(dialect === 'openai' && { preset: 'openai' }),
          dialect,
          base_url: addressOf(dialect, providers[dialect]),
          api_key: `sk-provider-${dialect}`,
          ...(dialect in authOf && { auth: authOf[dialect as keyof typeof authOf] }),
          timeouts: { connect: '5s', first_byte: '10s', stall: '10s', total: '15s' },
        },
      ]),
    ),
    routes: {},
    plugins,
  }
  configureSync({
    reset: true,
    sinks: {
      stacks: ({ properties }) => {
        if (properties.stack !== undefined) stacks.push(String(properties.stack))
      },
    },
    loggers: [
      { category: ['logtape', 'meta'], sinks: [], lowestLevel: 'error' },
      { category: ['sluice'], sinks: ['stacks'], lowestLevel: 'info' },
    ],
  })
  const source = { file: 'config.yaml', directory: import.meta.dir, env: {} }
  const loaded = await loadWithPlugins(async () => parseConfig(JSON.stringify(config), source))
  const gateway = await buildGateway(loaded.config, loaded.plugins, createShared())
  const lifecycle = createLifecycle(() => 1_000)
  const fetch = createFetch({ current: () => gateway, lifecycle, server: () => null })

  const ask = async (path: string, init: RequestInit): Promise<Posted> => {
    const request = new Request(`http://localhost${path}`, {
      ...init,
      headers: { host: 'localhost', ...(init.headers as Record<string, string>) },
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the answer never ends')), patience)
    })
    try {
      const response = await Promise.race([fetch(request), late])
      const text = await Promise.race([response.text(), late])
      return { status: response.status, headers: response.headers, text }
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    providers,
    post: (path, body, headers) =>
      ask(path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    get: (path, headers = {}) => ask(path, { headers: { ...headers } }),
    faults: () => stacks.splice(0),
    async [Symbol.asyncDispose]() {
      await gateway.retire()
      await Promise.all(started.map((provider) => provider.stop()))
    },
  }
}
