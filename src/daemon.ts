import type { Server } from 'bun'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import {
  defaultConfig,
  loadConfig,
  showProblem,
  type Config,
  type ProviderConfig,
} from './config.ts'
import { dataDirectory } from './data-directory.ts'
import { messageOf } from './errors.ts'
import { buildGateway, type Gateway } from './gateway.ts'
import { configureLog, log } from './log.ts'
import { misplacedIn } from './plugins/misplaced.ts'
import { foldersNamed, foldersOf, loadWithPlugins } from './plugins.ts'
import { probeLocalRuntimes } from './providers/discover.ts'
import { createFetch } from './server.ts'
import { isLoopback } from './server/guard.ts'
import { createLifecycle } from './server/lifecycle.ts'
import { createShared } from './shared.ts'
import { fingerprint, isWrittenSince, watchFolders } from './watch.ts'

export interface DaemonOptions {
  /** The YAML; without one, the defaults. */
  readonly file?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
}

export interface Daemon {
  readonly url: string
  readonly gateway: () => Gateway
  /** Builds a new gateway from the file and swaps it; a broken file changes nothing. */
  reload(why: string): Promise<void>
  /** Lets what is in flight end, then stops. */
  stop(): Promise<void>
}

/** Milliseconds that plugins may take to close at the end. */
const closing = 5_000

/** Milliseconds between two looks for local runtimes. */
const lookAgain = 30_000

/** Milliseconds between two looks whether the catalog has become old. */
const tendAgain = 1_000

const isOpenToAll = (gateway: Gateway, host: string): boolean =>
  !isLoopback(host) && !gateway.guarded

/** A bind that others can reach without a key is refused. */
export class UnsafeBindError extends Error {
  constructor(host: string) {
    super(
      `Refusing to listen on ${host} without a key: anyone on the network could use your providers.\n` +
        'Add the plugin auth with at least one key, or listen on 127.0.0.1.',
    )
  }
}

const sameModels = (one: readonly ProviderConfig[], other: readonly ProviderConfig[]): boolean =>
  JSON.stringify(one.map(({ name, models }) => [name, models])) ===
  JSON.stringify(other.map(({ name, models }) => [name, models]))

export const startDaemon = async ({ file, host, port }: DaemonOptions): Promise<Daemon> => {
  const started = Date.now()
  const shared = createShared(dataDirectory(process.env))
  let discovered: readonly ProviderConfig[] = []
  const readConfig = (): Promise<Config> =>
    file === undefined
      ? Promise.resolve(defaultConfig(process.env, discovered))
      : loadConfig(file, process.env, discovered)
  const withOverrides = (config: Config): Config => ({
    ...config,
    server: {
      ...config.server,
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
    },
  })
  let named: readonly string[] = []
  const build = async (prepare: (config: Config) => void = () => undefined): Promise<Gateway> => {
    const { config, plugins } = await loadWithPlugins(async () => {
      const read = await readConfig()
      named = file === undefined ? [] : foldersNamed(read)
      return read
    })
    prepare(config)
    for (const problem of misplacedIn(plugins, config))
      log.warn(showProblem(config.source.file, problem))
    return buildGateway(withOverrides(config), plugins, shared)
  }

  let gateway = await build(({ server }) => configureLog(server.log))
  const { server: first } = gateway.config
  if (isOpenToAll(gateway, first.host)) throw new UnsafeBindError(first.host)

  let server: Server<unknown> | null = null
  const lifecycle = createLifecycle(() => gateway.config.server.max_in_flight)
  const fetch = createFetch({ current: () => gateway, lifecycle, server: () => server })
  server = Bun.serve({
    hostname: first.host,
    port: first.port,
    fetch,
    // larger bodies are refused by our own limit, in the client's own words
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    idleTimeout: 10,
    development: false,
    // outside of development Bun shares a port that is taken, and a second daemon would get half of the calls
    reusePort: false,
    error: () =>
      new Response('{"error":{"message":"Something went wrong inside the gateway."}}', {
        status: 500,
      }),
  })
  const listening = server
  gateway.begin()

  const foldersNow = () => {
    const folders = new Set([...foldersOf(gateway.plugins), ...named])
    if (file !== undefined) folders.add(dirname(resolve(file)))
    return [...folders].filter((folder) => existsSync(folder)).sort()
  }
  let watching: readonly string[] = []
  let stopWatching = () => {}
  let seen = ''
  const stirred = async () => {
    const isEdited = (await fingerprint(file, watching)) !== seen
    if (isEdited || foldersNow().join('\n') !== watching.join('\n')) await reload('file changed')
  }
  /** @param since when what is in the folders began to be read */
  const watchFiles = async (since: number) => {
    const folders = foldersNow()
    if (folders.join('\n') === watching.join('\n')) return
    stopWatching()
    const added = folders.filter((folder) => !watching.includes(folder))
    watching = folders
    stopWatching = watchFolders(folders, () => void stirred())
    seen = await fingerprint(file, watching)
    // what was saved before anybody watched may not be what was read
    if (await isWrittenSince(since, added)) void reload('file changed')
  }

  const swap = async (why: string) => {
    const began = Date.now()
    // taken before the files are read: what is saved meanwhile is seen as another edit
    seen = await fingerprint(file, watching)
    try {
      const next = await build()
      if (isOpenToAll(next, first.host)) {
        void next.retire()
        throw new UnsafeBindError(first.host)
      }
      const before = gateway
      gateway = next
      void before.retire()
      next.begin()
      const { server } = next.config
      configureLog(server.log)
      if (server.host !== first.host || server.port !== first.port)
        log.warn('server.host and server.port change at the next start only')
      log.info('config reloaded', {
        why,
        providers: next.config.providers.size,
        routes: next.config.routes.size,
        plugins: next.plugins.length,
      })
      await watchFiles(began)
    } catch (error) {
      const reason = messageOf(error)
      const problems = reason.split('\n')
      log.error('config not reloaded; the one before stays', { why, problems })
      // a plugin that is not there yet, or wrong, may be mended where it lies
      await watchFiles(began)
    }
  }
  let reloading = Promise.resolve()
  const reload = (why: string): Promise<void> => {
    reloading = reloading.then(() => swap(why))
    return reloading
  }

  const look = async () => {
    if (!gateway.config.server.discover) return
    const found = await probeLocalRuntimes({ skipPort: listening.port })
    if (sameModels(found, discovered)) return
    discovered = found
    await reload(`local runtimes: ${found.map(({ name }) => name).join(', ') || 'none'}`)
    // what is new there is not in the lists that they gave before
    await Promise.all(found.map((provider) => shared.learned.ask(provider, 0)))
  }
  void look()
  const looking = setInterval(() => void look(), lookAgain)
  looking.unref()
  const tending = setInterval(() => void gateway.catalog.tend(), tendAgain)
  tending.unref()
  await watchFiles(started)

  return {
    url: `http://${first.host.includes(':') ? `[${first.host}]` : first.host}:${listening.port}`,
    gateway: () => gateway,
    reload,
    async stop() {
      clearInterval(looking)
      clearInterval(tending)
      stopWatching()
      await lifecycle.drain(gateway.config.server.drain)
      await Promise.race([gateway.retire(), Bun.sleep(closing)])
      await listening.stop(true)
    },
  }
}
